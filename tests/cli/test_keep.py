"""`--keep`: the sliders of these operators do not move."""

import json

import pytest

from retouch_aes.cli import loading
from retouch_aes.errors import UsageError
from retouch_aes.operators import AUTO


def steps(made) -> set[str]:
    assert made.exit_code == 0, made.output
    [record] = json.loads(made.stdout)
    return {step["operator"] for step in record["recipe"]["steps"]}


def test_what_is_kept_does_not_move(bright, run, photo, tmp_path):
    words = ("retouch", photo, "--prior", "none", "--steps", 6)
    free = steps(run(*words, "-o", tmp_path / "free.jpg", "--json", "-"))
    assert "exposure" in free
    held = steps(run(*words, "-o", tmp_path / "held.jpg", "--keep", "exposure,contrast", "--json", "-"))
    assert held
    assert not held & {"exposure", "contrast"}


def test_batch_keeps_as_well(retouched, photo, tmp_path):
    (tmp_path / "in").mkdir()
    photo.rename(tmp_path / "in/p.jpg")
    words = ("batch", tmp_path / "in", tmp_path / "out", "--workers", 1)
    made = retouched(*words, "--keep", ",".join(AUTO[1:]), "--json", tmp_path / "made.json")
    assert made.exit_code == 0, made.output
    [record] = json.loads((tmp_path / "made.json").read_text())
    assert {step["operator"] for step in record["recipe"]["steps"]} <= {AUTO[0]}


def test_what_is_left_of_what_was_given():
    assert loading.without_kept(None, None, None) is None
    assert loading.without_kept(["tones", "exposure"], ["exposure", "hsl"], None) == ["tones"]
    left = loading.without_kept(None, ["vibrance"], None)
    assert left == [name for name in AUTO if name != "vibrance"]
    with pytest.raises(UsageError, match="leaves no operator"):
        loading.without_kept(["exposure"], ["exposure"], None)


@pytest.mark.parametrize("names", ["exposures", ","])
def test_odd_names_are_told(run, photo, names):
    assert run("retouch", photo, "--keep", names).exit_code == 2


def test_a_tastes_operators_are_kept_too(monkeypatch, tmp_path):
    class Tasteful:
        operators = ("exposure", "clarity")

    monkeypatch.setattr("retouch_aes.taste.load_taste", lambda _: Tasteful())
    assert loading.without_kept(None, ["exposure"], tmp_path) == ["clarity"]
