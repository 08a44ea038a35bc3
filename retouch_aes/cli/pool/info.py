"""`retouch-aes pool info`."""

from pathlib import Path

import click

from retouch_aes.cli import show


@click.command()
@click.argument("pool", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(pool: Path) -> int:
    """Say what a pool holds.

    \b
    retouch-aes pool info pool/
    """
    import numpy as np

    from retouch_aes.taste.rated_pool import RatedPool

    found = RatedPool.open(pool)
    means = found.histograms @ np.arange(1, 11)
    unread = int(np.isnan(found.features[:, 0]).sum())
    show.line(
        f"{len(found)} rated photos, {found.features.shape[1]} features each, {unread} could not be read"
    )
    show.line(f"mean score {means.mean():.2f}, deviation {means.std():.2f}, on the scale 1..10")
    show.line(f"seen by the model with fingerprint {found.fingerprint}")
    return 0
