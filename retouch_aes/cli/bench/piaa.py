"""`retouch-aes bench piaa`."""

from pathlib import Path

import click

from retouch_aes.cli import executing, options, show
from retouch_aes.cli.bench import common
from retouch_aes.cli.bench import people as asked
from retouch_aes.cli.datasets import Published, check_source


def _varied(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> list[tuple[str, float, str]]:
    """`channels=16,128` as settings of Zhang's method, their values, and the row that they change."""
    from retouch_aes.errors import UsageError
    from retouch_aes.papers.zhang.varied import varied

    found: list[tuple[str, float, str]] = []
    for text in value:
        left, _, numbers = text.partition("=")
        row, _, setting = left.rpartition(":")
        try:
            found += [
                (setting.strip(), float(number), row.strip().replace("-", " "))
                for number in numbers.split(",")
            ]
        except ValueError:
            raise click.BadParameter(
                f"expected SETTING=A,B,... with numbers, such as channels=16,128, got {text!r}.", ctx, param
            ) from None
    try:
        for one in found:
            varied(*one)
    except UsageError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None
    return list(dict.fromkeys(found))


@click.command()
@asked.ratings
@click.option(
    "--methods",
    callback=asked.names_of("methods"),
    metavar="A,B,...",
    help="By short name; a wrong one is answered with all of them. Default: all.",
)
@click.option(
    "--vary",
    multiple=True,
    callback=_varied,
    metavar="[ROW:]SETTING=A,B,...",
    help="Rows of Zhang's method with another setting: channels, pool, neighbours; steps, rate or anchor of "
    "a stage, such as ranking-rate=.001,.02. start-alone:pool=100 changes that row. May be given several "
    "times.",
)
@click.option(
    "--protocol",
    type=click.Choice(["ren", "zhang"]),
    default="ren",
    show_default=True,
    help="ren: gain over the generic score; zhang: rho and pair agreement. Both on the same draws.",
)
@click.option("--per-person", is_flag=True, help="Tables of each person's rho, too.")
@click.option(
    "--pairs",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Of the photos known, at most; Zhang et al.'s user study: --k 150 --pairs 220.",
)
@asked.sizes("10,100", "Photos of a person that are known.")
@asked.asked(100)
@asked.least_test
@asked.repeats(5)
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
    methods: list[str],
    vary: list[tuple[str, float, str]],
    protocol: str,
    per_person: bool,
    pairs: int,
    sizes: tuple[int, ...],
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
    """Compare the papers' methods on real people.

    Known are k photos of a person, by rating and as up to 100 pairs; the others are predicted. The methods
    may learn from a population to which the people predicted do not belong.

    \b
    retouch-aes bench piaa --ratings ratings.csv --photos photos/ --methods generic,pam,pam-features
    retouch-aes bench piaa --ratings ratings.csv --photos photos/ -o piaa.jsonl --json piaa.json
    retouch-aes bench piaa --dataset flickr-aes FLICKR-AES/ --repeats 10 -o piaa.jsonl
    retouch-aes bench piaa --dataset para PARA/ --methods zhang --vary channels=16,128 --vary pool=100
    retouch-aes bench piaa --dataset real-cur REAL-CUR/ --pool ava AVA/ --protocol zhang --per-person
    """
    check_source(published, table, folder, scale)

    from retouch_aes.bench.common.resumable import ResumableResults
    from retouch_aes.bench.papers.own_rows import OWN, own_method
    from retouch_aes.bench.papers.piaa import PiaaPlan, piaa
    from retouch_aes.bench.papers.piaa import settings as results_of
    from retouch_aes.papers import methods as catalogue
    from retouch_aes.papers.zhang.varied import varied

    least = asked.fewest_left(published, least_test)
    plan = PiaaPlan(protocol, sizes, repeats, seed, least, per_person, pairs)
    known = catalogue()
    theirs = {name: known[name]() for name in methods if name not in OWN}
    rows = {
        "-".join(filter(None, ("zhang", row.replace(" ", "-"), f"{setting}-{value:g}"))): varied(
            setting, value, row
        )
        for setting, value, row in vary
    }
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
        methods=[*theirs.values(), *rows.values()],
        doubled=protocol == "zhang",
    )
    chosen = {name: theirs.get(name) or own_method(name, seen_by.fingerprint) for name in methods} | rows
    kept = ResumableResults(output, results_of(study, persons, plan), overwrite=overwrite)
    with show.bar() as progress:
        report = piaa(
            study,
            persons,
            chosen,
            plan,
            kept=kept,
            executor=crew,
            progress=progress,
        )
    made_by = {"backbone": seen_by.name, "fingerprint": seen_by.fingerprint}
    return common.Measured(report, made_by)
