"""FLICKR-AES as its authors publish it: what each worker gave each photo.

Ren et al., "Personalized Image Aesthetics" (ICCV 2017); 40,000 photos, 210 workers, ratings 1..5:

    FLICKR-AES_image_labeled_by_each_worker.csv     columns `worker, imagePair, score`, with those blanks
    FLICKR-AES_image_score.txt                      lines `photo score`, a weighted mean in [0, 1]
    test_workers.txt, or test_workers.csv with the heading `worker`
    40K/PHOTO

The paper tests 37 workers with 105 to 171 photos each (4,737 in all) and trains on the photos that none of
them rated, 35,263 by 173 workers. Where no file names the 37, they are drawn from the workers with that many.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.rated_dataset import PublishedSplit, RatedDataset
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import PhotoPaths, RatingRows, read_lines, read_table, to_number
from retouch_aes.datasets.skipped import BAD_VALUE, INCOMPLETE, NO_FILE, SkipLog
from retouch_aes.datasets.tables import columns_of
from retouch_aes.errors import UsageError

LABELS = "FLICKR-AES_image_labeled_by_each_worker.csv"
SCORE_FILE = "FLICKR-AES_image_score.txt"
TEST_FILES = ("test_workers.txt", "test_workers.csv")
TEST_WORKERS = 37


@dataclass(frozen=True)
class FlickrAES(DatasetReader):
    """Reader of the folder with the authors' two files; `images` where the photos are not in `40K/`.

    Parts: `train` (photos that no test worker rated) and `test` (what the test workers rated). `fewest` and
    `most` photos make a worker fit to be drawn for the test by `seed`, where no file names them.
    """

    folder: Path | str
    images: Path | str | None = None
    fewest: int = 105
    most: int = 171
    seed: int = 0

    short_name: ClassVar[str] = "flickr-aes"
    title: ClassVar[str] = "FLICKR-AES"
    layout: ClassVar[str] = f"{LABELS}\n{SCORE_FILE} (may be missing)\n{' or '.join(TEST_FILES)}\n40K/PHOTO"
    source: ClassVar[str] = "https://github.com/alanspike/personalizedImageAesthetics"

    def read(self) -> RatedDataset:
        """Every worker's ratings."""
        path, log = Path(self.folder) / LABELS, SkipLog()
        gathered, photo = RatingRows((1.0, 5.0), log), PhotoPaths(self._images())
        for line, (worker, name, score) in read_table(path, ("worker", "imagePair", "score"), log):
            gathered.take(f"{path}:{line}", worker, photo(name), score)
        ratings = gathered.ratings(path, self.layout)
        splits: dict[str, PublishedSplit] = {}
        test = self._test_workers(ratings, log)
        if test:
            try:
                parts = split_workers(ratings, test)
                splits = {
                    name: PublishedSplit(part.photos, part.users)
                    for name, part in zip(("train", "test"), parts, strict=True)
                }
            except UsageError as error:
                log.add(INCOMPLETE, self.folder, f"no parts: {error}")
        return RatedDataset(
            name=self.short_name,
            photos=ratings.photos,
            mean_scores=ratings.mean_scores(),
            ratings=ratings,
            splits=splits,
            skipped=log.closed(),
        )

    def scores(self, log: SkipLog | None = None) -> dict[Path, float]:
        """The authors' weighted mean of each photo, in [0, 1]; the photos need not be there."""
        path, log = Path(self.folder) / SCORE_FILE, SkipLog() if log is None else log
        found: dict[Path, float] = {}
        for number, line in read_lines(path):
            name, _, text = line.rpartition(" ")
            value = to_number(text, 0.0, 1.0)
            if not name or isinstance(value, str):
                why = value if isinstance(value, str) else "expected a photo and a score"
                log.add(BAD_VALUE, f"{path}:{number}", why)
            else:
                found[self._images() / name.strip()] = value
        return found

    def _test_workers(self, ratings: Ratings, log: SkipLog) -> tuple[str, ...]:
        """Those of the file that rated a photo, or 37 drawn (see above), in the order of names."""
        path = next((p for p in (Path(self.folder) / name for name in TEST_FILES) if p.is_file()), None)
        if path is not None:
            known = set(ratings.users)
            if "worker" in columns_of(path):
                named = [(line, worker) for line, (worker,) in read_table(path, ("worker",), log)]
            else:
                named = [(line, text.strip('"')) for line, text in read_lines(path)]
            for number, worker in named:
                if worker not in known:
                    log.add(INCOMPLETE, f"{path}:{number}", f"worker {worker!r} rated no photo that is there")
            return tuple(sorted({worker for _, worker in named} & known))
        counts = np.bincount(ratings.user_index, minlength=len(ratings.users))
        fit = np.flatnonzero((counts >= self.fewest) & (counts <= self.most))
        if len(fit) < TEST_WORKERS:
            why = f"{len(fit)} workers have {self.fewest} to {self.most} photos, {TEST_WORKERS} are needed"
            log.add(NO_FILE, Path(self.folder) / TEST_FILES[0], f"no parts: {why} to draw from")
            return ()
        drawn = np.random.default_rng(self.seed).permutation(fit)[:TEST_WORKERS]
        return tuple(ratings.users[index] for index in np.sort(drawn))

    def _images(self) -> Path:
        return Path(self.folder) / "40K" if self.images is None else Path(self.images)


def split_workers(ratings: Ratings, test: Collection[str]) -> tuple[Ratings, Ratings]:
    """Ratings to train on and those of the `test` users; no test user's photo is left in training."""
    tested = ratings.by(test)
    seen = set(tested.photos)
    left = [photo for photo in ratings.photos if photo not in seen]
    if not left:
        raise UsageError("expected photos that no test user rated, got none; choose fewer test users")
    return ratings.subset(left), tested
