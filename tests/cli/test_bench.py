"""The benchmarks run on a handful of photos and say which model they measured."""

import json

import pytest
from PIL import Image


@pytest.fixture
def photos(tmp_path, picture):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, angle in (("cat_1", 0), ("cat_2", 90), ("dog_1", 180), ("dog_2", 270)):
        picture.rotate(angle).save(folder / f"{name}.png")
    return folder


def test_recovery_beside_its_baselines(retouched, photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"")
    report, page = tmp_path / "recovery.json", tmp_path / "recovery.md"
    result = retouched(
        "bench recovery",
        *("--photos", photos, "--json", report, "--markdown", page, "--gallery", tmp_path / "sheets"),
        *("--side", 48, "--limit", 2),
    )
    assert result.exit_code == 1
    assert "failed: " in result.stderr
    value = json.loads(report.read_text())
    assert {"identity", "retouch_aes", "prior alone"} <= set(value["summary"])
    assert len(value["made_by"]["fingerprint"]) == 12
    assert "retouch_aes" in page.read_text()
    assert len(list((tmp_path / "sheets").iterdir())) == 1


def test_generic_on_all_photos_and_on_held_out_themes(scored, photos, tmp_path):
    table = tmp_path / "ratings.csv"
    names = sorted(path.name for path in photos.iterdir())
    rows = [
        f"u{user},{name},{1 + (user + place) % 7}" for user in range(3) for place, name in enumerate(names)
    ]
    table.write_text("\n".join(["user,photo,rating", *rows, ""]))
    arguments = ["--ratings", table, "--photos", photos, "--scale", 1, 7, "--json", "-"]
    everything = json.loads(scored("bench generic", *arguments).stdout)
    assert (everything["photos"], everything["ratings"]) == (4, 12)
    held = json.loads(scored("bench generic", *arguments, "--holdout", 0.5).stdout)
    assert held["photos"] == 2


def test_landscape_of_one_slider(scored, photos):
    result = scored(
        "bench landscape",
        *("--photos", photos, "--operators", "exposure", "--rungs", 3, "--limit", 1, "--side", 48, "--json"),
    )
    value = json.loads(result.stdout)
    assert [ladder["operator"] for ladder in value["ladders"]] == ["exposure"]


def test_brackets_of_one_scene(retouched, tmp_path, picture):
    rows = ["scene,frame,mean_luma"]
    for index, gain in enumerate((0.4, 1.0, 1.6)):
        frame = Image.eval(picture, lambda value, gain=gain: min(255, int(value * gain)))
        frame.save(tmp_path / f"s_{index}.png")
        rows.append(f"s,s_{index}.png,{118 * gain}")
    (tmp_path / "frames.csv").write_text("\n".join(rows))
    value = json.loads(retouched("bench brackets", tmp_path, "--side", 48, "--json").stdout)
    assert len(value["repairs"]) == 2


def test_reports_are_checked_before_the_work(retouched, photos, tmp_path):
    (tmp_path / "old.json").write_text("mine")
    result = retouched("bench recovery", "--photos", photos, "--json", tmp_path / "old.json")
    assert result.exit_code == 1
    assert "exists already" in result.stderr


def test_knn_finds_what_a_full_sort_finds(run, tmp_path):
    small = ("--rows", 300, "--width", 8, "--queries", 5, "--repeats", 1)
    result = run("bench", "knn", *small, "--neighbours", 7, "--json", tmp_path / "knn.json")
    assert result.exit_code == 0, result.output
    assert "7 nearest of 300 x 8 for 5 photos" in result.stdout
    value = json.loads((tmp_path / "knn.json").read_text())
    assert value["right"]["32 bit"] == 1
    assert value["wall_ratio"]["32 bit"] > 0
    assert run("bench", "knn", *small, "--neighbours", 301).exit_code == 2


def test_speed_is_held_to_ratios_only(run, photo, tmp_path):
    other = tmp_path / "other.json"
    other.write_text('{"bench": "rank"}')
    result = run("bench", "speed", photo, "--against", other)
    assert result.exit_code == 1
    assert "holds no ratios" in result.stderr
