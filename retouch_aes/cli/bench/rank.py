"""`retouch-aes bench rank`."""

import tempfile
from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@click.option("--answers", type=click.IntRange(1), default=200, show_default=True, help="To time, in a row.")
@click.option(
    "--restarts", type=click.IntRange(0), default=20, show_default=True, help="After kill -9, midst answers."
)
@options.seed
@common.reported
def command(
    folder: Path,
    answers: int,
    restarts: int,
    seed: int,
) -> common.Measured:
    """Time the page, and kill it.

    How long does an answer take until it is on the disk, and is one ever lost?

    \b
    retouch-aes bench rank --photos holiday/ --answers 200 --restarts 20
    """
    from retouch_aes.bench.system.rank import measure

    with tempfile.TemporaryDirectory() as place, show.bar() as progress:
        report = measure(
            folder,
            Path(place) / "choices.jsonl",
            answers=answers,
            restarts=restarts,
            seed=seed,
            progress=progress,
        )
    return common.Measured(report)
