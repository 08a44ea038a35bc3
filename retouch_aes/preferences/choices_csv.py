"""Choices as the plainest table: a text file with the columns `winner,loser`, photos by their paths.

Further columns are ignored, and their order is free. All malformed rows are reported together.
"""

from pathlib import Path

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.tables import Table
from retouch_aes.errors import UsageError
from retouch_aes.preferences.renditions import Rendition

COLUMNS = ("winner", "loser")


def read_pairs_csv(path: str | Path) -> tuple[tuple[Rendition, Rendition], ...]:
    """Every row as winner and loser, in order. `DatasetError` with file and line of all that are none."""
    path = Path(path)
    pairs: list[tuple[Rendition, Rendition]] = []
    problems: list[str] = []
    for line, names in Table(path, COLUMNS, problems):
        try:
            winner, loser = map(Rendition, names)
            if winner == loser:
                raise UsageError(f"expected two different photos, got {winner} twice")
            pairs.append((winner, loser))
        except UsageError as error:
            problems.append(f"{path}:{line}: {error}")
    refuse(path, problems, "expected rows `winner,loser` with two different photos; correct or remove these")
    return tuple(pairs)
