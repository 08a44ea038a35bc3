"""`retouch-aes bench rank`."""

import tempfile
from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import settings


@click.command()
@options.photo_folder
@click.option("--answers", type=click.IntRange(1), default=200, show_default=True, help="To time, in a row.")
@click.option(
    "--restarts", type=click.IntRange(0), default=20, show_default=True, help="After kill -9, midst answers."
)
@options.seed
@settings.reports
def command(
    folder: Path,
    answers: int,
    restarts: int,
    seed: int,
    json: str | None,
    markdown: Path | None,
    overwrite: bool,
) -> None:
    """Time the page, and kill it.

    How long does an answer take until it is on the disk, and is one ever lost?

    \b
    retouch-aes bench rank --photos holiday/ --answers 200 --restarts 20
    """
    from retouch_aes.bench.system.rank import measure
    from retouch_aes.cli.bench import common

    common.check_places(json, markdown, overwrite)
    with tempfile.TemporaryDirectory() as place, show.progress("rank", answers + restarts) as advance:
        report = measure(
            folder,
            Path(place) / "choices.jsonl",
            answers=answers,
            restarts=restarts,
            seed=seed,
            progress=advance,
        )
    if json != options.STDOUT:
        common.show_report(report)
    show.report_json(report.to_json(), json, overwrite=overwrite)
    if markdown is not None:
        show.report_text(report.to_markdown().rstrip() + "\n", str(markdown), overwrite=overwrite)
