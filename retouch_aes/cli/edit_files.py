"""`--sidecar` and `--lut`: the edit of each photo for other programs, all places checked beforehand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.export.edit_files import EditFiles
    from retouch_aes.operators import Recipe

choices = options.together(
    click.option(
        "--sidecar",
        "sidecars",
        type=click.Choice(["xmp", "pp3"]),
        multiple=True,
        help="Also save the edit for Lightroom and Camera Raw (xmp) or RawTherapee (pp3), beside the result "
        "and under the original's name. May be given twice.",
    ),
    click.option(
        "--lut",
        type=click.Path(path_type=Path),
        metavar="FILE_OR_DIR",
        help="Also save the edit as a lookup table (.cube), without steps that look at more than one pixel.",
    ),
)

_SHARED = (
    "several photos would have their edit in {}; take one of each pair (--pairs raw or jpeg), or do their "
    "folders one by one"
)


class EditFilePlan:
    """The files of every photo, by its path as it is told. Each thing that is lost is told once a run."""

    def __init__(self, files: "Mapping[Path, EditFiles]") -> None:
        self._files = {show.name(photo): one for photo, one in files.items()}
        self._owners = {target: photo for photo, one in self._files.items() for target in one.targets}
        self._told: set[str] = set()

    def add(self, other: "EditFilePlan") -> None:
        """The files of more photos. `UsageError` where another photo has such a file already."""
        for photo, one in other._files.items():
            for target in one.targets:
                if self._owners.setdefault(target, photo) != photo:
                    raise UsageError(_SHARED.format(target))
        self._files.update(other._files)

    def write(
        self,
        photo: str,
        recipe: "Recipe",
        *,
        size: tuple[int, int] | None = None,
        overwrite: bool = False,
    ) -> dict[str, object]:
        """Write the files of one photo of `size` (height, width); what to add to its record."""
        files = self._files.get(photo)
        if files is None:
            return {}
        notes = files.write(recipe, size=size, overwrite=overwrite)
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                show.line(note, err=True)
        return {"edit_files": [show.name(path) for path in files.targets], "edit_notes": list(notes)}


def plan(
    jobs: Iterable[tuple[Path, Path]],
    sidecars: Sequence[str],
    lut: Path | None,
    overwrite: bool,
    *,
    below: Path | None = None,
) -> EditFilePlan:
    """The files of every photo; `jobs` are photos and their results. All places are checked.

    The tree that results have `below` a folder is kept in a folder of tables.
    """
    if not sidecars and lut is None:
        return EditFilePlan({})
    from retouch_aes.cli import output_paths
    from retouch_aes.export.edit_files import EditFiles

    pairs = list(jobs)
    single = len(pairs) == 1 and lut is not None and lut.suffix.lower() == ".cube"
    files: dict[Path, EditFiles] = {}
    for photo, output in pairs:
        place = Path(output.name) if below is None else output.relative_to(below)
        table = lut if lut is None or single else lut / place.with_name(f"{output.stem}.cube")
        files[photo] = EditFiles.of(photo, output.parent, sidecars, table)
    targets = [path for one in files.values() for path in one.targets]
    twice = [path for path, count in Counter(targets).items() if count > 1]
    if twice:
        raise UsageError(_SHARED.format(twice[0]))
    output_paths.check_free(targets, overwrite)
    return EditFilePlan(files)
