"""AADB as its authors publish it: score and eleven attributes per photo, three splits, and who rated what.

Kong et al., "Photo Aesthetics Ranking Network with Attributes and Content Adaptation" (ECCV 2016):

    imgListFiles_label/imgList{Train,Validation,TestNew}Regression_NAME.txt     lines `photo value`
    datasetImages_warp256/PHOTO      training and validation photos
    AADB_newtest/PHOTO               test photos, whose names there may begin with their score: `0.500_PHOTO`

NAME is `score`, in [0, 1], or an attribute, a mean of -1, 0 and 1 (spelt `BalacingElements` by the authors).
The raters' own scores are not part of those lists. They are read from a table `raters.csv` with the columns
`worker,photo,score`, scores 1..5: that layout is ours, for the authors give them in Matlab files.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.ratings import SCORES, Ratings
from retouch_aes.datasets.rows import Gathered, check_photos, read_lines, read_table, to_number
from retouch_aes.errors import DatasetError, UsageError

ATTRIBUTES = (
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
SPLITS = {"train": "Train", "validation": "Validation", "test": "TestNew"}
FOLDERS = {"train": "datasetImages_warp256", "validation": "datasetImages_warp256", "test": "AADB_newtest"}
LAYOUT = "AADB's published lists, lines `photo value`"
_SCORE_PREFIX = re.compile(r"^\d\.\d+_")


@dataclass(frozen=True, eq=False)
class AttributedPhotos:
    """P photos with mean scores `(P,)` in [1, 10] and attributes `(P, A)` in [-1, 1] by `names` (A)."""

    photos: tuple[Path, ...]
    scores: NDArray[np.float64]
    names: tuple[str, ...]
    attributes: NDArray[np.float64]


@dataclass(frozen=True)
class AADB:
    """Reader of the folder that holds the lists and the photos.

    `missing_allowed` leaves out photos that are not there instead of reporting them.
    """

    folder: Path | str
    missing_allowed: bool = False

    def read(self, split: str = "train") -> AttributedPhotos:
        """The photos of `train`, `validation` or `test`. All problems come in one `DatasetError`."""
        if split not in SPLITS:
            raise UsageError(f"expected a split out of {', '.join(SPLITS)}, got {split!r}")
        root = Path(self.folder)
        labels = root / "imgListFiles_label"
        problems: list[str] = []
        paths = [labels / f"imgList{SPLITS[split]}Regression_{name}.txt" for name in ("score", *ATTRIBUTES)]
        tables = [_read(path, (0.0 if not index else -1.0), problems) for index, path in enumerate(paths)]
        names = list(tables[0])
        for path, table in zip(paths[1:], tables[1:], strict=True):
            for name in names:
                if name not in table and not problems:
                    problems.append(f"{path}: photo {name} of {paths[0].name} is missing")
        found = _photos(root / FOLDERS[split])
        where = {found.get(name, root / FOLDERS[split] / name): name for name in names}
        there = check_photos(
            where,
            lambda photo: f"{paths[0]}:{tables[0][where[photo]][0]}",
            problems,
            missing_allowed=self.missing_allowed,
        )
        refuse(labels, problems, f"expected {LAYOUT}; correct these, or allow missing photos")
        kept = [(photo, name) for photo, name in where.items() if photo in there]
        if not kept:
            raise DatasetError(f"{labels} names no photo that is there; expected them in {FOLDERS[split]}/")
        return AttributedPhotos(
            tuple(photo for photo, _ in kept),
            1 + (SCORES - 1) * np.array([tables[0][name][1] for _, name in kept], np.float64),
            ATTRIBUTES,
            np.array([[table[name][1] for table in tables[1:]] for _, name in kept], np.float64),
        )

    def ratings(self, split: str = "train") -> Ratings:
        """Who gave which photo of `split` what, from `raters.csv`; rows of other splits are left out."""
        known = {_SCORE_PREFIX.sub("", photo.name): photo for photo in self.read(split).photos}
        path = Path(self.folder) / "raters.csv"
        gathered = Gathered((1.0, 5.0))
        every = {name for folder in set(FOLDERS.values()) for name in _photos(Path(self.folder) / folder)}
        for line, (worker, name, score) in read_table(path, ("worker", "photo", "score"), gathered.problems):
            if name in known:
                gathered.take(f"{path}:{line}", worker, known[name], score)
            elif name not in every and not self.missing_allowed:
                gathered.problems.append(f"{path}:{line}: photo not found: {name}")
        return gathered.ratings(path, "rows `worker,photo,score` with scores 1..5")


def _read(path: Path, low: float, problems: list[str]) -> dict[str, tuple[int, float]]:
    """Photo -> (line, value); test names lose their score."""
    found: dict[str, tuple[int, float]] = {}
    for number, line in read_lines(path):
        words = line.split()
        if len(words) < 2:
            problems.append(f"{path}:{number}: expected a photo and a value, got {line[:60]!r}")
            continue
        value = to_number(words[1], low, 1.0)
        if isinstance(value, str):
            problems.append(f"{path}:{number}: {value}")
        else:
            found[_SCORE_PREFIX.sub("", words[0])] = (number, value)
    return found


def _photos(folder: Path) -> dict[str, Path]:
    """The files of `folder` by name, without a score before it."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {_SCORE_PREFIX.sub("", path.name): path for path in files}
