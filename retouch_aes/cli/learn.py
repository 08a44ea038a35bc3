"""`retouch-aes learn`: a taste from choices or ratings."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from retouch_aes.cli import executing, learn_edits, learn_preset, loading, options, show
from retouch_aes.cli.datasets import Published, read_rated
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.preferences.answers import Answer
    from retouch_aes.taste import Taste
    from retouch_aes.taste.gp.usual_edit import UsualEdit


def _labels(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, float]:
    """`Red=1,Green=5` as a table."""
    try:
        pairs = [part.split("=") for part in (value or "").split(",") if part.strip()]
        labels = {name.strip(): float(number) for name, number in pairs}
    except ValueError:
        raise click.BadParameter("expected LABEL=STARS with commas between them.", ctx, param) from None
    if not all(1 <= number <= 5 for number in labels.values()):
        raise click.BadParameter("stars are 1 to 5.", ctx, param)
    return labels


_OURS = ("gp", "head", "paper")


def _method(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A name of ours, or of the papers' methods, which are imported only then."""
    if value in _OURS:
        return value
    from retouch_aes.taste.by_paper import check_method

    try:
        check_method(value)
    except UsageError:
        from retouch_aes.papers import methods

        names = ", ".join((*_OURS, *methods(), "cfan"))
        raise click.BadParameter(f"expected one of {names}, got {value!r}.", ctx, param) from None
    return value


