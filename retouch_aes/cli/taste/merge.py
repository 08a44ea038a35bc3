"""`retouch-aes taste merge`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import UsageError


@click.command()
@click.argument("tastes", nargs=-1, required=True, metavar="TASTE[:SHARE]...")
@click.option("--shares", metavar="A,B,...", help="The same as one list, such as 60,40. Default: equal.")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The blend."
)
@options.overwrite
def command(tastes: tuple[str, ...], shares: str | None, output: Path, overwrite: bool) -> int:
    """Blend tastes: 60 % me, 40 % you.

    \b
    retouch-aes taste merge me.taste:60 you.taste:40 -o us.taste
    """
    from retouch_aes.taste.gp.taste import GPTaste, merge_tastes

    parts = [_parted(taste) for taste in tastes]
    paths, given = [path for path, _ in parts], [share for _, share in parts if share is not None]
    if missing := [path for path in paths if not path.is_file()]:
        raise UsageError(f"{missing[0]}: no such file; expected TASTE or TASTE:SHARE, such as me.taste:60")
    if given and (shares is not None or len(given) < len(paths)):
        raise UsageError("expected a share behind every taste, such as me.taste:60 you.taste:40, or --shares")
    try:
        weights = [float(part) for part in shares.split(",")] if shares else given or [1.0] * len(paths)
    except ValueError:
        raise UsageError(f"--shares: expected numbers with commas between them, got {shares!r}") from None
    if output.exists() and not overwrite:
        raise UsageError(f"{output} exists already; choose another name or give --overwrite")
    merge_tastes([GPTaste.load(path) for path in paths], weights).save(output, overwrite=overwrite)
    show.line(str(output))
    return 0


def _parted(text: str) -> tuple[Path, float | None]:
    """`me.taste:60` -> the path and the share; a file that has this very name is meant itself."""
    name, colon, share = text.rpartition(":")
    if not colon or Path(text).exists():
        return Path(text), None
    try:
        return Path(name), float(share)
    except ValueError:
        return Path(text), None
