"""`retouch-aes export`: a recipe as a preset or table of another program."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError

SUFFIXES = (".xmp", ".pp3", ".cube", ".png")


@click.command()
@options.recipe_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Its ending says what: .xmp a preset of Lightroom and Camera Raw, .pp3 one of RawTherapee, .cube a "
    "lookup table, .png the same as a Hald picture.",
)
@click.option("--name", help="What a preset is called.  [default: the name of the file]")
@click.option(
    "--size", type=click.IntRange(17, 65), help="Points a side of a table.  [default: what it needs]"
)
@click.option(
    "--curve", is_flag=True, help="Of .xmp: contrast and tones as a point curve instead of sliders."
)
@options.strength
@options.overwrite
def command(
    recipe: Path,
    output: Path,
    name: str | None,
    size: int | None,
    curve: bool,
    strength: float,
    overwrite: bool,
) -> int:
    """Write the edit RECIPE for another program.

    What the program cannot say, or only comes close to, is told on stderr; what cannot be said goes into
    NAME.residual.cube.

    \b
    retouch-aes export edit.json -o anna.xmp --name "Anna, warm"
    retouch-aes export edit.json -o anna.pp3
    retouch-aes export edit.json -o anna.cube --size 33
    """
    from retouch_aes.cli import output_paths

    kind = output.suffix.lower()
    if kind not in SUFFIXES:
        raise UsageError(f"{output}: expected a name that ends in {', '.join(SUFFIXES)}")
    output_paths.check_free([output], overwrite)

    from retouch_aes.export.camera_raw import preset_of
    from retouch_aes.export.cube_of import cube_of_recipe
    from retouch_aes.export.edit_files import pointwise_part
    from retouch_aes.export.pp3 import pp3_of
    from retouch_aes.operators import installed, read_recipe

    edit = read_recipe(recipe, installed()).scaled(strength)
    if kind in (".cube", ".png"):
        part, others = pointwise_part(edit)
        cube = cube_of_recipe(part, size=size, title=name or output.stem)
        (cube.save if kind == ".cube" else cube.save_hald)(output, overwrite=overwrite)
        notes = tuple(f"{one} is not in it: it looks at more than one pixel" for one in others)
    else:
        sidecar = preset_of(edit, name or output.stem, curve=curve) if kind == ".xmp" else pp3_of(edit)
        sidecar.save(output, overwrite=overwrite)
        left = sidecar.residual_cube()
        if left is not None:
            left.save(output.with_name(f"{output.stem}.residual.cube"), overwrite=overwrite)
        notes = sidecar.notes
    for note in notes:
        show.line(note, err=True)
    show.line(str(output))
    return 0
