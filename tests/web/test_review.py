"""The review without a browser: verdicts, answers, results made anew, undo, and what a kill leaves."""

import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image, ImageChops
from review_runs import LIGHT, WARM, made_run, recipe_of

from retouch_aes.batch.made import read_made
from retouch_aes.batch.manifest import NAME, Manifest
from retouch_aes.errors import RecipeError, RetouchError, UsageError
from retouch_aes.operators import Recipe
from retouch_aes.preferences.answers import Choice, Skip
from retouch_aes.preferences.choice_log import ChoiceLog, read_answers
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.web.review import ReviewSettings, open_review
from retouch_aes.web.review_log import NAME as REVIEWS

PROPOSED = recipe_of(0.6, 10.0)


@pytest.fixture
def out(tmp_path):
    return made_run(tmp_path, [PROPOSED, recipe_of(-0.4, 0.0), Recipe(proxy=224)])


@pytest.fixture
def opened(out, choices):
    sessions = []

    def start():
        sessions.append(open_review(read_made(out), out, choices, ReviewSettings()))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def close(session):
    assert session.writer.finish(20) == 0
    session.close()


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.jpg")}


def same_picture(path, photo, recipe):
    from retouch_aes.editing.render import develop
    from retouch_aes.photo import read
    from retouch_aes.photo.tensors import to_image

    wanted = to_image(develop(read(photo), recipe).source, None)
    off = ImageChops.difference(Image.open(path).convert("RGB"), wanted)
    return max(high for _, high in off.getextrema()) < 40 and sum(off.convert("L").histogram()[12:]) < 40


def test_every_verdict_is_an_answer_and_the_result_follows(out, opened, choices):
    originals, before = bytes_of(out.parent / "in"), bytes_of(out)
    session = opened()
    assert session.state()["verdicts"] == "..."
    session.judge(0, "keep")
    weaker = {LIGHT: 0.3, WARM: 5.0}
    session.judge(1, "keep", weaker)
    session.judge(2, "reject")
    assert session.state()["verdicts"] == "kck"  # of the third nothing is to be rejected
    photo = Rendition("01.jpg", recipe_of(0.3, 5.0))
    assert read_answers(choices) == (
        Choice(Rendition("00.jpg", PROPOSED), Rendition("00.jpg")),
        Choice(photo, Rendition("01.jpg", recipe_of(-0.4, 0.0))),
        Choice(photo, Rendition("01.jpg")),
    )
    session.judge(0, "reject")
    assert read_answers(choices)[-1] == Choice(Rendition("00.jpg"), Rendition("00.jpg", PROPOSED))
    assert [type(answer) for answer in read_answers(choices)] == [Skip, Choice, Choice, Choice]
    close(session)
    after = bytes_of(out)
    assert bytes_of(out.parent / "in") == originals
    assert after["02.jpg"] == before["02.jpg"]
    assert same_picture(out / "01.jpg", out.parent / "in/01.jpg", recipe_of(0.3, 5.0))
    assert same_picture(out / "00.jpg", out.parent / "in/00.jpg", Recipe())
    found = {one.key: one for one in read_made(out).results}
    assert found["01.jpg"].recipe == recipe_of(0.3, 5.0)
    assert found["01.jpg"].proposed == recipe_of(-0.4, 0.0)


def test_undo_takes_back_the_answer_and_the_result(out, opened, choices):
    before = bytes_of(out)
    session = opened()
    session.judge(0, "keep", {LIGHT: 0.1})
    session.judge(0, "reject")
    assert session.undo() == 0
    assert session.state()["verdicts"] == "c.."
    assert [str(type(one).__name__) for one in read_answers(choices)].count("Choice") == 2
    assert session.undo() == 0
    assert session.undo() == -1
    assert not any(isinstance(answer, Choice) for answer in read_answers(choices))
    session.judge(1, "reject")
    session.undo()
    close(session)
    assert bytes_of(out) == before  # the same recipe, settings and seed make the same bytes


