"""Photos sorted by a file: which are finished though they do not look it, which lack light, which stay apart.

A JSON object of lists of names, each a photo's path or its end (`oasis/candle_1.jpg`, `candle_1.jpg`). That
is how a choice made by eye goes with weights: `pretrained/edit-prior-photos.json` is the bundled prior's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.errors import DatasetError

_FINISHED, _LACKING, _APART, _OUT = "finished", "lacking light", "apart", "left out"
_LISTS = (_FINISHED, _LACKING, _APART, _OUT)


@dataclass(frozen=True)
class SortedPhotos:
    """Photos by what a training is to make of them; `plain` ones are well made, and nothing else is known."""

    plain: tuple[Path, ...]
    finished: tuple[Path, ...]
    lacking: tuple[Path, ...]
    apart: tuple[Path, ...]


def sort_photos(photos: Sequence[Path], file: Path) -> SortedPhotos:
    """`photos` as `file` sorts them.

    Args:
        photos: All of them.
        file: JSON with any of the lists "finished", "lacking light", "apart" and "left out".

    Returns:
        Every photo that is not left out, once: one that is apart and in another list is apart.

    Raises:
        DatasetError: Not such a file, or a name in it that no photo or several have.
    """
    wanted = _lists(file)
    ends: dict[str, list[Path]] = {}
    for path in photos:
        parts = path.resolve().parts
        for start in range(1, len(parts)):
            ends.setdefault("/".join(parts[start:]), []).append(path)
    place: dict[Path, str] = {}
    for kind in (_FINISHED, _LACKING, _APART, _OUT):
        for name in wanted.get(kind, []):
            found = ends.get(name.removeprefix("/"), [])
            if len(found) != 1:
                has = f"{len(found)} photos have" if found else "no photo has"
                raise DatasetError(f"{file}: {has} the name {name!r}, of the list {kind!r}; expected one")
            place[found[0]] = kind

    def of(kind: str | None) -> tuple[Path, ...]:
        return tuple(path for path in photos if place.get(path) == kind)

    return SortedPhotos(of(None), of(_FINISHED), of(_LACKING), of(_APART))


def _lists(file: Path) -> dict[str, list[str]]:
    try:
        lists = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{file}: cannot be read as JSON: {error}") from None
    if not isinstance(lists, dict) or not set(lists) <= set(_LISTS):
        raise DatasetError(f"{file}: expected an object with any of {', '.join(map(repr, _LISTS))}")
    for kind, names in lists.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise DatasetError(f"{file}: expected a list of photos' names for {kind!r}")
    return lists
