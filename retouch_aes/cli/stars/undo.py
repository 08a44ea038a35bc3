"""`retouch-aes stars undo`: photos and sidecars as they were before stars were written."""

from pathlib import Path

import click

from retouch_aes.cli import failures, show


@click.command()
@click.argument("undo", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(undo: Path) -> int:
    """Take back the stars that FILE, an undo file of `--write-stars`, tells of.

    Files come back to the byte; one that was changed since is left alone and named.

    \b
    retouch-aes stars undo stars_20261128_201500.undo.jsonl
    """
    from retouch_aes.export.stars import undo_stars

    result = undo_stars(undo)
    for path in result.left:
        show.line(f"left as it is, changed since: {path}", err=True)
    show.line(f"{len(result.restored)} set back, {len(result.unchanged)} were as before already")
    return failures.FAILED if result.left else 0
