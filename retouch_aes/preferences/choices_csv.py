"""Choices as the plainest table: a text file with the columns `winner,loser`, photos by their paths.

The columns `winner_recipe` and `loser_recipe`, where there are any, name recipe files (relative to the table)
or hold a recipe's JSON; an empty cell is the photo as it is. A table that was made on Windows names photos
with backslashes; they are read as slashes. Further columns are ignored, and their order is free. All
malformed rows are reported together.
"""

import json
from pathlib import Path, PureWindowsPath

from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.tables import Table
from retouch_aes.errors import RecipeError, UsageError
from retouch_aes.file_names import names_by_windows
from retouch_aes.operators import Recipe, installed, read_recipe
from retouch_aes.preferences.renditions import Rendition

COLUMNS = ("winner", "loser")
RECIPES = ("winner_recipe", "loser_recipe")


def read_pairs_csv(path: str | Path) -> tuple[tuple[Rendition, Rendition], ...]:
    """Every row as winner and loser, in order. `DatasetError` with file and line of all that are none."""
    path = Path(path)
    pairs: list[tuple[Rendition, Rendition]] = []
    problems: list[str] = []
    table = Table(path, COLUMNS, lambda where, text: problems.append(f"{where}: {text}"), RECIPES)
    rows = list(table)
    by_windows = names_by_windows([name for _, cells in rows for name in cells[:2]])
    for line, cells in rows:
        names = [PureWindowsPath(name).as_posix() if by_windows else name for name in cells[:2]]
        try:
            winner, loser = (
                Rendition(name, _recipe(path, text)) for name, text in zip(names, cells[2:], strict=True)
            )
            if winner == loser:
                raise UsageError(f"expected two different photos, got {winner} twice")
            pairs.append((winner, loser))
        except (UsageError, RecipeError) as error:
            problems.append(f"{path}:{line}: {error}")
    refuse(path, problems, "expected rows `winner,loser` with two different photos; correct or remove these")
    return tuple(pairs)


def _recipe(table: Path, text: str) -> Recipe | None:
    """The recipe of a cell, see the module."""
    if not text:
        return None
    if not text.startswith("{"):
        return read_recipe(table.parent / text, installed())
    try:
        return Recipe.from_json(json.loads(text), installed())
    except ValueError as error:
        raise RecipeError(f"expected a recipe's JSON or the name of a recipe file: {error}") from None
