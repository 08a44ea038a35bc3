"""Tables as people export them: commas, semicolons or tabs, UTF-8 or UTF-16, with or without a `sep=` line.

Which one it is, is seen from the heading: the separator by which it holds the columns that are expected.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from retouch_aes.errors import DatasetError

SEPARATORS = ",;\t|"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Table:
    """An open table: iterate for `(line number, cells of the columns asked for)`.

    The cells of `optional` columns follow, empty where the table has no such column.
    Rows of another width go to `problems`, with file and line. `separator` is the one found.
    """

    path: Path
    columns: Sequence[str]
    problems: list[str] = field(default_factory=list)
    separator: str = ","
    optional: Sequence[str] = ()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        with _opened(self.path) as file:
            self.separator, before = _separator(file, self.columns)
            rows = csv.reader(file, delimiter=self.separator)
            heading = [name.strip().lower() for name in next(rows, [])]
            wanted = [name.lower() for name in self.columns]
            if not set(wanted) <= set(heading):
                raise DatasetError(
                    f"{self.path}:{before + 1}: expected the columns {','.join(self.columns)}, got {heading}"
                )
            places = [heading.index(name) for name in wanted]
            places += [heading.index(name) if name in heading else -1 for name in self.optional]
            for row in rows:
                line = before + rows.line_num
                if row and len(row) != len(heading):
                    self.problems.append(
                        f"{self.path}:{line}: expected {len(heading)} values, got {len(row)}"
                    )
                elif row:
                    yield line, ["" if place < 0 else row[place].strip() for place in places]

    def number(self, text: str) -> str:
        """`text` with a point where a table that is not separated by commas has a decimal comma."""
        return text if self.separator == "," else text.replace(",", ".", 1)


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
    if heading.lower().startswith("sep=") and heading[4:5].strip("\r\n"):
        return heading[4], 1
    file.seek(0)
    wanted = {name.lower() for name in columns}
    for separator in SEPARATORS:
        cells = next(csv.reader([heading], delimiter=separator), [])
        if wanted <= {cell.strip().lower() for cell in cells}:
            return separator, 0
    return SEPARATORS[0], 0