def test_answers_of_others_are_never_taken_back(out, opened, choices):
    session = opened()
    session.judge(0, "keep")
    close(session)
    other = Choice(Rendition("01.jpg"), Rendition("02.jpg"))
    with ChoiceLog(choices) as log:
        log.append(other)
    session = opened()
    session.undo()
    assert read_answers(choices) == (Skip(Rendition("00.jpg", PROPOSED), Rendition("00.jpg")), other)


@pytest.mark.parametrize("lost", ["answers", "result", "both"])
def test_what_a_kill_left_undone_is_done_at_the_next_start(out, opened, choices, lost):
    session = opened()
    session.judge(1, "keep")
    first, results, manifest = choices.read_bytes(), bytes_of(out), (out / NAME).read_bytes()
    session.judge(0, "keep", {LIGHT: 0.2})
    close(session)
    whole = read_answers(choices)
    if lost in ("answers", "both"):
        choices.write_bytes(first)
    if lost in ("result", "both"):
        (out / "00.jpg").write_bytes(results["00.jpg"])
        (out / NAME).write_bytes(manifest)
        lines = (out / REVIEWS).read_bytes().splitlines(keepends=True)
        (out / REVIEWS).write_bytes(b"".join(line for line in lines if b'"written"' not in line))
    session = opened()
    assert session.state()["verdicts"] == "ck."
    assert read_answers(choices) == whole
    close(session)
    assert same_picture(out / "00.jpg", out.parent / "in/00.jpg", recipe_of(0.2, 0.0))
    assert read_made(out).results[0].recipe.effective() == recipe_of(0.2, 0.0).effective()


@pytest.mark.parametrize("then", ["go on", "undo"])
def test_a_kill_between_a_result_and_its_line_leaves_it_ours(out, opened, then):
    before, manifest = bytes_of(out), (out / NAME).read_bytes()
    session = opened()
    session.judge(0, "keep", {LIGHT: 0.2})
    close(session)
    lines = (out / REVIEWS).read_bytes().splitlines(keepends=True)
    (out / REVIEWS).write_bytes(b"".join(line for line in lines if b'"written"' not in line))
    (out / NAME).write_bytes(manifest)  # the new picture lies there, and nothing tells of it
    session = opened()
    if then == "undo":
        session.undo()
    close(session)
    assert session.state()["failures"] == []
    if then == "undo":
        assert bytes_of(out) == before
    else:
        assert same_picture(out / "00.jpg", out.parent / "in/00.jpg", recipe_of(0.2, 0.0))
        assert read_made(out).results[0].recipe.effective() == recipe_of(0.2, 0.0).effective()
    Image.new("RGB", (72, 48), "red").save(out / "00.jpg")  # and from now on it is theirs again
    painted = (out / "00.jpg").read_bytes()
    session = opened()
    session.judge(0, "reject")
    close(session)
    assert (out / "00.jpg").read_bytes() == painted


def test_a_result_that_was_made_otherwise_since_is_open_again(out, opened, choices):
    session = opened()
    session.judge(0, "keep", {LIGHT: 0.2})
    close(session)
    with Manifest(out / NAME, "tests") as manifest:
        line = dict(manifest.done("00.jpg"), recipe=recipe_of(0.9, 0.0).to_json())
        line.pop("proposed")
        for name in ("settings", "result", "state"):
            line.pop(name)
        manifest.add("00.jpg", "done", **line)
    assert opened().state()["verdicts"] == "..."


def test_what_another_program_changed_stays_as_it_is(out, opened):
    session = opened()
    Image.new("RGB", (72, 48), "red").save(out / "00.jpg")
    painted = (out / "00.jpg").read_bytes()
    session.judge(0, "reject")
    close(session)
    assert (out / "00.jpg").read_bytes() == painted
    assert "changed by another program" in session.state()["failures"][0]


