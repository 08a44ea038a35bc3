"""`retouch-aes train enhancer`: an enhancement network, to its own loss and to a taste."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import loading, options, show
from retouch_aes.cli.train.progress import ProgressPrinter
from retouch_aes.errors import UsageError

if TYPE_CHECKING:
    import torch

    from retouch_aes.training.enhancer.train import About

_DEGRADATIONS = ("none", "exposure", "haze", "all")


@click.command()
@click.argument("name", metavar="NAME[+]|PKG.MODULE:CLASS")
@click.option(
    "--photos",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Good photos: they are degraded, and the network learns to recover them. Repeatable.",
)
@click.option(
    "--pairs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of pairs: input/ and target/, or NAME_input beside NAME_other.",
)
@click.option("--taste", metavar="NAME_OR_FILE", help="The score to please; a NAME+ needs one.")
@click.option(
    "--init",
    type=click.Path(exists=True, path_type=Path),
    help="Start from these weights, of an earlier training or as published, and stay near what they do.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .safetensors file.",
)
@click.option("--weight", type=click.FloatRange(0), default=0.1, show_default=True, help="Of the taste.")
@click.option("--fidelity", type=click.FloatRange(0), help="Its weight.  [default: by the network]")
@click.option(
    "--spoil",
    "degradation",
    type=click.Choice(_DEGRADATIONS),
    help="What degrades --photos.  [default: by the network]",
)
@click.option("--steps", type=click.IntRange(1), default=1000, show_default=True, help="Of training.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), help="Of learning.  [default: 1e-3; with --init 2e-4]"
)
@click.option("--batch", type=click.IntRange(1, 512), default=8, show_default=True, help="Photos a step.")
@click.option(
    "--side", type=click.IntRange(64, 1024), default=128, show_default=True, help="Of the crops, in pixels."
)
@options.device
@options.seed
@click.option("--licence", default="not stated", show_default=True, help="Written on the model card.")
@options.overwrite
def command(
    name: str,
    photos: tuple[Path, ...],
    pairs: Path | None,
    taste: str | None,
    init: Path | None,
    output: Path,
    weight: float,
    fidelity: float | None,
    degradation: str | None,
    steps: int,
    rate: float | None,
    batch: int,
    side: int,
    device: str,
    seed: int,
    licence: str,
    overwrite: bool,
) -> int:
    """Train an enhancement network.

    NAME is one of the networks (zero-dce, zero-dce++, deep-upe, lut3d, csrnet, distort-recover, aod-net,
    gcanet, dmmf), with a + to train it to a taste as well (DeepUPE+, DAR+, DMMF+), or a class of yours. A
    run that was stopped goes on from its checkpoint beside the output.

    \b
    retouch-aes train enhancer lut3d --pairs mine/ -o lut.safetensors
    retouch-aes train enhancer zero-dce+ --photos holiday/ --taste me.safetensors \\
        --init Epoch99.pth -o my_zero_dce.safetensors
    retouch-aes train enhancer my.nets:Net --photos holiday/ --taste aesthetic -o net.safetensors
    """
    from retouch_aes.training.enhancer.presets import preset

    chosen = preset(name)
    _check(chosen.to_a_taste, photos, pairs, taste, output)

    from retouch_aes.cli import output_paths

    output_paths.check_free([output], overwrite)

    import torch

    from retouch_aes.datasets import read_pairs
    from retouch_aes.models import ModelCard, save_model
    from retouch_aes.optim.training_loop import Schedule
    from retouch_aes.photo import find_photos
    from retouch_aes.training.enhancer import train as training
    from retouch_aes.training.enhancer.degradations import DEGRADATIONS

    where = loading.pick_device(device)
    torch.manual_seed(seed)
    network = loading.new_enhancer(chosen.name, init, where)
    anchor = (
        None if init is None else loading.new_enhancer(chosen.name, init, where).eval().requires_grad_(False)
    )
    about = None if taste is None else _about(taste, where)
    if pairs is not None:
        source = training.paired_crops(read_pairs(pairs), batch=batch, side=side)
    else:
        source = training.degraded_pairs(
            find_photos(photos), DEGRADATIONS[degradation or chosen.degradation], batch=batch, side=side
        )
    checkpoint = output.with_name(output.name + ".ckpt")
    speed = rate or (1e-3 if init is None else 2e-4)
    training.train_enhancer(
        network,
        source,
        Schedule(chosen.name, steps, speed, warmup=min(50, steps // 4), seed=seed),
        settings=chosen.weights(weight, fidelity),
        taste=about,
        anchor=anchor,
        checkpoint=checkpoint,
        progress=ProgressPrinter(),
    )
    made = f"`retouch-aes train enhancer {name}`, {steps} steps" + (f", from {init.name}" if init else "")
    save_model(output, network.cpu(), ModelCard(licence, made + (f", to the taste {taste}" if taste else "")))
    checkpoint.unlink(missing_ok=True)
    show.line(str(output))
    return 0


def _about(taste: str, device: "torch.device") -> "About":
    """The score of a bundled name or a file; a person's is counted from what each photo should be."""
    from retouch_aes.models.catalogue import bundled, find_weights

    person = None if taste in bundled() else find_weights(taste)
    return loading.retoucher(
        "aesthetic-compact" if person else taste, person, loading.NO_PRIOR, None, device
    ).score_of


def _check(
    to_a_taste: bool, photos: tuple[Path, ...], pairs: Path | None, taste: str | None, output: Path
) -> None:
    if bool(photos) == (pairs is not None):
        raise UsageError("expected either --photos or --pairs")
    if to_a_taste and taste is None:
        raise UsageError("a network with a + is trained to a taste: give --taste NAME_OR_FILE")
    if output.suffix != ".safetensors":
        raise UsageError(f"{output}: expected a name that ends in .safetensors")
