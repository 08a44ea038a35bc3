"""Arguments and options that several commands share, each defined once."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from retouch_aes.cli.operator_names import check
from retouch_aes.cli.optional_value import OptionalValue

Decorator = Callable[[Any], Any]
STDOUT = "-"
PRIOR = "edit-prior"


def together(*parts: Decorator) -> Decorator:
    """Several decorators as one, listed in the order of the help text."""

    def decorate(function: Any) -> Any:
        for part in reversed(parts):
            function = part(function)
        return function

    return decorate


def _existing(**kinds: bool) -> click.Path:
    return click.Path(exists=True, readable=False, path_type=Path, **kinds)


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number.", ctx, param)
    return value


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str] | None:
    names = None if value is None else [name.strip() for name in value.split(",") if name.strip()]
    if names == []:
        raise click.BadParameter("expected names with commas between them.", ctx, param)
    return names


def _report(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A file for a report: refuse one that looks like a photo given by mistake (`--json photo.jpg`)."""
    if value in (None, STDOUT):
        return value
    path, expected = Path(str(value)), f".{param.name}"
    if path.is_dir() or (path.suffix.lower() not in (expected, ".txt", "") and path.is_file()):
        raise click.BadParameter(
            f"{value} is not a {expected} file. Give a file name, or put the option last for stdout.",
            ctx,
            param,
        )
    return value


photos = click.argument(
    "paths", metavar="PHOTO_OR_FOLDER...", nargs=-1, required=True, type=_existing(file_okay=True)
)
photo_folder = click.option(
    "--photos", "folder", required=True, type=_existing(file_okay=False), help="Folder of photos."
)
recipe_argument = click.argument("recipe", type=_existing(dir_okay=False))

output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File (for one photo) or folder, which keeps the tree of a folder given. "
    "Default: NAME_retouched beside each photo.",
)
operators = click.option(
    "--operators",
    callback=lambda ctx, param, value: check(ctx, param, _names(ctx, param, value)),
    metavar="A,B,...",
    help="Operators that may be used (see `retouch-aes operators`). Default: all for light and colour.",
)
keep = click.option(
    "--keep",
    callback=lambda ctx, param, value: check(ctx, param, _names(ctx, param, value)),
    metavar="A,B,...",
    help="Operators whose sliders may not move, such as saturation,hsl; a --look still has its own.",
)
strength = click.option(
    "--strength",
    type=click.FloatRange(0, 10),
    callback=_finite,
    default=1.0,
    show_default=True,
    help="0 leaves the photo, 1 is the edit as found, 2 doubles it.",
)
levels = click.option(
    "--levels/--no-levels",
    default=None,
    help="Stretch the tones of each result to black and white (auto levels), whatever the score says; or "
    "never.  [default: where an end is missing, if the score agrees; never to a taste]",
)
steps = click.option(
    "--steps", type=click.IntRange(0, 10_000), help="Of the search, at most.  [default: the solver's own]"
)
quality = click.option(
    "--quality", type=click.IntRange(1, 100), default=95, show_default=True, help="Of JPEG, WebP, AVIF, HEIC."
)
pairs = click.option(
    "--pairs",
    type=click.Choice(["both", "raw", "jpeg"]),
    default="both",
    show_default=True,
    help="Of a camera's RAW+JPEG pairs: both (IMG_1.jpg, IMG_1_dng.jpg), or one.",
)
whose_ratings = together(
    click.option(
        "--user", metavar="ID", help="Whose ratings of the table. Needed where it holds several people."
    ),
    click.option(
        "--scale", type=(float, float), metavar="LOW HIGH", help="Of the ratings. Default: detected."
    ),
)
overwrite = click.option("--overwrite", is_flag=True, help="Replace results that exist already.")
model = click.option(
    "--model",
    default="aesthetic",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="The score; pyiqa:NAME is a metric of pyiqa.",
)
editing_model = click.option(
    "--model",
    default="aesthetic-compact",
    show_default=True,
    metavar="NAME_OR_FILE",
    help="The score that edits climb; pyiqa:NAME is a metric of pyiqa. A taste brings the one it was learned "
    "on.",
)
trust = click.option(
    "--trust", is_flag=True, help="The network's file is a program and may run as code: you trust its author."
)
taste = click.option(
    "--taste",
    type=_existing(dir_okay=False),
    help="A person's taste, made by `retouch-aes learn`: on top of the score, or a score of its own.",
)
look = click.option(
    "--look",
    metavar="NAME_OR_FILE",
    help="A recipe to lay over every edit, or a taste, by name: `retouch-aes looks list`.",
)
prior = click.option(
    "--prior",
    default=PRIOR,
    show_default=True,
    metavar="NAME_OR_FILE|none",
    help="Where the search starts; none starts from the photo as it is.",
)
ignored_prior = click.option(
    "--prior", hidden=True, expose_value=False, help="Read for the sake of old scripts; it changes nothing."
)
fast = click.option(
    "--fast",
    cls=OptionalValue,
    suffixes=(".safetensors",),
    flag_value=PRIOR,
    metavar="[FILE]",
    help="No search: take the prior's guess, or that of a FILE from `train one-pass`, as it is; with "
    "--steps, go on from it. Without a FILE, put another option or nothing behind it.",
)
device = click.option(
    "--device",
    metavar="auto|cpu|cuda|mps",
    default="auto",
    show_default=True,
    help="Where to run; cuda:1 is the second GPU.",
)
seed = click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Repeats a run exactly."
)
proxy = click.option(
    "--proxy",
    type=click.IntRange(32, 4096),
    default=224,
    show_default=True,
    help="Long side, in pixels, of the small copy on which the photo is judged.",
)
recipe_proxy = click.option(
    "--proxy",
    type=click.IntRange(32, 4096),
    help="Long side in pixels of the copy on which operators measure.  [default: the recipe's, or 224]",
)
side = click.option(
    "--side", type=click.IntRange(32, 4096), default=384, show_default=True, help="Long side in pixels."
)
limit = click.option("--limit", type=click.IntRange(1), help="Use the first N photos only.")
json = click.option(
    "--json",
    cls=OptionalValue,
    flag_value=STDOUT,
    callback=_report,
    metavar="[FILE]",
    help="Write the result as JSON into FILE, or to stdout (last on the line, or as `--json -`).",
)
csv = click.option("--csv", callback=_report, metavar="FILE|-", help="Write the result as CSV.")
markdown = click.option(
    "--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables as Markdown."
)
