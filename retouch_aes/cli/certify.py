"""`retouch-aes certify`: what the edits of a run did."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.run_jobs import Record, failed, run_jobs

if TYPE_CHECKING:
    from retouch_aes.batch.made import MadeResult
    from retouch_aes.pipeline import Retoucher


@click.command()
@click.argument("results", metavar="OUT", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="All of them as one file, .json or .html with a line a photo.",
)
@click.option(
    "--taste",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whose score is told.  [default: that of the run]",
)
@click.option(
    "--liked-from",
    type=click.FloatRange(1, 10),
    help="Score from which on a photo counts as liked.  [default: what the taste learned]",
)
@options.device
@options.overwrite
def command(
    results: Path,
    output: Path | None,
    taste: Path | None,
    liked_from: float | None,
    device: str,
    overwrite: bool,
) -> int:
    """Say what each edit of a run did, so that it need not be believed.

    OUT is a folder that `batch` made (reviewed or not), or what `retouch` or `batch` wrote with --json. For
    each photo: what was changed; the generic score and yours, before and after; what a second scorer says
    that had no say in the edit; how far the picture moved; how many pixels are clipped; and, with a taste,
    what would have to be different for you to like it: the nearest edit that does.

    \b
    retouch-aes certify better/
    retouch-aes certify better/ --taste me.taste -o certificates.html
    """
    from retouch_aes.batch.made import read_made
    from retouch_aes.cli import output_paths

    if output is not None:
        from retouch_aes.export.certificates import check_certificate_file, write_certificates

        check_certificate_file(output)
        output_paths.check_free([output], overwrite)
    made = read_made(results)
    if made.unusable:
        show.line(f"{made.unusable} results left out: without a recipe, or gone", err=True)
    from retouch_aes.pipeline import Retoucher

    first = made.results[0].settings
    retoucher = Retoucher.load(model=first.model, taste=taste or first.taste, device=device)
    records = run_jobs(
        "certifying",
        list(made.results),
        lambda one: one.photo,
        lambda one: _one(one, retoucher, liked_from),
    )
    if output is not None:
        write_certificates(records, output, overwrite=overwrite)
        show.line(str(output))
    return failed(records)


def _one(made: "MadeResult", retoucher: "Retoucher", liked_from: float | None) -> Record:
    from retouch_aes.photo import read
    from retouch_aes.pipeline import certify

    found = certify(retoucher, read(made.photo), made.recipe, threshold=liked_from)
    show.line(f"{show.name(made.photo)}: {'; '.join(found.lines)}")
    return {"output": show.name(made.output), "outcome": made.outcome, "certificate": found.to_json()}
