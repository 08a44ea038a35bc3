"""REAL-CUR: personal albums, each rated by its owner.

Ren et al., "Personalized Image Aesthetics" (ICCV 2017); 14 albums of 197 to 222 photos, ratings 1..5. The
paper does not print how its files lie. Assumed: one folder per album with its photos, and in it exactly one
text file of lines `photo rating`; the owner takes the folder's name.
"""

from dataclasses import dataclass
from pathlib import Path

from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.rows import Gathered, read_lines
from retouch_aes.errors import DatasetError


@dataclass(frozen=True)
class RealCUR:
    """Reader of the folder of albums."""

    folder: Path | str
    missing_allowed: bool = False

    def read(self) -> Ratings:
        """Every album, its owner as user. All problems are reported in one `DatasetError`."""
        root = Path(self.folder)
        albums = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        if not albums:
            raise DatasetError(f"{root}: expected a folder per album, found none")
        gathered = Gathered((1.0, 5.0))
        for album in albums:
            files = sorted(album.glob("*.txt"))
            if len(files) != 1:
                gathered.problems.append(f"{album}: expected one text file of ratings, found {len(files)}")
                continue
            for number, line in read_lines(files[0]):
                name, _, rating = line.replace("\t", " ").rpartition(" ")
                photo = album / name.strip() if name.strip() else None
                gathered.take(f"{files[0]}:{number}", album.name, photo, rating)
        return gathered.ratings(
            root, "albums with lines `photo rating`, ratings 1..5", missing_allowed=self.missing_allowed
        )
