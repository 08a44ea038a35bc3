import json

import pytest
import torch
from PIL import Image

from retouch_aes.models import read_card
from retouch_aes.operators import EditChain, Recipe, select
from retouch_aes.preferences.answers import Choice
from retouch_aes.preferences.choice_log import ChoiceLog
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.gp.taste import GPTaste


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
    assert GPTaste.load(us).card.notes
    assert run("taste", "merge", taste, taste, "-o", us).exit_code == 2
    assert run("taste", "merge", taste, taste, "--shares", "a,b", "-o", tmp_path / "x.taste").exit_code == 2
    assert run("taste", "merge", f"{taste}:60", f"{taste}:40", "-o", tmp_path / "same.taste").exit_code == 0
    assert GPTaste.load(tmp_path / "same.taste").card.notes == GPTaste.load(us).card.notes
    for wrong in (
        (f"{taste}:60", taste),
        (f"{taste}:x", taste),
        (f"{taste}:1", f"{taste}:1", "--shares", "1,1"),
    ):
        assert run("taste", "merge", *wrong, "-o", tmp_path / "x.taste").exit_code == 2
    result = scored("taste diff", taste, us, photos)
    assert result.exit_code == 0
    assert "rho 1.00" in result.output


def test_one_answer_is_no_taste_unless_asked(scored, photos, names, tmp_path):
    table, output = tmp_path / "one.csv", tmp_path / "one.taste"
    table.write_text(f"winner,loser\n{names[0]},{names[1]}\n")
    refused = scored("learn", photos, "--choices", table, "-o", output)
    assert (refused.exit_code, output.exists()) == (2, False)
    assert "--few" in refused.stderr
    assert scored("learn", photos, "--choices", table, "-o", output, "--few").exit_code == 0


def test_learn_from_ratings(scored, photos, names, tmp_path):
    table = tmp_path / "ratings.csv"
    rows = [f"{user},{name},{1 + i % 7}" for user in ("anna", "ben") for i, name in enumerate(names)]
    table.write_text("user,photo,rating\n" + "\n".join(rows) + "\n")
    output = tmp_path / "anna.taste"
    several = scored("learn", photos, "--ratings", table, "-o", output)
    assert several.exit_code == 2
    assert "2 people" in several.output
    assert scored("learn", photos, "--ratings", table, "--user", "anna", "-o", output).exit_code == 0
    assert GPTaste.load(output).card.ratings == 8
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
        log.append(Choice(Rendition("gone.png"), Rendition("far.png")))
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


@pytest.fixture
def pool(scored, photos, names, tmp_path):
    table = tmp_path / "crowd.csv"
    table.write_text("user,photo,rating\n" + "\n".join(f"a,{n},{1 + i % 7}" for i, n in enumerate(names)))
    assert scored("pool build", table, "--photos", photos, "-o", tmp_path / "pool").exit_code == 0
    return tmp_path / "pool"


@pytest.fixture
def whole(scored, photos, choices, pool, tmp_path):
    output = tmp_path / "whole.taste"
    result = scored("learn", photos, "--choices", choices, "--method", "head", "--pool", pool, "-o", output)
    assert result.exit_code == 0, result.output
    assert "of 8 rated photos came first" in result.output
    assert "answers left out that it predicts" in result.output
    return output


def test_a_whole_model_is_a_taste_like_any_other(whole, run, scored, retouched, photos, tmp_path, weights):
    scores = [
        json.loads(scored("score", photos, *arguments, "--json", "-").stdout)
        for arguments in ([], ["--taste", whole])
    ]
    as_model = json.loads(run("score", photos, "--model", whole, "--json", "-").stdout)
    plain, mine, same = ({r["path"]: r["score"] for r in records} for records in (*scores, as_model))
    assert mine == same
    assert set(mine) == set(plain)  # so few answers may leave it where it began
    card = read_card(whole)
    assert card.licence == read_card(weights[0]).licence
    assert "rated photos came first" in card.provenance
    assert 0 <= card.metrics["agreement"] <= 1
    one = next(photos.iterdir())
    assert retouched("retouch", one, "--taste", whole, "-o", tmp_path / "o.png").exit_code == 0
    told = run("taste", "info", whole)
    assert told.exit_code == 0
    assert "a whole model (emd-attention" in told.output
    assert json.loads(run("taste", "info", whole, "--json", "-").stdout)["model"] == "emd-attention"
    blended = run("taste", "merge", whole, whole, "-o", tmp_path / "two.taste")
    assert blended.exit_code == 1
    assert "whole model" in blended.output


