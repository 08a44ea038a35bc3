"""`bench piaa`, `bench active` and `bench preference-map` from the command line."""

import json

import pytest
from PIL import Image


@pytest.fixture(scope="module")
def rated(tmp_path_factory, picture):
    """24 photos of six themes, rated by ten people in twelve."""
    folder = tmp_path_factory.mktemp("rated")
    rows = ["user,photo,rating"]
    for index in range(24):
        name = f"thing{'abcdef'[index % 6]}_{index}.png"
        bright = 0.3 + 0.04 * index
        Image.eval(picture.rotate(15 * index), lambda value, bright=bright: int(value * bright)).save(
            folder / name
        )
        rows += [f"u{user},{name},{1 + (index * (user + 3) + user) % 7}" for user in range(10)]
    (folder / "ratings.csv").write_text("\n".join([*rows, ""]))
    return ["--ratings", folder / "ratings.csv", "--photos", folder, "--scale", 1, 7]


@pytest.fixture
def bench(run, rated, weights, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lambda name, *args: run("bench", name, *rated, "--backbone", weights[0], *args)


def test_methods_side_by_side_and_again_from_what_was_kept(bench, tmp_path):
    kept, page = tmp_path / "kept.jsonl", tmp_path / "table.md"
    arguments = ("--k", "6,10", "--repeats", 1, "--people", 4, "-o", kept)
    first = bench("piaa", *arguments, "--methods", "generic,pam", "--json", "-")
    value = json.loads(first.stdout)
    assert {row["method"] for row in value["rows"]} == {"generic", "pam"}
    assert len(value["made_by"]["fingerprint"]) == 12
    lines = len(kept.read_text().splitlines())
    more = bench("piaa", *arguments, "--methods", "generic,pam,r-svr", "--markdown", page)
    assert more.exit_code == 0
    assert len(kept.read_text().splitlines()) == lines + 4
    assert "R-SVR" in page.read_text()
    other = bench("piaa", *arguments, "--seed", 1, "--methods", "pam")
    assert other.exit_code == 2
    assert "another seed" in other.stderr


def test_active_and_the_map(bench, tmp_path):
    found = bench(
        "active",
        *(
            "--start",
            4,
            "--end",
            8,
            "--people",
            2,
            "--repeats",
            1,
            "--selectors",
            "random,greedy",
            "--json",
            "-",
        ),
    )
    assert [curve["short"] for curve in json.loads(found.stdout)["selectors"]] == ["random", "greedy"]
    picture = tmp_path / "map.png"
    assert bench("preference-map", "--people", 5, "-o", picture).exit_code == 0
    with Image.open(picture) as heat:
        assert heat.width > 400


def test_zhangs_settings_are_varied_in_rows(bench, monkeypatch):
    few = ("--methods", "generic", "--k", 4, "--repeats", 1, "--people", 1, "--json", "-")
    varied = ("--vary", "channels=2,4", "--vary", "pool=5", "--vary", "start-alone:start-steps=3")
    found = bench("piaa", *few, *varied)
    assert found.exit_code == 0, found.stderr
    names = [row["name"] for row in json.loads(found.stdout)["rows"]]
    assert names == [
        "generic",
        "Zhang, channels 2",
        "Zhang, channels 4",
        "Zhang, pool 5",
        "Zhang, start alone, start steps 3",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["piaa", "--methods", "pam,magic"], "expected names out of generic, ours"),
        (["piaa", "--vary", "channels"], "channels=16,128"),
        (["piaa", "--vary", "colour=3"], "setting out of channels, pool"),
        (["piaa", "--vary", "magic:pool=3"], "row out of exponential loss"),
        (["piaa", "--vary", "ranking-rate=0"], "from 1e-09 on"),
        (["piaa", "--vary", "pool=2.5"], "whole number from 1 on"),
        (["piaa", "--k", "ten"], "whole numbers"),
        (["piaa", "--k", "1"], "from 2 on"),
        (["piaa", "--protocol", "fast"], "'ren', 'zhang'"),
        (["active", "--selectors", "luck"], "expected names out of active-pam"),
        (["active", "--method", "magic"], "expected a method out of"),
        (["active", "--start", 9, "--end", 5], "start < end"),
        (["active", "--end", 90], "photos at least"),
        (["preference-map", "-o", "map.jpg"], "does not end in .png"),
    ],
)
def test_mistakes_end_with_2_and_a_reason(bench, arguments, told):
    result = bench(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_photos_of_too_few_people_or_a_file_that_is_no_backbone(run, rated, tmp_path, weights):
    wrong = run("bench", "piaa", *rated, "--backbone", tmp_path / "none.safetensors")
    assert wrong.exit_code == 1
    assert "neither a weight file nor a bundled one" in wrong.stderr
    few = run("bench", "piaa", *rated, "--backbone", weights[0], "--population", 0.01)
    assert few.exit_code == 2
    assert "people enough" in few.stderr
