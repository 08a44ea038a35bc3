"""`retouch-aes bench active`."""

from pathlib import Path

import click

from retouch_aes.cli import executing, options, show
from retouch_aes.cli.bench import common
from retouch_aes.cli.bench import people as asked
from retouch_aes.cli.datasets import Published, check_source


@click.command()
@asked.ratings
@click.option(
    "--method", default="pam", show_default=True, metavar="NAME", help="What is fitted, as in `bench piaa`."
)
@click.option("--selectors", callback=asked.names_of("selectors"), metavar="A,B,...", help="Default: all.")
@click.option(
    "--coordinates",
    type=click.Choice(["style", "network"]),
    default="style",
    show_default=True,
    help="Where selectors place photos: attributes, content and score; or the last layer but one of the "
    "network (of `train pam`; else the backbone's features) and the score, as printed.",
)
@click.option("--start", type=click.IntRange(2), default=10, show_default=True, help="Rated at first.")
@click.option("--end", type=click.IntRange(3), default=100, show_default=True, help="Rated at last.")
@asked.asked(30)
@asked.least_test
@asked.repeats(10)
@asked.jobs
@options.seed
@common.reported
@asked.kept
def command(
    published: Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None,
    backbone: str,
    population: float | None,
    pool: Published,
    device: str,
    method: str,
    selectors: list[str],
    coordinates: str,
    start: int,
    end: int,
    people: int,
    least_test: int | None,
    repeats: int,
    workers: int,
    engine: str,
    ray_address: str | None,
    seed: int,
    overwrite: bool,
    output: Path | None,
) -> common.Measured:
    """Compare ways to choose the photos a person is asked about.

    From 10 to 100 ratings, over the whole album and the unseen rest.

    \b
    retouch-aes bench active --ratings ratings.csv --photos photos/ --json active.json
    retouch-aes bench active --dataset flickr-aes FLICKR-AES/ --people 37
    """
    check_source(published, table, folder, scale)

    from dataclasses import replace

    from retouch_aes.bench.common.resumable import ResumableResults
    from retouch_aes.bench.papers.active import ActivePlan, active
    from retouch_aes.bench.papers.active import settings as results_of
    from retouch_aes.errors import UsageError
    from retouch_aes.papers import methods
    from retouch_aes.papers.active import SELECTORS
    from retouch_aes.papers.active.selector import network_coordinates

    known = methods()
    if method not in known:
        raise UsageError(f"expected a method out of {', '.join(known)}, got {method!r}")
    least = asked.fewest_left(published, least_test)
    plan = ActivePlan(start, end, repeats=repeats, seed=seed, least_test=least)
    fitted = known[method]()
    crew = executing.crew(workers, engine, ray_address)
    study, persons, seen_by = asked.study(
        published,
        table,
        folder,
        scale,
        backbone,
        population,
        people,
        seed,
        device=device,
        pool=pool,
        executor=crew,
        methods=[fitted],
    )
    if coordinates == "network":
        study = replace(study, coordinates=network_coordinates(study, seen_by.last_layer(study.features)))
    chosen = {name: SELECTORS[name]() for name in selectors}
    kept = ResumableResults(output, results_of(study, persons, fitted.name, plan), overwrite=overwrite)
    with show.bar() as progress:
        report = active(
            study,
            persons,
            fitted,
            chosen,
            plan,
            kept=kept,
            executor=crew,
            progress=progress,
        )
    made_by = {"backbone": seen_by.name, "fingerprint": seen_by.fingerprint}
    return common.Measured(report, made_by)
