import json

import pytest
from PIL import Image

from retouch_aes.taste import Choice, ChoiceLog, Rendition, Taste


@pytest.fixture
def photos(tmp_path, picture):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(8):
        picture.point(lambda v, n=number: v * (8 + n) // 16).save(folder / f"kind{number % 4}_{number}.png")
    return folder


@pytest.fixture
def names(photos):
    return sorted(path.name for path in photos.iterdir())


@pytest.fixture
def choices(tmp_path, names):
    path = tmp_path / "choices.csv"
    rows = [f"{a},{b}" for i, a in enumerate(names) for b in names[:i] if a[-5] > b[-5]]
    path.write_text("winner,loser\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def taste(scored, photos, choices, tmp_path):
    result = scored("learn", photos, "--choices", choices, "-o", tmp_path / "me.taste")
    assert result.exit_code == 0, result.output
    assert "learned from" in result.output
    return tmp_path / "me.taste"


def test_learn_from_choices_and_use_it(taste, scored, retouched, photos, tmp_path, weights):
    plain = json.loads(scored("score", photos, "--json", "-").stdout)
    mine = json.loads(scored("score", photos, "--taste", taste, "--json", "-").stdout)
    assert {r["path"]: r["score"] for r in plain} != {r["path"]: r["score"] for r in mine}
    one = photos / sorted(p.name for p in photos.iterdir())[0]
    result = retouched("retouch", one, "--taste", taste, "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (72, 48)


def test_info_merge_and_diff(taste, run, scored, photos, tmp_path, weights):
    told = run("taste", "info", taste)
    assert told.exit_code == 0
    assert "fingerprint" in told.output
    assert json.loads(run("taste", "info", taste, "--json", "-").stdout)["choices"] > 10
    us = tmp_path / "us.taste"
    assert run("taste", "merge", taste, taste, "--shares", "60,40", "-o", us).exit_code == 0
    assert Taste.load(us).card.notes
    assert run("taste", "merge", taste, taste, "-o", us).exit_code == 2
    assert run("taste", "merge", taste, taste, "--shares", "a,b", "-o", tmp_path / "x.taste").exit_code == 2
    result = scored("taste diff", taste, us, photos)
    assert result.exit_code == 0
    assert "rho 1.00" in result.output


def test_learn_from_ratings(scored, photos, names, tmp_path):
    table = tmp_path / "ratings.csv"
    rows = [f"{user},{name},{1 + i % 7}" for user in ("anna", "ben") for i, name in enumerate(names)]
    table.write_text("user,photo,rating\n" + "\n".join(rows) + "\n")
    output = tmp_path / "anna.taste"
    several = scored("learn", photos, "--ratings", table, "-o", output)
    assert several.exit_code == 2
    assert "2 people" in several.output
    assert scored("learn", photos, "--ratings", table, "--user", "anna", "-o", output).exit_code == 0
    assert Taste.load(output).card.ratings == 8
    assert (
        scored("learn", photos, "--ratings", table, "--user", "eve", "-o", output, "--overwrite").exit_code
        == 2
    )


def test_odd_input_ends_in_one_line(taste, scored, run, photos, choices, tmp_path, weights):
    output = tmp_path / "new.taste"
    assert scored("learn", photos, "-o", output).exit_code == 2
    assert scored("learn", photos, "--choices", choices, "-o", taste).exit_code == 2
    (tmp_path / "bad.jsonl").write_text("nothing\n")
    assert scored("learn", photos, "--choices", tmp_path / "bad.jsonl", "-o", output).exit_code == 1
    with ChoiceLog(tmp_path / "gone.jsonl") as log:
        log.append(Choice(Rendition("gone.png"), Rendition("away.png")))
    missing = scored("learn", photos, "--choices", tmp_path / "gone.jsonl", "-o", output)
    assert missing.exit_code == 1
    assert "gone.png" in missing.output
    assert run("taste", "info", choices).exit_code == 1
    other = run("score", photos, "--taste", taste)
    assert other.exit_code == 1
    assert "learned on the model" in other.output
    assert not output.exists()


def test_a_pool_of_ratings(scored, run, photos, names, tmp_path):
    table = tmp_path / "ratings.csv"
    table.write_text("user,photo,rating\n" + "\n".join(f"a,{n},{1 + i % 7}" for i, n in enumerate(names)))
    assert scored("pool build", table, "--photos", photos, "-o", tmp_path / "pool").exit_code == 0
    told = run("pool", "info", tmp_path / "pool")
    assert told.exit_code == 0
    assert told.output.startswith("8 rated photos")
    assert run("pool", "info", photos).exit_code == 1
