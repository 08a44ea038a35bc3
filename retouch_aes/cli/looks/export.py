"""`retouch-aes looks export`: a look as presets of other programs."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError

KINDS = {
    "lightroom": ".xmp",
    "rawtherapee": ".pp3",
    "darktable": ".cube",
    "cube": ".cube",
}


@click.command()
@click.argument("look")
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder."
)
@click.option(
    "--for",
    "programs",
    type=click.Choice(list(KINDS)),
    multiple=True,
    help="Programs, several times. darktable gets a lookup table for its module `LUT 3D`.  [default: all]",
)
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="For a taste, which edits every photo otherwise: photos whose median edit becomes the preset.",
)
@options.overwrite
def command(look: str, output: Path, programs: tuple[str, ...], photos: Path | None, overwrite: bool) -> None:
    """Write LOOK, a name of `looks list` or a file, as presets that other programs apply.

    What a program cannot say, or only comes close to, is told on stderr. A preset is one edit for every
    photo: of a taste it is the median of what the taste adds on --photos.

    \b
    retouch-aes looks export wedding -o presets/
    retouch-aes looks export me.taste --photos holiday/ -o presets/ --for lightroom
    """
    from retouch_aes.cli import output_paths
    from retouch_aes.export.camera_raw import preset_of
    from retouch_aes.export.cube_of import cube_of_recipe
    from retouch_aes.export.edit_files import pointwise_part
    from retouch_aes.export.pp3 import pp3_of
    from retouch_aes.operators import installed, read_recipe
    from retouch_aes.pipeline.look import find_look

    path = find_look(look)
    suffixes = sorted({KINDS[name] for name in programs or KINDS})
    targets = {suffix: output / f"{path.stem}{suffix}" for suffix in suffixes}
    output_paths.check_free(list(targets.values()), overwrite)
    if path.suffix == ".taste":
        if photos is None:
            raise UsageError(f"{path} is a taste, which edits every photo otherwise: give --photos")
        from retouch_aes.pipeline.typical_edit import typical_edit
        from retouch_aes.taste import load_taste

        recipe = typical_edit(load_taste(path), photos)
    else:
        recipe = read_recipe(path, installed())
    for suffix, target in targets.items():
        if suffix == ".cube":
            part, others = pointwise_part(recipe)
            cube_of_recipe(part, title=path.stem).save(target, overwrite=overwrite)
            notes = tuple(f"{name} is not in it: it looks at more than one pixel" for name in others)
        else:
            sidecar = preset_of(recipe, path.stem) if suffix == ".xmp" else pp3_of(recipe)
            sidecar.save(target, overwrite=overwrite)
            notes = sidecar.notes
        for note in notes:
            show.line(f"{target.name}: {note}", err=True)
        show.line(str(target))
