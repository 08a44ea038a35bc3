"""The best photo of each burst or group of near duplicates."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.batch import group_by_time
from retouch_aes.culling.similar import Thumbnail, group_similar
from retouch_aes.culling.technical import TechnicalQuality
from retouch_aes.errors import UsageError


@dataclass(frozen=True)
class Judged:
    """What a choice among photos needs to know of one.

    Attributes:
        path: Of the photo.
        score: How much it suits anyone, or one person, in [1, 10].
        quality: How well it is taken.
        thumbnail: What near duplicates are told by; only `groups_of("similar")` needs it.
    """

    path: Path
    score: float
    quality: TechnicalQuality
    thumbnail: Thumbnail | None = None

    @property
    def worth(self) -> float:
        """Score and technical quality, 1 to 10 each, half and half: what is compared within a group."""
        return (self.score + self.quality.technical) / 2


def groups_of(photos: Sequence[Judged], how: float | str) -> list[list[Judged]]:
    """`photos` in groups of which one is to be kept.

    Args:
        photos: Judged photos of one run.
        how: Seconds: taken that soon after one another, in one folder. "similar": near duplicates of
            one folder.

    Returns:
        Groups, each with its best first; every photo is in one. A photo like no other is a group of one.

    Raises:
        UsageError: Another word, or negative seconds.
    """
    if how == "similar":
        groups = []
        for folder in _folders(photos):
            alike = group_similar([_thumbnail(photo) for photo in folder])
            groups += [[folder[place] for place in group] for group in alike]
    elif isinstance(how, str) or not how >= 0:
        raise UsageError(f"expected seconds, 0 or more, or similar, got {how!r}")
    else:
        of = {photo.path: photo for photo in photos}
        groups = [[of[path] for path in group] for group in group_by_time(of, how, largest=None)]
    return [sorted(group, key=lambda photo: -photo.worth) for group in groups]


def best_stars(groups: Iterable[Sequence[Judged]], best: int, rest: int | None) -> Mapping[Path, int]:
    """Stars: `best` for the first of every group, `rest` for its others; None leaves those out."""
    found: dict[Path, int] = {}
    for group in groups:
        found[group[0].path] = best
        if rest is not None:
            found |= {photo.path: rest for photo in group[1:]}
    return found


def _folders(photos: Sequence[Judged]) -> Iterable[list[Judged]]:
    """The photos of each folder, in their order."""
    found: dict[Path, list[Judged]] = defaultdict(list)
    for photo in photos:
        found[photo.path.parent].append(photo)
    return found.values()


def _thumbnail(photo: Judged) -> Thumbnail:
    if photo.thumbnail is None:
        raise UsageError(f"{photo.path}: near duplicates are told by thumbnails; give every photo one")
    return photo.thumbnail
