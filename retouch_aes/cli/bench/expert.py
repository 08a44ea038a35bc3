"""`retouch-aes bench expert`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common


@click.command()
@click.option(
    "--pairs",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Photos and one editor's retouch of each: input/ and target/, or NAME_input beside NAME_other.",
)
@options.editing_model
@options.prior
@options.device
@options.steps
@options.seed
@options.proxy
@common.reported
def command(
    folder: Path,
    model: str,
    prior: str,
    device: str,
    steps: int | None,
    seed: int,
    proxy: int,
) -> common.Measured:
    """Learn an editor's taste from their retouches.

    Each pair is left out in turn; "theirs is better" of the others is learned. Is the personal retouch of the
    photo left out nearer to what the editor made of it than the generic one?

    \b
    retouch-aes bench expert --pairs fivek/ --json expert.json
    """
    from retouch_aes.bench.editing.expert import expert
    from retouch_aes.datasets.pairs import read_pairs
    from retouch_aes.editing.solve import RetouchSettings

    candidate = common.Candidate.load(model, prior, device)
    pairs = read_pairs(folder)
    with show.bar() as progress:
        report = expert(
            pairs,
            candidate.model,
            candidate.prior,
            settings=RetouchSettings(proxy=proxy, solver=loading.solver(steps), seed=seed),
            seed=seed,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by)
