"""What earlier runs made, to be looked at and corrected: photos, results and the recipes between them.

They are read from the manifest of a batch, or from the records that `retouch` and `batch` write with
`--json`. A manifest names results below its own folder; a line that points elsewhere is left out, so that
nothing but results is ever written to.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from retouch_aes.append_log import read_log
from retouch_aes.atomic_io import write_json
from retouch_aes.batch.manifest import NAME
from retouch_aes.batch.result_settings import ResultSettings
from retouch_aes.batch.results import read_silently, sha256_of
from retouch_aes.editing.render import develop
from retouch_aes.errors import RecipeError, RetouchError, UsageError
from retouch_aes.json_numbers import finite
from retouch_aes.operators import Recipe, installed, read_recipe
from retouch_aes.photo.finding import is_there


@dataclass(frozen=True)
class MadeResult:
    """One result: the `output` that `recipe` made of `photo`. `key` names it in its run.

    `proposed` is the recipe that the run found; another than `recipe` where the result was made anew by hand.
    `made` is the hash of the result as it was written.
    """

    key: str
    photo: Path
    output: Path
    recipe: Recipe
    proposed: Recipe
    made: str = ""
    outcome: str = ""
    reason: str = ""
    scores: tuple[float, float] | None = None
    recipe_file: Path | None = None
    settings: ResultSettings = field(default_factory=ResultSettings)

    def make(self, recipe: Recipe) -> tuple[str, int]:
        """Make the result anew with `recipe`, whole or not at all; its hash and size.

        Raises `RetouchError` where the photo cannot be read, or would be written over.
        """
        if self.output.resolve() == self.photo.resolve():
            raise UsageError(f"{self.output}: this is an original, which is never written to")
        edited = develop(read_silently(self.photo), recipe)
        self.settings.write(edited, self.photo, self.output, overwrite=True)
        if self.recipe_file is not None and _holds_recipe(self.recipe_file):
            write_json(self.recipe_file, recipe.effective().to_json())
        return sha256_of(self.output), self.output.stat().st_size


@dataclass(frozen=True)
class MadeResults:
    """The results of a run, in the order of their names, and how many lines could not be used.

    `manifest` is the file that they stand in; None for those of records.
    """

    results: tuple[MadeResult, ...]
    unusable: int = 0
    manifest: Path | None = None


def read_made(place: Path) -> MadeResults:
    """The results of the folder `place`, which a batch made, or of the records in a JSON file.

    Raises `RetouchError` where there are none.
    """
    found = _of_folder(place) if place.is_dir() else _of_records(place)
    if not found.results:
        more = f" ({found.unusable} have no recipe: an earlier version made them)" if found.unusable else ""
        raise RetouchError(f"{place}: expected results of `retouch-aes batch`, found none{more}")
    originals = {one.photo.resolve() for one in found.results}
    kept = tuple(one for one in found.results if one.output.resolve() not in originals)
    left = len(found.results) - len(kept)
    return replace(found, results=kept, unusable=found.unusable + left)


def _can_be_a_name(text: str) -> bool:
    """Whether a file can have that name: JSON may hold half of a character."""
    try:
        return bool(os.fsencode(text)) and "\0" not in text
    except UnicodeEncodeError:
        return False


def _holds_recipe(path: Path) -> bool:
    try:
        read_recipe(path, installed())
    except RecipeError:
        return False
    return True


def _of_folder(folder: Path) -> MadeResults:
    manifest = folder / NAME
    if not manifest.is_file():
        raise UsageError(
            f"{folder}: expected a folder that `retouch-aes batch` made ({NAME} is missing); for results of "
            "`retouch` give the file of its --json"
        )
    runs: dict[str, ResultSettings] = {}
    lines: dict[str, Mapping[str, Any]] = {}
    for _, line in read_log(manifest, "settings").objects:
        if not isinstance(line, dict) or not isinstance(line.get("result"), str):
            continue
        if line.get("state") == "run":
            runs[str(line.get("settings"))] = ResultSettings.from_json(line)
        elif line.get("state") == "done":
            lines[line["result"]] = line
    root = folder.resolve()
    made = []
    for key in sorted(lines):
        output = folder / key
        there = is_there(output) and output.parent.resolve().is_relative_to(root)
        settings = runs.get(str(lines[key].get("settings")), ResultSettings())
        made.append(_made(key, output, lines[key], folder, settings) if there else None)
    return _whole(made, manifest)


def _of_records(path: Path) -> MadeResults:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: expected the results of `retouch` or `batch --json` ({error})") from None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise UsageError(f"{path}: expected a list of results, as --json of `retouch` or `batch` writes it")
    made = []
    for value in values:
        output = Path(str(value.get("output", "")))
        photo = {**value, "photo": str(value.get("path", ""))}
        made.append(_made(str(output), output, photo, Path(), ResultSettings()) if is_there(output) else None)
    return _whole(made, None)


def _whole(made: Iterable[MadeResult | None], manifest: Path | None) -> MadeResults:
    found = list(made)
    kept = tuple(one for one in found if one is not None)
    return MadeResults(kept, len(found) - len(kept), manifest)


def _made(
    key: str, output: Path, line: Mapping[str, Any], folder: Path, settings: ResultSettings
) -> MadeResult | None:
    """The result of a line; None where it says too little."""
    photo = line.get("photo")
    try:
        recipe = Recipe.from_json(line.get("recipe"), installed())
        proposed = Recipe.from_json(line.get("proposed", line.get("recipe")), installed())
    except RecipeError:
        return None
    if not isinstance(photo, str) or not _can_be_a_name(photo):
        return None
    before, after = finite(line.get("score_before")), finite(line.get("score_after"))
    told = None if before is None or after is None else (before, after)
    saved = line.get("recipe_file")
    return MadeResult(
        key,
        folder / photo,
        output,
        recipe,
        proposed,
        str(line.get("made", "")),
        str(line.get("outcome", "")),
        str(line.get("reason", "")),
        told,
        folder / saved if isinstance(saved, str) and saved.endswith(".json") else None,
        settings,
    )
