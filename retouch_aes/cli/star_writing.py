"""`--write-stars`, for the commands that have scores or ratings to write."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.culling import is_best, parse_best
from retouch_aes.cli.optional_value import OptionalValue

if TYPE_CHECKING:
    from retouch_aes.export.stars import StarChange


def _rule(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and is_best(value):
        parse_best(value)
    elif value is not None:
        from retouch_aes.export.star_rules import parse_rule

        parse_rule(value)
    return value


rule = click.option(
    "--write-stars",
    "stars",
    cls=OptionalValue,
    flag_value="percentile",
    callback=_rule,
    metavar="[RULE]",
    help="Show the stars that the scores would give; with --yes, write them. percentile[:5,15,30,30] "
    "(percent of photos for 5, 4, 3 and 2 stars) or score[:4,5,6,7] (least score for 2 to 5 stars); a fifth "
    "number rejects that many, or below it. With --best-of: best[:STARS[,REST]], such as best:4,reject.",
)
confirmation = options.together(
    click.option("--yes", is_flag=True, help="Write the stars; without, they are only shown."),
    click.option("--replace-stars", is_flag=True, help="Also where a photo carries stars or a flag already."),
    click.option(
        "--undo-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="For `retouch-aes stars undo`.  [default: stars_DATE_TIME.undo.jsonl here]",
    ),
)


def write_stars(
    ratings: Mapping[Path, int], *, yes: bool, replace: bool, undo: Path | None, err: bool = False
) -> int:
    """Show the plan, or carry it out; returns how many photos could not be rated."""
    from retouch_aes.export.stars import plan_stars
    from retouch_aes.export.stars import write_stars as write

    plan = plan_stars(ratings, replace=replace)
    undo = undo or Path(datetime.datetime.now().strftime("stars_%Y%m%d_%H%M%S.undo.jsonl"))
    done = write(plan, undo) if yes and plan.changes else plan
    for change in done.changes:
        show.line(_told(change), err=err)
    for photo, problem in done.problems:
        show.line(f"failed: {photo}: {problem}", err=True)
    photos = len({change.photo for change in done.changes})
    kept = f", {len(done.kept)} keep theirs" if done.kept else ""
    if not yes:
        show.line(f"{photos} photos would get stars{kept}. Nothing was written; --yes writes.", err=err)
    elif plan.changes:
        show.line(
            f"{photos} photos got stars{kept}. To take them back: retouch-aes stars undo {undo}", err=err
        )
    else:
        show.line(f"no photo got stars{kept}", err=err)
    return len(done.problems)


def _told(change: "StarChange") -> str:
    stars = "rejected" if change.rating < 0 else "*" * change.rating or "no stars"
    beside: Any = "" if change.target.suffix != ".xmp" else f" (in {change.target.name})"
    return f"{stars:8} {change.photo}{beside}"
