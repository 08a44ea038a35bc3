"""`retouch-aes rank`: the page on which photos are chosen."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from retouch_aes.cli import options, page, show, star_writing

if TYPE_CHECKING:
    from retouch_aes.web.album import Album
    from retouch_aes.web.server import ServerSocket


@click.command()
@click.argument(
    "folder", metavar="PHOTOS", type=click.Path(exists=True, file_okay=False, readable=False, path_type=Path)
)
@click.option(
    "--choices",
    type=click.Path(dir_okay=False, path_type=Path),
    default="choices.jsonl",
    show_default=True,
    help="File of answers; made where it is missing, continued where it exists.",
)
@click.option(
    "--mode",
    type=click.Choice(["choose", "rate"]),
    default="choose",
    show_default=True,
    help="Choose between two, or rate one after the other with the keys 1 to 5.",
)
@click.option(
    "--mix",
    type=click.Choice(["photos", "renditions", "both"]),
    default="both",
    show_default=True,
    help="Two photos, two edits of one photo, or some of each.",
)
@click.option(
    "--budget",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="Answers after which the page says that it is enough.",
)
@click.option(
    "--taste",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What `Learn now` writes, replaced each time.  [default: that of choices, ending in .taste]",
)
@page.serving
@click.option(
    "--write-stars",
    "stars",
    is_flag=True,
    help="At the end, show the ratings given as stars in the photos; with --yes, write them.",
)
@star_writing.confirmation
@options.seed
def command(
    folder: Path,
    choices: Path,
    mode: Literal["choose", "rate"],
    mix: Literal["photos", "renditions", "both"],
    budget: int,
    taste: Path | None,
    port: int,
    share: str | None,
    no_browser: bool,
    stars: bool,
    yes: bool,
    replace_stars: bool,
    undo_file: Path | None,
    seed: int,
) -> None:
    """Choose, on a page in the browser, which of two photos you like better.

    The page is served by this machine to this machine only, unless you --share it. Every answer is saved at
    once; stop with Ctrl-C and go on another day with the same command.

    \b
    retouch-aes rank ~/Photos
    retouch-aes rank ~/Photos --choices me.jsonl --mix renditions
    retouch-aes rank ~/Photos --choices me.jsonl --mode rate --write-stars
    """
    with page.extra("rank"):
        from retouch_aes.web.rank import RankSettings, rank

    settings = RankSettings(
        mix=mix, mode=mode, budget=budget, port=port, share=page.address(share), seed=seed, taste=taste
    )

    def announce(album: "Album", door: "ServerSocket") -> None:
        page.told(f"{len(album.photos)} photos. Choose at", door, browser=not no_browser)
        if album.left_out:
            show.line(f"{album.left_out} links that lead out of {folder} are left out.", err=True)

    count = rank(folder, choices, settings, announce=announce)
    show.line(f"{count} answers in {choices}. Next: {_next(folder, choices, settings.target(choices))}")
    if stars:
        from retouch_aes.export.star_rules import stars_from_answers
        from retouch_aes.preferences.choice_log import read_answers

        given = stars_from_answers(read_answers(choices), folder)
        star_writing.write_stars(given, yes=yes, replace=replace_stars, undo=undo_file)


def _next(folder: Path, choices: Path, taste: Path) -> str:
    """The command that a person will want to give now."""
    if taste.exists():
        words = ["retouch", str(folder), "--taste", str(taste), "-o", "better"]
    else:
        words = ["learn", str(folder), "--choices", str(choices), "-o", str(taste)]
    return shlex.join(["retouch-aes", *words])
