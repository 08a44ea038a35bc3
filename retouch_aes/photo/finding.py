"""From the paths a user gives to the photos they mean, and to what was left out, and why."""

import contextlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from retouch_aes.errors import PhotoError
from retouch_aes.file_names import parts_of
from retouch_aes.photo.kinds import FORMAT_NAMES, READ_SUFFIXES, SIDECAR_SUFFIXES, kind_of, stranger

_HEAD = 4096
_KINDS_SHOWN = 6


@dataclass(frozen=True)
class Survey:
    """The `photos` among some paths, in order, and the files of folders that are none: `(path, reason)`."""

    photos: tuple[Path, ...]
    left_out: tuple[tuple[Path, str], ...]

    @property
    def report(self) -> str:
        """One line about what was left out: how many files, of which endings, and what they are."""
        if not self.left_out:
            return ""
        kinds = Counter((path.suffix.lower() or "no ending", reason) for path, reason in self.left_out)
        shown = [
            f"{count} {suffix} ({reason})" for (suffix, reason), count in kinds.most_common(_KINDS_SHOWN)
        ]
        more = [f"{len(kinds) - _KINDS_SHOWN} more kinds"] if len(kinds) > _KINDS_SHOWN else []
        count = len(self.left_out)
        return f"{count} file{'s' if count > 1 else ''} left out: {', '.join(shown + more)}"


def find_photos(paths: str | Path | Iterable[str | Path], *, recursive: bool = True) -> list[Path]:
    """The photos among files and folders.

    `survey` says what is left out, too.

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
    return list(_sorted(paths, recursive, {}))


def survey(paths: str | Path | Iterable[str | Path], *, recursive: bool = True) -> Survey:
    """As `find_photos`, and with the files that are passed over.

    Sidecars, tables and hidden files, which lie beside photos by right, are not counted.
    """
    others: dict[Path, None] = {}
    photos = _sorted(paths, recursive, others)
    return Survey(tuple(photos), tuple((path, _reason(path)) for path in others if path not in photos))


def _sorted(
    paths: str | Path | Iterable[str | Path], recursive: bool, others: dict[Path, None]
) -> dict[Path, None]:
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: dict[Path, None] = {}
    for path in map(Path, given):
        if path.is_dir():
            found.update(dict.fromkeys(_walk(path, recursive, set(), others)))
        elif path.is_file():
            found[path] = None
        elif path.exists():
            raise PhotoError(f"{path}: expected a photo or a folder of photos, got a pipe or a device")
        else:
            raise PhotoError(f"{path}: expected a photo or a folder of photos, but there is nothing there")
    return found


def _walk(
    folder: Path, recursive: bool, seen: set[tuple[int, int]], others: dict[Path, None]
) -> Iterator[Path]:
    try:
        identity = folder.stat()
        with os.scandir(folder) as found:  # the kind of each entry comes with it
            inside = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise PhotoError(f"{folder}: this folder cannot be read ({error.strerror})") from error
    if (identity.st_dev, identity.st_ino) in seen:
        return
    seen.add((identity.st_dev, identity.st_ino))
    entries = [entry for entry in inside if not entry.name.startswith(".")]
    folders = [folder / entry.name for entry in entries if _leads_to(entry.is_dir)]
    for entry in entries:
        if not _leads_to(entry.is_file):
            continue
        path = folder / entry.name
        if path.suffix.lower() in READ_SUFFIXES:
            yield path
        elif path.suffix.lower() not in SIDECAR_SUFFIXES:
            others[path] = None
    if recursive:
        for inner in folders:
            yield from _walk(inner, recursive, seen, others)


def _leads_to(kind: Callable[[], bool]) -> bool:
    """What an entry of a folder says of its kind; no for a link that goes round in a circle."""
    try:
        return kind()
    except OSError:
        return False


def _reason(path: Path) -> str:
    """Why a file with a suffix that no photo has is left out, by its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        return error.strerror or "cannot be read"
    try:
        kind = kind_of(path, head)
    except PhotoError:
        return stranger(head)
    name, suffix = FORMAT_NAMES[kind]
    return f"{name} under another ending: call it {suffix}, or name it on the command line"


def is_there(path: Path) -> bool:
    """Whether `path` is a file; not where its name is longer than any can be: `Path.is_file` raises then."""
    return os.path.isfile(path)  # noqa: PTH113


def as_on_disk(path: Path) -> Path:
    """`path` as its parts are spelt on the disk; `path` itself where there is no such file.

    A name may be composed there or decomposed ("é" as one character or, as on macOS, as two), whatever it is
    in a table. A table made on Windows has `day 1\\a.jpg`, which is found as well.
    """
    if os.path.exists(path):  # noqa: PTH110  (as `is_there`)
        return path
    if "\\" in path.name:  # a table made on Windows
        return as_on_disk(path.parent.joinpath(*parts_of(path.name)))
    parent = path.parent if path.parent == path else as_on_disk(path.parent)
    wanted = unicodedata.normalize("NFC", path.name)
    with contextlib.suppress(OSError):
        name = _spellings(parent, parent.stat().st_mtime_ns).get(wanted)
        return path if name is None else parent / name
    return path


@lru_cache(maxsize=8)
def _spellings(folder: Path, _changed: int) -> dict[str, str]:
    """The names in `folder` by their composed form."""
    return {unicodedata.normalize("NFC", name): name for name in os.listdir(folder)}  # noqa: PTH208