def test_without_a_pool_the_generic_model_stands_in_and_ratings_do(scored, photos, names, tmp_path):
    table = tmp_path / "ratings.csv"
    table.write_text("user,photo,rating\n" + "\n".join(f"a,{n},{1 + i % 3}" for i, n in enumerate(names)))
    arguments = ("learn", photos, "--ratings", table, "--method")
    for method in ("head", "paper"):
        output = tmp_path / f"{method}.taste"
        result = scored(*arguments, method, "-o", output)
        assert result.exit_code == 0, result.output
        assert "no pool: the generic model stands in" in result.output
        assert ("not checked" in result.output) == (method == "paper")
        assert "no pool" in read_card(output).provenance


def test_apply_tells_what_the_taste_makes_of_the_edit(taste, whole, scored, run, photos, tmp_path):
    one, edit = next(photos.iterdir()), tmp_path / "edit.json"
    Recipe.of(EditChain(select(["exposure"])), torch.tensor([0.7])).save(edit)
    plain = json.loads(run("apply", edit, one, "-o", tmp_path / "b.png", "--json", "-").stdout)
    assert "score_before" not in plain[0]
    for number, some in enumerate((taste, whole)):
        arguments = ("apply", edit, one, "--prior", "none", "--taste", some)
        told = json.loads(scored(*arguments, "-o", tmp_path / f"c{number}.png", "--json", "-").stdout)
        assert 1 <= told[0]["score_before"] <= 10
        assert told[0]["score_after"] != told[0]["score_before"]
    by_model = scored("apply", edit, one, "-o", tmp_path / "d.png")
    assert "score" in by_model.stdout


def test_batch_to_a_taste_is_another_setting(taste, whole, run, retouched, photos, tmp_path, weights):
    out = tmp_path / "out"
    own = ["--model", weights[0], "--prior", weights[1], "--workers", 1, "--steps", 6]
    counts = []
    for arguments in ([], [], ["--taste", taste], ["--taste", taste], ["--taste", whole]):
        result = run("batch", photos, out, *own, *arguments, "--overwrite")
        assert result.exit_code == 0, result.output
        counts.append("8 done before" in result.stdout)
        if arguments == ["--taste", taste]:
            one = sorted(photos.iterdir())[0]
            retouched("retouch", one, *arguments, "-o", tmp_path / "one.png", "--overwrite")
            with Image.open(out / one.name) as a, Image.open(tmp_path / "one.png") as b:
                assert a.tobytes() == b.tobytes()
    assert counts == [False, True, False, True, False]


def test_odd_methods_pools_and_tastes(taste, scored, run, photos, choices, pool, tmp_path, weights):
    output = tmp_path / "new.taste"
    learn = ("learn", photos, "--choices", choices, "-o", output)
    gp = scored(*learn, "--pool", pool)
    assert gp.exit_code == 2
    assert "--pool is for --method head or paper" in gp.output
    assert scored(*learn, "--method", "guess").exit_code == 2
    assert scored(*learn, "--method", "head", "--pool", tmp_path / "none").exit_code == 2
    no_pool = scored(*learn, "--method", "head", "--pool", photos)
    assert no_pool.exit_code == 1
    assert "pool build" in no_pool.output
    other = run(*learn, "--method", "head", "--pool", pool)
    assert other.exit_code == 2
    assert "build it again" in other.output
    (tmp_path / "both.csv").write_text("winner,loser\nkind0_0.png,kind1_1.png\nkind1_1.png,kind0_0.png\n")
    nothing = scored("learn", photos, "--choices", tmp_path / "both.csv", "--method", "head", "-o", output)
    assert nothing.exit_code == 2
    assert "not contradicted" in nothing.output
    assert not output.exists()
    assert run("batch", photos, tmp_path / "out", "--taste", tmp_path / "none.taste").exit_code == 2
    wrong = run("batch", photos, tmp_path / "out", "--taste", taste)
    assert wrong.exit_code == 1
    assert "learned on the model" in wrong.output
    assert run("batch", photos, tmp_path / "out", "--taste", choices).exit_code == 1
