"""`--format`, `--name` and `--dry-run`, for every command that writes photos."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from retouch_aes.export.naming import NameTemplate

FORMATS = ("jpg", "png", "tif", "webp", "avif", "heic")

choices = options.together(
    click.option(
        "--format",
        "result_format",
        type=click.Choice(FORMATS),
        help="Of the results.  [default: that of the photo; JPEG where it cannot be written]",
    ),
    click.option(
        "--name",
        "name_template",
        metavar="TEMPLATE",
        help="Of the results in the folder -o, such as '{stem}_{taste}{ext}'; also {date} and {n}.",
    ),
    click.option("--dry-run", is_flag=True, help="Only show what would be written where."),
)


@dataclass(frozen=True)
class ResultNames:
    """How results are called: their ending ("" keeps that of the photo), and a template."""

    suffix: str = ""
    template: "NameTemplate | None" = None
    taste: str = ""

    def check(self, output: Path | None) -> None:
        """`UsageError` where `output`, of `-o`, does not go with it."""
        from retouch_aes.photo import WRITE_SUFFIXES

        file = output is not None and not output.is_dir() and output.suffix.lower() in WRITE_SUFFIXES
        if self.template is not None and (output is None or file):
            raise UsageError("--name needs -o FOLDER; beside the photos, results are known by _retouched")
        named = output.suffix.lower() if output is not None and file else ""
        if self.suffix and named and named != self.suffix and (self.suffix, named) not in _SAME:
            raise UsageError(f"{output}: its ending is not that of --format {self.suffix[1:]}; leave one out")

    def applied(self, photos: Sequence[Path], places: Sequence[Path]) -> list[Path]:
        """`places`, the results of `photos`, by the template; where there is none, as they are."""
        if self.template is None:
            return list(places)
        found = []
        for number, (photo, place) in enumerate(zip(photos, places, strict=True), start=1):
            date = _date(photo) if "date" in self.template.fields else ""
            name = self.template.name(
                photo.stem, place.suffix, taste=self.taste, date=date, n=number, of=len(photos)
            )
            found.append(place.with_name(name))
        return found


_SAME = {(".jpg", ".jpeg"), (".tif", ".tiff"), (".heic", ".heif")}


def result_names(result_format: str | None, name_template: str | None, taste: Path | None) -> ResultNames:
    """The options as a value."""
    if result_format == "heic" and find_spec("pillow_heif") is None:
        raise MissingExtraError("writing HEIC", "photo")
    from retouch_aes.export.naming import NameTemplate

    template = None if name_template is None else NameTemplate(name_template)
    return ResultNames(f".{result_format}" if result_format else "", template, taste.stem if taste else "")


def told(pairs: Iterable[tuple[Path, Path]]) -> int:
    """What a dry run says of photos and their results; the exit code."""
    count = 0
    for count, (photo, output) in enumerate(pairs, start=1):  # noqa: B007
        show.line(f"{show.shown(photo)} -> {show.shown(output)}{' (exists)' if output.exists() else ''}")
    show.line(f"{count} photos; nothing was written", err=True)
    return 0


def _date(photo: Path) -> str:
    """The day a photo was taken by its camera's clock, 2026-11-28; "" where it does not say."""
    import datetime

    from retouch_aes.photo import capture_time

    moment = capture_time(photo)
    if moment is None:
        return ""
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=moment.clock)).date().isoformat()
