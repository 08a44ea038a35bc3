"""`retouch-aes bench brackets`."""

from pathlib import Path

import click

from retouch_aes.cli import show
from retouch_aes.cli.bench import common, settings


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@settings.search
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
) -> common.Measured:
    """Exposure brackets of one scene.

    Is the middle frame preferred, and are the extremes brought nearer to it?

    FOLDER holds frames.csv with the columns scene, frame, mean_luma.

    \b
    retouch-aes bench brackets exposure_brackets/ --json brackets.json
    """
    from retouch_aes.bench.common.baselines import BASELINES
    from retouch_aes.bench.editing.brackets import brackets

    names = common.chosen_operators(operators)
    candidate = common.Candidate.load(model, prior, device)
    methods = BASELINES | candidate.methods(names, side, seed, steps)
    with show.bar() as progress:
        report = brackets(
            folder,
            candidate.score,
            methods,
            seed=seed,
            side=side,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by)
