import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from retouch_aes.errors import DatasetError, RetouchError, RetouchWarning, UsageError
from retouch_aes.preferences.answers import Change, Choice, Rating, Skip, Tie, Undo, standing_answers
from retouch_aes.preferences.choice_log import ChoiceLog, read_answers, to_line
from retouch_aes.preferences.renditions import Rendition


@pytest.fixture
def path(tmp_path):
    return tmp_path / "me" / "choices.jsonl"


def test_every_kind_of_answer_comes_back(path, abc, brighter):
    a, b, c = abc[:3]
    answers = [
        Choice(a, b),
        Choice(Rendition("a.jpg", brighter(0.5)), Rendition("a.jpg", brighter(-0.25)), stated=False),
        Tie(b, c),
        Skip(a, c),
        Rating(Rendition("c.jpg", brighter(1)), 4, (1, 5)),
        Rating(Rendition("Größe 写真/\udcff.jpg"), 7),
    ]
    with ChoiceLog(path) as log:
        for answer in answers:
            log.append(answer)
        assert log.answers == tuple(answers)
    assert read_answers(path) == tuple(answers)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0].keys() == {"kind", "winner", "loser", "stated", "time"}
    assert lines[0]["winner"] == "a.jpg"
    assert lines[1]["winner"]["recipe"]["steps"][0]["params"] == {"ev": 0.5}
    assert lines[0]["time"].endswith("+00:00")


def test_what_looks_the_same_is_equal(brighter):
    assert Rendition("a.jpg", brighter(0)) == Rendition("a.jpg")
    assert Rendition("a//b.jpg") == Rendition("a/b.jpg")
    assert len({Rendition("a.jpg", brighter(1)), Rendition("a.jpg", brighter(1)), Rendition("a.jpg")}) == 2


def test_undo_takes_back_one_after_the_other_and_removes_nothing(path, abc):
    a, b, c = abc[:3]
    with ChoiceLog(path) as log:
        assert log.undo() is None
        for answer in (Choice(a, b), Tie(b, c), Choice(a, c)):
            log.append(answer)
        assert log.undo() == Choice(a, c)
        assert log.undo() == Tie(b, c)
        log.append(Choice(c, b))
    assert read_answers(path) == (Choice(a, b), Choice(c, b))
    assert len(path.read_bytes().splitlines()) == 6
    with ChoiceLog(path) as log:
        assert log.undo() == Choice(c, b)
    assert standing_answers([Undo(), Choice(a, b), Undo(), Undo()]) == ()


def test_a_change_puts_another_answer_in_the_place_of_one(path, abc):
    a, b, c = abc[:3]
    with ChoiceLog(path) as log:
        for answer in (Choice(a, b), Choice(b, c), Tie(a, c)):
            log.append(answer)
        log.change(1, Choice(c, b))
        log.undo()
        log.change(0, Skip(a, b))
        assert log.answers == (Skip(a, b), Choice(c, b))
        for place in (-1, 2):
            with pytest.raises(UsageError, match="one of 2 answers"):
                log.change(place, Tie(a, b))
    assert read_answers(path) == (Skip(a, b), Choice(c, b))
    assert len(path.read_bytes().splitlines()) == 6
    assert standing_answers([Choice(a, b), Change(5, Tie(a, b))]) == (Choice(a, b),)


@pytest.mark.parametrize(
    "line",
    [
        '{"kind": "change", "place": 0}',
        '{"kind": "change", "place": true, "answer": {"winner": "a", "loser": "b"}}',
        '{"kind": "change", "place": 0, "answer": {"kind": "undo"}}',
    ],
)
def test_a_malformed_change_is_reported(path, line):
    path.parent.mkdir()
    path.write_text(line + "\n")
    with pytest.raises(DatasetError, match=":1: "):
        read_answers(path)


def test_a_torn_last_line_is_left_out_and_cut_off(path, abc):
    a, b, c = abc[:3]
    with ChoiceLog(path) as log:
        log.append(Choice(a, b))
    whole = path.read_bytes()
    torn = to_line(Choice(b, c))
    for length in range(1, len(torn) - 1):
        path.write_bytes(whole + torn[:length])
        assert read_answers(path) == (Choice(a, b),)
    with ChoiceLog(path) as log:
        log.append(Choice(a, c))
    assert read_answers(path) == (Choice(a, b), Choice(a, c))


def test_a_file_of_something_else_is_refused_and_left_as_it_is(path):
    path.parent.mkdir()
    path.write_bytes(b"a note without an end of line")
    with pytest.raises(DatasetError, match=":1: "):
        ChoiceLog(path)
    assert path.read_bytes() == b"a note without an end of line"


def test_a_last_line_that_only_lacks_its_end_is_kept(path, abc):
    a, b, c = abc[:3]
    path.parent.mkdir()
    path.write_bytes(to_line(Choice(a, b)).rstrip(b"\n"))
    with ChoiceLog(path) as log:
        log.append(Choice(b, c))
    assert read_answers(path) == (Choice(a, b), Choice(b, c))


def test_two_writers_are_refused(path, abc):
    with ChoiceLog(path) as log:
        log.append(Choice(*abc[:2]))
        with pytest.raises(RetouchError, match="another program"):
            ChoiceLog(path)
        code = f"from retouch_aes import ChoiceLog; ChoiceLog({str(path)!r})"
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "another program" in other.stderr
        assert read_answers(path) == (Choice(*abc[:2]),)
    ChoiceLog(path).close()
    with pytest.raises(RetouchError, match="was closed"):
        log.append(Choice(*abc[:2]))


