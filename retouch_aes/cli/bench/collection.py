"""`retouch-aes bench collection`."""

from pathlib import Path

import click

from retouch_aes.cli import show
from retouch_aes.cli.bench import common


def _counts(ctx: click.Context, param: click.Parameter, value: str) -> list[int]:
    try:
        return [int(text) for text in value.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"expected whole numbers with commas between them, got {value}.", ctx, param
        ) from None


@click.command()
@click.option(
    "--photos",
    "counts",
    callback=_counts,
    default="10000,100000",
    show_default=True,
    metavar="A,B,...",
    help="How many there are.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the folders are made and removed again.  [default: among the temporary files]",
)
@common.reported
def command(counts: list[int], folder: Path | None) -> common.Measured:
    """Time and memory by number of photos: planning, resuming, scoring, ranking, reviewing.

    Folders of small linked files are made, and commands run on them without the work on pixels, which grows
    with the photos and is measured by `bench speed`.

    \b
    retouch-aes bench collection
    retouch-aes bench collection --photos 10000,100000,300000 --json collection.json
    """
    from retouch_aes.bench.system.collection import collection
    from retouch_aes.cli.bench.collection_stages import MODULE, STAGES

    with show.bar() as progress:
        report = collection(
            counts,
            list(STAGES),
            MODULE,
            folder=folder,
            progress=progress,
        )
    return common.Measured(report)
