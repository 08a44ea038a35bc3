"""What the benchmarks on people's ratings share: their options, and a study out of them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import settings

if TYPE_CHECKING:
    from retouch_aes.bench.papers.study import StudyPerson
    from retouch_aes.bench.papers.study_backbone import StudyBackbone
    from retouch_aes.papers.method import Study


def _numbers(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in value.split(","))
    except ValueError:
        raise click.BadParameter("expected whole numbers with commas between them.", ctx, param) from None


def names_of(what: str) -> Callable[[click.Context, click.Parameter, str | None], list[str]]:
    """A callback that takes names out of a catalogue, `methods` or `selectors`; all where none are given."""

    def check(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str]:
        known = _catalogue(what)
        names = known if value is None else [name.strip() for name in value.split(",") if name.strip()]
        if not names or set(names) - set(known):
            text = f"expected names out of {', '.join(known)}, got {value!r}."
            raise click.BadParameter(text, ctx, param)
        return list(dict.fromkeys(names))

    return check


def _catalogue(what: str) -> list[str]:
    if what == "selectors":
        from retouch_aes.papers.active import SELECTORS

        return list(SELECTORS)
    from retouch_aes.bench.papers.own_rows import OWN
    from retouch_aes.papers import METHODS

    return [*OWN, *METHODS]


def sizes(default: str, text: str) -> options.Decorator:
    """`--k A,B,...`."""
    return click.option(
        "--k", "sizes", default=default, show_default=True, metavar="A,B,...", callback=_numbers, help=text
    )


def asked(default: int) -> options.Decorator:
    """`--people N`."""
    return click.option(
        "--people", type=click.IntRange(1), default=default, show_default=True, help="To predict, at most."
    )


def repeats(default: int) -> options.Decorator:
    """`--repeats N`."""
    return click.option(
        "--repeats", type=click.IntRange(1), default=default, show_default=True, help="Draws per person."
    )


ratings = options.together(
    settings.rated,
    settings.scale,
    click.option(
        "--backbone",
        default="aesthetic",
        show_default=True,
        metavar="NAME_OR_FILE",
        help="A model with features, or ImageNet weights of MobileNetV2 under torchvision's names; those "
        "have no score of their own, so it is learned from the population.",
    ),
    click.option(
        "--population",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.5,
        show_default=True,
        help="Share of the people of whom methods may learn; they are not predicted.",
    ),
)
jobs = click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
kept = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep each result here as it is finished (JSON lines), and go on from there after a stop.",
)


def study(
    table: Path,
    folder: Path,
    scale: tuple[float, float] | None,
    backbone: str,
    population: float,
    people: int,
    seed: int,
    *,
    maps: bool = False,
) -> "tuple[Study, list[StudyPerson], StudyBackbone]":
    """The study that the options mean, the people to be predicted, and the backbone that saw the photos."""
    from retouch_aes.bench.papers.study import persons, split_people, study_of
    from retouch_aes.bench.papers.study_backbone import StudyBackbone
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.taste.feature_cache import default_cache_folder

    found = StudyBackbone.load(backbone)
    ratings = RatingsCSV(table, folder, scale).read()
    others, names = split_people(ratings, population, people, seed)
    with show.progress("seeing photos", len(ratings.photos)) as advance:
        seen = found.see(
            ratings.photos, default_cache_folder(), maps=maps, progress=lambda done, _: advance(done)
        )
    return study_of(ratings, seen, others, seed), persons(ratings, names), found
