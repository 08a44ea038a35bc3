"""`retouch-aes bench frontier`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@options.editing_model
@options.prior
@options.device
@options.seed
@options.limit
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plot here, as PNG.",
)
@common.reported
def command(
    folder: Path,
    model: str,
    prior: str,
    device: str,
    seed: int,
    limit: int | None,
    output: Path | None,
    overwrite: bool,
) -> common.Measured:
    """Quality of a retouch against its time.

    Degraded photos are retouched with several proxies and numbers of steps: what do these bring and cost?

    \b
    retouch-aes bench frontier --photos photos/ --limit 6 -o frontier.png
    """
    from retouch_aes.bench.editing.pareto import pareto

    common.check_picture(output, overwrite)
    candidate = common.Candidate.load(model, prior, device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = pareto(photos, candidate.model, candidate.prior, seed=seed, progress=progress)
    if output is not None:
        common.save_picture(report.picture(), output, overwrite)
    return common.Measured(report, candidate.made_by, code)
