"""`retouch-aes review`: the page on which results are looked at, and corrected."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import page, show

if TYPE_CHECKING:
    from retouch_aes.web.server import ServerSocket


@click.command()
@click.argument("results", metavar="OUT", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--choices",
    type=click.Path(dir_okay=False, path_type=Path),
    default="choices.jsonl",
    show_default=True,
    help="File of answers; made where it is missing, continued where it exists.",
)
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that the answers name photos below, as `learn` is given it.  [default: the one that holds "
    "all]",
)
@click.option(
    "--taste",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whose score is told under `Why`.  [default: that of the run]",
)
@click.option(
    "--learn-to",
    "learned",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What `Learn now` writes, replaced each time.  [default: that of choices, ending in .taste]",
)
@page.serving
def command(
    results: Path,
    choices: Path,
    photos: Path | None,
    taste: Path | None,
    learned: Path | None,
    port: int,
    share: str | None,
    no_browser: bool,
) -> int:
    """Look at results, and correct them, on a page in the browser.

    OUT is a folder that `batch` made, or what `retouch` or `batch` wrote with --json. Before and after side
    by side, at true scale; keep, weaken, strengthen, reject, or move the sliders. What you correct is made
    anew at full size, originals are never touched, and every verdict is an answer in --choices, from which
    `learn` learns. Stop with Ctrl-C and go on another day with the same command.

    \b
    retouch-aes batch holiday/ better/
    retouch-aes review better/ --choices me.jsonl
    retouch-aes learn holiday/ --choices me.jsonl -o me.taste
    """
    with page.extra("review"):
        from retouch_aes.web.review import ReviewSettings, review

    settings = ReviewSettings(
        photos=photos, taste=taste, learned=learned, port=port, share=page.address(share)
    )

    def announce(door: "ServerSocket") -> None:
        page.told("Review at", door, browser=not no_browser)

    session = review(results, choices, settings, announce=announce)
    if session is None:
        return 0
    state = session.state()
    folder, target = session.album.folder, settings.target(choices)
    following = ["learn", str(folder), "--choices", str(choices), "-o", str(target), "--overwrite"]
    show.line(
        f"{state['count']} of {state['total']} reviewed, {state['answers']} answers in {choices}. "
        f"Next: {shlex.join(['retouch-aes', *following])}"
    )
    left, failed = session.writer.state()
    for text in failed.values():
        show.line(f"failed: {text}", err=True)
    if left:
        show.line(f"{left} results are still to be made; the next `review` does it", err=True)
    return 1 if failed else 0
