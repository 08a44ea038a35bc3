"""The page in a real browser: choosing, undo, zoom, history, learning, and a server that is killed.

Needs Chromium and its driver, and Selenium (extra `dev`); skipped, with that reason, where they are not.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from chromium_browser import MARKS

from retouch_aes.preferences.answers import Choice, Skip, Tie
from retouch_aes.preferences.choice_log import read_answers
from retouch_aes.web.learning import Example, LearnedTaste

pytest.importorskip("selenium", reason="needs Selenium: pip install 'retouch_aes[dev]'")
pytestmark = MARKS
COUNTER_IS_FREE = """(() => {{
  document.getElementById('learn').textContent = '{text}';
  const text = document.createRange();
  text.selectNodeContents(document.getElementById('count'));
  const [count, tools, head] = [text, document.querySelector('.tools'), document.querySelector('header')]
    .map((one) => one.getBoundingClientRect());
  return count.right <= tools.left && count.top >= head.top && tools.right <= head.right;
}})()"""


def url(client):
    return client.door.url


def test_choosing_by_key_click_and_button(browser, served, choices, keys):
    client = served(mix="photos")
    browser.open(url(client))
    cards = []

    def choose(how):
        cards.append([side["name"] for side in client.state()["cards"][0]["sides"]])
        browser.answer(how)

    choose(lambda: browser.press(keys.ARROW_LEFT))
    choose(lambda: browser.press(keys.ARROW_RIGHT))
    choose(lambda: browser.press(" "))
    choose(lambda: browser.press("s"))
    choose(lambda: browser.click(".pair.shown .pane:last-child"))
    choose(lambda: browser.click("#left"))
    choose(lambda: browser.press(" "))  # after a click, space means "can't say" again
    answers = read_answers(choices)
    assert [type(answer) for answer in answers] == [Choice, Choice, Tie, Skip, Choice, Choice, Tie]
    winners = [answer.winner.photo for answer in answers if isinstance(answer, Choice)]
    assert winners == [cards[0][0], cards[1][1], cards[4][1], cards[5][0]]
    assert browser.js("document.getElementById('count').textContent") == "6 of about 100"
    assert browser.js("document.getElementById('spoken').textContent") == "Can’t say. 6 of about 100."
    assert browser.complaints() == []


def test_undo_and_history(browser, served, choices, keys):
    client = served(mix="photos")
    browser.open(url(client))
    for key in (keys.ARROW_LEFT, keys.ARROW_RIGHT, keys.ARROW_LEFT):
        browser.answer(lambda key=key: browser.press(key))
    browser.answer(lambda: browser.press(keys.BACKSPACE))
    assert len(read_answers(choices)) == 2
    before = read_answers(choices)
    shown = browser.js("document.body.dataset.shown")
    entry = client.state()["history"][0]
    browser.click(".item:last-child")
    browser.until("document.body.dataset.past && document.body.dataset.shown === 'past 0'")
    assert browser.js("document.querySelector('.pair.shown .chosen') !== null")
    browser.press(keys.ESCAPE)
    browser.until(f"document.body.dataset.shown === '{shown}'")
    browser.click(".item:last-child")
    browser.until("document.body.dataset.shown === 'past 0'")
    browser.press(keys.ARROW_LEFT if entry["verdict"] == "right" else keys.ARROW_RIGHT)
    browser.until(f"document.body.dataset.shown === '{shown}'")
    after = read_answers(choices)
    assert (after[0].winner, after[0].loser) == (before[0].loser, before[0].winner)
    assert after[1] == before[1]
    assert browser.complaints() == []


def test_zoom_shows_the_same_spot_of_both_pixel_by_pixel(browser, served, folder, album, keys):
    from made_pictures import picture

    for seed, name in enumerate(["big1.jpg", "big2.jpg"]):
        picture(seed, 1500, 2400).save(folder / name)
    for name in album.photos:
        (folder / name).unlink()
    album.__init__(folder)
    browser.open(url(served(mix="photos")))
    browser.press("z")
    browser.until("document.querySelectorAll('.pair.shown .detail[data-ready]').length === 2")
    boxes = browser.js(
        "[...document.querySelectorAll('.pair.shown .photo')].map(p => p.getBoundingClientRect().width)"
    )
    assert boxes == pytest.approx([2400, 2400])
    labels = browser.js("[...document.querySelectorAll('.pair.shown .scale')].map(s => s.textContent)")
    assert labels == ["100 %", "100 %"]
    natural = browser.js("[...document.querySelectorAll('.detail')].map(i => i.naturalWidth)")
    assert natural == [2400, 2400]

    def corners():
        return browser.js(
            "[...document.querySelectorAll('.pair.shown .pane')].map(p => "
            "p.querySelector('.photo').getBoundingClientRect().left - p.getBoundingClientRect().left)"
        )

    first = corners()
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    pane = browser.driver.find_element(By.CSS_SELECTOR, ".pair.shown .pane")
    ActionChains(browser.driver).drag_and_drop_by_offset(pane, 120, 40).perform()
    moved = corners()
    assert moved[0] == pytest.approx(first[0] + 120, abs=2)
    assert moved == pytest.approx([moved[0], moved[0]])
    assert client_count(browser) == "0 of about 100"  # a drag is no choice
    browser.press("z")
    assert browser.js("document.querySelector('.zoomed')") is None
    assert browser.complaints() == []


def client_count(browser):
    return browser.js("document.getElementById('count').textContent")


def test_the_next_pair_is_there_at_once_and_nothing_moves(browser, served, keys):
    client = served(mix="both")
    with browser.slow():  # so that the page is drawn before all of it has arrived
        browser.open(url(client))
    # the strip of past answers moves on with every answer, and replaces its items; nothing else may move
    browser.js(
        "(window.shifts = [], new PerformanceObserver(list => { for (const e of list.getEntries()) "
        "for (const s of e.sources) if (!s.node?.closest?.('#history, .item')) "
        "shifts.push([s.node?.outerHTML, s.previousRect, s.currentRect]); "
        "}).observe({type: 'layout-shift', buffered: true}))"
    )
    for _ in range(8):
        client.ready()
        browser.until(
            "[...document.querySelectorAll('.pair:not(.shown) img')].filter(i => i.complete).length >= 2"
        )
        browser.answer(lambda: browser.press(keys.ARROW_LEFT))
    assert browser.js("window.shifts") == []
    assert browser.complaints() == []


def test_on_a_phone_the_photos_stand_above_each_other_and_a_tap_chooses(browser, served, choices):
    browser.window(390, 844, 2)
    browser.open(url(served()))
    boxes = browser.js(
        "[...document.querySelectorAll('.pair.shown .pane')].map(p => p.getBoundingClientRect().toJSON())"
    )
    assert boxes[0]["bottom"] <= boxes[1]["top"]
    for width in (390, 320):
        browser.window(width, 700, 2)
        for text in ("Learn now", "What was learned"):
            assert browser.js(COUNTER_IS_FREE.format(text=text)), (width, text)
    browser.window(390, 844, 2)
    assert browser.js("document.documentElement.scrollWidth") == 390
    small = browser.js(
        "[...document.querySelectorAll('footer button')].filter(b => b.offsetParent && b.offsetHeight < 40)"
    )
    assert small == []
    browser.answer(lambda: browser.click(".pair.shown .pane:last-child"))
    assert isinstance(read_answers(choices)[0], Choice)
    assert browser.complaints() == []


def test_rating(browser, served, choices):
    browser.open(url(served(mode="rate")))
    assert browser.js("document.querySelectorAll('.pair.shown .pane').length") == 1
    for key in "4", "2":
        browser.answer(lambda key=key: browser.press(key))
    browser.answer(lambda: browser.click("[data-rating='5']"))
    assert [answer.rating for answer in read_answers(choices)] == [4, 2, 5]
    assert browser.js("[...document.querySelectorAll('.item .verdict')].map(v => v.textContent)") == [
        "5",
        "2",
        "4",
    ]
    assert browser.complaints() == []


def test_everything_has_a_name_and_can_be_reached_by_key(browser, served, keys):
    browser.open(url(served()))
    browser.answer(lambda: browser.press(keys.ARROW_LEFT))
    nameless = browser.js(
        "[...document.querySelectorAll('button, input, progress, dialog')].filter(e => "
        "!(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim())).length"
    )
    assert nameless == 0
    assert browser.js("[...document.images].every(i => i.hasAttribute('alt'))")
    seen = set()
    for _ in range(14):
        browser.press(keys.TAB)
        seen.add(browser.js("document.activeElement.id || document.activeElement.className"))
    assert {"zoom", "help", "learn", "left", "tie", "right", "skip", "pane", "item"} <= {
        word.split()[0] for word in seen if word
    }
    browser.press("?")
    assert browser.js("document.getElementById('helping').open")
    browser.press(keys.ESCAPE)
    assert not browser.js("document.getElementById('helping').open")


def test_learn_now_shows_progress_and_examples_to_compare(browser, served, keys):
    client = served(mix="photos")
    browser.open(url(client))
    browser.answer(lambda: browser.press(keys.ARROW_LEFT))
    album, asked = client.session.album, []

    def learn(answers, progress):
        from retouch_aes.operators import OPERATORS, Recipe, Step
        from retouch_aes.preferences.renditions import Rendition

        asked.append(len(answers))
        if len(asked) == 1:
            raise OSError("the disk is full")
        progress(0.5, "Seeing photos: 1 of 2")
        time.sleep(0.6)
        bright = Recipe((Step(OPERATORS["exposure"], (0.5,)),))
        examples = []
        for name in album.photos[:6]:
            keys = {
                "before": album.key(Rendition(name)),
                "generic": album.key(Rendition(name, bright.scaled(0.5))),
                "personal": album.key(Rendition(name, bright)),
            }
            examples.append(Example(name, 72, 48, keys, {"personal": "exposure +0.5 EV"}))
        return LearnedTaste("80% of your answers are predicted.", tuple(examples))

    client.session.learning._learn = learn
    browser.press("l")
    browser.until("document.getElementById('learning-text').textContent.includes('disk is full')")
    browser.click("#learning-start")
    browser.until("document.getElementById('learning-text').textContent.includes('1 of 2')")
    assert browser.js("document.getElementById('learning-bar').value") == 0.5
    browser.until("document.getElementById('learning-text').textContent.includes('predicted')")
    assert asked == [1, 1]
    browser.until(
        "[...document.querySelectorAll('#sheet img')].filter(i => i.complete && i.naturalWidth).length === 18"
    )
    browser.until("[...document.querySelectorAll('#compare img')].every(i => i.complete && i.naturalWidth)")
    assert browser.js("document.getElementById('compare-text').textContent") == "exposure +0.5 EV"
    cut = "getComputedStyle(document.getElementById('compare-over')).clipPath"
    before = browser.js(cut)
    browser.js("document.getElementById('compare-slider').focus()")
    browser.press(*[keys.ARROW_RIGHT] * 10)
    assert browser.js(cut) != before
    source = browser.js("document.getElementById('compare-under').src")
    browser.click("[data-versions='before generic']")
    assert browser.js("document.getElementById('compare-under').src") != source
    browser.press(keys.ESCAPE)
    assert not browser.js("document.getElementById('learning').open")
    assert browser.complaints() == []


def test_a_killed_server_is_told_and_resumes_where_it_stood(browser, folder, choices, keys, tmp_path):
    command = [sys.executable, "-m", "retouch_aes.cli", "rank", str(folder), "--choices", str(choices)]

    def start():
        program = subprocess.Popen(
            [*command, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        return program, re.search(r"http://\S+", program.stdout.readline())[0]

    program, address = start()
    try:
        browser.open(address)
        for key in (keys.ARROW_LEFT, " ", keys.ARROW_RIGHT):
            browser.answer(lambda key=key: browser.press(key))
        os.kill(program.pid, signal.SIGKILL)
        program.communicate()
        browser.press(keys.ARROW_LEFT)
        browser.until("!document.getElementById('notice').hidden")
        assert "has stopped" in browser.js("document.getElementById('notice').textContent")
        assert client_count(browser) == "3 of about 100"
        assert len(read_answers(choices)) == 3
        program, address = start()
        second = subprocess.run([*command, "--no-browser"], capture_output=True, text=True, check=False)
        assert (second.returncode, "another program" in second.stderr) == (1, True)
        assert "Traceback" not in second.stderr
        browser.open(address)
        assert client_count(browser) == "3 of about 100"
        browser.answer(lambda: browser.press(keys.ARROW_LEFT))
        assert len(read_answers(choices)) == 4
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)
        assert program.returncode == 0
        assert "4 answers in" in out
        assert "Traceback" not in err
        assert json.loads(choices.read_text().splitlines()[0])["kind"] == "choice"
    finally:
        program.kill()
        program.communicate()
