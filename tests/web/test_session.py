"""Choosing over a real server: every answer is on the disk before it is acknowledged."""

import itertools
import json
import shutil

import pytest
from made_pictures import picture

from retouch_aes.errors import RetouchError
from retouch_aes.preferences.acquisition import PairAcquisition
from retouch_aes.preferences.answers import Choice, Rating, Skip, Tie
from retouch_aes.preferences.choice_log import ChoiceLog, read_answers
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.album import Album
from retouch_aes.web.pictures import Pictures
from retouch_aes.web.question_sources import PairQuestions


def names(card):
    return [side["name"] for side in card["sides"]]


def test_a_choice_is_on_the_disk_when_it_is_acknowledged(served, choices):
    client = served()
    for number, verdict in enumerate(["left", "right", "tie", "skip"]):
        card = client.ready()["cards"][0]
        status, state = client.post("answer", {"card": card["number"], "verdict": verdict})
        assert status == 200
        answer = read_answers(choices)[number]
        left, right = names(card)
        if verdict == "left":
            assert isinstance(answer, Choice)
            assert (answer.winner.photo, answer.loser.photo) == (left, right)
        elif verdict == "right":
            assert (answer.winner.photo, answer.loser.photo) == (right, left)
        else:
            assert type(answer) is (Tie if verdict == "tie" else Skip)
            assert (answer.first.photo, answer.second.photo) == (left, right)
        assert len(state["history"]) == number + 1
        assert state["count"] == min(number + 1, 3)


def test_the_next_pair_is_the_one_that_was_announced(served):
    client = served()
    for _ in range(5):
        first, second = client.ready()["cards"]
        _, state = client.post("answer", {"card": first["number"], "verdict": "left"})
        assert state["cards"][0] == second


def test_every_picture_of_the_state_can_be_had(served):
    client = served(mix="both", seed=3)
    for _ in range(6):
        state = client.ready()
        client.post("answer", {"card": state["cards"][0]["number"], "verdict": "right"})
    state = client.ready()
    keys = [side["key"] for card in state["cards"] for side in card["sides"]]
    keys += [key for entry in state["history"] for key in entry["keys"]]
    assert len(keys) == 16
    for key in keys:
        for side in (160, 800, 8192):
            status, headers, content = client.send("GET", f"image/{key}/{side}.jpg")
            assert status == 200
            assert headers["content-type"] == "image/jpeg"
            assert content.startswith(b"\xff\xd8\xff")
    assert any(card["same"] for card in state["cards"]) or any(
        entry["keys"][0] != entry["keys"][1] for entry in state["history"]
    )


def test_an_answer_to_a_pair_that_is_gone_is_not_taken(served, choices):
    client = served()
    card = client.ready()["cards"][0]
    assert client.post("answer", {"card": card["number"], "verdict": "left"})[0] == 200
    for number in (card["number"], 999, -1):
        status, state = client.post("answer", {"card": number, "verdict": "right"})
        assert status == 409
        assert state["count"] == 1
    assert len(read_answers(choices)) == 1


def test_undo_asks_again(served, choices):
    client = served()
    seen = []
    for _ in range(3):
        card = client.ready()["cards"][0]
        seen.append(set(names(card)))
        client.post("answer", {"card": card["number"], "verdict": "left"})
    for expected in reversed(seen):
        status, state = client.post("undo", {})
        assert status == 200
        assert set(names(state["cards"][0])) == expected
    assert client.post("undo", {})[1]["count"] == 0
    assert read_answers(choices) == ()
    assert len(choices.read_bytes().splitlines()) == 6


def test_a_past_answer_is_changed_in_its_place(served, choices):
    client = served()
    for _ in range(3):
        client.post("answer", {"card": client.ready()["cards"][0]["number"], "verdict": "left"})
    before = read_answers(choices)
    entry = client.state()["history"][1]
    other = {"left": "right", "right": "left"}[entry["verdict"]]
    status, state = client.post("change", {"place": 1, "verdict": other})
    assert status == 200
    assert state["history"][1] == {**entry, "verdict": other}
    after = read_answers(choices)
    assert (after[1].winner, after[1].loser) == (before[1].loser, before[1].winner)
    assert (after[0], after[2]) == (before[0], before[2])
    assert client.post("change", {"place": 1, "verdict": "skip"})[1]["history"][1]["kind"] == "skip"
    lines = len(choices.read_bytes().splitlines())
    assert client.post("change", {"place": 1, "verdict": "skip"})[0] == 200
    assert len(choices.read_bytes().splitlines()) == lines


def test_rating(served, choices):
    client = served(mode="rate")
    for rating in (1, 5, 3):
        state = client.ready()
        [side] = state["cards"][0]["sides"]
        status, state = client.post("rate", {"card": state["cards"][0]["number"], "rating": rating})
        assert status == 200
        assert read_answers(choices)[-1] == Rating(Rendition(side["name"]), rating, (1, 5))
    assert state["history"][1]["rating"] == 5
    assert client.post("change", {"place": 1, "verdict": 2})[1]["history"][1]["rating"] == 2
    card = client.ready()["cards"][0]
    assert client.post("answer", {"card": card["number"], "verdict": "left"})[0] == 400
    assert client.post("rate", {"card": card["number"], "rating": 6})[0] == 400
    assert len(read_answers(choices)) == 3


