"""`--dataset NAME DIR`: rated photos by name, for every command that learns from or measures on them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import failures, options, show

if TYPE_CHECKING:
    from retouch_aes.datasets import RatedDataset

Published = tuple[str, Path] | None
NAMES = "ava, aadb, flickr-aes, real-cur, para, eva"


def published_in(folder: click.Path) -> options.Decorator:
    """`--dataset`, in a `folder` of that type."""
    return click.option(
        "--dataset",
        "published",
        type=(str, folder),
        metavar="NAME DIR",
        help=f"A dataset in the layout in which its authors publish it: {NAMES} (see docs/reproduce.md). "
        "What does not fit is named, counted and left out.",
    )


published = published_in(click.Path(exists=True, file_okay=False, path_type=Path))
table = options.together(
    click.option(
        "--ratings",
        "table",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="CSV with the columns user, photo, rating.",
    ),
    click.option(
        "--photos",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder from which the CSV names its photos.",
    ),
)
part = click.option(
    "--part", metavar="NAME", help="Only this part of a --dataset, as its authors split it: train, test, ..."
)

missing_allowed = click.option(
    "--missing-allowed", is_flag=True, help="Needless now: missing photos are always named and left out."
)


def read_rated(
    published: Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None = None,
    *,
    part: str | None = None,
    **reading: object,
) -> "RatedDataset":
    """The rated photos that the options mean: a published dataset, or a table with a folder.

    What a published one holds that does not fit is told on stderr. `reading` are options of its reader, for
    those that have them. `click.UsageError` unless it is exactly one of the two.
    """
    check_source(published, table, folder, scale, part)
    from retouch_aes.datasets import RatedDataset, RatingsCSV

    if published is None:
        ratings = RatingsCSV(str(table), str(folder), scale).read()
        return RatedDataset("ratings", ratings.photos, ratings.mean_scores(), ratings=ratings)
    found = load_published(published, **reading)
    tell_skipped(found)
    return found if part is None else found.part(part)


def check_source(
    published: Published,
    table: Path | None,
    folder: Path | None,
    scale: tuple[float, float] | None = None,
    part: str | None = None,
) -> None:
    """`click.UsageError` unless the options mean one source of ratings; asked before any heavy import."""
    if published is not None and (table is not None or folder is not None or scale is not None):
        raise click.UsageError("--dataset stands for --ratings, --photos, --scale: give one or the others.")
    if published is None and (table is None or folder is None):
        missing = "--ratings and --photos" if table is None and folder is None else "one of both"
        raise click.UsageError(f"Missing {missing}: give --ratings and --photos, or --dataset NAME DIR.")
    if published is None and part is not None:
        raise click.UsageError("--part is for --dataset: a table has no parts.")


def load_published(published: tuple[str, Path], **reading: object) -> "RatedDataset":
    """The dataset of `--dataset NAME DIR`; options that its reader does not have are left out."""
    from dataclasses import fields

    from retouch_aes.datasets import find_reader, load_dataset

    name, folder = published
    known = {field.name for field in fields(find_reader(name))}  # type: ignore[arg-type]
    return load_dataset(name, folder, **{key: value for key, value in reading.items() if key in known})


def readable(dataset: "RatedDataset") -> "RatedDataset":
    """`dataset` without photos that cannot be decoded; what is left out of it is told."""
    from retouch_aes.datasets import readable_only

    with show.bar() as progress:
        found = readable_only(dataset, progress=progress)
    tell_skipped(found)
    return found


def tell_skipped(dataset: "RatedDataset") -> None:
    """What was left out of `dataset`, on stderr."""
    for line in dataset.skipped.summary():
        show.line(show.readable(f"{dataset.name}: {line}" if line.startswith("skipped") else line), err=True)


class Unreadable:
    """Told of photos that cannot be decoded; names and counts them on stderr."""

    def __init__(self) -> None:
        self.photos: list[Path] = []

    def __call__(self, path: Path, error: Exception) -> None:
        """Name the photo."""
        self.photos.append(path)
        show.line(f"skipped: {show.readable(failures.about(path, error))}", err=True)

    def count(self) -> None:
        """Say how many there were, where there were any."""
        if self.photos:
            show.line(f"skipped {len(self.photos)} (unreadable photo: {len(self.photos)})", err=True)