def test_bad_requests_change_nothing(out, opened, choices):
    session = opened()
    for place, verdict, values, error in (
        (9, "keep", None, UsageError),
        (0, "perhaps", None, UsageError),
        (0, "keep", {"exposure.ev": 99.0}, RecipeError),
        (0, "keep", {"exposure.ev": "1"}, UsageError),
        (0, "keep", {"shutter.time": 1.0}, UsageError),
    ):
        with pytest.raises(error):
            session.judge(place, verdict, values)
    assert session.state()["verdicts"] == "..."
    assert read_answers(choices) == ()


def test_an_item_says_what_the_page_needs(opened):
    session = opened()
    found = session.item(0)
    assert (found["width"], found["height"], found["verdict"]) == (72, 48, "")
    assert found["values"] == {LIGHT: 0.6, WARM: 10.0}
    assert {s["name"] for s in found["sliders"][:2]} == {LIGHT, WARM}  # what the edit moves comes first
    assert session.album.find(found["after"]) == Rendition("00.jpg", PROPOSED)
    jpeg = session.render(0, {LIGHT: -1.0}, 800)
    assert jpeg[:2] == b"\xff\xd8"
    assert jpeg != session.render(0, {LIGHT: 1.0}, 800)


def test_results_of_retouch_are_reviewed_by_their_records(out, tmp_path, choices):
    made = read_made(out).results
    records = [
        {
            "path": str(one.photo),
            "output": str(one.output),
            "recipe": one.recipe.to_json(),
            "outcome": "edited",
        }
        for one in made
    ]
    report = tmp_path / "night.json"
    report.write_text(json.dumps([*records, {"path": "gone.jpg", "error": "broken"}]))
    found = read_made(report)
    assert (len(found.results), found.unusable) == (3, 1)
    session = open_review(found, report, choices, ReviewSettings())
    session.judge(0, "reject")
    close(session)
    session = open_review(read_made(report), report, choices, ReviewSettings())
    assert session.state()["verdicts"] == "r.."
    stamp = (out / "00.jpg").stat().st_mtime_ns
    close(session)
    assert (out / "00.jpg").stat().st_mtime_ns == stamp  # it lies there as it should: not made again


def test_what_is_no_run_is_refused(tmp_path, out):
    with pytest.raises(UsageError, match=r"retouch_aes_batch\.jsonl is missing"):
        read_made(tmp_path / "in")
    old = out / NAME
    old.write_text('{"settings": "a", "result": "00.jpg", "state": "done", "content": "b"}\n')
    with pytest.raises(RetouchError, match="1 have no recipe: an earlier version"):
        read_made(out)


def test_a_manifest_cannot_name_files_elsewhere_or_originals(tmp_path, out):
    victim = tmp_path / "in" / "00.jpg"
    line = json.loads((out / NAME).read_text().splitlines()[1])
    for key in ("../in/00.jpg", str(victim)):
        (out / NAME).write_text(json.dumps({**line, "result": key}) + "\n")
        with pytest.raises(RetouchError, match="found none"):
            read_made(out)
    (out / "00.jpg").unlink()
    (out / "00.jpg").symlink_to(victim)
    (out / NAME).write_text(json.dumps(line) + "\n")
    assert read_made(out).results == ()
    shutil.rmtree(out)


def test_a_result_over_its_original_is_never_made(out):
    [first, *_] = read_made(out).results
    with pytest.raises(UsageError, match="an original"):
        replace(first, output=first.photo).make(PROPOSED)


def test_records_that_name_half_a_character_are_left_out(out, tmp_path) -> None:
    records, made = tmp_path / "records.json", read_made(out).results[0]
    good = {"path": str(made.photo), "output": str(made.output), "recipe": made.recipe.to_json()}
    records.write_text(json.dumps([good, {**good, "path": "\ud800.jpg"}]))
    found = read_made(records)
    assert [one.photo for one in found.results] == [made.photo]
    assert found.unusable == 1