def test_every_photo_is_rated_once_and_then_it_ends(served, album):
    client = served(mode="rate")
    rated = set()
    while (state := client.ready())["phase"] != "finished":
        rated.add(names(state["cards"][0])[0])
        client.post("rate", {"card": state["cards"][0]["number"], "rating": 4})
    assert rated == set(album.photos)
    assert client.post("undo", {})[1]["phase"] == "choosing"


def test_pairs_end_too(served, folder, album):
    for name in album.photos[2:]:
        (folder / name).unlink()
    album.__init__(folder)
    client = served(mix="photos")
    card = client.state()["cards"][0]
    client.post("answer", {"card": card["number"], "verdict": "left"})
    assert client.ready()["phase"] == "finished"
    assert client.post("answer", {"card": 2, "verdict": "left"})[0] == 409


def test_broken_photos_are_dropped_before_anybody_sees_them(served, folder, album):
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes((folder / name).read_bytes()[:200])
    (folder / "c c.jpg").unlink()
    client = served(mix="photos")
    shown = set()
    while (state := client.ready())["phase"] != "finished":
        shown.update(names(state["cards"][0]))
        client.post("answer", {"card": state["cards"][0]["number"], "verdict": "left"})
    assert shown == set(album.photos) - {"a.jpg", "b.jpg", "c c.jpg"}
    assert state["unreadable"] == 3
    assert state["failure"] == ""


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", "{", "[" * 4000, '"x"', "{}", '{"card": 1}', '{"card": "1", "verdict": "left"}',
     '{"card": true, "verdict": "left"}', '{"card": 1e400, "verdict": "left"}', '{"card": 1, "verdict": 1}',
     '{"card": 1, "verdict": "both"}', '{"card": 1, "verdict": null}', "\\ud800", "\xff", '{"card": NaN}'],
)  # fmt: skip
def test_malformed_answers_change_nothing(served, choices, body):
    client = served()
    client.ready()
    headers = {"Content-Type": "application/json", "Origin": client.origin}
    for what in ("answer", "rate", "change"):
        status, _, content = client.send("POST", f"api/{what}", body.encode("latin-1"), headers)
        assert status == 400, content
        assert "error" in json.loads(content)
    assert choices.read_bytes() == b""


@pytest.mark.parametrize("place", [-1, 0, 10**30, "0", None, 1.5])
def test_a_change_of_no_answer(served, place):
    client = served()
    assert client.post("change", {"place": place, "verdict": "left"})[0] == 400


def test_whoever_starts_again_stands_where_they_stood(album, choices, folder):
    from retouch_aes.web.rank import RankSettings, open_session

    states = []
    for _ in range(3):
        session = open_session(album, choices, RankSettings(seed=5))
        session.questions.wait(30)
        states.append(session.state())
        for verdict in ("left", "tie"):
            session.questions.wait(30)
            assert session.answer(session.state()["cards"][0]["number"], verdict)
        session.close()
    assert [state["count"] for state in states] == [0, 2, 4]
    for earlier, later in itertools.pairwise(states):
        assert later["history"][: len(earlier["history"])] == earlier["history"]


def test_a_second_session_on_the_same_file_is_refused(album, choices, served):
    from retouch_aes.web.rank import RankSettings, open_session

    served()
    with pytest.raises(RetouchError, match="another program"):
        open_session(album, choices, RankSettings())


def test_answers_about_other_folders_are_kept_and_shown_without_a_picture(album, choices, served, folder):
    shutil.copy(folder / "a.jpg", folder.parent / "secret.jpg")
    outside = Rendition(str(folder.parent / "secret.jpg"))
    with ChoiceLog(choices) as log:
        log.append(Choice(outside, Rendition("../secret.jpg")))
        log.append(Choice(outside, Rendition("a.jpg")))
    client = served()
    state = client.state()
    assert [bool(key) for entry in state["history"] for key in entry["keys"]].count(True) == 1
    assert client.post("undo", {})[0] == 200
    assert client.state()["count"] == 1


def test_of_grey_photos_nothing_is_asked_about_colour(tmp_path, album, cache):
    folder = tmp_path / "grey"
    folder.mkdir()
    for seed in range(2):
        picture(seed, 96, 144).convert("L").save(folder / f"grey{seed}.png")
        picture(seed, 96, 144).save(folder / f"colour{seed}.png")
    album = Album(folder)
    pictures = Pictures(album, cache)
    assert [pictures.is_toned(name) for name in album.photos] == [False, False, True, True]
    source = PairQuestions(PairAcquisition(album.photos, kind="renditions", seed=4), pictures.is_toned)
    answers, moved = [], {True: 0, False: 0}
    for _ in range(60):
        first, second = source.next(answers, [])
        grey = first.photo.startswith("grey")
        assert first != second
        for side in (first, second):
            colours = [step for step in side.recipe.steps if step.operator.colour] if side.recipe else []
            assert not (grey and colours)
            moved[grey] += bool(colours)
        answers.append(Skip(first, second))
    assert moved[True] == 0
    assert moved[False] > 20
