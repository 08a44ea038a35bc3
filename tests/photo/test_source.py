"""Strips of a photo are the photo: the same pixels, small copy and files, on any number of threads."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from photo_samples import encoded, picture
from PIL import Image

from retouch_aes.color.resize import proxy
from retouch_aes.editing.render import develop
from retouch_aes.errors import PhotoError, UsageError
from retouch_aes.operators import OPERATORS, EditChain, Recipe
from retouch_aes.photo import Photo, Prefetcher, profiles, read, source, write
from retouch_aes.photo.source import LevelsSource, TensorSource, gathered, in_strips
from retouch_aes.photo.tensors import to_image


@pytest.fixture(params=[1, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips of a few rows, so that small photos have many."""
    monkeypatch.setattr(source, "_STRIP", 700)


def decoded(mode: str, height: int = 101, width: int = 67) -> LevelsSource:
    levels = picture(height, width)
    if mode == "16 bit":
        return LevelsSource(levels.astype(np.uint16) * 251)
    return LevelsSource(Image.fromarray(levels).convert(mode))


def whole(levels: LevelsSource) -> torch.Tensor:
    array = np.asarray(levels.pixels)
    array = array if array.ndim == 3 else np.repeat(array[..., None], 3, 2)
    values = torch.from_numpy(array.astype(np.float32)).permute(2, 0, 1)[None]
    return values / (65535 if array.dtype == np.uint16 else 255)


@pytest.mark.usefixtures("narrow", "threads")
@pytest.mark.parametrize("mode", ["RGB", "L", "16 bit"])
def test_levels_become_floats(mode: str) -> None:
    levels = decoded(mode)
    assert torch.equal(gathered(levels), whole(levels))
    assert torch.equal(levels.rows(3, 8), whole(levels)[:, :, 3:8])


@pytest.mark.usefixtures("narrow", "threads")
@pytest.mark.parametrize("mode", ["RGB", "L", "16 bit"])
@pytest.mark.parametrize(("height", "width"), [(101, 67), (64, 333), (300, 90)])
@pytest.mark.parametrize("side", [7, 32, 60])
def test_the_small_copy_is_that_of_the_whole(mode: str, height: int, width: int, side: int) -> None:
    levels = decoded(mode, height, width)
    small = Photo(levels).proxy(side)
    torch.testing.assert_close(small, proxy(whole(levels), side), atol=1e-5, rtol=0)


def test_a_small_photo_is_not_enlarged() -> None:
    levels = decoded("RGB")
    assert torch.equal(Photo(levels).proxy(101), whole(levels))


@pytest.mark.usefixtures("narrow")
def test_answers_come_in_order_and_cover_the_photo_once(threads: int) -> None:
    image = torch.rand(1, 3, 101, 67)
    parts = list(
        in_strips(TensorSource(image), lambda top, rows: (top, rows.clone(), torch.get_num_threads()))
    )
    assert [top for top, _, _ in parts] == list(range(0, 101, 10))
    assert torch.equal(torch.cat([rows for _, rows, _ in parts], dim=2), image)
    assert {inside for _, _, inside in parts} == {1}
    assert torch.get_num_threads() == threads


@pytest.mark.usefixtures("narrow", "threads")
def test_what_goes_wrong_in_a_strip_is_raised() -> None:
    image = torch.rand(1, 3, 101, 67)
    image[0, 1, 77, 5] = float("nan")
    with pytest.raises(UsageError, match="rows 70 to 79"):
        to_image(TensorSource(image), 0)


@pytest.mark.usefixtures("narrow")
def test_files_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    photo = Photo(torch.rand(1, 3, 101, 67, generator=torch.Generator().manual_seed(0)))
    before, files = torch.get_num_threads(), []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        files.append(write(photo, tmp_path / f"{count}.png").read_bytes())
    torch.set_num_threads(before)
    assert files[0] == files[1] == files[2]


