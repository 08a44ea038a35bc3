"""What the benchmarks on people's ratings share: their options, and a study out of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import executing, loading, options, show
from retouch_aes.cli.bench import settings
from retouch_aes.cli.datasets import Published

if TYPE_CHECKING:
    from retouch_aes.bench.papers.study import StudyPerson
    from retouch_aes.datasets import RatedDataset, Ratings
    from retouch_aes.executors import Executor
    from retouch_aes.papers.method import Method, Study
    from retouch_aes.papers.personal.study_backbone import StudyBackbone, StudyFeatures


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
    from retouch_aes.papers import methods

    return [*OWN, *methods()]


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


pool = click.option(
    "--pool",
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="Another dataset to learn from instead of --population: all its people, and none of those measured.",
)
ratings = options.together(
    settings.rated,
    settings.scale,
    click.option(
        "--backbone",
        default="aesthetic",
        show_default=True,
        metavar="NAME_OR_FILE",
        help="A model with features, torchvision:NAME or timm:NAME, or a file of MobileNetV2; backbones "
        "have no score of their own, so it is learned from the population.",
    ),
    click.option(
        "--population",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        help="Share of the people of whom methods may learn; they are not predicted.  [default: 0.5; the "
        "authors' training people where a --dataset has such]",
    ),
    pool,
    options.device,
)
jobs = options.together(
    click.option(
        "--workers",
        "--jobs",
        type=click.IntRange(1, 1024),
        default=1,
        show_default=True,
        help="Photos and people at a time.",
    ),
    executing.engine,
)
kept = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep each result here as it is finished (JSON lines), and go on from there after a stop.",
)


least_test = click.option(
    "--least-test",
    type=click.IntRange(2),
    help="People with fewer photos left to be predicted do not count.  [default: 8; 5 for flickr-aes, some "
    "of whose test workers have only 105 photos]",
)
POPULATION = 0.5
LEAST_FLICKR = 5


def fewest_left(published: Published, least: int | None) -> int:
    """`--least-test`, or its default for the dataset."""
    from retouch_aes.bench.papers.draws import LEAST_TEST
    from retouch_aes.datasets import FlickrAES, find_reader

    if least is not None:
        return least
    return LEAST_FLICKR if published and find_reader(published[0]) is FlickrAES else LEAST_TEST


def see(
    backbone: "StudyBackbone", ratings: "Ratings", methods: "Sequence[Method]" = ()
) -> "tuple[Ratings, StudyFeatures]":
    """The photos of `ratings` as `backbone` sees them; those that cannot be read are told and left out.

    Maps are kept, as far as `methods` read them.
    """
    from dataclasses import replace

    from retouch_aes.cli.datasets import Unreadable
    from retouch_aes.papers.common.map_method import pooled_maps
    from retouch_aes.taste.feature_cache import default_cache_folder
    from retouch_aes.user_cache import user_cache

    pooled = pooled_maps(methods, user_cache("maps"))

    unreadable = Unreadable()
    with show.bar() as progress:
        seen = backbone.see(
            ratings.photos,
            default_cache_folder(),
            maps=pooled is None and any(method.maps for method in methods),
            each_maps=None if pooled is None else pooled.append,
            progress=progress,
            failed=unreadable,
        )
    if pooled is not None:
        seen = replace(seen, maps=pooled)
    sound = seen.readable()
    if sound.all():
        return ratings, seen
    unreadable.count()
    kept = [photo for photo, is_sound in zip(ratings.photos, sound, strict=True) if is_sound]
    return ratings.subset(kept), seen.rows(sound)


def study(
    published: Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None,
    backbone: str,
    population: float | None,
    people: int,
    seed: int,
    *,
    device: str,
    pool: Published = None,
    methods: "Sequence[Method]" = (),
    doubled: bool = False,
    executor: "Executor | None" = None,
) -> "tuple[Study, list[StudyPerson], StudyBackbone]":
    """The study that the options mean, the people to be predicted, and the backbone that saw the photos.

    `methods` learn from the people of `pool` where one is given. With `doubled`, ratings of REAL-CUR are
    brought to 1..10 as Zhang et al. do. `executor` looks at the photos.
    """
    from retouch_aes.bench.papers.study import persons, published_people, split_people, study_of
    from retouch_aes.cli.datasets import read_rated
    from retouch_aes.errors import UsageError
    from retouch_aes.papers.personal.study_backbone import StudyBackbone

    found = StudyBackbone.load(backbone, loading.pick_device(device), executor=executor)
    dataset = read_rated(published, table, folder, scale, doubled=doubled)
    if dataset.ratings is None:
        raise UsageError(f"expected a dataset with the ratings of single people, {dataset.name} has none")
    if pool is not None and population is not None:
        raise click.UsageError("--pool stands for --population: give one or the other.")
    learned = None if pool is None else read_rated(pool, None, None)
    joint = dataset.ratings if learned is None else dataset.ratings.joined(learned.single_ratings())
    ratings, seen = see(found, joint, methods)
    parts = published_people(dataset, ratings) if population is None else None
    if learned is not None:
        mine = set(dataset.ratings.users)
        others = [user for user in ratings.users if user not in mine]
        names = [user for user in (parts[1] if parts else ratings.users) if user in mine][:people]
    elif parts is None:
        others, names = split_people(ratings, population or POPULATION, people, seed)
    else:
        others, names = parts[0], parts[1][:people]
    show.line(f"{dataset.name}: {len(others)} people to learn from, {len(names)} to be predicted", err=True)
    traits = dataset.traits if learned is None else None  # of another dataset's people other things are known
    made = study_of(ratings, seen, others, seed, groups_of(dataset, ratings), learned, traits)
    return made, persons(ratings, names, traits), found


def groups_of(dataset: "RatedDataset", ratings: "Ratings") -> list[str] | None:
    """What each photo of `ratings` belongs to, where the dataset knows; a photo it lacks is by itself."""
    if dataset.groups is None:
        return None
    group = dict(zip(dataset.photos, dataset.groups, strict=True))
    return [group.get(photo) or str(photo) for photo in ratings.photos]
