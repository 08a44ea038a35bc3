"""`retouch-aes bench faults`."""

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
@click.option(
    "--attack-steps",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Gradient steps of the attack on each photo; 0 leaves it out.",
)
@common.reported
def command(
    folder: Path,
    model: str,
    device: str,
    side: int,
    limit: int | None,
    attack_steps: int,
) -> common.Measured:
    """Measure whether the score sees blur, noise, compression and plain frames.

    Photos against faulty copies of them, and how much a perturbation that nobody sees can gain.

    \b
    retouch-aes bench faults --photos kodak/
    """
    from retouch_aes.bench.scoring.faults import faults

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = faults(
            photos,
            lambda image: candidate.model(image.to(candidate.device)),
            side=side,
            attack_steps=attack_steps,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by, code)
