"""Where results go."""

from pathlib import Path

import pytest

from retouch_aes.cli.output_paths import FoundPhoto, find, plan, without_results
from retouch_aes.errors import RetouchError, UsageError


def found(*paths):
    return [FoundPhoto(path, Path(path.name)) for path in paths]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", "a_retouched.jpg"),
        ("a.JPG", "a_retouched.JPG"),
        ("a.b.tiff", "a.b_retouched.tiff"),
        ("a.NEF", "a_retouched.jpg"),
        ("a.dng", "a_retouched.jpg"),
        ("a.heic", "a_retouched.heic"),
        ("a.hif", "a_retouched.heic"),
        ("a.strange", "a_retouched.jpg"),
    ],
)
def test_names_beside_the_photo(tmp_path, monkeypatch, name, expected):
    monkeypatch.setattr("retouch_aes.cli.output_paths.find_spec", lambda _: object())
    [job] = plan(found(tmp_path / name), None)
    assert job.output == tmp_path / expected


def test_heic_becomes_jpeg_where_it_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr("retouch_aes.cli.output_paths.find_spec", lambda _: None)
    assert plan(found(tmp_path / "a.HEIC"), None)[0].output.name == "a_retouched.jpg"


def test_output_is_a_file_for_one_photo_and_a_folder_otherwise(tmp_path):
    one = found(tmp_path / "a.cr3")
    (tmp_path / "old.jpg").mkdir()
    assert plan(one, tmp_path / "b.tif")[0].output == tmp_path / "b.tif"
    assert plan(one, tmp_path / "v1.2")[0].output == tmp_path / "v1.2" / "a.jpg"
    assert plan(one, tmp_path / "old.jpg")[0].output == tmp_path / "old.jpg" / "a.jpg"


def test_sidecars_follow(tmp_path):
    one = found(tmp_path / "a.png")
    [job] = plan(one, None, recipe=tmp_path / "r.json", compare="-")
    assert job.targets() == [tmp_path / "a_retouched.png", tmp_path / "r.json", tmp_path / "a_compare.jpg"]
    [job] = plan(one, tmp_path / "out", recipe=tmp_path / "r", compare=str(tmp_path / "c"))
    assert job.targets() == [
        tmp_path / "out" / "a.png",
        tmp_path / "r" / "a.json",
        tmp_path / "c" / "a_compare.jpg",
    ]


def test_results_do_not_become_photos(tmp_path, picture):
    for name in ("a.jpg", "a_retouched.jpg", "lonely_retouched.jpg", "out/a.jpg", "sub/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture.save(tmp_path / name)

    def names(*paths):
        return [str(one.relative) for one in without_results(find(paths), paths, tmp_path / "out")]

    assert names(tmp_path) == ["a.jpg", "lonely_retouched.jpg", "sub/b.jpg"]
    assert "a_retouched.jpg" in names(tmp_path, tmp_path / "a_retouched.jpg")
    assert names(tmp_path / "out") == ["a.jpg"]


def test_a_photo_given_twice_is_done_once(tmp_path, picture):
    picture.save(tmp_path / "a.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    assert len(find([tmp_path / "a.jpg", tmp_path, tmp_path / "link.jpg"])) == 1


def test_collisions_of_all_kinds_are_refused(tmp_path):
    a, b = tmp_path / "x" / "a.jpg", tmp_path / "y" / "a.jpg"
    with pytest.raises(UsageError, match="both"):
        plan(found(a, b), tmp_path / "out")
    with pytest.raises(UsageError, match="original"):
        plan(found(tmp_path / "a.jpg", tmp_path / "a_retouched.jpg"), None)
    with pytest.raises(UsageError, match="both"):
        plan(found(a), tmp_path / "out.jpg", recipe=tmp_path / "out.jpg")
    (tmp_path / "report.json").write_text("")
    with pytest.raises(RetouchError, match="exists already"):
        plan(found(a), None, reports=[tmp_path / "report.json"])


def test_a_link_that_leads_nowhere_is_in_the_way(tmp_path):
    (tmp_path / "out.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(RetouchError, match="exists already"):
        plan(found(tmp_path / "a.jpg"), tmp_path / "out.jpg")