def everything() -> Recipe:
    chain = EditChain(list(OPERATORS.values()))
    return Recipe.of(chain, chain.from_units(torch.full((1, len(chain)), 0.2))[0])


@pytest.mark.usefixtures("narrow", "threads")
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_an_edit_is_written_as_its_tensor_would_be(mode: str, name: str, tmp_path: Path) -> None:
    photo = Photo(decoded(mode), grey=mode == "L")
    edited = develop(photo, everything(), side=64)
    by_strips = write(edited, tmp_path / "strips" / name).read_bytes()
    torch.testing.assert_close(edited.image, everything().apply(photo.image), atol=2e-2, rtol=0)
    assert write(edited, tmp_path / "whole" / name).read_bytes() == by_strips


@pytest.mark.filterwarnings("ignore::retouch_aes.errors.PhotoWarning")  # of a comment without a place
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif", "a.heic"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_untouched_levels_are_written_as_their_tensor_would_be(mode: str, name: str, put, tmp_path: Path):
    """What the decoder remembers of the file does not slip through beside what is carried."""
    pytest.importorskip("pillow_heif") if name == "a.heic" else None
    buffer = io.BytesIO()
    profile = profiles.adobe_rgb() if mode == "RGB" else None
    image = Image.fromarray(picture()).convert(mode)
    image.save(buffer, "JPEG", icc_profile=profile, comment="hello", dpi=(100, 100))
    photo = read(put("source.jpg", buffer.getvalue()))
    levels = write(photo, tmp_path / "levels" / name).read_bytes()
    assert levels.count(b"hello") == (1 if name in ("a.jpg", "a.png") else 0)
    assert write(photo.with_image(photo.image), tmp_path / "whole" / name).read_bytes() == levels


def test_the_whole_is_never_made_on_the_way_from_file_to_file(
    put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Photo] = []
    monkeypatch.setattr(Photo, "image", property(asked.append))
    photo = read(put("a.jpg", encoded("JPEG", picture(240, 320))))
    edited = develop(photo, everything(), small=photo.proxy(64))
    write(edited, tmp_path / "b.jpg")
    assert not asked


def test_the_tensor_of_a_photo_is_kept_and_may_be_changed(put, tmp_path: Path) -> None:
    photo = read(put("a.png", encoded("PNG")))
    assert photo.image is photo.image
    photo.image[:] = 0
    assert read(write(photo, tmp_path / "b.png")).image.max() == 0


def test_photos_are_read_ahead_in_order_and_a_bad_one_does_not_end_them(put) -> None:
    paths = [
        put("a.png", encoded("PNG")),
        put("b.png", b"\x89PNG\r\n\x1a\n"),
        put("c.png", encoded("PNG", picture(10, 10))),
    ]
    asked: list[Path] = []
    photos = Prefetcher(asked.append(path) or path for path in paths)
    assert len(asked) == 1
    assert next(photos).path == paths[0]
    assert len(asked) == 2
    with pytest.raises(PhotoError, match=r"b\.png"):
        next(photos)
    assert next(photos).height == 10
    with pytest.raises(StopIteration):
        next(photos)


def test_small_copies_are_made_ahead_once_and_are_those_of_the_photo(put) -> None:
    paths = [put(f"{name}.png", encoded("PNG", picture(50, 90))) for name in "abc"]
    paths[1].write_bytes(b"\x89PNG\r\n\x1a\n")
    photos = Prefetcher(paths)
    photos.small_copies_too(32)
    first = next(photos)
    kept = first.source.small_copies[32]
    assert torch.equal(first.proxy(32), torch.from_numpy(kept))
    assert torch.equal(first.proxy(32), read(paths[0]).proxy(32))
    first.proxy(32).zero_()
    assert first.source.small_copies[32] is kept
    assert kept.max() > 0
    with pytest.raises(PhotoError, match=r"b\.png"):
        next(photos)
    assert 32 in next(photos).source.small_copies
