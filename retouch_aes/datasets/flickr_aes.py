"""FLICKR-AES as its authors publish it: what each worker gave each photo.

Ren et al., "Personalized Image Aesthetics" (ICCV 2017); 40,000 photos, 210 workers, ratings 1..5:

    FLICKR-AES_image_labeled_by_each_worker.csv     columns `worker, imagePair, score`
    FLICKR-AES_image_score.txt                      lines `photo score`, a weighted mean in [0, 1]
    40K/PHOTO

The paper tests 37 workers with 105 to 171 photos and trains on the photos that none of them rated. The
authors' list of the 37 is not in the release: a file `test_workers.txt` (one worker a line) is used where
there is one, else 37 are drawn from the workers with that many photos.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.rows import Gathered, read_lines, read_table, to_number
from retouch_aes.errors import DatasetError, UsageError

LABELS = "FLICKR-AES_image_labeled_by_each_worker.csv"
SCORE_FILE = "FLICKR-AES_image_score.txt"
TEST_FILE = "test_workers.txt"
TEST_WORKERS, FEWEST, MOST = 37, 105, 171


@dataclass(frozen=True)
class FlickrAES:
    """Reader of the folder with the authors' two files; `images` where the photos are not in `40K/`."""

    folder: Path | str
    images: Path | str | None = None
    missing_allowed: bool = False

    def read(self) -> Ratings:
        """Every worker's ratings, 1..5. All problems are reported in one `DatasetError`."""
        path = Path(self.folder) / LABELS
        gathered = Gathered((1.0, 5.0))
        for line, (worker, name, score) in read_table(
            path, ("worker", "imagePair", "score"), gathered.problems
        ):
            gathered.take(f"{path}:{line}", worker, self._photo(name) if name else None, score)
        return gathered.ratings(
            path, "rows `worker,imagePair,score` with scores 1..5", missing_allowed=self.missing_allowed
        )

    def scores(self) -> dict[Path, float]:
        """The authors' weighted mean of each photo, in [0, 1]; the photos need not be there."""
        path = Path(self.folder) / SCORE_FILE
        found: dict[Path, float] = {}
        problems: list[str] = []
        for number, line in read_lines(path):
            name, _, text = line.rpartition(" ")
            value = to_number(text, 0.0, 1.0)
            if not name or isinstance(value, str):
                problems.append(f"{path}:{number}: {value if isinstance(value, str) else 'expected a photo'}")
            else:
                found[self._photo(name.strip())] = value
        refuse(path, problems, "expected lines `photo score` with scores in 0..1")
        return found

    def test_workers(self, ratings: Ratings, seed: int = 0) -> tuple[str, ...]:
        """Those of `test_workers.txt`, or 37 drawn from `ratings` (see above), in the order of names."""
        path = Path(self.folder) / TEST_FILE
        if path.is_file():
            lines = read_lines(path)
            problems = [f"{path}:{n}: {w!r} rated nothing" for n, w in lines if w not in set(ratings.users)]
            refuse(path, problems, "expected one worker of the ratings a line")
            return tuple(sorted({worker for _, worker in lines}))
        counts = np.bincount(ratings.user_index, minlength=len(ratings.users))
        fit = np.flatnonzero((counts >= FEWEST) & (counts <= MOST))
        if len(fit) < TEST_WORKERS:
            raise DatasetError(
                f"{self.folder}: expected {TEST_WORKERS} workers with {FEWEST} to {MOST} photos, found "
                f"{len(fit)}; name the test workers in {TEST_FILE}"
            )
        drawn = np.random.default_rng(seed).permutation(fit)[:TEST_WORKERS]
        return tuple(ratings.users[index] for index in np.sort(drawn))

    def _photo(self, name: str) -> Path:
        return (Path(self.folder) / "40K" if self.images is None else Path(self.images)) / name


def split_workers(ratings: Ratings, test: Collection[str]) -> tuple[Ratings, Ratings]:
    """Ratings to train on and those of the `test` users; no test user's photo is left in training."""
    tested = ratings.by(test)
    seen = set(tested.photos)
    left = [photo for photo in ratings.photos if photo not in seen]
    if not left:
        raise UsageError("expected photos that no test user rated, got none; choose fewer test users")
    return ratings.subset(left), tested
