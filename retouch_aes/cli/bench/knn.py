"""`retouch-aes bench knn`."""

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common


@click.command()
@click.option("--rows", type=click.IntRange(1), default=255_000, show_default=True, help="Rated photos.")
@click.option("--width", type=click.IntRange(1), default=512, show_default=True, help="Features of each.")
@click.option("--queries", type=click.IntRange(1), default=200, show_default=True, help="A person's photos.")
@click.option("--neighbours", type=click.IntRange(1), default=50, show_default=True, help="Of each of those.")
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="The fastest counts.")
@options.seed
@common.reported
def command(
    rows: int,
    width: int,
    queries: int,
    neighbours: int,
    repeats: int,
    seed: int,
) -> common.Measured:
    """Time the search for similar rated photos.

    Exact, by cosine, against a plain matrix product of the same size in the same run.

    \b
    retouch-aes bench knn
    retouch-aes bench knn --rows 255000 --queries 200 --json knn.json
    """
    from retouch_aes.bench.system.knn import knn

    with show.bar() as progress:
        report = knn(
            rows,
            width,
            queries,
            neighbours,
            repeats=repeats,
            seed=seed,
            progress=progress,
        )
    return common.Measured(report)
