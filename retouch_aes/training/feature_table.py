"""Photos as a frozen network sees them, once: a table on disk that a stopped run goes on with.

    FOLDER/features-KEY.npy      (P, D) in 32 bit; a row that is not there yet is not-a-number

KEY is a hash of the network's fingerprint and of the photos' paths, sizes and times, so nothing stale is ever
used. 40,000 photos of 1,280 features are 205 MB, read from disk where they are needed (memory-mapped).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import DatasetError, RetouchError
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.photo import read
from retouch_aes.progress import Progress

SIDE = 384
_UNREADABLE = np.inf
_KEEP_EVERY = 500
Failed = Callable[[Path, Exception], None]


def feature_table(
    model: PooledScorer,
    photos: Sequence[Path],
    folder: Path,
    *,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    failed: Failed | None = None,
) -> NDArray[np.float32]:
    """Features `(P, D)` of `photos` by `model`, on `device`; rows of what cannot be read are not finite.

    A photo that cannot be read is told to `failed`. `DatasetError` where none can.
    """
    path = folder / f"features-{_key(model, photos)}.npy"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with replacing(path) as temporary:
            table = np.lib.format.open_memmap(temporary, "w+", np.float32, (len(photos), model.feature_size))
            table[:] = np.nan
            table.flush()
    table = np.lib.format.open_memmap(path, mode="r+")
    model = model.to(device).eval()
    for done, photo in enumerate(photos, start=1):
        if np.isnan(table[done - 1, 0]):
            try:
                with torch.no_grad():
                    image = read(photo).proxy(SIDE).to(device)
                    table[done - 1] = model.features(image)[0].float().cpu().numpy()
            except (RetouchError, OSError) as error:
                table[done - 1] = _UNREADABLE
                if failed is not None:
                    failed(photo, error)
        if done % _KEEP_EVERY == 0:
            table.flush()
        if progress is not None:
            progress("seeing photos", done, len(photos))
    table.flush()
    if not np.isfinite(table[:, 0]).any():
        raise DatasetError(f"none of the {len(photos)} photos can be read")
    return table


def _key(model: PooledScorer, photos: Sequence[Path]) -> str:
    backbone = hashlib.sha256(model.preprocessing.encode())
    for name, tensor in sorted(model.backbone.state_dict().items()):
        backbone.update(name.encode() + tensor.detach().cpu().float().contiguous().numpy().tobytes())
    states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in photos]
    pooled = [model.pooled_maps, model.deviations, SIDE]
    text = json.dumps([backbone.hexdigest(), pooled, states])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
