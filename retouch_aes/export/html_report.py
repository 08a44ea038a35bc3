"""A report of a batch as one HTML file that needs no network and no other file: what was done to each photo.

Before and after as thumbnails, the score, the recipe, how large the change is (mean Delta E 2000 of the
thumbnails), filters and orders. Thumbnails are WebP, about four kilobytes each, and are decoded only where
they are seen, so that thousands of photos open at once.
"""

import html
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from retouch_aes.atomic_io import replacing
from retouch_aes.color.difference import delta_e_2000
from retouch_aes.export.page_parts import address, encoded, inert_json, readable
from retouch_aes.export.report_page import BETWEEN, HEAD, SCRIPT, STYLE, TAIL
from retouch_aes.export.thumbnails import thumbnail, thumbnail_tensor
from retouch_aes.json_numbers import finite
from retouch_aes.operators import Recipe, installed
from retouch_aes.operators.describe import main_edits

LARGE = 8.0
_AHEAD = 32


@dataclass(frozen=True)
class ReportEntry:
    """What is told of one photo. `output` is None without a result, `error` "" where nothing failed."""

    photo: Path
    output: Path | None = None
    outcome: str = ""
    score_before: float | None = None
    score_after: float | None = None
    recipe: Recipe | None = None
    certificate: Mapping[str, Any] | None = None
    error: str = ""

    @property
    def group(self) -> str:
        """The filter that shows it: "edited", "left alone" or "failed"."""
        if self.error:
            return "failed"
        kept = self.recipe is not None and not self.recipe.effective().steps
        alone = self.outcome in ("left alone", "vetoed") or (self.outcome == "done before" and kept)
        return "left alone" if alone else "edited"


def entry_of(record: Mapping[str, Any]) -> ReportEntry:
    """The entry of a record that `retouch` or `batch` wrote with `--json`."""
    recipe = record.get("recipe")
    return ReportEntry(
        photo=Path(str(record["path"])),
        output=Path(str(record["output"])) if record.get("output") else None,
        outcome=str(record.get("outcome", "")),
        score_before=finite(record.get("score_before")),
        score_after=finite(record.get("score_after")),
        recipe=None if recipe is None else Recipe.from_json(recipe, installed()),
        certificate=_understood(record.get("certificate")),
        error=str(record.get("error", "")),
    )


def _understood(certificate: Any) -> Mapping[str, Any] | None:
    """A certificate whose facts are those that are told; None for anything else."""
    try:
        list(_certified(certificate))
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    return certificate  # type: ignore[no-any-return]


def write_html_report(
    entries: Sequence[ReportEntry],
    path: str | Path,
    *,
    title: str = "Retouched photos",
    side: int = 240,
    overwrite: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write the report of `entries` to `path`, whole or not at all, and return it.

    Args:
        entries: What is told, in any order.
        path: The file; links to results are relative to its folder.
        title: The page's.
        side: Long side of the thumbnails in pixels.
        overwrite: Whether an existing file may be replaced.
        progress: Called with the number of photos done.
    """
    path = Path(path)
    large = f"{LARGE:g}"
    with replacing(path, overwrite=overwrite) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(HEAD.format(title=html.escape(title), style=STYLE, large=large))
        rows, thumbs, common = [], [], _common_folder(entries)
        for done, (entry, seen) in enumerate(_seen(entries, side), start=1):
            rows.append(_row(done - 1, entry, seen, path.parent, common))
            thumbs.append([seen.before, seen.after])
            if progress is not None:
                progress(done)
        file.write(inert_json(rows))
        file.write(BETWEEN)
        file.write(inert_json(thumbs))
        file.write(TAIL.format(script=SCRIPT))
    return path


@dataclass(frozen=True)
class _Seen:
    """Two thumbnails in base64, "" for none, and the change between them."""

    before: str = ""
    after: str = ""
    change: float | None = None


def _seen(entries: Sequence[ReportEntry], side: int) -> Iterator[tuple[ReportEntry, _Seen]]:
    """Each entry with its thumbnails, made by as many threads as there are cores."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as crew:
        for start in range(0, len(entries), _AHEAD):
            part = entries[start : start + _AHEAD]
            yield from zip(part, crew.map(lambda entry: _look(entry, side), part), strict=True)


def _look(entry: ReportEntry, side: int) -> _Seen:
    before = thumbnail(entry.photo, side)
    after = None if entry.output is None else thumbnail(entry.output, side)
    change = None
    if before is not None and after is not None:
        size = max(1, before.width // 2), max(1, before.height // 2)
        one, other = (thumbnail_tensor(image.resize(size, Image.Resampling.BOX)) for image in (before, after))
        change = float(delta_e_2000(one, other).mean())
    return _Seen(encoded(before), encoded(after), change)


def _row(at: int, entry: ReportEntry, seen: _Seen, folder: Path, common: Path) -> dict[str, Any]:
    before, after = entry.score_before, entry.score_after
    gain = None if before is None or after is None else after - before
    parts = [entry.error or entry.outcome]
    if gain is not None:
        parts.append(f"score {before:.2f} → {after:.2f}")
    if seen.change is not None:
        parts.append(f"change {seen.change:.1f} ΔE")
    recipe = entry.recipe.effective() if entry.recipe is not None else Recipe()
    return {
        "at": at,
        "name": readable(os.path.relpath(entry.photo.absolute(), common)),
        "link": None if entry.output is None else address(entry.output, folder),
        "group": entry.group,
        "told": readable(", ".join(part for part in parts if part)),
        "change": None if seen.change is None else round(seen.change, 3),
        "gain": gain,
        "edits": main_edits(recipe) or "recipe",
        "recipe": [*_sliders(recipe), *_certified(entry.certificate)],
    }


def _common_folder(entries: Sequence[ReportEntry]) -> Path:
    """The deepest folder that holds all photos: names are told from there."""
    folders = {entry.photo.absolute().parent for entry in entries}
    try:
        return Path(os.path.commonpath(folders)) if folders else Path()
    except ValueError:  # several drives
        return Path()


def _sliders(recipe: Recipe) -> Iterable[tuple[str, str]]:
    for step in recipe.steps:
        for param, value in zip(step.operator.params, step.values, strict=True):
            if value != param.neutral:
                yield f"{step.operator.name}.{param.name}", f"{value:+.3g} {param.unit}".rstrip()


def _certified(certificate: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What the certificate of an edit adds to its table."""
    if certificate is None:
        return
    second, wish = certificate["second_scorer"], certificate["counterfactual"]
    yield f"second scorer ({second['name']})", f"{second['before']:.2f} → {second['after']:.2f}"
    for name in ("white", "black"):
        pair = certificate[f"clipped_{name}"]
        yield f"clipped {name}", f"{100 * pair['before']:.1f} → {100 * pair['after']:.1f} %"
    if wish is not None:
        yield "to be liked", str(wish["text"])
