"""Tables as people and datasets export them: the one reader of all of them.

Commas, semicolons, tabs, bars, "=" or blanks; UTF-8 or UTF-16; with a `sep=` line or without. Which one it
is, is seen from the heading: the separator by which it holds the columns that are expected. Their order is
free, further ones are ignored, and blanks around names, and their case, do not matter.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from retouch_aes.errors import DatasetError

SEPARATORS = ",;\t|= "
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Table:
    """A table with a heading: iterate for `(line number, cells of the columns asked for)`.

    The cells of `optional` columns follow, empty where the table has no such column. A row of another width
    is told to `bad_row` with file and line, and left out. `separator` is the one found.
    """

    path: Path
    columns: Sequence[str]
    bad_row: Callable[[str, str], None]
    optional: Sequence[str] = ()
    separator: str = ","

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        with _opened(self.path) as file:
            self.separator, before = _separator(file, self.columns)
            rows = csv.reader(file, delimiter=self.separator)
            heading = [name.strip() for name in next(rows, [])]
            places = [_place(name, heading) for name in (*self.columns, *self.optional)]
            if -1 in places[: len(self.columns)]:
                raise DatasetError(
                    f"{self.path}:{before + 1}: expected the columns {','.join(self.columns)}, got {heading}"
                )
            for row in rows:
                line = before + rows.line_num
                if row and len(row) != len(heading):
                    self.bad_row(f"{self.path}:{line}", f"expected {len(heading)} values, got {len(row)}")
                elif row:
                    yield line, ["" if place < 0 else row[place].strip() for place in places]

    def number(self, text: str) -> str:
        """`text` with a point where a table that is not separated by commas has a decimal comma."""
        return text if self.separator == "," else text.replace(",", ".", 1)


def columns_of(path: Path) -> list[str]:
    """The names in the heading of `path`, by the separator that makes most of them."""
    with _opened(path) as file:
        line = file.readline()
        if said := _said(line):
            return _heading(file.readline(), said)
    return max((_heading(line, separator) for separator in SEPARATORS[:-1]), key=len)


def _place(name: str, heading: Sequence[str]) -> int:
    """Where the column is, as it is spelt, else in another case; -1 for nowhere."""
    if name in heading:
        return heading.index(name)
    folded = [other.lower() for other in heading]
    return folded.index(name.lower()) if name.lower() in folded else -1


def _heading(line: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("rb") as file:
            encoding = "utf-16" if file.read(2) in _UTF_16 else "utf-8-sig"
        with path.open(newline="", encoding=encoding) as file:
            yield file
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeError, csv.Error) as error:
        raise DatasetError(
            f"{path} is no UTF-8 text with values separated by commas, semicolons or tabs: {error}"
        ) from None


def _separator(file: TextIO, columns: Sequence[str]) -> tuple[str, int]:
    """The separator, and how many lines stand before the heading; `file` stands at the heading then."""
    heading = file.readline()
    if said := _said(heading):
        return said, 1
    file.seek(0)
    for separator in SEPARATORS:
        names = _heading(heading, separator)
        if all(_place(name, names) >= 0 for name in columns):
            return separator, 0
    return SEPARATORS[0], 0


def _said(line: str) -> str:
    """The separator that a `sep=` line names; "" where this is none."""
    return line[4:5].strip("\r\n") if line.lower().startswith("sep=") else ""