@click.command()
@click.argument("photos", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--choices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Choices as the page writes them (.jsonl), or a table winner,loser (.csv).",
)
@click.option(
    "--ratings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ratings as a table user,photo,rating.",
)
@options.whose_ratings
@click.option("--stars", is_flag=True, help="Learn from the stars, rejects and picks that PHOTOS carry.")
@click.option(
    "--edits",
    type=(
        click.Path(exists=True, file_okay=False, path_type=Path),
        click.Path(exists=True, file_okay=False, path_type=Path),
    ),
    metavar="BEFORE AFTER",
    help="Learn from your own edits: photos as they were, and as you made them, by the same names. Useful "
    "from 10 on.",
)
@click.option(
    "--label-stars",
    callback=_labels,
    metavar="LABEL=STARS,...",
    help="What colour labels count as, such as Red=1,Green=5. Without, they count nothing.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The taste, such as me.taste.",
)
@click.option(
    "--method",
    default="gp",
    show_default=True,
    metavar="NAME",
    callback=_method,
    help="gp: a small file on top of the score, in seconds. head: the score with a last layer of one's own. "
    "paper: the whole network at Zhang's schedule; slow without a GPU. Or a method of the papers, such as "
    "pam, pam-features, kong, r-svr, zhang: those of `bench piaa`, and cfan.",
)
@click.option(
    "--population",
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="A dataset of other people's ratings (docs/reproduce.md), for methods of the papers; fpmf, nima, "
    "mlsp, mpada and zhang need one.",
)
@click.option(
    "--from",
    "trained",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For cfan: the file of `train cfan`.",
)
@click.option(
    "--pool",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Of `retouch-aes pool build`: similar rated photos are learned from first, by head and paper.",
)
@learn_preset.given
@click.option("--few", is_flag=True, help="Write a taste even from a single answer, which teaches nothing.")
@options.model
@options.device
@executing.choices
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps what was seen of photos. [default: ~/.cache/retouch_aes/seen]",
)
@options.overwrite
def command(
    photos: Path | None,
    choices: Path | None,
    ratings: Path | None,
    user: str | None,
    scale: tuple[float, float] | None,
    stars: bool,
    edits: tuple[Path, Path] | None,
    label_stars: dict[str, float],
    output: Path,
    method: str,
    population: Published,
    trained: Path | None,
    pool: Path | None,
    preset: str | None,
    ava: Path | None,
    backbone: str,
    run: Path | None,
    few: bool,
    model: str,
    device: str,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    cache: Path | None,
    overwrite: bool,
) -> int:
    """Learn a person's taste from choices between PHOTOS, ratings, stars they carry, or edits.

    Paths in the tables are relative to the folder PHOTOS. All of them may be given together. Stars are read
    from photos and sidecars (XMP, EXIF, RawTherapee); a reject counts as one star, a pick as four. What was
    learned is checked by leaving answers out, and said plainly. `score`, `retouch`, `batch` and `apply` take
    the result of every method as --taste.

    \b
    retouch-aes learn holiday/ --choices choices.jsonl -o me.taste
    retouch-aes learn photos/ --ratings ratings.csv --user anna -o anna.taste
    retouch-aes learn archive/ --stars -o me.taste
    retouch-aes learn --edits originals/ finished/ -o me.taste
    retouch-aes learn holiday/ --choices choices.jsonl --method head --pool pool/ -o me.taste
    retouch-aes learn photos/ --ratings ratings.csv --user anna --method pam -o anna.taste
    retouch-aes learn holiday/ --choices choices.jsonl --preset zhang --ava AVA/ --device cuda -o me.taste
    retouch-aes retouch holiday/ --taste me.taste -o better/
    """
    about_photos = choices is not None or ratings is not None or stars
    if not about_photos and edits is None:
        raise click.UsageError("Give --choices, --ratings, --stars, --edits or several of them.")
    if photos is None:
        if about_photos or edits is None:
            raise click.UsageError("Give PHOTOS, the folder that --choices, --ratings or --stars are about.")
        photos = edits[0]
    source = click.get_current_context().get_parameter_source("method")
    learn_preset.check(preset, ava, pool, source is not ParameterSource.DEFAULT)
    if pool is not None and preset is None and method not in ("head", "paper"):
        raise click.UsageError("--pool is for --method head or paper; gp learns from the answers alone.")
    if population is not None and method in (*_OURS, "cfan"):
        raise click.UsageError(f"--population is for methods of the papers, not for {method}.")
    if (trained is None) != (method != "cfan"):
        raise click.UsageError("--from FILE is for --method cfan, which needs it: the file of `train cfan`.")
    if output.exists() and not overwrite:
        raise UsageError(f"{output} exists already; choose another name or give --overwrite")
    from retouch_aes.preferences.choice_log import read_answers
    from retouch_aes.preferences.ratings import read_ratings
    from retouch_aes.taste import GPTaste, RatedPool, default_cache_folder, learn

    usual: UsualEdit | None = None
    answers: list[Answer] = [] if choices is None else list(read_answers(choices))
    if ratings is not None:
        answers += read_ratings(ratings, photos, user=user, scale=scale)
    if stars:
        answers += _stars(photos, label_stars)
    if edits is not None:
        said, usual = learn_edits.said(*edits, beside=bool(answers))
        answers += said
    if len(answers) == 1 and not few:
        raise UsageError(
            "one answer says nothing about a taste; give more, or --few to write it all the same"
        )
    if preset is not None:
        run = run or output.with_name(f"{output.name}.run")
        mine = learn_preset.learned(
            answers,
            photos,
            preset,
            ava=ava,
            pool=None if pool is None else RatedPool.open(pool),
            backbone=backbone,
            model=model,
            device=device,
            folder=run,
            cache=cache or default_cache_folder(),
        )
        return _kept(mine, output, overwrite, run)
    where = loading.pick_device(device)
    crew = executing.executor(workers, engine, ray_address, count=len(answers), device=where)
    with show.bar() as progress:
        found = learn(
            answers,
            photos,
            loading.model(model, where),
            name=model,
            method=method,
            pool=None if pool is None else RatedPool.open(pool),
            population=None if population is None else read_rated(population, None, None),
            trained=trained,
            cache=cache or default_cache_folder(),
            executor=crew,
            progress=progress,
        )
    if isinstance(found, GPTaste):
        found = replace(found, usual=usual)
    return _kept(found, output, overwrite)


def _kept(taste: "Taste", output: Path, overwrite: bool, run: Path | None = None) -> int:
    """Write the taste and say what it is; then a `run` that made it is needed no more."""
    from retouch_aes.cli.taste.describe import lines
    from retouch_aes.optim.run_folder import end_run

    taste.save(output, overwrite=overwrite)
    if run is not None:
        end_run(run)
    for line in lines(taste):
        show.line(line)
    show.line(str(output))
    return 0


def _stars(photos: Path, labels: dict[str, float]) -> "list[Answer]":
    """What the photos of a folder carry, as answers; photos that cannot be read are told and left out."""
    from retouch_aes.errors import PhotoError
    from retouch_aes.export.star_reading import read_stars
    from retouch_aes.export.star_rules import StarScale, ratings_from_stars
    from retouch_aes.photo import find_photos

    said, found = [], find_photos(photos)
    for photo in found:
        try:
            said.append(read_stars(photo))
        except PhotoError as error:
            show.line(f"left out: {error}", err=True)
    answers: list[Answer] = list(ratings_from_stars(said, photos, StarScale(labels=labels)))
    show.line(f"{len(answers)} of {len(found)} photos carry stars, rejects or picks", err=True)
    return answers
