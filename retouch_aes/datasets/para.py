"""PARA as its authors publish it: ratings, attributes and user ids of 31,220 photos by 438 people.

Yang et al., "Personalized Image Aesthetics Assessment with Rich Attributes" (CVPR 2022):

    imgs/SESSION/PHOTO
    annotation/PARA-Images.csv                      a row per person and photo
    annotation/PARA-GiaaTrain.csv, PARA-GiaaTest.csv     the authors' split, a row per photo

Columns are found by name: `sessionId`, `imageName`, `userId`, `aestheticScore` (1..5) and the attributes
below, 1..5; in the two lists `sessionId` and `imageName`.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retouch_aes.datasets.aadb import AttributedPhotos
from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.rows import Gathered, read_table, to_number

ATTRIBUTES = ("qualityScore", "compositionScore", "colorScore", "dofScore", "contentScore", "lightScore")
LAYOUT = "PARA's published columns with scores 1..5"
_WHO = ("sessionId", "imageName", "userId", "aestheticScore")


@dataclass(frozen=True)
class PARA:
    """Reader of the folder with `imgs/` and `annotation/`."""

    folder: Path | str
    missing_allowed: bool = False

    def read(self) -> Ratings:
        """Everyone's aesthetic scores. All problems are reported in one `DatasetError`."""
        path = self._file("Images")
        gathered = Gathered((1.0, 5.0))
        for line, (session, name, user, score) in read_table(path, _WHO, gathered.problems):
            gathered.take(f"{path}:{line}", user, self._photo(session, name), score)
        return gathered.ratings(path, LAYOUT, missing_allowed=self.missing_allowed)

    def attributes(self) -> AttributedPhotos:
        """Mean score and mean attributes of every rated photo, attributes mapped from 1..5 to [-1, 1]."""
        path, problems = self._file("Images"), list[str]()
        rows: dict[Path, list[list[float]]] = defaultdict(list)
        for line, (session, name, score, *values) in read_table(
            path, ("sessionId", "imageName", "aestheticScore", *ATTRIBUTES), problems
        ):
            numbers = [to_number(text, 1.0, 5.0) for text in (score, *values)]
            bad = [number for number in numbers if isinstance(number, str)]
            photo = self._photo(session, name)
            if bad or photo is None:
                problems.append(f"{path}:{line}: {bad[0] if bad else 'expected a session and a photo'}")
            else:
                rows[photo].append([number for number in numbers if not isinstance(number, str)])
        refuse(path, problems, f"expected {LAYOUT}")
        photos = tuple(sorted(rows))
        means = np.array([np.mean(rows[photo], axis=0) for photo in photos]).reshape(-1, 1 + len(ATTRIBUTES))
        return AttributedPhotos(photos, 1 + 9 * (means[:, 0] - 1) / 4, ATTRIBUTES, (means[:, 1:] - 3) / 2)

    def split(self) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """The authors' training and test photos."""
        parts, problems = [], list[str]()
        for kind in ("GiaaTrain", "GiaaTest"):
            photos = []
            for line, (session, name) in read_table(self._file(kind), ("sessionId", "imageName"), problems):
                photo = self._photo(session, name)
                if photo is None:
                    problems.append(f"{self._file(kind)}:{line}: expected a session and a photo")
                else:
                    photos.append(photo)
            parts.append(tuple(photos))
        refuse(Path(self.folder), problems, f"expected {LAYOUT}")
        return parts[0], parts[1]

    def _file(self, kind: str) -> Path:
        return Path(self.folder) / "annotation" / f"PARA-{kind}.csv"

    def _photo(self, session: str, name: str) -> Path | None:
        return Path(self.folder) / "imgs" / session / name if session and name else None
