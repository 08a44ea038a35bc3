"""`retouch-aes train one-pass`: a network that retouches to a score or a taste in one look."""

from dataclasses import replace
from pathlib import Path

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.train.progress import ProgressPrinter
from retouch_aes.errors import UsageError


@click.command()
@click.option(
    "--photos",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Photos to learn on; no ratings are needed. Repeatable.",
)
@options.editing_model
@options.taste
@click.option("--prior", default=options.PRIOR, show_default=True, help="The edit prior it begins as.")
@click.option("--crops", type=click.IntRange(8), default=480, show_default=True, help="For the solver.")
@click.option("--distil-steps", type=click.IntRange(1), default=400, show_default=True, help="Stage 1.")
@click.option("--amortise-steps", type=click.IntRange(1), default=300, show_default=True, help="Stage 2.")
@click.option("--side", type=click.IntRange(64, 1024), default=192, show_default=True, help="Of crops, px.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .safetensors file.",
)
@options.device
@options.seed
@click.option("--licence", default="not stated", show_default=True, help="Written on the model card.")
@options.overwrite
def command(
    photos: tuple[Path, ...],
    model: str,
    taste: Path | None,
    prior: str,
    crops: int,
    distil_steps: int,
    amortise_steps: int,
    side: int,
    output: Path,
    device: str,
    seed: int,
    licence: str,
    overwrite: bool,
) -> int:
    """Train a one-pass retoucher.

    The solver retouches crops of the photos, half of them degraded; the network learns its answers, then
    lowers the solver's own objective. `retouch --fast FILE` and `batch --fast FILE` use it.

    \b
    retouch-aes train one-pass --photos holiday/ --taste me.taste -o me.fast.safetensors
    retouch-aes retouch photo.jpg --taste me.taste --fast me.fast.safetensors
    """
    if output.suffix != ".safetensors":
        raise UsageError(f"{output}: expected a name that ends in .safetensors")
    from retouch_aes.cli import output_paths

    output_paths.check_free([output], overwrite)

    import torch

    from retouch_aes.models import ModelCard, save_model
    from retouch_aes.models.edit_prior import load_prior
    from retouch_aes.photo import find_photos
    from retouch_aes.pipeline import Retoucher
    from retouch_aes.taste import load_taste
    from retouch_aes.training.one_pass.train import OnePassTraining, train_one_pass

    where = loading.pick_device(device)
    torch.manual_seed(seed)
    base = load_prior(prior).to(where)
    retoucher = Retoucher(
        loading.model(model, where), taste=None if taste is None else load_taste(taste), prior=base
    )
    settings = OnePassTraining(crops=crops, side=side, seed=seed)
    settings = replace(
        settings,
        distil=replace(settings.distil, steps=distil_steps),
        amortise=replace(settings.amortise, steps=amortise_steps),
    )
    network = train_one_pass(
        base,
        retoucher.names,
        find_photos(photos),
        lambda images: (retoucher.score_of(images), retoucher.prior),
        settings,
        progress=ProgressPrinter(),
    )
    made = f"`retouch-aes train one-pass` for {taste.name if taste else model} {retoucher.fingerprint}"
    save_model(output, network.cpu(), ModelCard(licence, made), dtype="float16")
    show.line(str(output))
    return 0
