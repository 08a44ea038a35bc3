"""Which photos belong together, and how many workers fit."""

from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.batch import group_by_time
from retouch_aes.batch.capacity import PER_WORKER, cores, fitting_workers
from retouch_aes.errors import UsageError


def shot(path: Path, time: str | None) -> Path:
    path.parent.mkdir(exist_ok=True)
    exif = Image.Exif()
    if time:
        exif.get_ifd(0x8769)[0x9003] = f"2025:06:01 {time}"
    Image.new("RGB", (40, 40)).save(path, exif=exif)
    return path


def test_photos_of_one_folder_close_in_time_are_a_group(tmp_path: Path) -> None:
    a, b, c = (
        shot(tmp_path / name, time)
        for name, time in (
            ("c.jpg", "10:00:00"),
            ("b.jpg", "10:00:50"),
            ("a.jpg", "10:01:40"),
        )
    )
    late, silent = shot(tmp_path / "late.jpg", "10:03:00"), shot(tmp_path / "silent.jpg", None)
    elsewhere = shot(tmp_path / "sub" / "d.jpg", "10:00:10")
    (tmp_path / "bad.jpg").write_text("no photo")
    groups = group_by_time([silent, late, c, b, a, elsewhere, tmp_path / "bad.jpg"], gap=60)
    assert [a, b, c] in groups
    assert sorted(map(len, groups)) == [1, 1, 1, 1, 3]


def test_a_long_series_is_cut(tmp_path: Path) -> None:
    photos = [shot(tmp_path / f"{index}.jpg", f"10:00:{index:02d}") for index in range(30)]
    assert [len(group) for group in group_by_time(photos, gap=5)] == [24, 6]


def test_workers_fit_into_memory_and_cores() -> None:
    assert fitting_workers(PER_WORKER * 1.5) == 1
    assert fitting_workers(PER_WORKER * 1000) == cores()
    with pytest.raises(UsageError, match="one worker"):
        fitting_workers(1e8)
