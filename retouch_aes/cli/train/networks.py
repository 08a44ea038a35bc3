"""What `train generic --backbone` and `train attributes|pam|kong|cfan` share: options, sources, the run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli import datasets, loading, options
from retouch_aes.cli.train.progress import ProgressPrinter

if TYPE_CHECKING:
    from retouch_aes.datasets import RatedDataset
    from retouch_aes.models import ModelCard, PooledScorer
    from retouch_aes.papers.pam.networks import NetworkRun
    from retouch_aes.papers.pam.training import GenericSchedule

Published = datasets.Published

backbone = click.option(
    "--backbone",
    metavar="NAME_OR_FILE",
    help="What sees: torchvision:NAME or timm:NAME (see `weights fetch`), a file of MobileNetV2, or a "
    "generic.safetensors trained so before, which is taken as it is.",
)
preset = click.option(
    "--preset",
    type=click.Choice(["paper", "laptop"]),
    default="laptop",
    show_default=True,
    help="Of the generic network. paper: all layers, Ren et al.'s schedule, for GPUs; laptop: the last "
    "layer, minutes on two cores.",
)
epochs = click.option("--epochs", type=click.IntRange(1), help="Of --preset paper.  [default: 20]")
amp = click.option("--amp", is_flag=True, help="Mixed precision (bfloat16) on a GPU.")
trait_steps = click.option(
    "--trait-steps",
    type=click.IntRange(1),
    default=2000,
    show_default=True,
    help="Of training attributes, and again content, on features seen once.",
)
folder = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for checkpoints, features and the trained files. A stopped run goes on from there.",
)
file = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The network's file, .safetensors.",
)
licence = click.option("--licence", default="not stated", show_default=True, help="Written on the card.")
of_attributes = click.option(
    "--attributes",
    "described",
    type=(str, click.Path(exists=True, file_okay=False, path_type=Path)),
    metavar="NAME DIR",
    help="The dataset with attributes to learn, such as aadb.",
)


def schedule(preset_name: str, epochs_given: int | None, amp_given: bool, seed: int) -> "GenericSchedule":
    """The schedule that the options mean."""
    from dataclasses import replace

    from retouch_aes.papers.pam.training import LAPTOP, PAPER

    if preset_name == "laptop":
        return replace(LAPTOP, seed=seed)
    return replace(PAPER, epochs=epochs_given or PAPER.epochs, amp=amp_given, seed=seed)


def scorer(name_or_file: str) -> "tuple[PooledScorer, bool]":
    """The network to be trained, and whether it was trained as a generic one before."""
    from retouch_aes.errors import UsageError
    from retouch_aes.models import PooledScorer, load_model
    from retouch_aes.models.backbones import pretrained_backbone
    from retouch_aes.models.files import read_metadata
    from retouch_aes.models.published import is_library_name
    from retouch_aes.models.torchvision_backbone import TorchvisionBackbone

    if is_library_name(name_or_file):
        return PooledScorer(pretrained_backbone(name_or_file)), False
    if not Path(name_or_file).is_file():
        raise UsageError(f"expected torchvision:NAME, timm:NAME or a file, got {name_or_file!r}")
    if "format" not in read_metadata(name_or_file):
        plain = TorchvisionBackbone("mobilenet_v2")
        plain.load_torchvision(name_or_file)
        return PooledScorer(plain), False
    found = load_model(name_or_file)
    if not isinstance(found, PooledScorer):
        raise UsageError(
            f"{name_or_file}: expected a score of `train generic --backbone`, got {type(found).__name__}"
        )
    return found, True


def run(output: Path, device: str, unreadable: datasets.Unreadable, **settings: Any) -> "NetworkRun":
    """The run in the folder `output`, begun or gone on with."""
    from retouch_aes.papers.pam.networks import NetworkRun

    made = NetworkRun(output, loading.pick_device(device), ProgressPrinter(), unreadable, settings)
    made.begin()
    return made


def identity(data: "RatedDataset | None") -> list[object] | None:
    """What a run's settings say of its data."""
    return None if data is None else [data.name, len(data), round(float(data.mean_scores.sum()), 6)]


def card(licence_given: str, backbone_name: str, what: str, data: "list[RatedDataset | None]") -> "ModelCard":
    """The card of a trained network."""
    from retouch_aes.models import ModelCard

    names = tuple(f"{one.name}, {len(one)} photos" for one in data if one is not None)
    provenance = f"{what}, on the backbone {Path(backbone_name).name}"
    return ModelCard(licence_given, provenance, names)


generic_options = options.together(backbone, preset, epochs)


def with_metrics(card_given: "ModelCard", rho: dict[str, float]) -> "ModelCard":
    """`card_given` with the rank correlations `rho` on photos kept back."""
    from dataclasses import replace

    return replace(card_given, metrics={f"rho, {name}": value for name, value in rho.items()})


def told(rho: dict[str, float], photos: int) -> list[str]:
    """The rank correlations on so many `photos` kept back, with intervals, and the paper's beside them."""
    from retouch_aes.papers.common.rank_interval import rank_interval
    from retouch_aes.papers.published import ATTRIBUTES

    lines = []
    for name, value in rho.items():
        low, high = rank_interval(value, photos)
        line = f"{name}: rho {value:.3f} ({low:.3f} to {high:.3f}) on {photos} photos kept back"
        if name in ATTRIBUTES:
            theirs, baseline = ATTRIBUTES[name]
            line += f"; Ren et al. {theirs:.3f}, their baseline {baseline:.3f}"
        lines.append(line)
    return lines
