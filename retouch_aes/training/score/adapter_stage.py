"""The stage of `train score` that teaches the trunk: looks, adapters, one file in the run's folder.

adapter-looks/part*.safetensors     `adapter_looks`
adapter-looks/taught.safetensors    the state of the training, every 100 steps
adapters.safetensors                in 16 bit, as the trained score will hold them, with what they gain
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models.files import load_into, read_metadata, read_tensors
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.trunks import trunk_version
from retouch_aes.optim.training_loop import TrainingProgress, with_losses
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.score.adapter_looks import AdapterLooks, gather_looks
from retouch_aes.training.score.adapters import AdapterFit, AdapterTraining, train_adapters

_FILE = "adapters.safetensors"


def check_run(folder: Path, trunk: PooledTrunk) -> None:
    """`UsageError` where what `folder` keeps was seen by another trunk, or by one with other adapters."""
    path = folder / _FILE
    rank = 0 if trunk.adapters is None else trunk.adapters.rank
    made = {"trunk": _seen_by(trunk), "rank": str(rank)}
    if path.exists():
        made = read_metadata(path)
    elif any((folder / "sights").glob("*.safetensors")):
        made["rank"] = "0"
    if made.get("trunk") != _seen_by(trunk):
        raise UsageError(
            f"{folder} keeps what another trunk saw: {made.get('trunk')}; "
            f"expected {_seen_by(trunk)}, or a new folder"
        )
    if made.get("rank") != str(rank):
        raise UsageError(
            f"{folder} keeps what a trunk with adapters of rank {made.get('rank')} saw (0: without any); "
            f"expected that rank, or a new folder, got rank {rank}"
        )


def teach_trunk(
    trunk: PooledTrunk,
    others: Mapping[int, Path],
    folder: Path,
    critic: NIMA,
    settings: AdapterTraining,
    progress: TrainingProgress | None = None,
) -> AdapterFit:
    """Give `trunk`, which was made with the rank of `settings`, adapters taught on the photos `others`.

    Args:
        trunk: Changed in place.
        others: Photos without ratings, by their numbers.
        folder: Of the run: what it holds is not made again, a stopped run goes on where it was.
        critic: Whose opinion is taught.
        settings: See `AdapterTraining`.
        progress: Told of looks and steps.

    Returns:
        What the adapters gain on photos that were not taught.

    Raises:
        UsageError: No photos, or another kind of trunk.
        PhotoError: A photo cannot be read.
        WeightsError: The file of adapters in `folder` is damaged.
    """
    path = folder / _FILE
    if not path.exists():
        frozen = PooledTrunk(trunk.trunk, trunk.prepare.side)
        looks = folder / "adapter-looks"
        files = gather_looks(others, looks, frozen, critic, with_losses(progress))
        adapters, fit = train_adapters(
            AdapterLooks.load(files),
            frozen,
            settings,
            checkpoint=looks / "taught.safetensors",
            progress=progress,
        )
        made = {"trunk": _seen_by(trunk), "rank": str(settings.rank), "fit": json.dumps(asdict(fit))}
        with replacing(path) as temporary:
            stored = {f"adapters.{name}": one.half() for name, one in adapters.state_dict().items()}
            save_tensors(stored, temporary, metadata=made)
    load_into(trunk, read_tensors(path), path)
    return _fit_of(path)


def photos_untaught(folder: Path) -> tuple[int, ...] | None:
    """Numbers of the photos without ratings that the adapters of a run were not taught; None: no adapters."""
    path = folder / _FILE
    return _fit_of(path).apart if path.exists() else None


def _fit_of(path: Path) -> AdapterFit:
    try:
        fit = json.loads(read_metadata(path)["fit"])
        return AdapterFit(float(fit["frozen"]), float(fit["adapted"]), tuple(map(int, fit["apart"])))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} does not say what its adapters gain ({error}); remove it") from None


def _seen_by(trunk: PooledTrunk) -> str:
    return f"{trunk_version(trunk.trunk)}, {trunk.prepare.version}"
