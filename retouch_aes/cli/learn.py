"""`retouch-aes learn`: a taste from choices or ratings."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.preferences.answers import Answer


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


@click.command()
@click.argument("photos", type=click.Path(exists=True, file_okay=False, path_type=Path))
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
@click.option(
    "--user", metavar="ID", help="Whose ratings of the table. Needed where it holds several people."
)
@click.option("--scale", type=(float, float), metavar="LOW HIGH", help="Of the ratings. Default: detected.")
@click.option("--stars", is_flag=True, help="Learn from the stars, rejects and picks that PHOTOS carry.")
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
    type=click.Choice(["gp", "head", "paper"]),
    default="gp",
    show_default=True,
    help="gp: a small file on top of the score, in seconds. head: the score with a last layer of one's own. "
    "paper: the whole network at the paper's schedule; slow without a GPU.",
)
@click.option(
    "--pool",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Of `retouch-aes pool build`: similar rated photos are learned from first, by head and paper.",
)
@click.option("--few", is_flag=True, help="Write a taste even from a single answer, which teaches nothing.")
@options.model
@options.device
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps what was seen of photos. [default: ~/.cache/retouch_aes/seen]",
)
@options.overwrite
def command(
    photos: Path,
    choices: Path | None,
    ratings: Path | None,
    user: str | None,
    scale: tuple[float, float] | None,
    stars: bool,
    label_stars: dict[str, float],
    output: Path,
    method: str,
    pool: Path | None,
    few: bool,
    model: str,
    device: str,
    cache: Path | None,
    overwrite: bool,
) -> int:
    """Learn a person's taste from choices between PHOTOS, ratings of them, or the stars they carry.

    Paths in the tables are relative to the folder PHOTOS. All of them may be given together. Stars are read
    from photos and sidecars (XMP, EXIF, RawTherapee); a reject counts as one star, a pick as four. What was
    learned is checked by leaving answers out, and said plainly. `score`, `retouch`, `batch` and `apply` take
    the result of every method as --taste.

    \b
    retouch-aes learn holiday/ --choices choices.jsonl -o me.taste
    retouch-aes learn photos/ --ratings ratings.csv --user anna -o anna.taste
    retouch-aes learn archive/ --stars -o me.taste
    retouch-aes learn holiday/ --choices choices.jsonl --method head --pool pool/ -o me.taste
    retouch-aes retouch holiday/ --taste me.taste -o better/
    """
    if choices is None and ratings is None and not stars:
        raise click.UsageError("Give --choices, --ratings, --stars or several of them.")
    if pool is not None and method == "gp":
        raise click.UsageError("--pool is for --method head or paper; gp learns from the answers alone.")
    if output.exists() and not overwrite:
        raise UsageError(f"{output} exists already; choose another name or give --overwrite")
    from retouch_aes.cli.taste.describe import lines
    from retouch_aes.preferences.choice_log import read_answers
    from retouch_aes.preferences.ratings import read_ratings
    from retouch_aes.taste import RatedPool, default_cache_folder, learn

    answers: list[Answer] = [] if choices is None else list(read_answers(choices))
    if ratings is not None:
        answers += read_ratings(ratings, photos, user=user, scale=scale)
    if stars:
        answers += _stars(photos, label_stars)
    if len(answers) == 1 and not few:
        raise UsageError(
            "one answer says nothing about a taste; give more, or --few to write it all the same"
        )
    with show.bar() as progress:
        found = learn(
            answers,
            photos,
            loading.model(model, loading.pick_device(device)),
            name=model,
            method=method,
            pool=None if pool is None else RatedPool.open(pool),
            cache=cache or default_cache_folder(),
            progress=progress,
        )
    found.save(output, overwrite=overwrite)
    for line in lines(found):
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
