"""Names of results by a template, and names that do not collide.

{stem} the original's name without ending   {ext} the result's ending, with its dot
{taste} the taste's name, "generic" without one   {date} the day it was taken, 2026-11-28, or "undated"
{n} the number of the photo, counted from 1, as wide as the last one
"""

from collections.abc import Sequence
from pathlib import Path
from string import Formatter

from retouch_aes.errors import UsageError

FIELDS = ("stem", "ext", "taste", "date", "n")
_LONGEST = 255  # bytes of a name, on the usual file systems
_FORBIDDEN = '/\\:*?"<>|'


class NameTemplate:
    """A template such as `{stem}_{taste}{ext}`. `UsageError` for unknown fields and what no name may hold."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise UsageError(f"{text!r} is no template of a name: {error}") from None
        for literal, name, style, conversion in parts:
            if name is not None and (name not in FIELDS or style or conversion):
                raise UsageError(f"{text!r}: expected fields among {{{'}, {'.join(FIELDS)}}}, got {{{name}}}")
            if any(character in _FORBIDDEN or ord(character) < 32 for character in literal):
                raise UsageError(f"{text!r}: a name may not hold any of {_FORBIDDEN}")
        self.fields = tuple(name for _, name, _, _ in parts if name is not None)
        if not {"stem", "n"} & set(self.fields):
            raise UsageError(f"{text!r}: expected {{stem}} or {{n}}, or every photo would have one name")

    def name(self, stem: str, ext: str, *, taste: str = "", date: str = "", n: int = 1, of: int = 1) -> str:
        """The name of one result; `ext` is added where the template does not name it."""
        values = {
            "stem": stem,
            "ext": ext,
            "taste": taste or "generic",
            "date": date or "undated",
            "n": str(n).zfill(len(str(of))),
        }
        name = self.text.format(**values)
        name = name if "ext" in self.fields else name + ext
        if len(name.encode()) > _LONGEST or name.strip(". ") in ("", ext.strip(".")):
            raise UsageError(f"{name!r} is no name for a file")
        return name


def apart(paths: Sequence[Path], taken: Sequence[Path] = ()) -> list[Path]:
    """The same paths, where two would be one (also by the case of letters) the later one with -2, -3, ...

    `taken` are places of other files.
    """
    used = {_key(path) for path in taken}
    result = []
    for path in paths:
        free, count = path, 1
        while _key(free) in used:
            count += 1
            free = path.with_name(f"{path.stem}-{count}{path.suffix}")
        used.add(_key(free))
        result.append(free)
    return result


def _key(path: Path) -> str:
    return str(path.absolute()).casefold()
