"""`retouch-aes bench frontier`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import settings


@click.command()
@options.photo_folder
@options.model
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
@settings.reports
def command(
    folder: Path,
    model: str,
    prior: str,
    device: str,
    seed: int,
    limit: int | None,
    output: Path | None,
    json: str | None,
    markdown: Path | None,
    overwrite: bool,
) -> int:
    """Quality of a retouch against its time.

    Degraded photos are retouched with several proxies and numbers of steps: what do these bring and cost?

    \b
    retouch-aes bench frontier --photos photos/ --limit 6 -o frontier.png
    """
    from retouch_aes.atomic_io import replacing
    from retouch_aes.bench.editing.pareto import pareto
    from retouch_aes.cli import output_paths
    from retouch_aes.cli.bench import common

    if output is not None and output.suffix.lower() != ".png":
        raise click.BadParameter(f"{output} does not end in .png.", param_hint="--output")
    output_paths.check_reports(show.files(json, markdown, output), [], overwrite)
    candidate = common.Candidate.load(model, prior, device)
    photos, code = common.sound_photos(folder, limit)
    with show.progress("frontier", len(photos)) as advance:
        report = pareto(
            photos, candidate.model, candidate.prior, seed=seed, progress=lambda done, _: advance(done)
        )
    if output is not None:
        with replacing(output, overwrite=overwrite) as temporary:
            report.picture().save(temporary, "PNG")
    common.publish(report, candidate, json, markdown, overwrite)
    return code
