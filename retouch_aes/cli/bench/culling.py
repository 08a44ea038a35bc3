"""`retouch-aes bench culling`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@options.model
@options.device
@options.proxy
@options.limit
@options.seed
@common.reported
def command(
    folder: Path, model: str, device: str, proxy: int, limit: int | None, seed: int
) -> common.Measured:
    """Measure how often --best-of picks the clean frame of a burst.

    Bursts are made: each photo as it is, and copies out of focus, moved, too dark, too bright or noisy.

    \b
    retouch-aes bench culling --photos photos/
    """
    from retouch_aes.bench.scoring.culling import culling
    from retouch_aes.pipeline import Scorer

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    scorer = Scorer(candidate.model, side=proxy, device=candidate.device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = culling(photos, scorer, seed=seed, progress=progress)
    return common.Measured(report, candidate.made_by, code)
