"""What results are called: NAME, a mark and an ending, within what file systems allow, each name once.

Photos of one folder that differ in their ending alone (a camera's RAW and its JPEG) would share a result:
the one whose ending the result keeps has the plain name, and the other gets its own ending into the name,
IMG_1.jpg and IMG_1_dng.jpg. Where the file system of the results takes IMG.jpg and img.jpg for one, the
second becomes img-2.jpg.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from retouch_aes.cli.real_paths import real_paths
from retouch_aes.file_names import LONGEST, alike, folds_case
from retouch_aes.photo import RAW_SUFFIXES, WRITE_SUFFIXES

PAIRS = ("both", "raw", "jpeg")
_CAMERA_FORMATS = {"JPEG", "HEIF"}

Maker = Callable[[Path, str], Path]
"""`(photo, stem) -> place of a result`."""


def fitted(stem: str, tail: str) -> str:
    """`stem` + `tail`, the stem cut where the name would be too long; a hash keeps what was cut apart."""
    if _size(stem + tail) <= LONGEST:
        return stem + tail
    digest = hashlib.sha256(stem.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    room = LONGEST - _size(tail) - len(digest) - 1
    return f"{_cut(stem, room)}~{digest}{tail}"


def long_stem(photo: Path) -> str:
    """The stem of a photo with its ending: IMG_1_dng."""
    return f"{photo.stem}_{photo.suffix.removeprefix('.')}"


def apart(photos: Sequence[Path], make: Maker, folds: Callable[[Path], bool] = folds_case) -> list[Path]:
    """The place of each photo's result, by the plain stem where that is its own, else by the long one.

    `folds` says of a folder whether names there that differ in case alone are one.
    """
    places = [make(photo, photo.stem) for photo in photos]
    known: dict[str, bool] = {}
    real = real_paths()
    parents = [os.path.dirname(photo) for photo in photos]  # noqa: PTH120  (`Path.parent` makes a `Path`)
    real_folders = {folder: real(Path(folder)) for folder in set(parents)}
    folders = [real_folders[folder] for folder in parents]

    def shared() -> list[list[int]]:
        """Which of `photos`, of one folder, would share a place."""
        groups: dict[tuple[str, str], list[int]] = {}
        for index, (folder, place) in enumerate(zip(folders, places, strict=True)):
            goes = os.path.dirname(place)  # noqa: PTH120
            if goes not in known:
                known[goes] = folds(Path(goes))
            key = folder, alike(place) if known[goes] else str(place)
            groups.setdefault(key, []).append(index)
        return [indices for indices in groups.values() if indices[1:]]

    first_shared = shared()
    for indices in first_shared:
        first = min(indices, key=lambda index: _rank(photos[index], places[index]))
        for index in indices:
            if index != first and photos[index].suffix.lower() != photos[first].suffix.lower():
                places[index] = make(photos[index], long_stem(photos[index]))
    for indices in shared() if first_shared else []:
        for count, index in enumerate(indices[1:], start=2):
            places[index] = make(photos[index], f"{photos[index].stem}-{count}")
    return places


def one_of_pairs(photos: Sequence[Path], keep: str) -> list[Path]:
    """`photos` without the JPEG or HEIC (`keep` is "raw") or the RAW ("jpeg") of each pair of a camera."""
    if keep == "both":
        return list(photos)
    stems: dict[tuple[Path, str], set[str]] = defaultdict(set)
    for photo in photos:
        stems[_shot(photo)].add(_half(photo))
    other = {"raw": "jpeg", "jpeg": "raw"}.get(keep)
    return [photo for photo in photos if _half(photo) != other or keep not in stems[_shot(photo)]]


def _shot(photo: Path) -> tuple[Path, str]:
    return photo.parent, photo.stem.casefold()


def _half(photo: Path) -> str:
    suffix = photo.suffix.lower()
    if suffix in RAW_SUFFIXES:
        return "raw"
    return "jpeg" if WRITE_SUFFIXES.get(suffix) in _CAMERA_FORMATS or suffix == ".hif" else ""


def _rank(photo: Path, place: Path) -> tuple[bool, bool, bool, str]:
    """Smallest for the photo that has the plain name."""
    suffix = photo.suffix.lower()
    return suffix in RAW_SUFFIXES, suffix != place.suffix.lower(), suffix not in (".jpg", ".jpeg"), photo.name


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _cut(text: str, size: int) -> str:
    """The begin of `text` in at most `size` bytes, no character cut in two."""
    while _size(text) > size:
        text = text[:-1]
    return text
