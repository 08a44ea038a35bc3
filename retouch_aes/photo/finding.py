"""From the paths a user gives to the photos they mean."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from retouch_aes.errors import PhotoError
from retouch_aes.photo.kinds import READ_SUFFIXES


def find_photos(paths: str | Path | Iterable[str | Path], *, recursive: bool = True) -> list[Path]:
    """The photos among files and folders.

    Args:
        paths: A path or several. A file named explicitly is always returned, whatever its name. In folders
            a photo is known by its suffix (any case); hidden files and folders are skipped, and a folder
            reached twice through links is walked once.
        recursive: Whether folders in folders are walked too.

    Returns:
        Paths in the order given, each once; folders in sorted order, files before folders.

    Raises:
        PhotoError: A path that does not exist, or a folder that may not be read.

    Examples:
        >>> from pathlib import Path
        >>> from retouch_aes import find_photos
        >>> for name in ("b.jpg", "a.PNG", "notes.txt"):
        ...     Path(name).touch()
        >>> [path.name for path in find_photos(".")]
        ['a.PNG', 'b.jpg']
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: dict[Path, None] = {}
    for path in map(Path, given):
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path, recursive, set())))
        elif path.exists():
            found[path] = None
        else:
            raise PhotoError(f"{path}: expected a photo or a folder of photos, but there is nothing there")
    return list(found)


def _walk(folder: Path, recursive: bool, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        identity = folder.stat()
        names = sorted(os.listdir(folder))  # noqa: PTH208  (names, not paths: sorted as the user sees them)
    except OSError as error:
        raise PhotoError(f"{folder}: this folder cannot be read ({error.strerror})") from error
    if (identity.st_dev, identity.st_ino) in seen:
        return
    seen.add((identity.st_dev, identity.st_ino))
    entries = [folder / name for name in names if not name.startswith(".")]
    folders = [entry for entry in entries if entry.is_dir()]
    for entry in entries:
        if entry.suffix.lower() in READ_SUFFIXES and entry.is_file():
            yield entry
    if recursive:
        for inner in folders:
            yield from _walk(inner, recursive, seen)
