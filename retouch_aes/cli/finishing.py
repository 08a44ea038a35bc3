"""`--resize`, `--keep-time` and `--copy-sidecars`, for every command that writes photos."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show

if TYPE_CHECKING:
    from retouch_aes.export.finishing import Finishing

choices = options.together(
    click.option(
        "--resize",
        type=click.IntRange(16, 100_000),
        metavar="PIXELS",
        help="Long side of the result, at most: reduced in linear light, sharpened for its size.",
    ),
    click.option("--keep-time", is_flag=True, help="Give results the file time of their originals."),
    click.option(
        "--copy-sidecars",
        is_flag=True,
        help="Copy XMP sidecars (stars, keywords) to the results; those that hold an edit are left.",
    ),
)


def finishing(resize: int | None, keep_time: bool, copy_sidecars: bool) -> "Finishing":
    """The options as a value."""
    from retouch_aes.export.finishing import Finishing

    return Finishing(resize, keep_time, copy_sidecars)


def finish(how: "Finishing", original: Path, result: Path, *, overwrite: bool) -> None:
    """After a result is written; what was left is told."""
    for path in how.after(original, result, overwrite=overwrite):
        show.line(f"{path} holds an edit and was not copied", err=True)
