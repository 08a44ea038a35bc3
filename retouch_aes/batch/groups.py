"""Photos that belong together: taken one soon after the other, in one folder."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from PIL import Image

_EXIF, _TAKEN = 0x8769, 0x9003
_LARGEST = 24  # photos of a group, which is one job of one worker


def group_by_time(photos: Iterable[Path], gap: float) -> list[list[Path]]:
    """`photos` in groups: same folder, and each taken within `gap` seconds of the one before.

    The time is the one that the camera wrote (EXIF DateTimeOriginal). A photo without it is alone.
    """
    timed: list[tuple[Path, float, Path]] = []
    alone: list[list[Path]] = []
    for path in photos:
        moment = capture_time(path)
        if moment is None:
            alone.append([path])
        else:
            timed.append((path.parent, moment, path))
    return [*_close(sorted(timed), gap), *alone]


def capture_time(path: Path) -> float | None:
    """When the photo was taken, in seconds; None where its file does not say."""
    try:
        with Image.open(path) as image:
            text = image.getexif().get_ifd(_EXIF).get(_TAKEN)
        return datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S").timestamp()
    except Exception:  # whatever is wrong with the file, reading it as a photo will say so
        return None


def _close(timed: list[tuple[Path, float, Path]], gap: float) -> Iterator[list[Path]]:
    group: list[Path] = []
    before: tuple[Path, float] | None = None
    for folder, moment, path in timed:
        joins = before is not None and before[0] == folder and moment - before[1] <= gap
        if group and (not joins or len(group) == _LARGEST):
            yield group
            group = []
        group.append(path)
        before = (folder, moment)
    if group:
        yield group
