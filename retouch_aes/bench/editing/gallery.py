"""`bench gallery`: one sheet of photos as they are, as we make them and as others do, to be judged blind.

The sheet is one HTML file with small pictures in it; the full-size ones lie in a folder beside. What is
judged is a pair: ours (generic, personal) and one other picture of the same photo. Which of them is left,
and in which order the pairs come, is drawn by a seed. Identical files are not asked about: they are the same.
"""

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from retouch_aes.atomic_io import replacing
from retouch_aes.bench.common.photos import difference, load
from retouch_aes.bench.editing.gallery_methods import (
    ORIGINAL,
    OURS,
    PERSONAL,
    GalleryMethod,
)
from retouch_aes.bench.editing.gallery_page import BETWEEN, HEAD, SCRIPT, STYLE, TAIL
from retouch_aes.bench.editing.gallery_report import GalleryReport
from retouch_aes.errors import RetouchError
from retouch_aes.export.page_parts import address, encoded, inert_json, readable
from retouch_aes.export.thumbnails import thumbnail
from retouch_aes.photo import read

_SIDE = 320


@dataclass(frozen=True)
class GalleryRow:
    """One photo of a sheet.

    Attributes:
        place: Its path below the folder of photos; its parent is its kind.
        pictures: Method -> file at full size; methods that made none are left out.
        told: What is said beside the name.
    """

    place: PurePath
    pictures: Mapping[str, Path]
    told: str = ""

    @property
    def kind(self) -> str:
        """The folder that the photo lies in, below that of all photos; "." for that itself."""
        return readable(self.place.parent.as_posix())


def files_of(sheet: Path) -> Path:
    """The folder beside `sheet` in which its full-size pictures lie."""
    return sheet.with_name(f"{sheet.stem}_files")


def gallery_row(
    photo: Path, place: PurePath, number: int, methods: Mapping[str, GalleryMethod], sheet: Path
) -> GalleryRow:
    """Make the pictures of one photo, in the folder of `sheet`. A method that fails is told in the row.

    Raises:
        PhotoError: `photo` cannot be read.
    """
    opened, folder = read(photo), files_of(sheet)
    folder.mkdir(parents=True, exist_ok=True)
    pictures, told = {}, []
    for at, (name, method) in enumerate(methods.items()):
        path = folder / f"{number:04d}_{at}.jpg"
        try:
            said = method(opened, path)
        except RetouchError as error:
            if name in (ORIGINAL, OURS, PERSONAL):
                raise
            told.append(f"{name}: {error}")
            continue
        if said is not None:
            pictures[name] = path
            told += [f"{name} {said}"] if said else []
    return GalleryRow(place, pictures, readable(", ".join(told)))


def write_gallery(
    rows: Sequence[GalleryRow],
    sheet: Path,
    methods: Sequence[str],
    *,
    seed: int = 0,
    title: str = "Gallery",
    overwrite: bool = False,
) -> GalleryReport:
    """Write the page over the pictures of `rows`, whole or not at all, and say how far each method goes.

    Args:
        rows: In the order of the sheet.
        sheet: The HTML file.
        methods: The names, in the order of the columns.
        seed: Of the order of the pairs, and of left and right.
        title: The page's.
        overwrite: Whether an existing sheet may be replaced.
    """
    trials = _trials(rows, methods, seed)
    photos = [
        {
            "name": readable(row.place.as_posix()),
            "kind": row.kind,
            "told": row.told,
            "files": [
                address(row.pictures[name], sheet.parent) if name in row.pictures else None
                for name in methods
            ],
        }
        for row in rows
    ]
    thumbs = [
        [encoded(thumbnail(row.pictures[name], _SIDE)) if name in row.pictures else "" for name in methods]
        for row in rows
    ]
    value = {"methods": list(methods), "photos": photos, "trials": trials}
    drawn = inert_json([value, thumbs])
    content = {**value, "id": hashlib.sha256(drawn.encode()).hexdigest()[:12]}
    with replacing(sheet, overwrite=overwrite) as temporary:
        temporary.write_text(
            HEAD.format(title=html.escape(title), style=STYLE)
            + inert_json(content)
            + BETWEEN
            + inert_json(thumbs)
            + TAIL.format(script=SCRIPT),
            encoding="utf-8",
        )
    asked = sum(not trial["same"] for trial in trials)
    return GalleryReport(len(rows), asked, len(trials) - asked, seed, _moved(rows, methods))


def _trials(rows: Sequence[GalleryRow], methods: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Pairs of ours and another, shuffled; `first` is ours, `swapped` says that it is shown on the right."""
    random = np.random.default_rng(seed)
    pairs = []
    for number, row in enumerate(rows):
        hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in row.pictures.items()}
        for ours in (OURS, PERSONAL):
            for other in methods:
                if ours in hashes and other in hashes and other != ours and (ours, other) != (OURS, PERSONAL):
                    same = hashes[ours] == hashes[other]
                    pairs.append((number, methods.index(ours), methods.index(other), same))
    return [
        {
            "id": f"{photo}-{first}-{second}",
            "photo": photo,
            "first": first,
            "second": second,
            "same": same,
            "swapped": bool(random.integers(2)),
        }
        for photo, first, second, same in (pairs[at] for at in random.permutation(len(pairs)))
    ]


def _moved(rows: Sequence[GalleryRow], methods: Sequence[str]) -> dict[str, dict[str, float]]:
    """Kind -> method -> median over photos of the mean Delta E 2000 to the original."""
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        original = load(row.pictures[ORIGINAL], _SIDE)
        for name in methods:
            if name != ORIGINAL and name in row.pictures:
                picture = load(row.pictures[name], _SIDE)
                if picture.shape == original.shape:  # darktable crops some RAW files by a few pixels
                    values = found.setdefault(row.kind, {}).setdefault(name, [])
                    values.append(difference(picture, original))
    return {
        kind: {name: float(np.median(values)) for name, values in by_method.items()}
        for kind, by_method in found.items()
    }
