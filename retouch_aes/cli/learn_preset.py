"""`learn --preset`: a person's model by Zhang et al.'s pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retouch_aes.cli import datasets, loading, options, show

if TYPE_CHECKING:
    from retouch_aes.preferences.answers import Answer
    from retouch_aes.taste import RatedPool
    from retouch_aes.taste.finetune.presets import PresetNetworks
    from retouch_aes.taste.finetune.taste import FinetunedTaste

VGG16 = "torchvision:vgg16"

given = options.together(
    click.option(
        "--preset",
        type=click.Choice(["zhang", "zhang-laptop"]),
        help="Instead of --method. zhang: Zhang et al. as printed: the 50 nearest of AVA's photos, all "
        "layers of VGG16 with attention; for GPUs. zhang-laptop: an offset to the score, held to it, "
        "stopped by photos left out.",
    ),
    click.option(
        "--ava",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="AVA's folder, for --preset: its photos are seen once, and again found by the next person.",
    ),
    click.option(
        "--backbone",
        default=VGG16,
        show_default=True,
        metavar="NAME_OR_FILE",
        help="Of --preset zhang: a library's network, fetched if missing, or a file of VGG16's weights.",
    ),
    click.option(
        "--run",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of --preset's checkpoints, from which a stopped run goes on.  [default: OUTPUT.run]",
    ),
)


def check(preset: str | None, ava: Path | None, pool: Path | None, method_given: bool) -> None:
    """`click.UsageError` for options that contradict each other."""
    if preset is None and ava is not None:
        raise click.UsageError("--ava is for --preset zhang or zhang-laptop.")
    if preset is not None and method_given:
        raise click.UsageError("--preset stands for --method: give one or the other.")
    if preset == "zhang" and (ava is None) == (pool is None):
        raise click.UsageError("--preset zhang learns from rated photos first: give --ava DIR, or --pool.")
    if ava is not None and pool is not None:
        raise click.UsageError("--pool was built of rated photos: give it, or --ava.")


def learned(
    answers: "list[Answer]",
    photos: Path,
    preset: str,
    *,
    ava: Path | None,
    pool: "RatedPool | None",
    backbone: str,
    model: str,
    device: str,
    folder: Path,
    cache: Path,
) -> "FinetunedTaste":
    """The taste by `preset`."""
    from retouch_aes.taste.finetune.presets import learn_preset
    from retouch_aes.user_cache import user_cache

    networks = _networks(preset, backbone, model, device)
    unreadable = datasets.Unreadable()
    rated = None if ava is None else datasets.read_rated(("ava", ava), None, None)
    with show.bar() as progress:
        found = learn_preset(
            answers,
            photos,
            preset,
            networks,
            rated=rated,
            pools=user_cache("pools"),
            pool=pool,
            folder=folder,
            cache=cache,
            progress=progress,
            failed=unreadable,
        )
    unreadable.count()
    return found


def _networks(preset: str, backbone: str, model: str, device: str) -> "PresetNetworks":
    from retouch_aes.models import fetch_weights
    from retouch_aes.models.catalogue import card_of
    from retouch_aes.models.published import is_library_name
    from retouch_aes.taste.finetune.presets import PresetNetworks, zhang_networks

    where = loading.pick_device(device)
    if preset != "zhang":
        return PresetNetworks(loading.model(model, where), None, card_of(model))
    if is_library_name(backbone):
        with show.bar() as progress:
            fetch_weights(backbone, progress=progress)
    return zhang_networks(backbone, where)