def _append_forever(path: str, ready: object) -> None:
    log = ChoiceLog(path)
    number = 0
    while True:
        log.append(Choice(Rendition(f"{number}.jpg"), Rendition("other.jpg")))
        number += 1
        ready.value = number  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_what_was_answered_survives_kill_9(path):
    context = multiprocessing.get_context("spawn")
    counter = context.Value("i", 0, lock=False)
    process = context.Process(target=_append_forever, args=(str(path), counter))
    process.start()
    deadline = time.monotonic() + 60
    while counter.value < 20 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    confirmed = counter.value
    answers = read_answers(path)
    assert confirmed >= 20
    assert confirmed <= len(answers) <= confirmed + 1
    assert [a.winner.photo for a in answers] == [f"{n}.jpg" for n in range(len(answers))]
    with ChoiceLog(path) as log:
        assert log.answers == answers


def test_malformed_lines_are_listed_together(path):
    path.parent.mkdir()
    lines = [
        '{"winner": "a.jpg", "loser": "b.jpg"}',
        "no json",
        '{"kind": "vote"}',
        '{"kind": "tie", "first": "a.jpg"}',
        '{"winner": "a.jpg", "loser": "a.jpg"}',
        '{"winner": "a.jpg", "loser": {"photo": "a.jpg", "recipe": {"format": "other"}}}',
        '{"kind": "rating", "photo": "a.jpg", "rating": 9, "scale": [1, 5]}',
        '{"kind": "rating", "photo": "a.jpg", "rating": "x"}',
        '["a.jpg"]',
        "",
    ]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DatasetError) as caught:
        read_answers(path)
    text = str(caught.value)
    assert "has 8 problems" in text
    assert all(f"{path}:{number}:" in text for number in range(2, 10))
    with pytest.raises(DatasetError, match="8 problems"):
        ChoiceLog(path)
    assert path.read_text() == "\n".join(lines) + "\n"
    with pytest.raises(DatasetError, match="cannot be read"):
        read_answers(path.with_name("absent.jsonl"))


def test_a_table_may_name_recipes(tmp_path, brighter):
    table = tmp_path / "choices.csv"
    brighter(0.5).save(tmp_path / "warm.json")
    inline = json.dumps(brighter(-0.25).to_json()).replace('"', '""')
    table.write_text(
        f'winner,loser,winner_recipe,loser_recipe\na.jpg,a.jpg,warm.json,\na.jpg,a.jpg,,"{inline}"\n'
    )
    plain, up, down = (Rendition("a.jpg", edit) for edit in (None, brighter(0.5), brighter(-0.25)))
    assert read_answers(table) == (Choice(up, plain), Choice(plain, down))
    table.write_text("winner,loser,winner_recipe\na.jpg,b.jpg,absent.json\na.jpg,b.jpg,{\na.jpg,a.jpg,\n")
    with pytest.raises(DatasetError, match="has 3 problems"):
        read_answers(table)


def test_a_table_of_winners_and_losers(tmp_path, abc):
    path = tmp_path / "choices.csv"
    path.write_text("loser,note,winner\nb.jpg,,a.jpg\n\nc.jpg,x,b.jpg\n", encoding="utf-8-sig")
    assert read_answers(path) == (Choice(abc[0], abc[1]), Choice(abc[1], abc[2]))
    path.write_text("winner,loser\na.jpg\na.jpg,a.jpg\n,b.jpg\na.jpg,b.jpg\n")
    with pytest.raises(DatasetError, match="has 3 problems") as caught:
        read_answers(path)
    assert f"{path}:3: expected two different" in str(caught.value)
    path.write_text("better,worse\n")
    with pytest.raises(DatasetError, match="expected the columns winner,loser"):
        read_answers(path)


def test_answers_say_what_is_wrong_with_them(abc):
    for kind in (Choice, Tie, Skip):
        with pytest.raises(UsageError, match="two different"):
            kind(abc[0], abc[0])
    with pytest.raises(UsageError, match=r"1\.\.5"):
        Rating(abc[0], 6, (1, 5))
    with pytest.raises(UsageError, match="path of a photo"):
        Rendition(" ")
    assert Rating(abc[0], 4, (1, 7)).score == pytest.approx(5.5)


def test_a_log_torn_by_a_full_disk_keeps_every_whole_answer(path, abc):
    """The end of one line was left in a buffer and written later, without its begin."""
    a, b, c = abc[:3]
    path.parent.mkdir()
    torn = to_line(Choice(b, c))
    path.write_bytes(to_line(Choice(a, b)) + torn[40:] + to_line(Tie(a, c)) + torn[:30] + to_line(Skip(b, c)))
    whole = (Choice(a, b), Tie(a, c), Skip(b, c))
    with pytest.warns(RetouchWarning, match=r"choices\.jsonl:2: a piece of a line.*and 1 more"):
        assert read_answers(path) == whole
    with pytest.warns(RetouchWarning, match="3 whole lines"):
        log = ChoiceLog(path)
    with log:
        assert log.answers == whole
        log.append(Choice(a, c))
    with pytest.warns(RetouchWarning, match="piece"):
        assert read_answers(path) == (*whole, Choice(a, c))


def test_an_answer_that_could_not_be_saved_is_not_counted(path, abc, monkeypatch):
    with ChoiceLog(path) as log:
        log.append(Choice(*abc[:2]))

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("retouch_aes.append_log.os.fsync", full)
            with pytest.raises(RetouchError, match="No space left"):
                log.append(Choice(*abc[1:3]))
        assert log.answers == (Choice(*abc[:2]),)
        log.append(Tie(*abc[:2]))
    assert read_answers(path) == (Choice(*abc[:2]), Tie(*abc[:2]))
