"""`retouch-aes learn`: a taste from choices or ratings."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    import torch

    from retouch_aes.preferences.choice_log import Answer


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
    output: Path,
    method: str,
    pool: Path | None,
    model: str,
    device: str,
    cache: Path | None,
    overwrite: bool,
) -> int:
    """Learn a person's taste from choices between PHOTOS, or from ratings of them.

    Paths in the tables are relative to the folder PHOTOS. Choices and ratings may be given together. What was
    learned is checked by leaving answers out, and said plainly. `score`, `retouch`, `batch` and `apply` take
    the result of every method as --taste.

    \b
    retouch-aes learn holiday/ --choices choices.jsonl -o me.taste
    retouch-aes learn photos/ --ratings ratings.csv --user anna -o anna.taste
    retouch-aes learn holiday/ --choices choices.jsonl --method head --pool pool/ -o me.taste
    retouch-aes retouch holiday/ --taste me.taste -o better/
    """
    from retouch_aes.preferences.choice_log import read_answers

    if choices is None and ratings is None:
        raise click.UsageError("Give --choices, --ratings or both.")
    if pool is not None and method == "gp":
        raise click.UsageError("--pool is for --method head or paper; gp learns from the answers alone.")
    if output.exists() and not overwrite:
        raise UsageError(f"{output} exists already; choose another name or give --overwrite")
    answers: list[Answer] = [] if choices is None else list(read_answers(choices))
    if ratings is not None:
        answers += _ratings(ratings, photos, user, scale)
    where = loading.pick_device(device)
    if method == "gp":
        told = _adapter(answers, photos, output, model, where, cache, overwrite)
    else:
        told = _whole(answers, photos, output, model, where, cache, method, pool, overwrite)
    for line in told:
        show.line(line)
    show.line(str(output))
    return 0


def _adapter(
    answers: "list[Answer]",
    photos: Path,
    output: Path,
    model: str,
    device: "torch.device",
    cache: Path | None,
    overwrite: bool,
) -> list[str]:
    """Learn and save what is added to the score; what to tell."""
    from retouch_aes.cli.taste.describe import lines
    from retouch_aes.taste.feature_cache import default_cache_folder
    from retouch_aes.taste.gp.learn import learn_gp

    generic = loading.model(model, device)
    with show.progress("learning", 100) as advance:
        taste = learn_gp(
            answers,
            photos,
            generic,
            model_name=model,
            cache=cache or default_cache_folder(),
            progress=lambda stage, done, of: advance(_percent(stage, done, of)),
        )
    taste.save(output, overwrite=overwrite)
    return lines(taste)


def _whole(
    answers: "list[Answer]",
    photos: Path,
    output: Path,
    model: str,
    device: "torch.device",
    cache: Path | None,
    method: str,
    pool: Path | None,
    overwrite: bool,
) -> list[str]:
    """Learn and save a model of its own; what to tell."""
    from retouch_aes.cli.taste.describe import whole_lines
    from retouch_aes.models import find_weights, read_card, save_model
    from retouch_aes.taste.feature_cache import FeatureCache, default_cache_folder
    from retouch_aes.taste.finetune.learn import learn_finetuned
    from retouch_aes.taste.finetune.training import HEAD, PAPER
    from retouch_aes.taste.rated_pool import RatedPool

    rated = None if pool is None else RatedPool.open(pool)
    sight = FeatureCache(loading.model(model, device), photos, cache=cache or default_cache_folder())
    with show.progress("learning", 100) as advance:
        learned = learn_finetuned(
            answers,
            sight,
            HEAD if method == "head" else PAPER,
            pool=rated,
            progress=lambda stage, done, of: advance(_percent(stage, done, of)),
        )
    card = learned.card(read_card(find_weights(model)))
    save_model(output, learned.model, card, overwrite=overwrite)
    return whole_lines(learned)


def _percent(stage: str, done: int, of: int) -> int:
    start, width = {"seeing photos": (0, 80), "learning": (80, 5)}.get(stage, (85, 15))
    return start + width * done // max(of, 1)


def _ratings(
    table: Path, photos: Path, user: str | None, scale: tuple[float, float] | None
) -> "list[Answer]":
    from retouch_aes.datasets import RatingsCSV
    from retouch_aes.preferences.choice_log import Rating
    from retouch_aes.preferences.renditions import Rendition

    found = RatingsCSV(table, photos, scale).read()
    if user is None and len(found.users) > 1:
        some = ", ".join(found.users[:5])
        raise UsageError(
            f"{table} has ratings by {len(found.users)} people ({some}, ...); give one by --user"
        )
    mine = found if user is None else found.by([user])
    return [
        Rating(Rendition(str(mine.photos[photo].relative_to(photos))), float(rating), mine.scale, time="")
        for photo, rating in zip(mine.photo_index, mine.original, strict=True)
    ]
