"""`retouch-aes taste tune`: a covariance learned from other people's ratings."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show


@click.command()
@click.option(
    "--ratings",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns user,photo,rating.",
)
@click.option(
    "--photos",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder from which the CSV names its photos.",
)
@click.option(
    "--people",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="Share of the people used; the others are for `bench taste`.",
)
@click.option("--most", type=click.IntRange(10), default=90, show_default=True, help="People at most.")
@click.option("--holdout", type=click.FloatRange(0, 0.9), default=0.25, show_default=True, help="Of themes.")
@click.option("--holdout-seed", type=click.IntRange(0), default=0, show_default=True, help="Of --holdout.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: where `learn` finds it."
)
@options.model
@options.device
@options.seed
@options.overwrite
def command(
    ratings: Path,
    photos: Path,
    people: float,
    most: int,
    holdout: float,
    holdout_seed: int,
    output: Path | None,
    model: str,
    device: str,
    seed: int,
    overwrite: bool,
) -> int:
    """Learn how people differ from the generic score, once for each model.

    From a share of the people and the themes of a set of ratings; `bench taste` with the same seeds measures
    on the others. The result is found by `learn` by the fingerprint of the model.

    \b
    retouch-aes taste tune --ratings ratings.csv --photos photos/
    """
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.errors import RetouchError
    from retouch_aes.taste.feature_cache import default_cache_folder
    from retouch_aes.taste.gp.covariance_files import FOLDER, FittedCovariance
    from retouch_aes.taste.gp.people import RaterPopulation
    from retouch_aes.taste.gp.tuning import tune_covariance

    where = loading.pick_device(device)
    generic = loading.model(model, where)
    target = output or FOLDER / f"{generic.fingerprint}.safetensors"
    if target.exists() and not overwrite:
        raise RetouchError(f"{target} exists already; choose another name or give --overwrite")
    table = RatingsCSV(ratings, photos).read()
    with show.bar() as progress:
        crowd = RaterPopulation.of(table, generic, default_cache_folder(), progress)
    known, _ = crowd.split(people, seed)
    kept = crowd.without(crowd.held(holdout, holdout_seed), known[:most]) if holdout else known[:most]
    masks = [crowd.held(0.25, 100 + number) for number in range(8)]
    with show.bar() as progress:
        basis, settings, gain = tune_covariance(
            crowd.features,
            crowd.score,
            crowd.styles,
            kept,
            masks,
            seed=seed,
            progress=progress,
        )
    provenance = (
        f"tuned on {len(kept)} people of {ratings.name}, {holdout:.0%} of the themes (seed {holdout_seed}) "
        f"and {1 - people:.0%} of the people (seed {seed}) left out; mean gain in rho there {gain:+.4f}"
    )
    FittedCovariance(basis, settings, generic.fingerprint, provenance).save(target)
    show.line(provenance)
    show.line(str(settings))
    show.line(str(target))
    return 0
