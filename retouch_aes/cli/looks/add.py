"""`retouch-aes looks add`: keep a recipe or a taste under a name."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="What it is called from now on.  [default: the name of the file]")
@options.overwrite
def command(file: Path, name: str | None, overwrite: bool) -> None:
    """Keep FILE, a recipe or a taste, as a look of your own.

    \b
    retouch-aes looks add edit.json --name wedding
    retouch-aes retouch holiday/ -o better/ --look wedding
    """
    from retouch_aes.atomic_io import replacing, write_in_full
    from retouch_aes.file_names import trouble
    from retouch_aes.operators import installed, read_recipe
    from retouch_aes.pipeline.look import KINDS, own_looks
    from retouch_aes.taste import load_taste

    if file.suffix not in KINDS:
        raise UsageError(f"{file}: expected a recipe (.json) or a taste (.taste)")
    called = file.stem if name is None else name
    why = "begins with a dot" if called.startswith(".") else trouble(called + file.suffix)
    if why or not called:
        raise UsageError(f"expected a plain name for a look, got {called!r}: it {why or 'is empty'}")
    if file.suffix == ".json":
        read_recipe(file, installed())
    else:
        load_taste(file)
    target = own_looks() / f"{called}{file.suffix}"
    with replacing(target, overwrite=overwrite) as temporary:
        write_in_full(temporary, file.read_bytes())
    show.line(str(target))
