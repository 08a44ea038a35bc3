"""Bursts and near duplicates, and which of them is best."""

from pathlib import Path

import numpy as np
import pytest
import torch

from retouch_aes import Photo
from retouch_aes.color.blur import gaussian_blur
from retouch_aes.culling import Judged, TechnicalQuality, Thumbnail, best_stars, groups_of, similar
from retouch_aes.errors import UsageError

SHARP = TechnicalQuality(0.4, 1.0, 0.0, 0.0)
SOFT = TechnicalQuality(2.0, 1.0, 0.0, 0.0)


def groups_by_place(images):
    return similar.group_similar([Thumbnail.of(Photo(image)) for image in images])


def test_a_scene_is_one_group_whatever_its_light_and_sharpness(leaves):
    scenes = []
    for seed in range(6):
        image = leaves(seed)
        moved = image[..., 4:252, 6:378]
        scenes += [image, (0.6 * image), gaussian_blur(image, 3, 9), moved]
    assert groups_by_place(scenes) == [list(range(first, first + 4)) for first in range(0, 24, 4)]


def test_plain_frames_are_alike_only_when_they_are_the_same():
    plain = [torch.full((1, 3, 64, 96), value) for value in (0.0, 1.0, 0.0)]
    assert groups_by_place(plain) == [[0, 2], [1]]
    assert similar.group_similar([]) == []


def test_the_time_goes_with_the_number(monkeypatch):
    compared = 0
    plain = similar._shifted

    def counted(one, other):
        nonlocal compared
        compared += 1
        return plain(one, other)

    monkeypatch.setattr(similar, "_shifted", counted)
    generator = np.random.default_rng(0)
    thumbnails = []
    for _ in range(300):
        coarse = generator.standard_normal(192).astype(np.float32)
        fine = generator.random((similar._FINE, similar._FINE), dtype=np.float32)
        thumbnails += 5 * [Thumbnail(coarse / np.linalg.norm(coarse), fine)]
    assert len(similar.group_similar(thumbnails)) == 300
    assert compared < 2 * len(thumbnails)


def test_the_best_is_first_and_every_photo_in_one_group(tmp_path):
    from PIL import Image

    judged = []
    for name, second, quality, score in [
        ("a", "00", SOFT, 6.0),
        ("b", "01", SHARP, 5.5),
        ("c", "30", SOFT, 9.0),
        ("d", None, SHARP, 2.0),
    ]:
        exif = Image.Exif()
        if second:
            exif.get_ifd(0x8769)[0x9003] = f"2026:05:01 10:00:{second}"
        Image.new("RGB", (40, 40)).save(tmp_path / f"{name}.jpg", exif=exif)
        judged.append(Judged(tmp_path / f"{name}.jpg", score, quality))
    groups = groups_of(judged, 2)
    assert [[photo.path.stem for photo in group] for group in groups] == [["b", "a"], ["c"], ["d"]]
    stars = {path.stem: number for path, number in best_stars(groups, 4, -1).items()}
    assert stars == {"b": 4, "a": -1, "c": 4, "d": 4}
    assert {path.stem for path in best_stars(groups, 4, None)} == {"b", "c", "d"}


@pytest.mark.parametrize("how", ["same", -1.0, float("nan")])
def test_other_ways_to_group_are_refused(how):
    with pytest.raises(UsageError, match="expected seconds"):
        groups_of([], how)


def test_near_duplicates_need_thumbnails():
    with pytest.raises(UsageError, match="thumbnail"):
        groups_of([Judged(Path("a.jpg"), 5.0, SHARP)], "similar")
