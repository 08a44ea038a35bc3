"""`retouch-aes taste upgrade`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    from retouch_aes.preferences.answers import Answer
    from retouch_aes.taste.contract import Taste


@click.command()
@click.argument("taste", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--choices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The answers it was learned from (.jsonl or .csv).  [default: beside it, NAME.jsonl, NAME.csv or "
    "choices.jsonl]",
)
@click.option(
    "--ratings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The ratings it was learned from, a table user,photo,rating.",
)
@options.whose_ratings
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that their photos are relative to.  [default: that of the answers]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new taste.  [default: NAME_upgraded.taste beside it; with --overwrite, TASTE itself]",
)
@options.model
@options.device
@options.overwrite
def command(
    taste: Path,
    choices: Path | None,
    ratings: Path | None,
    user: str | None,
    scale: tuple[float, float] | None,
    photos: Path | None,
    output: Path | None,
    model: str,
    device: str,
    overwrite: bool,
) -> int:
    """Learn an old taste again on today's score, from the answers it came from.

    A taste rests on one version of the score; the better one sees other things in a photo, so the taste is
    not translated but learned again. A taste file holds no answers: they are looked for beside it, or named.

    \b
    retouch-aes taste upgrade me.taste --photos holiday/
    retouch-aes taste upgrade me.taste --choices choices.jsonl --photos holiday/ -o new.taste
    retouch-aes taste upgrade me.taste --ratings ratings.csv --user anna --photos holiday/
    """
    if ratings is None and (user is not None or scale is not None):
        raise click.UsageError("--user and --scale go with --ratings.")
    target = output or (taste if overwrite else taste.with_name(f"{taste.stem}_upgraded{taste.suffix}"))
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists already; choose another name with -o or give --overwrite")
    from retouch_aes.cli.taste.describe import lines
    from retouch_aes.preferences.choice_log import read_answers
    from retouch_aes.preferences.ratings import read_ratings
    from retouch_aes.taste import GPTaste, default_cache_folder, learn, load_taste

    old = load_taste(taste)
    if choices is None and ratings is None:
        choices = _beside(taste)
    files = [file for file in (choices, ratings) if file is not None]
    photos = photos or files[0].parent
    said: list[Answer] = [] if choices is None else list(read_answers(choices))
    if ratings is not None:
        said += read_ratings(ratings, photos, user=user, scale=scale)
    names = " and ".join(str(file) for file in files)
    show.line(f"{names}: {len(said)} answers; {taste} was learned from {_count(old)}", err=True)
    with show.bar() as progress:
        found = learn(
            said,
            photos,
            loading.model(model, loading.pick_device(device)),
            name=model,
            method="gp" if isinstance(old, GPTaste) else "head",
            cache=default_cache_folder(),
            progress=progress,
        )
    if isinstance(old, GPTaste) and isinstance(found, GPTaste):
        found = replace(found, usual=old.usual)  # it rests on no score
    found.save(target, overwrite=overwrite)
    for line in lines(found):
        show.line(line)
    show.line(str(target))
    return 0


def _beside(taste: Path) -> Path:
    """The file of answers beside a taste."""
    places = [taste.with_suffix(".jsonl"), taste.with_suffix(".csv"), taste.with_name("choices.jsonl")]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        names = ", ".join(place.name for place in places)
        raise UsageError(
            f"{taste} holds no answers, and there are none beside it ({names}); give --choices FILE or "
            "--ratings FILE, and --photos FOLDER, or make new choices with `retouch-aes rank`"
        )
    return found


def _count(taste: "Taste") -> int:
    return taste.info.choices + taste.info.ratings
