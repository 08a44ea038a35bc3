"""Which photos belong together, and how many workers fit."""

import time
from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.batch import group_by_time
from retouch_aes.errors import UsageError
from retouch_aes.executors.capacity import PER_WORKER, cores, fitting_workers


def shot(path: Path, clock: str | None, offset: str = "") -> Path:
    path.parent.mkdir(exist_ok=True)
    exif = Image.Exif()
    if clock:
        exif[0x8769] = {0x9003: clock if len(clock) > 8 else f"2025:06:01 {clock}", 0x9011: offset}
    stored = Image.Exif()
    stored.load(exif.tobytes())
    image = Image.new("RGB", (40, 40))
    if path.suffix == ".heic":
        pytest.importorskip("pillow_heif").from_pillow(image).save(path, exif=exif.tobytes())
    else:
        image.save(path, exif=stored)
    return path


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_the_hour_that_clocks_are_put_on_is_an_hour_everywhere(
    tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        a, b = (
            shot(tmp_path / f"{name}.jpg", f"2026:03:29 {clock}")
            for name, clock in (("a", "02:10:00"), ("b", "03:10:05"))
        )
        assert group_by_time([a, b], gap=60) == [[a], [b]]
        c, d = (
            shot(tmp_path / "s" / f"{name}.jpg", f"2026:10:25 {clock}", offset)
            for name, clock, offset in (("c", "02:59:58", "+02:00"), ("d", "02:00:03", "+01:00"))
        )
        assert group_by_time([d, c], gap=60) == [[c, d]]
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()


def test_a_burst_of_several_formats_is_one_group(tmp_path: Path) -> None:
    names = ["a.jpg", "b.heic", "c.png", "d.webp", "e.tif", "f.avif"]
    photos = [shot(tmp_path / name, f"10:00:{second:02d}") for second, name in enumerate(names)]
    assert group_by_time(photos, gap=2) == [photos]


def test_a_clock_without_an_offset_is_compared_with_its_neighbours(tmp_path: Path) -> None:
    phone = [shot(tmp_path / f"p{n}.jpg", f"10:00:{n:02d}", "+02:00") for n in (0, 20)]
    camera = shot(tmp_path / "c.jpg", "10:00:10")
    other = shot(tmp_path / "far.jpg", "11:00:12", "-05:00")
    assert group_by_time([camera, other, *phone], gap=15) == [[phone[0], camera, phone[1]], [other]]


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
