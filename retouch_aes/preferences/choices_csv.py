"""Choices as the plainest table: a text file with the columns `winner,loser`, photos by their paths.

Further columns are ignored, and their order is free. All malformed rows are reported together.
"""

import csv
from pathlib import Path

from retouch_aes.datasets.problems import refuse
from retouch_aes.errors import DatasetError, UsageError
from retouch_aes.preferences.renditions import Rendition

COLUMNS = ("winner", "loser")


def read_pairs_csv(path: str | Path) -> tuple[tuple[Rendition, Rendition], ...]:
    """Every row as winner and loser, in order. `DatasetError` with file and line of all that are none."""
    path = Path(path)
    pairs: list[tuple[Rendition, Rendition]] = []
    problems: list[str] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            heading = [word.strip().lower() for word in next(rows, [])]
            if not set(COLUMNS) <= set(heading):
                raise DatasetError(f"{path}:1: expected the columns {','.join(COLUMNS)}, got {heading}")
            places = [heading.index(column) for column in COLUMNS]
            for row in rows:
                if not row:
                    continue
                if len(row) != len(heading):
                    problems.append(f"{path}:{rows.line_num}: expected {len(heading)} values, got {len(row)}")
                    continue
                try:
                    winner, loser = (Rendition(row[place].strip()) for place in places)
                    if winner == loser:
                        raise UsageError(f"expected two different photos, got {winner} twice")
                    pairs.append((winner, loser))
                except UsageError as error:
                    problems.append(f"{path}:{rows.line_num}: {error}")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} is no UTF-8 text with comma-separated values: {error}") from None
    refuse(path, problems, "expected rows `winner,loser` with two different photos; correct or remove these")
    return tuple(pairs)
