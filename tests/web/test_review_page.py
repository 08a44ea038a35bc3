"""The review in a real browser: thirty photos by a person with a taste, a kill, a phone, and who may look.

Needs Chromium and its driver, and Selenium (extra `dev`); skipped, with that reason, where they are not.
"""

import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from chromium_browser import MARKS
from review_runs import LIGHT, WARM, made_run, recipe_of

from retouch_aes.batch.made import read_made
from retouch_aes.models import load_model
from retouch_aes.operators import Recipe
from retouch_aes.photo import read
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.choice_log import read_answers
from retouch_aes.taste import learn
from retouch_aes.web.guard import Guard
from retouch_aes.web.requests import Pending
from retouch_aes.web.review import ReviewSettings, open_review
from retouch_aes.web.review_app import make_app
from retouch_aes.web.server import open_server_socket, serve

pytestmark = MARKS
REVIEWED, AFTERWARDS = 30, 12


def liking(ev, mired):
    """How much the person of these tests likes an edit: a little dark, and warm."""
    return -(((ev + 0.25) / 0.3) ** 2) - ((mired - 12) / 10) ** 2


def proposals(count, seed=0):
    random = np.random.default_rng(seed)
    return [(float(random.uniform(-0.7, 0.9)), float(random.uniform(-20, 28))) for _ in range(count)]


def verdict_of(place, ev, mired):
    """What the person does with a proposal, and the edit they end with; every third one is laboured at."""
    ways = {"keep": (ev, mired), "weaken": (ev / 2, mired / 2), "reject": (0.0, 0.0)}
    best = max(ways, key=lambda way: liking(*ways[way]))
    if place % 3 == 0:
        return "move", (-0.25, 12.0)
    return best, ways[best]


@pytest.fixture
def reviewed(choices):
    """Start servers on folders of results; they end with the test."""
    running = []

    def start(out):
        session = open_review(read_made(out), out, choices, ReviewSettings())
        pending, stop, door = Pending(), threading.Event(), open_server_socket()
        pending.session = session
        app = Guard(make_app(pending), door.token, door.port, door.ticket)
        thread = threading.Thread(target=serve, args=(door, app, stop))
        thread.start()
        running.append((session, stop, thread))
        return session, door

    yield start
    for session, stop, thread in running:
        stop.set()
        thread.join(20)
        session.close()


def shown(browser, place):
    browser.until(f"document.body.dataset.shown === '{place}'")


def slide(browser, name, value):
    browser.driver.execute_script(
        "const s = document.querySelector(`[data-slider='${arguments[0]}']`); s.value = arguments[1];"
        "s.dispatchEvent(new Event('input'))",
        name,
        value,
    )


def counted(browser, count):
    browser.until(f"document.getElementById('count').textContent.startsWith('{count} of')")


def test_thirty_photos_teach_what_the_person_corrects_next(browser, reviewed, tmp_path, choices, keys):
    edits = proposals(REVIEWED + AFTERWARDS)
    out = made_run(tmp_path, [recipe_of(*edit) for edit in edits[:REVIEWED]])
    session, door = reviewed(out)
    browser.open(door.url)
    done = []
    for place, edit in enumerate(edits[:REVIEWED]):
        shown(browser, place)
        way, wanted = verdict_of(place, *edit)
        if way == "weaken":
            browser.press("w", "w")
        elif way == "move":
            slide(browser, LIGHT, wanted[0])
            slide(browser, WARM, wanted[1])
        browser.press("x" if way == "reject" else keys.ENTER)
        counted(browser, place + 1)
        done.append((way, wanted))
    assert {way for way, _ in done} == {"keep", "weaken", "move", "reject"}
    assert browser.complaints() == []
    answers = read_answers(choices)
    corrected = [i for i, (way, _) in enumerate(done) if way in ("weaken", "move", "reject")]
    chosen = {answer.winner.photo: answer.winner.recipe for answer in answers}
    assert len(chosen) == REVIEWED
    for place, (_, (ev, mired)) in enumerate(done):
        assert chosen[f"{place:02d}.jpg"] == (
            recipe_of(ev, mired).effective() if (ev, mired) != (0, 0) else None
        )
    assert session.writer.finish(120) == 0
    made = {one.key: one.recipe for one in read_made(out).results}
    for place in corrected:
        assert made[f"{place:02d}.jpg"].effective().steps == recipe_of(*done[place][1]).effective().steps

    generic = load_model("aesthetic-compact").requires_grad_(False)
    taste = learn(answers, tmp_path / "in", generic)
    (tmp_path / "next").mkdir()
    made_run(tmp_path / "next", [Recipe(proxy=224)] * (REVIEWED + AFTERWARDS))
    right = {"before": 0, "after": 0}
    for place in range(REVIEWED, REVIEWED + AFTERWARDS):
        proxy = read(tmp_path / "next" / "in" / f"{place:02d}.jpg").proxy(224)
        _, wanted = verdict_of(3 * place, *edits[place])
        pair = [recipe_of(*edit).apply(proxy) for edit in (wanted, edits[place])]
        for name, model in (("before", generic), ("after", taste.editing_model(generic, proxy))):
            with torch.no_grad():
                liked, other = (float(model(image)) for image in pair)
            right[name] += liked > other
    assert right["after"] > right["before"], right
    assert right["after"] >= 0.8 * AFTERWARDS, right


