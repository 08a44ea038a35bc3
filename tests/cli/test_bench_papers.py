"""`bench kong` and `bench cfan` on a handful of photos."""

import json

import pytest


@pytest.fixture
def photos(tmp_path, picture):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(16):
        picture.rotate(20 * number).save(folder / f"{number}.jpg")
    return folder


def test_kong(run, weights, photos, tmp_path):
    rows = [f"u{user},{number}.jpg,{1 + (user + number) % 7}" for user in range(3) for number in range(16)]
    table = tmp_path / "ratings.csv"
    table.write_text("\n".join(["user,photo,rating", *rows]))
    result = run(
        *("bench", "kong"),
        *("--ratings", table, "--photos", photos, "--backbone", weights[0], "--seeds", 1),
        *("--raters", 2, "--markdown", tmp_path / "kong.md", "--json"),
    )
    assert result.exit_code == 0, result.stderr
    value = json.loads(result.stdout)
    assert (value["photos"], value["people"], value["attributes"], value["raters"]) == (16, 3, 10, 2)
    assert len(value["rows"]) == 9
    assert len(value["made_by"]["fingerprint"]) == 12
    assert "within raters" in (tmp_path / "kong.md").read_text()


def test_cfan_on_a_folder_of_reviews(run, weights, photos, tmp_path):
    lines = [f"{n} {n} 0 1 5 17 38 36 15 6 5 1 {1 + n % 2} 0 9" for n in range(16)]
    (tmp_path / "AVA.txt").write_text("\n".join(lines))
    (tmp_path / "tags.txt").write_text("1 Abstract\n2 Cityscape\n")
    words = ("lovely", "dull", "superb", "flat")
    rows = [f"u{user},{n},The sky is {words[(user + n) % 4]}." for user in range(4) for n in range(16)]
    (tmp_path / "reviews.csv").write_text("\n".join(["user,photo,review", *rows]))
    result = run(
        *("bench", "cfan"),
        *("--reviews", tmp_path, "--backbone", weights[0], "--seeds", 1, "--steps", 2, "--json"),
    )
    assert result.exit_code == 0, result.stderr
    value = json.loads(result.stdout)
    assert (value["users"], value["photos"], value["judgements"]) == (4, 16, 64)
    assert [row["method"] for row in value["rows"]][-1] == "CFAN, 3 tasks"
