"""AVA as its authors publish it: `AVA.txt` and a folder `images/` of `ID.jpg`.

Murray, Marchesotti & Perronnin, "AVA: A Large-Scale Database for Aesthetic Visual Analysis" (CVPR 2012). A
line of `AVA.txt` has 15 numbers: a running number, the photo's id, how many gave it 1, 2, ..., 10, two tags
(0 for none) and the challenge. Single raters are not known, so the answer is distributions. The photos are to
be had from their owners under their terms; some have gone, so missing ones may be left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError

_NUMBERS = 15


@dataclass(frozen=True, eq=False)
class RatedPhotos:
    """P photos with the distribution of their ratings over the scores 1..10, `(P, 10)`, rows sum to 1."""

    photos: tuple[Path, ...]
    histograms: NDArray[np.float64]


@dataclass(frozen=True)
class AVA:
    """Reader of the folder with `AVA.txt`; `images` where the photos lie elsewhere than in `images/`.

    `missing_allowed` leaves out photos that are not there instead of reporting them.
    """

    folder: Path | str
    images: Path | str | None = None
    missing_allowed: bool = False

    def read(self) -> RatedPhotos:
        """Every photo in the order of the file. All problems are reported in one `DatasetError`."""
        path = Path(self.folder) / "AVA.txt"
        images = Path(self.folder) / "images" if self.images is None else Path(self.images)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise DatasetError(f"{path} is no text") from None
        photos: list[Path] = []
        votes: list[list[int]] = []
        problems: list[str] = []
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words:
                continue
            if len(words) != _NUMBERS or not all(word.isdigit() for word in words):
                problems.append(f"{path}:{number}: expected {_NUMBERS} whole numbers, got {line[:60]!r}")
                continue
            counts = [int(word) for word in words[2:12]]
            photo = images / f"{words[1]}.jpg"
            if not any(counts):
                problems.append(f"{path}:{number}: nobody rated photo {words[1]}")
            elif photo.is_file():
                photos.append(photo)
                votes.append(counts)
            elif not self.missing_allowed:
                problems.append(f"{path}:{number}: photo not found: {photo}")
        refuse(path, problems, "expected AVA's published layout; correct these, or allow missing photos")
        if not photos:
            raise DatasetError(f"{path} names no photo that is there; expected them as {images}/ID.jpg")
        table = np.array(votes, np.float64)
        return RatedPhotos(tuple(photos), table / table.sum(1, keepdims=True))
