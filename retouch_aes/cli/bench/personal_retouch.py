"""`retouch-aes bench personal-retouch`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common


@click.command()
@options.photo_folder
@click.option("--people", type=click.IntRange(1), default=8, show_default=True, help="Simulated people.")
@click.option(
    "--tests", type=click.IntRange(2), default=10, show_default=True, help="Unseen photos, at most."
)
@options.editing_model
@options.prior
@options.device
@options.steps
@options.seed
@click.option(
    "--side", type=click.IntRange(64, 1024), default=192, show_default=True, help="Long side in pixels."
)
@options.limit
@common.reported
def command(
    folder: Path,
    people: int,
    tests: int,
    model: str,
    prior: str,
    device: str,
    steps: int | None,
    seed: int,
    side: int,
    limit: int | None,
) -> common.Measured:
    """Ask simulated people, learn, and let them judge.

    Each has a hidden style and answers with noise; after 30 and 100 choices between renditions, how often do
    they prefer the personal retouch of an unseen photo to the generic one, and to the photo?

    \b
    retouch-aes bench personal-retouch --photos photos/ --json personal.json
    """
    from retouch_aes.bench.editing.personal_retouch import personal_retouch
    from retouch_aes.editing.solve import RetouchSettings

    candidate = common.Candidate.load(model, prior, device)
    photos, code = common.sound_photos(folder, limit)
    with show.bar() as progress:
        report = personal_retouch(
            photos,
            candidate.model,
            candidate.prior,
            people=people,
            tests=tests,
            side=side,
            settings=RetouchSettings(proxy=side, solver=loading.solver(steps), seed=seed),
            seed=seed,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by, code)
