"""Names of results by a template, and names that do not collide.

{stem} the original's name without ending   {ext} the result's ending, with its dot
{taste} the taste's name, "generic" without one   {date} the day it was taken, 2026-11-28, or "undated"
{n} the number of the photo, counted from 1, as wide as the last one
"""

from collections.abc import Sequence
from pathlib import Path
from string import Formatter

from retouch_aes.errors import UsageError
from retouch_aes.file_names import FORBIDDEN, alike, trouble

FIELDS = ("stem", "ext", "taste", "date", "n")


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
            if any(character in FORBIDDEN or ord(character) < 32 for character in literal):
                raise UsageError(f"{text!r}: a name may not hold any of {FORBIDDEN}")
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
        why = "is no name" if name.strip(". ") == ext.strip(".") else trouble(name)
        if why:
            raise UsageError(f"{name!r} is no name for a file: it {why}")
        return name


def apart(paths: Sequence[Path], taken: Sequence[Path] = ()) -> list[Path]:
    """The same paths, where two would be one (also by the case of letters) the later one with -2, -3, ...

    `taken` are places of other files.
    """
    used = {alike(path.absolute()) for path in taken}
    result = []
    for path in paths:
        free, count = path, 1
        while alike(free.absolute()) in used:
            count += 1
            free = path.with_name(f"{path.stem}-{count}{path.suffix}")
        used.add(alike(free.absolute()))
        result.append(free)
    return result