def test_flip_zoom_why_undo_and_what_the_scale_says(browser, reviewed, tmp_path, choices, keys):
    session, door = reviewed(made_run(tmp_path, [recipe_of(0.6, 10.0)] * 2, 1000, 1500))
    browser.open(door.url)
    view = "document.getElementById('view').dataset.show"
    assert browser.js(view) == "split"
    browser.press(" ")
    assert browser.js(view) == "before"
    browser.press(" ")
    assert browser.js(view) == "after"
    browser.press("z")
    browser.until("document.getElementById('scale').textContent === '100 %'")
    assert browser.js("document.getElementById('frame').getBoundingClientRect().width") == pytest.approx(1500)
    box = browser.js(
        "(() => { const [f, v] = ['frame', 'view'].map(i => "
        "document.getElementById(i).getBoundingClientRect()); "
        "return [f.left + f.right - v.left - v.right, f.top + f.bottom - v.top - v.bottom] })()"
    )
    assert box == pytest.approx([0, 0], abs=1)  # the middle of the photo in the middle of the view
    browser.press("w")
    browser.until("!document.getElementById('trial').hidden")
    assert browser.js("document.getElementById('trial').width") == 1500  # tried at its own size, too
    browser.press("z", "y")
    browser.until("document.querySelectorAll('#because li').length >= 5")
    text = browser.js("document.getElementById('because').textContent")
    for word in ("changed: ", "generic score", "a second scorer (aesthetic)", "Delta E 2000", "clipped"):
        assert word in text
    browser.press(keys.ENTER)
    counted(browser, 1)
    shown(browser, 1)
    assert [type(answer) for answer in read_answers(choices)] == [Choice, Choice]
    browser.press(keys.BACKSPACE)
    counted(browser, 0)
    shown(browser, 0)
    assert read_answers(choices) == ()
    assert session.writer.finish(60) == 0
    assert browser.complaints() == []


def test_on_a_phone_everything_is_there_and_nothing_covers_anything(browser, reviewed, tmp_path, choices):
    browser.window(390, 844, 2)
    _, door = reviewed(made_run(tmp_path, [recipe_of(0.6, 10.0)] * 2))
    browser.open(door.url)
    assert browser.js("document.documentElement.scrollWidth") == 390
    assert covered(browser, "#count, header button, footer button, #weaker, #stronger") == []
    small = browser.js(
        "[...document.querySelectorAll('footer button')].filter(b => b.offsetHeight < 40).length"
    )
    assert small == 0
    browser.click("#stronger")
    browser.until("!document.getElementById('trial').hidden")
    browser.click("#keep")
    counted(browser, 1)
    assert len(read_answers(choices)) == 2
    assert browser.complaints() == []


def covered(browser, selector):
    """Those of the elements that something else lies over, in their middle."""
    return browser.js(
        f"[...document.querySelectorAll('{selector}')].filter(e => {{ const b = e.getBoundingClientRect(); "
        "const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2); "
        "return !(top && (e.contains(top) || top.contains(e))) }).map(e => e.id || e.textContent)"
    )


def test_a_kill_loses_nothing_and_sharing_needs_the_token(browser, tmp_path, choices, keys):
    out = made_run(tmp_path, [recipe_of(0.6, 10.0)] * 3)
    command = [sys.executable, "-m", "retouch_aes.cli", "review", str(out), "--choices", str(choices)]
    command += ["--no-browser", "--share", "127.0.0.2"]

    def start():
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [program.stdout.readline() for _ in range(2)]
        return program, [re.search(r"http://\S+", line)[0] for line in lines]

    program, (_, shared) = start()
    try:
        assert shared.startswith("http://127.0.0.2:")
        browser.open(shared)
        slide(browser, LIGHT, -0.5)
        browser.press(keys.ENTER)
        counted(browser, 1)
        os.kill(program.pid, signal.SIGKILL)
        program.communicate()
        assert len(read_answers(choices)) == 2
        browser.press("x")
        browser.until("document.getElementById('notice').textContent.includes('has stopped')")
        program, (address, shared) = start()
        browser.open(address)
        counted(browser, 1)
        shown(browser, 1)
        browser.press("x")
        counted(browser, 2)
        browser.until("!document.getElementById('insight').textContent.includes('full size')")
        program.send_signal(signal.SIGINT)
        said, err = program.communicate(timeout=120)
        assert "2 of 3 reviewed, 3 answers" in said
        assert program.returncode == 0
        assert "Traceback" not in err
        recipes = [one.recipe.effective() for one in read_made(out).results]
        assert recipes[0] == recipe_of(-0.5, 10.0).effective()
        assert recipes[1].steps == ()
    finally:
        program.kill()
        program.communicate()
