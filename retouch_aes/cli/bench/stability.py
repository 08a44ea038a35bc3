"""`retouch-aes bench stability`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import settings


@click.command()
@options.photo_folder
@options.model
@options.device
@options.side
@options.limit
@settings.reports
def command(
    folder: Path,
    model: str,
    device: str,
    side: int,
    limit: int | None,
    json: str | None,
    markdown: Path | None,
    overwrite: bool,
) -> int:
    """Measure how far scores move where nothing of note has changed.

    Re-encoded, resized a little, mirrored, trimmed: the score should hardly move.

    \b
    retouch-aes bench stability --photos kodak/
    """
    from retouch_aes.bench.scoring.stability import stability
    from retouch_aes.cli.bench import common

    common.check_places(json, markdown, overwrite)
    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    photos, code = common.sound_photos(folder, limit)
    with show.progress("stability", len(photos)) as advance:
        report = stability(photos, candidate.score, side=side, progress=lambda done, _: advance(done))
    common.publish(report, candidate, json, markdown, overwrite)
    return code
