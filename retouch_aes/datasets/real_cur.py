"""REAL-CUR: personal albums, each rated by its owner; the folder of a photo is its rating.

Ren et al., "Personalized Image Aesthetics" (ICCV 2017); 14 albums of 197 to 222 photos, ratings 1..5:

    ALBUM/SCORE/PHOTO.jpg     SCORE is 1, 2, 3, 4 or 5

The owner takes the album's name. Zhang et al. bring the ratings to AVA's scale by doubling them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from retouch_aes.datasets.rated_dataset import PublishedSplit, RatedDataset
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.rows import RatingRows, nothing
from retouch_aes.datasets.skipped import BAD_VALUE, INCOMPLETE, SkipLog
from retouch_aes.errors import DatasetError
from retouch_aes.photo import READ_SUFFIXES

SCORE_FOLDERS = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class RealCUR(DatasetReader):
    """Reader of the folder of albums. With `doubled` ratings are 2..10 on the scale 1..10, as Zhang's.

    One part, `test`: all albums are there to be predicted; a population comes from another dataset.
    """

    folder: Path | str
    doubled: bool = False

    short_name: ClassVar[str] = "real-cur"
    title: ClassVar[str] = "REAL-CUR"
    layout: ClassVar[str] = "ALBUM/SCORE/PHOTO.jpg, SCORE from 1 to 5"
    source: ClassVar[str] = "https://github.com/alanspike/personalizedImageAesthetics"

    def read(self) -> RatedDataset:
        """Every album, its owner as user."""
        root, log = Path(self.folder), SkipLog()
        gathered = RatingRows((1.0, 5.0), log)
        for album in _folders(root):
            rated = 0
            for score in _folders(album):
                if score.name not in SCORE_FOLDERS:
                    log.add(BAD_VALUE, score, "expected a folder named after a rating from 1 to 5")
                    continue
                for photo in sorted(path for path in score.iterdir() if path.is_file()):
                    if photo.suffix.lower() in READ_SUFFIXES:
                        gathered.take(str(photo), album.name, photo, score.name)
                        rated += 1
            if not rated:
                log.add(INCOMPLETE, album, "expected photos in folders 1 to 5, found none")
        if not gathered.values:
            raise nothing(root, "holds no rated photo", self.layout, log)
        ratings = gathered.ratings(root, self.layout)
        ratings = ratings.doubled() if self.doubled else ratings
        return RatedDataset(
            name=self.short_name,
            photos=ratings.photos,
            mean_scores=ratings.mean_scores(),
            ratings=ratings,
            groups=tuple(photo.parent.parent.name for photo in ratings.photos),
            splits={"test": PublishedSplit(ratings.photos, ratings.users)},
            skipped=log.closed(),
        )


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(found for found in path.iterdir() if found.is_dir() and not found.name.startswith("."))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
