"""Ratings of a table as answers: `read_ratings`."""

from pathlib import Path

from retouch_aes.datasets import RatingsCSV
from retouch_aes.errors import UsageError
from retouch_aes.preferences.answers import Rating
from retouch_aes.preferences.renditions import Rendition

_NAMED = 5


def read_ratings(
    table: str | Path,
    photos: str | Path,
    *,
    user: str | None = None,
    scale: tuple[float, float] | None = None,
) -> list[Rating]:
    """One person's ratings in a table `user,photo,rating`, as answers that `learn` takes.

    Args:
        table: The file, UTF-8.
        photos: The folder that its photos are relative to.
        user: Whose ratings; may be left out where the table holds one person.
        scale: Lowest and highest rating; detected where None.

    Returns:
        One rating a row, in the order of the table.

    Raises:
        UsageError: Several people and none named, or one who is not there.
        DatasetError: Everything that is wrong with the table.

    Examples:
        >>> from pathlib import Path
        >>> from retouch_aes import read_ratings
        >>> Path("a.jpg").touch()
        >>> rows = "user,photo,rating", "me,a.jpg,4"
        >>> _ = Path("ratings.csv").write_text(chr(10).join(rows))
        >>> [rating.score for rating in read_ratings("ratings.csv", ".", scale=(1, 5))]
        [7.75]
    """
    found = RatingsCSV(table, photos, scale).read()
    if user is None and len(found.users) > 1:
        some = ", ".join(found.users[:_NAMED])
        raise UsageError(
            f"{table} has ratings by {len(found.users)} people ({some}, ...); say whose are meant (--user)"
        )
    mine = found if user is None else found.by([user])
    return [
        Rating(_named(mine.photos[photo], Path(photos)), float(rating), mine.scale, time="")
        for photo, rating in zip(mine.photo_index, mine.original, strict=True)
    ]


def _named(photo: Path, folder: Path) -> Rendition:
    """A photo by its path below `folder`, or by all of it where it lies elsewhere."""
    return Rendition((photo.relative_to(folder) if photo.is_relative_to(folder) else photo).as_posix())
