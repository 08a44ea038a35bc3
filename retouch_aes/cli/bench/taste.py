"""`retouch-aes bench taste`."""

from pathlib import Path

import click

from retouch_aes.cli import datasets, loading, options, show
from retouch_aes.cli.bench import common, settings


@click.command()
@settings.rated
@click.option("--people", type=click.IntRange(1), default=120, show_default=True, help="To predict, at most.")
@click.option("--repeats", type=click.IntRange(1), default=1, show_default=True, help="Draws per person.")
@click.option(
    "--tuned",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.5,
    show_default=True,
    help="Share of the people that `taste tune` used, with this --seed; they are left out.",
)
@click.option(
    "--holdout",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.25,
    show_default=True,
    help="Share of themes to be predicted where themes are apart, drawn by --holdout-seed.",
)
@click.option("--holdout-seed", type=click.IntRange(0), default=0, show_default=True, help="Of --holdout.")
@options.model
@options.device
@options.seed
@common.reported
def command(
    published: datasets.Published,
    table: Path | None,
    folder: Path | None,
    people: int,
    repeats: int,
    tuned: float,
    holdout: float,
    holdout_seed: int,
    model: str,
    device: str,
    seed: int,
) -> common.Measured:
    """Predict people from 10, 50 and 100 of their answers.

    The gain in Spearman's rho over the generic score, from ratings and from choices, beside PAM's nu-SVR.

    \b
    retouch-aes bench taste --ratings ratings.csv --photos photos/ --json taste.json
    """
    datasets.check_source(published, table, folder)

    from retouch_aes.bench.scoring.taste import taste
    from retouch_aes.datasets import readable_only
    from retouch_aes.taste.feature_cache import default_cache_folder
    from retouch_aes.taste.gp.covariance_files import default_covariance, find_covariance
    from retouch_aes.taste.gp.people import RaterPopulation

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    dataset = datasets.read_rated(published, table, folder)
    if published is not None:
        with show.bar() as progress:
            dataset = readable_only(dataset, progress=progress)
    ratings = dataset.single_ratings()
    with show.bar() as progress:
        crowd = RaterPopulation.of(ratings, candidate.model, default_cache_folder(), progress)
    fitted = find_covariance(candidate.model.fingerprint) or default_covariance(
        crowd.features, candidate.model.fingerprint
    )
    test = crowd.split(tuned, seed)[1][:people]
    with show.bar() as progress:
        report = taste(
            crowd,
            test,
            crowd.held(holdout, holdout_seed),
            fitted,
            repeats=repeats,
            seed=seed,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by)
