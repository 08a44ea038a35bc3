"""`retouch-aes taste merge`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError


@click.command()
@click.argument(
    "tastes", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--shares", metavar="A,B,...", help="How much of each, such as 60,40. Default: equal.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The blend."
)
@options.overwrite
def command(tastes: tuple[Path, ...], shares: str | None, output: Path, overwrite: bool) -> int:
    """Blend tastes: 60 % me, 40 % you.

    \b
    retouch-aes taste merge me.taste you.taste --shares 60,40 -o us.taste
    """
    from retouch_aes.taste.gp.taste import GPTaste, merge_tastes

    try:
        weights = [1.0] * len(tastes) if shares is None else [float(part) for part in shares.split(",")]
    except ValueError:
        raise UsageError(f"--shares: expected numbers with commas between them, got {shares!r}") from None
    if output.exists() and not overwrite:
        raise UsageError(f"{output} exists already; choose another name or give --overwrite")
    merge_tastes([GPTaste.load(path) for path in tastes], weights).save(output, overwrite=overwrite)
    show.line(str(output))
    return 0
