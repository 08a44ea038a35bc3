"""`retouch-aes bench recovery`."""

from pathlib import Path

import click

from retouch_aes.cli import options, show
from retouch_aes.cli.bench import common, settings


@click.command()
@options.photo_folder
@settings.search
@click.option(
    "--gallery",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save a contact sheet per photo there.",
)
@options.limit
@common.reported
def command(
    folder: Path,
    model: str,
    prior: str,
    device: str,
    operators: list[str] | None,
    steps: int | None,
    seed: int,
    side: int,
    gallery: Path | None,
    limit: int | None,
    overwrite: bool,
) -> common.Measured:
    """Degrade photos, repair them, and compare.

    Exposure, colour cast, contrast, saturation and haze, seeded. The number is the mean Delta E 2000 to the
    undegraded photo, after over before, beside simple baselines; and by how much undegraded photos are moved.

    \b
    retouch-aes bench recovery --photos kodak/ --json recovery.json --gallery sheets/
    """
    from retouch_aes.bench.common.baselines import BASELINES
    from retouch_aes.bench.editing.recovery import recovery

    common.check_gallery(gallery, overwrite)
    names = common.chosen_operators(operators)
    candidate = common.Candidate.load(model, prior, device)
    photos, code = common.sound_photos(folder, limit)
    methods = BASELINES | candidate.methods(names, side, seed, steps)
    with show.bar() as progress:
        report = recovery(
            photos,
            methods,
            seed=seed,
            side=side,
            gallery_dir=gallery,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by, code)
