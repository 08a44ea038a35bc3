"""`retouch-aes explain`: what somebody did to a photo, in named sliders."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show

if TYPE_CHECKING:
    from retouch_aes.export.projection import Projection


@click.command()
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("edited", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.operators
@click.option(
    "--recipe", type=click.Path(dir_okay=False, path_type=Path), help="Save the sliders as a recipe."
)
@click.option(
    "--lut",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.cube",
    help="Save what the sliders leave, as a table to be applied after the recipe.",
)
@options.json
@options.overwrite
def command(
    photo: Path,
    edited: Path,
    operators: list[str] | None,
    recipe: Path | None,
    lut: Path | None,
    json: str | None,
    overwrite: bool,
) -> int:
    """Tell by which sliders EDITED was made of PHOTO, and how much of the edit they explain.

    EDITED may come from any editor or network, and may be smaller, but not cropped.

    \b
    retouch-aes explain photo.jpg from_lightroom.jpg
    retouch-aes explain photo.jpg edited.jpg --recipe edit.json --lut rest.cube
    retouch-aes apply edit.json series/ -o series_edited/
    """
    from retouch_aes.cli import output_paths

    output_paths.check_free(
        [path for path in (recipe, lut, *show.files(json)) if path is not None], overwrite
    )
    from retouch_aes.export.projection import SIDE, SLIDERS, project
    from retouch_aes.photo import read

    found = project(read(photo).proxy(SIDE), read(edited).proxy(SIDE), operators=operators or SLIDERS)
    if json != options.STDOUT:
        _show(found)
    if recipe is not None:
        found.recipe.save(recipe, overwrite=overwrite)
    if lut is not None:
        found.cube.save(lut, overwrite=overwrite)
    show.report_json(as_record(found), json, overwrite=overwrite)
    return 0


def as_record(found: "Projection") -> dict[str, object]:
    """A projection as JSON."""
    return {
        "recipe": found.recipe.to_json(),
        "difference": found.difference,
        "left": found.left,
        "left_with_table": found.left_with_cube,
        "explained": found.explained,
        "explained_with_table": found.explained_with_cube,
    }


def summary(found: "Projection") -> str:
    """How much is explained, in one line."""
    return (
        f"sliders explain {100 * found.explained:.0f} % of the edit, "
        f"with the table {100 * found.explained_with_cube:.0f} % "
        f"(mean Delta E 2000 {found.difference:.1f}, left {found.left:.1f}, {found.left_with_cube:.1f})"
    )


def _show(found: "Projection") -> None:
    rows = [
        [f"{value:+.3g}", param.unit, f"{step.operator.name}.{param.name}", param.doc]
        for step in found.recipe.steps
        for param, value in zip(step.operator.params, step.values, strict=True)
        if value != param.neutral
    ]
    if rows:
        show.table(["value", "unit", "slider", "meaning"], rows, right=1)
    show.line(summary(found))
