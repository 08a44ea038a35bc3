"""AADB as its authors publish it: score and eleven attributes per photo, three splits, and who rated what.

Kong et al., "Photo Aesthetics Ranking Network with Attributes and Content Adaptation" (ECCV 2016):

    imgListFiles_label/imgList{Train,Validation,TestNew}Regression_NAME.txt     lines `photo value`
    datasetImages_warp256/PHOTO, AADB_newtest/PHOTO                             squashed to 256 x 256 px, or
    datasetImages_originalSize/PHOTO, AADB_newtest_originalSize/PHOTO           as they were
    AllinAll.csv or AADB_AllinAll.csv                                           single raters (`aadb_raters`)

NAME is `score`, in [0, 1], or an attribute, a mean of -1, 0 and 1 (spelt `BalacingElements` by the authors).
Test photos lie in the second folder of a pair, or all in the first; their names may begin with their score
there: `0.500_PHOTO`. 8,458 photos are for training, 500 for validation, 1,000 for the test.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.aadb_raters import find_raters, read_raters
from retouch_aes.datasets.rated_dataset import PhotoAttributes, PublishedSplit, RatedDataset
from retouch_aes.datasets.ratings import SCORES
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import existing, nothing, read_lines, to_number
from retouch_aes.datasets.skipped import (
    BAD_VALUE,
    DUPLICATED,
    INCOMPLETE,
    LISTED_TWICE,
    NO_FILE,
    SkipLog,
)
from retouch_aes.errors import DatasetError, UsageError

AADB_ATTRIBUTES = (
    "BalacingElements",
    "ColorHarmony",
    "Content",
    "DoF",
    "Light",
    "MotionBlur",
    "Object",
    "Repetition",
    "RuleOfThirds",
    "Symmetry",
    "VividColor",
)
PARTS = {"train": "Train", "validation": "Validation", "test": "TestNew"}
SIZES = {
    "warp256": ("datasetImages_warp256", "AADB_newtest"),
    "original": ("datasetImages_originalSize", "AADB_newtest_originalSize"),
}
LISTS = ("imgListFiles_label", "AADB_imgListFiles_label/imgListFiles_label", "AADB_imgListFiles_label")
_SCORE_PREFIX = re.compile(r"^\d\.\d+_")
_Values = dict[str, tuple[str, float]]
"""Photo -> (file:line, value)."""


@dataclass(frozen=True)
class AADB(DatasetReader):
    """Reader of the folder with lists and photos.

    `size` is `warp256` or `original`, the pair of folders to take; by default the first that is there.
    """

    folder: Path | str
    size: str | None = None

    short_name: ClassVar[str] = "aadb"
    title: ClassVar[str] = "AADB"
    layout: ClassVar[str] = (
        "imgListFiles_label/imgList{Train,Validation,TestNew}Regression_{score,ColorHarmony,...}.txt\n"
        "datasetImages_warp256/ and AADB_newtest/, or datasetImages_originalSize/ and "
        "AADB_newtest_originalSize/\nAllinAll.csv (single raters; may be missing)"
    )
    source: ClassVar[str] = "https://www.ics.uci.edu/~skong2/aesthetics.html"

    def __post_init__(self) -> None:
        if self.size is not None and self.size not in SIZES:
            raise UsageError(f"expected a size out of {', '.join(SIZES)}, got {self.size!r}")

    def read(self) -> RatedDataset:
        """All photos of the three lists that are there, with scores, attributes and single ratings."""
        root, log = Path(self.folder), SkipLog()
        labels = next((root / name for name in LISTS if (root / name).is_dir()), root / LISTS[0])
        names = tuple(name for name in AADB_ATTRIBUTES if _has(labels, name, log))
        found, parts = dict[Path, list[float]](), dict[str, list[Path]]()
        where: dict[Path, str] = {}
        for part in PARTS:
            tables = [_read(_list(labels, part, name), name, log) for name in ("score", *names)]
            files = self._files(root, part)
            for photo, (line, _) in tables[0].items():
                values = [table[photo][1] for table in tables if photo in table]
                path = files.get(photo, root / self._folders(root)[part == "test"] / photo)
                if len(values) < len(tables):
                    log.add(
                        INCOMPLETE, line, f"photo {photo} has {len(values) - 1} of {len(names)} attributes"
                    )
                elif path in found:
                    log.add(LISTED_TWICE, line, f"photo {photo} is in {where[path]} already")
                else:
                    found[path], where[path] = values, line
                    parts.setdefault(part, []).append(path)
        there = existing(found, where.__getitem__, log)
        photos = tuple(path for path in found if path in there)
        if not photos:
            raise nothing(labels, "names no photo that is there", self.layout, log)
        table = np.array([found[photo] for photo in photos], np.float64)
        raters = find_raters(root)
        known = {_SCORE_PREFIX.sub("", photo.name): photo for photo in photos}
        return RatedDataset(
            name=self.short_name,
            photos=photos,
            mean_scores=1 + (SCORES - 1) * table[:, 0],
            ratings=None if raters is None else read_raters(raters, known, log),
            attributes=PhotoAttributes(names, table[:, 1:]) if names else None,
            splits={
                part: PublishedSplit(tuple(p for p in paths if p in there)) for part, paths in parts.items()
            },
            skipped=log.closed(),
        )

    def _folders(self, root: Path) -> tuple[str, str]:
        """The pair of folders: the one asked for, else the first of which one is there."""
        if self.size is not None:
            return SIZES[self.size]
        pairs = [pair for pair in SIZES.values() if any((root / name).is_dir() for name in pair)]
        return pairs[0] if pairs else SIZES["warp256"]

    def _files(self, root: Path, part: str) -> dict[str, Path]:
        """The photos of both folders by name, those of the part's own folder first."""
        first, second = self._folders(root)
        order = (second, first) if part != "test" else (first, second)
        return {name: path for folder in order for name, path in _photos(root / folder).items()}


def _list(labels: Path, part: str, name: str) -> Path:
    return labels / f"imgList{PARTS[part]}Regression_{name}.txt"


def _has(labels: Path, name: str, log: SkipLog) -> bool:
    """Whether an attribute has its lists; one that lacks a list is left out as a whole."""
    paths = [_list(labels, part, name) for part in PARTS if _list(labels, part, "score").is_file()]
    missing = [path for path in paths if not path.is_file()]
    for path in missing:
        log.add(NO_FILE, path, f"the attribute {name} is left out")
    return bool(paths) and not missing


def _read(path: Path, name: str, log: SkipLog) -> _Values:
    """The values of one list; the names of test photos lose their score."""
    found: _Values = {}
    if not path.is_file():
        log.add(NO_FILE, path, "its photos are left out")
        return found
    for number, line in read_lines(path):
        words, where = line.split(), f"{path}:{number}"
        if len(words) != 2:
            log.add(INCOMPLETE, where, f"expected a photo and a value, got {line[:60]!r}")
            continue
        value = to_number(words[1], 0.0 if name == "score" else -1.0, 1.0)
        photo = _SCORE_PREFIX.sub("", words[0])
        if isinstance(value, str):
            log.add(BAD_VALUE, where, value)
        elif photo in found:
            log.add(DUPLICATED, where, f"photo {photo} is in {found[photo][0]} already")
        else:
            found[photo] = (where, value)
    return found


def _photos(folder: Path) -> dict[str, Path]:
    """The files of `folder` by name, without a score before it."""
    try:
        files = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise DatasetError(f"{folder} cannot be read: {error.strerror}") from None
    return {_SCORE_PREFIX.sub("", path.name): path for path in files}
