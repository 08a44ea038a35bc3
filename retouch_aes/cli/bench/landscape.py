"""`retouch-aes bench landscape`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common

if TYPE_CHECKING:
    from torch import Tensor


@click.command()
@options.photo_folder
@options.model
@options.device
@options.operators
@click.option(
    "--rungs", type=click.IntRange(3, 101), default=13, show_default=True, help="Values per parameter."
)
@options.side
@options.limit
@common.reported
def command(
    folder: Path,
    model: str,
    device: str,
    operators: list[str] | None,
    rungs: int,
    side: int,
    limit: int | None,
) -> common.Measured:
    """Follow the score along every slider.

    On every photo: is there one optimum, and where?

    \b
    retouch-aes bench landscape --photos kodak/ --operators exposure,contrast --limit 8
    """
    import torch

    from retouch_aes.bench.scoring.landscape import landscape
    from retouch_aes.operators import EditChain, installed, select

    chosen = tuple(installed().values()) if operators is None else select(operators)
    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    photos, code = common.sound_photos(folder, limit)
    chains = {operator.name: EditChain([operator]) for operator in chosen}

    def edit(image: "Tensor", operator: str, param: str, value: float) -> "Tensor":
        known = chains[operator].params
        values = [value if one.name == param else one.neutral for one in known]
        with torch.no_grad():
            return chains[operator].apply(image, torch.tensor([values]))

    with show.bar() as progress:
        report = landscape(
            photos,
            chosen,
            candidate.score,
            edit,
            rungs=rungs,
            side=side,
            progress=progress,
        )
    return common.Measured(report, candidate.made_by, code)
