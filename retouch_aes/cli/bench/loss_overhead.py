"""`retouch-aes bench loss-overhead`."""

import click

from retouch_aes.cli import loading, options
from retouch_aes.cli.bench import common


@click.command("loss-overhead")
@click.option("--batch", type=click.IntRange(1, 512), default=8, show_default=True, help="Images a step.")
@click.option("--side", type=click.IntRange(32, 4096), default=224, show_default=True, help="Of images, px.")
@click.option("--turns", type=click.IntRange(1), default=30, show_default=True, help="The median counts.")
@options.editing_model
@options.device
@common.reported
def command(
    batch: int,
    side: int,
    turns: int,
    model: str,
    device: str,
) -> common.Measured:
    """What AestheticLoss adds to a training step.

    Beyond the model's own forward and backward, on the GPU where there is one, else on the CPU.

    \b
    retouch-aes bench loss-overhead --json overhead.json
    """
    from retouch_aes.bench.system.loss_overhead import loss_overhead

    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    report = loss_overhead(candidate.model, candidate.device, batch=batch, side=side, turns=turns)
    return common.Measured(report, candidate.made_by)
