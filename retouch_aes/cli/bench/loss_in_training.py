"""`retouch-aes bench loss-in-training`."""

from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.bench import common
from retouch_aes.errors import UsageError


@click.command("loss-in-training")
@options.photo_folder
@click.option(
    "--scorer", "others", multiple=True, metavar="NAME_OR_FILE", help="A held-out score. Repeatable."
)
@click.option(
    "--own", type=click.Choice(["l1", "mse"]), default="l1", show_default=True, help="The network's own loss."
)
@click.option(
    "--balance",
    "balances",
    multiple=True,
    type=click.FloatRange(0),
    default=(0.3,),
    show_default=True,
    help="Of AestheticLoss. Repeatable.",
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    type=click.FloatRange(0),
    help="Also own + WEIGHT * loss, without a balance. Repeatable.",
)
@click.option("--seeds", type=click.IntRange(1), default=2, show_default=True, help="Trainings of each kind.")
@click.option("--train-steps", type=click.IntRange(1), default=250, show_default=True, help="Of a training.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), default=3e-3, show_default=True, help="Of learning."
)
@click.option("--batch", type=click.IntRange(1, 512), default=4, show_default=True, help="Photos a step.")
@click.option(
    "--side", type=click.IntRange(32, 1024), default=96, show_default=True, help="Of crops and tests, px."
)
@click.option("--tests", type=click.IntRange(1), default=24, show_default=True, help="Photos held out.")
@click.option("--attacked", type=click.IntRange(0), default=6, show_default=True, help="Of these, attacked.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Save a contact sheet, PNG.")
@options.editing_model
@options.device
@options.seed
@options.limit
@common.reported
def command(
    folder: Path,
    others: tuple[str, ...],
    own: str,
    balances: tuple[float, ...],
    weights: tuple[float, ...],
    seeds: int,
    train_steps: int,
    rate: float,
    batch: int,
    side: int,
    tests: int,
    attacked: int,
    sheet: Path | None,
    model: str,
    device: str,
    seed: int,
    limit: int | None,
    overwrite: bool,
) -> common.Measured:
    """Train a small network with and without the loss.

    A U-Net learns to restore degraded photos of a folder, with L1 or MSE alone and with AestheticLoss added.
    On unseen photos: the error, the scores of held-out scorers, a contact sheet; and how far free pixels and
    perturbations of 2/255 drive each score up.

    \b
    retouch-aes bench loss-in-training --photos pool/ --limit 400 --scorer held_out.safetensors \\
        --weight 0.1 --sheet sheet.png --json loss.json
    """
    from retouch_aes.bench.scoring.loss_in_training import LossInTrainingSettings, loss_in_training

    if sheet is not None and sheet.exists() and not overwrite:
        raise UsageError(f"{sheet} exists already; choose another name, or --overwrite")
    candidate = common.Candidate.load(model, loading.NO_PRIOR, device)
    scorers = {Path(model).stem: candidate.model}
    for name in others:
        scorers[Path(name).stem] = common.Candidate.load(name, loading.NO_PRIOR, device).model
    photos, code = common.sound_photos(folder, limit)
    chosen = LossInTrainingSettings(
        own, balances, weights, seeds, train_steps, rate, batch, side, tests, attacked, seed
    )
    with show.bar() as progress:
        report = loss_in_training(
            photos,
            candidate.model,
            scorers,
            settings=chosen,
            device=candidate.device,
            progress=progress,
            sheet=sheet,
        )
    return common.Measured(report, candidate.made_by, code)
