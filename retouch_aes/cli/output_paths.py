"""Where results go: decided for all photos, and checked, before the first one is read.

Beside each photo as NAME_retouched.ext, in the file given by `-o`, or in the folder given by `-o`, where the
tree of a folder given is kept (names: `output_names`). Camera RAW, and whatever cannot be written, becomes
JPEG. Refused at once: an output that is an input, two photos with one output, files that exist (without
`--overwrite`), and folders that cannot be written to.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from retouch_aes.cli import show
from retouch_aes.cli.output_names import apart, fitted, long_stem, one_of_pairs
from retouch_aes.cli.real_paths import real_paths
from retouch_aes.cli.result_names import ResultNames
from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.photo import READ_SUFFIXES, WRITE_SUFFIXES, survey

RETOUCHED, COMPARED = "_retouched", "_compare"
BESIDE = "-"
_FOREIGN = frozenset({".gif", ".bmp", ".psd", ".jxl", ".jp2", ".pdf", ".exr", ".svg", ".ppm"})
_NAMED = READ_SUFFIXES | WRITE_SUFFIXES.keys() | _FOREIGN


@dataclass(frozen=True)
class FoundPhoto:
    """A photo, and its place below the folder it was found in (for a file given: its name)."""

    path: Path
    relative: Path


@dataclass(frozen=True)
class OutputJob:
    """One photo and the files to be made of it."""

    photo: Path
    output: Path
    recipe: Path | None = None
    compare: Path | None = None

    def targets(self) -> list[Path]:
        """Every file the job writes."""
        return [path for path in (self.output, self.recipe, self.compare) if path is not None]


def find(paths: Sequence[Path], *, pairs: str = "both", waiting: bool = False) -> list[FoundPhoto]:
    """The photos in `paths`, each once. Folders are walked; what is left out in them is told on stderr.

    `pairs` says which half of a camera's RAW+JPEG pairs is meant: "both", "raw" or "jpeg". With `waiting`,
    more may come: nothing is told, and no photos are no mistake.
    """
    found: dict[str, FoundPhoto] = {}
    real = real_paths()
    for given in paths:
        seen, is_folder = survey(given), given.is_dir()
        if seen.report and not waiting:
            show.line(f"{given}: {seen.report}", err=True)
        for path in seen.photos:
            place = path.relative_to(given) if is_folder else Path(path.name)
            found.setdefault(real(path), FoundPhoto(path, place))
    if not found and not waiting:
        where = ", ".join(map(str, paths))
        raise PhotoError(f"no photos in {where} (JPEG, PNG, WebP, TIFF, AVIF, HEIC or camera RAW)")
    if pairs == "both":
        return list(found.values())
    kept = set(one_of_pairs([one.path for one in found.values()], pairs))
    if len(kept) < len(found) and not waiting:
        show.line(f"{len(found) - len(kept)} photos left out: halves of pairs (--pairs {pairs})", err=True)
    return [one for one in found.values() if one.path in kept]


def without_results(
    found: Sequence[FoundPhoto], paths: Sequence[Path], results: Path | None
) -> list[FoundPhoto]:
    """`found` without what earlier runs made: by name beside a photo, or under the folder `results`.

    Whatever `paths` names itself stays.
    """
    given = {str(path.resolve()) for path in paths}
    outside = results is None or not results.is_dir() or str(results.resolve()) in given
    base = "" if outside or results is None else os.path.join(results.resolve(), "")  # noqa: PTH118
    real = real_paths()
    beside = _results_beside(found)
    kept = []
    for one in found:
        path = real(one.path)
        made = bool(beside) and one.path.with_suffix("") in beside
        below = bool(base) and path.startswith(base)
        if path in given or not (made or below):
            kept.append(one)
    return kept


def _results_beside(found: Sequence[FoundPhoto]) -> set[Path]:
    """What results of `found` beside them are called, without their ending; empty where none is there."""
    if not any(one.path.stem.endswith((RETOUCHED, COMPARED)) for one in found):
        return set()
    return {
        one.path.with_name(fitted(stem, mark + suffix)).with_suffix("")
        for one in found
        for stem in (one.path.stem, long_stem(one.path))
        for mark in (RETOUCHED, COMPARED)
        for suffix in (_suffix(one.path), ".jpg")
    }


def plan(
    found: Sequence[FoundPhoto],
    output: Path | None,
    *,
    recipe: Path | None = None,
    compare: str | None = None,
    overwrite: bool = False,
    reports: Iterable[Path] = (),
    names: ResultNames | None = None,
    folders: bool = False,
) -> list[OutputJob]:
    """A job for every photo, all places checked.

    `recipe` and `compare` are files or folders like `output`; with `compare="-"` the comparison lies beside
    the result. `names` says how results are called. With `folders`, `recipe` and `compare` are folders also
    for one photo.
    """
    names = names or ResultNames()
    names.check(output)
    single, one_file = len(found) == 1, len(found) == 1 and not folders
    photos, below = [one.path for one in found], {one.path: one.relative for one in found}

    def placed(place: Path, tail: str) -> list[Path | None]:
        return list(apart(photos, lambda photo, stem: _place(below[photo], stem, place, one_file, tail)))

    def result(photo: Path, stem: str) -> Path:
        return _output(below[photo], stem, output, single, names.suffix or _suffix(photo), beside=photo)

    outputs = names.applied(photos, apart(photos, result))
    saved = [None] * len(found) if recipe is None else placed(recipe, ".json")
    sheets: list[Path | None] = [None] * len(found)
    if compare == BESIDE:
        targets = dict(zip(photos, outputs, strict=True))
        sheets = list(
            apart(photos, lambda photo, stem: targets[photo].with_name(fitted(stem, f"{COMPARED}.jpg")))
        )
    elif compare is not None:
        sheets = placed(Path(compare), f"{COMPARED}.jpg")
    jobs = [OutputJob(*places) for places in zip(photos, outputs, saved, sheets, strict=True)]
    _check_apart([one.path for one in found], jobs, list(reports))
    check_free([path for job in jobs for path in job.targets()] + list(reports), overwrite)
    return jobs


def check_free(paths: Sequence[Path], overwrite: bool) -> None:
    """Raise unless every one of `paths` can be written: free, or to be replaced, in a folder that lets us."""
    existing = [path for path in paths if os.path.lexists(path)]  # a link that leads nowhere, too
    if existing and not overwrite:
        more = f" (and {len(existing) - 1} more)" if existing[1:] else ""
        raise RetouchError(f"{existing[0]} exists already{more}; --overwrite replaces it, -o goes elsewhere")
    for name in {os.path.dirname(path) for path in paths}:  # noqa: PTH120  (`Path.parent` makes a `Path`)
        folder = Path(name)
        nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise RetouchError(f"{folder}: cannot write there ({nearest} is no folder open for writing)")
    for path in existing:
        if path.is_dir():
            raise RetouchError(f"{path}: expected a file name, but this is a folder")


def check_weights(output: Path, overwrite: bool) -> None:
    """Raise unless `output` can be written, as a file of weights."""
    check_free([output], overwrite)
    if output.suffix != ".safetensors":
        raise UsageError(f"{output}: expected a name that ends in .safetensors")


def check_reports(reports: Sequence[Path], found: Sequence[FoundPhoto], overwrite: bool) -> None:
    """Raise unless `reports` can be written and none of them is a photo or named twice."""
    _check_apart([one.path for one in found], [], reports)
    check_free(reports, overwrite)


def _check_apart(photos: Sequence[Path], jobs: Sequence[OutputJob], reports: Sequence[Path]) -> None:
    real = real_paths()
    originals = {real(path) for path in photos}
    makers: dict[str, Path] = {}
    made = [(target, job.photo) for job in jobs for target in job.targets()]
    for path, source in [*made, *((report, report) for report in reports)]:
        target = real(path)
        if target in originals:
            raise UsageError(
                f"{target}: this is an original, which is never written to; choose another output"
            )
        if target in makers:
            raise UsageError(f"{makers[target]} and {source} would both be written to {target}")
        makers[target] = source


def _output(below: Path, stem: str, output: Path | None, single: bool, suffix: str, *, beside: Path) -> Path:
    if output is None:
        return beside.with_name(fitted(stem, RETOUCHED + suffix))
    named = output.suffix.lower()
    is_file = named in _NAMED and not output.is_dir()
    if not is_file:
        return output / below.with_name(fitted(stem, suffix))
    if not single:
        raise UsageError(f"{output} names a file, but there are several photos; name a folder")
    if named not in WRITE_SUFFIXES:
        raise UsageError(
            f"{output}: {named} cannot be written; choose one of {' '.join(sorted(WRITE_SUFFIXES))}"
        )
    return output


def _place(below: Path, stem: str, place: Path, single: bool, tail: str) -> Path:
    if single and place.suffix and not place.is_dir():
        return place
    return place / below.with_name(fitted(stem, tail))


def _suffix(path: Path) -> str:
    """The ending a result of `path` gets: its own where that can be written here, else .jpg."""
    own = ".heic" if path.suffix.lower() == ".hif" else path.suffix
    format_name = WRITE_SUFFIXES.get(own.lower())
    writable = format_name is not None and (format_name != "HEIF" or find_spec("pillow_heif") is not None)
    return own if writable else ".jpg"
