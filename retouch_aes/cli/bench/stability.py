"""`retouch-aes bench stability`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@options.model
@options.device
@options.side
@options.limit
@common.reported
def command(
    folder: Path,
    model: str,
    device: str,
    side: int,
    limit: int | None,
) -> common.Measured:
    """Measure how far scores move where nothing of note has changed.

    Re-encoded, resized a little, mirrored, trimmed: the score should hardly move.

    \b
    retouch-aes bench stability --photos kodak/
    """
    from retouch_aes.bench.scoring.stability import stability

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = stability(photos, candidate.score, side=side, progress=progress)
    return common.Measured(report, candidate.made_by, code)
