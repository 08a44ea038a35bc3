"""`retouch-aes bench generic`."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, loading, options
from retouch_aes.cli.bench import common, people, settings
from retouch_aes.cli.run_jobs import Record, failed, run_jobs


@click.command()
@settings.rated
@settings.scale
@datasets.part
@options.model
@options.device
@click.option(
    "--holdout",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Measure on this held-out part only: whole themes (names without numbers), drawn by --holdout-seed.",
)
@click.option("--holdout-seed", type=click.IntRange(0), default=0, show_default=True, help="Of --holdout.")
@options.seed
@options.side
@common.reported
def command(
    published: datasets.Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None,
    part: str | None,
    model: str,
    device: str,
    holdout: float | None,
    holdout_seed: int,
    seed: int,
    side: int,
) -> common.Measured:
    """Compare scores with people's ratings.

    Spearman, Pearson, pairs in the right order and mean per-user rho, with bootstrap intervals.

    \b
    retouch-aes bench generic --ratings ratings.csv --photos photos/ --json generic.json
    retouch-aes bench generic --ratings ratings.csv --photos photos/ --holdout 0.25 --holdout-seed 7
    retouch-aes bench generic --dataset aadb AADB/ --part test
    """
    datasets.check_source(published, table, folder, scale, part)

    import numpy as np

    from retouch_aes.bench.scoring.generic import generic
    from retouch_aes.datasets import split_by_theme
    from retouch_aes.pipeline import Scorer

    dataset = datasets.read_rated(published, table, folder, scale, part=part)
    ratings = dataset.single_ratings()
    if holdout is not None:
        groups = people.groups_of(dataset, ratings)
        held = split_by_theme(ratings.photos, holdout, holdout_seed, groups)[1]
        ratings = ratings.subset(ratings.photos[index] for index in held)
    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    scorer = Scorer(candidate.model, side=side)

    def one(path: Path) -> Record:
        return {"score": scorer(path).score}

    records = run_jobs("scoring", ratings.photos, lambda path: path, one)
    scores = {
        path: record["score"]
        for path, record in zip(ratings.photos, records, strict=True)
        if "score" in record
    }
    ratings = ratings.subset(scores)
    report = generic(
        np.array([scores[path] for path in ratings.photos]),
        ratings.user_index,
        ratings.photo_index,
        ratings.original,
        seed=seed,
    )
    return common.Measured(report, candidate.made_by, 0 if published else failed(records))
