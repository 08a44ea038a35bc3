"""What file systems make of names: pure functions of text, for every desktop whichever this one is.

Windows: names of devices, characters and endings that it does not take, and paths longer than 259
characters, which need a prefix ("Naming Files, Paths, and Namespaces", Microsoft). Windows and macOS take
names that differ in case alone for one, and macOS composed and decomposed characters, too.
"""

import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath, PureWindowsPath

LONGEST = 255
"""Units that a name may have: bytes of UTF-8 on Unix, of UTF-16 characters on Windows; bytes hold both."""

FORBIDDEN = '/\\:*?"<>|'
"""What no name may hold, on Windows at least."""

_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{kind}{number}" for kind in ("COM", "LPT") for number in "123456789¹²³"}
)
_LONG = 259
_PREFIX = "\\\\?\\"


def trouble(name: str) -> str:
    """Why a file of this name cannot be made, or not be opened again, on some desktop; "" where it can.

    Args:
        name: The name, without folders.

    Returns:
        A sentence without its subject, such as "is the name of a device on Windows".
    """
    if not name.strip(". "):
        return "is no name"
    if any(character in FORBIDDEN or ord(character) < 32 for character in name):
        return f"holds a control character or one of {FORBIDDEN}"
    if name.endswith((" ", ".")):
        return "ends in a blank or a dot, which Windows takes away"
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        return "is the name of a device on Windows"
    if len(name.encode("utf-8", "surrogateescape")) > LONGEST:
        return f"is longer than {LONGEST} bytes"
    return ""


def alike(path: PurePath) -> str:
    """A text that is the same for paths which some file system takes for one: case and accents are folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def folds_case(folder: Path) -> bool:
    """Whether the file system of `folder` takes names that differ in case alone for one.

    It is asked where the name of an existing folder has letters; else the platform's habit counts.
    """
    for place in (folder, *folder.absolute().parents):
        other = place.with_name(place.name.swapcase()) if place.name else place
        if place.exists() and other.name != place.name:
            try:
                return other.exists() and other.samefile(place)
            except OSError:
                return False
    return sys.platform in ("win32", "darwin")


def extended(path: PureWindowsPath) -> str:
    """An absolute Windows path as it must be given where it is long: with the prefix for long paths.

    Args:
        path: With a drive letter or a server ("\\\\\\\\server\\\\share"); without ".." in it.

    Returns:
        The path, with the prefix before it where it has more than 259 characters.
    """
    text = str(path)
    if len(text) <= _LONG or text.startswith((_PREFIX, "\\\\.\\")) or not path.is_absolute():
        return text
    return f"{_PREFIX}UNC{text[1:]}" if text.startswith("\\\\") else _PREFIX + text


def reachable(path: Path) -> Path:
    """`path` as this system can open it, however long it is."""
    if sys.platform == "win32":
        return Path(extended(PureWindowsPath(path.absolute())))
    return path


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a relative path in a table, which may have been made on Windows: `day 1\\\\a.jpg`."""
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def names_by_windows(names: Iterable[str]) -> bool:
    """Whether the paths of a table were written on Windows: with backslashes, and never a slash.

    Elsewhere a backslash is a letter of a name; a name that holds one beside a slash keeps it.
    """
    found = list(names)
    return any("\\" in name for name in found) and not any("/" in name for name in found)
