"""`retouch-aes bench loss-overhead`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options
from retouch_aes.cli.bench import common


@click.command("loss-overhead")
@click.option("--batch", type=click.IntRange(1, 512), default=8, show_default=True, help="Images a step.")
@click.option("--side", type=click.IntRange(32, 4096), default=224, show_default=True, help="Of images, px.")
@click.option("--turns", type=click.IntRange(1), default=30, show_default=True, help="The median counts.")
@click.option(
    "--beside", "others", multiple=True, metavar="NAME_OR_FILE", help="Another score as a loss. Repeatable."
)
@click.option(
    "--lpips",
    "trunk",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also LPIPS, on this file of SqueezeNet.",
)
@options.editing_model
@options.device
@common.reported
def command(
    batch: int,
    side: int,
    turns: int,
    others: tuple[str, ...],
    trunk: Path | None,
    model: str,
    device: str,
) -> common.Measured:
    """What AestheticLoss adds to a training step.

    Beyond the model's own forward and backward, on the GPU where there is one, else on the CPU.

    \b
    retouch-aes bench loss-overhead --json overhead.json
    """
    from retouch_aes.bench.system.loss_overhead import loss_overhead
    from retouch_aes.losses import LPIPS

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    beside = {Path(name).stem: common.Candidate.load(name, loading.NO_PRIOR, device).model for name in others}
    report = loss_overhead(
        candidate.model,
        candidate.device,
        batch=batch,
        side=side,
        turns=turns,
        beside=beside,
        lpips=None if trunk is None else LPIPS(trunk),
    )
    return common.Measured(report, candidate.made_by)
