"""Rated photos by other people, to learn from those that look like a person's own.

A folder of memory-mapped arrays: `features.npy` `(N, D)` in 16 bit, of length 1; `histograms.npy` `(N, 10)`;
`pool.json` with the model's fingerprint and the names. A row that is not yet there holds not-a-number, so a
stopped build goes on where it stopped. Zhang et al. take, for each personal photo, the K = 50 nearest by
cosine, and train on the union with its distributions.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.atomic_io import write_json
from retouch_aes.datasets.nearest import nearest
from retouch_aes.errors import DatasetError, RetouchError, UsageError
from retouch_aes.executors import Executor, InProcess, in_order
from retouch_aes.models.model import AestheticModel
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.rendition_seer import STYLES

NEIGHBOURS = 50
_FORMAT = "retouch_aes.pool"


@dataclass(frozen=True, eq=False)
class RatedPool:
    """`features` `(N, D)` (16 bit, length 1, memory-mapped), `histograms` `(N, 10)`, `names` of N photos."""

    features: NDArray[np.float16]
    histograms: NDArray[np.float32]
    names: tuple[str, ...]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.names)

    @staticmethod
    def open(folder: str | Path) -> "RatedPool":
        """The pool in `folder`. `DatasetError` where there is none, or it is not finished."""
        head = _head(Path(folder))
        try:
            features = np.load(Path(folder) / "features.npy", mmap_mode="r", allow_pickle=False)
            histograms = np.load(Path(folder) / "histograms.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DatasetError(f"{folder} holds a damaged pool ({error}); build it again") from None
        if len(features) != len(head["names"]) or len(histograms) != len(features):
            raise DatasetError(f"{folder} holds a damaged pool; build it again")
        if not head.get("complete"):
            raise DatasetError(f"{folder} is not finished; run `retouch-aes pool build` again to go on")
        return RatedPool(features, histograms, tuple(head["names"]), head["fingerprint"])

    def nearest(self, features: Tensor, k: int = NEIGHBOURS) -> tuple[Tensor, Tensor]:
        """Cosines and indices `(B, k)` of the nearest photos to `features` `(B, D)`, nearest first.

        Exact; see `retouch_aes.datasets.nearest`. Photos that could not be read come last, with cosine -2.
        """
        return nearest(self.features, features, k)

    def neighbourhood(self, features: Tensor, k: int = NEIGHBOURS) -> tuple[Tensor, Tensor]:
        """The union of the `k` nearest of all: indices `(M,)` and distributions `(M, 10)`."""
        cosines, found = self.nearest(features, min(k, len(self)))
        union = torch.from_numpy(np.unique(found[cosines > -1.5].cpu().numpy()))
        return union, torch.from_numpy(np.array(self.histograms[union.numpy()])).float()


def build_pool(
    photos: Sequence[Path],
    histograms: NDArray[np.float64],
    model: AestheticModel,
    folder: str | Path,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    failed: Callable[[Path, Exception], None] | None = None,
    called: Callable[[str], str] = str,
) -> RatedPool:
    """See `photos` with `model`, and keep that and their `histograms` `(N, 10)` in `folder`; resumable.

    `executor` does the looking; None does it here. The pool names a photo by what it is `called`, of its
    whole path.
    A photo that cannot be read is told to `failed` and left out of all searches. `UsageError` where `folder`
    holds a pool of other photos or another model.
    """
    if len(photos) != len(histograms) or not len(photos):
        raise UsageError(f"expected a histogram for each photo, got {len(photos)} and {len(histograms)}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    feature_cache = FeatureCache(model, Path())
    places = [str(path.resolve()) for path in photos]
    names = [called(place) for place in places]
    head = {"format": _FORMAT, "version": 1, "fingerprint": feature_cache.fingerprint, "names": names}
    store, table = folder / "features.npy", None
    if (folder / "pool.json").exists() and store.exists():
        before = _head(folder)
        if before["names"] != names or before["fingerprint"] != feature_cache.fingerprint:
            raise UsageError(f"{folder} holds a pool of other photos or another model; choose another folder")
        table = np.lib.format.open_memmap(store, mode="r+")
    missing = [number for number in range(len(names)) if table is None or np.isnan(table[number, 0])]
    done = len(names) - len(missing)
    jobs = ([Rendition(places[number])] for number in missing)
    with closing(in_order(executor or InProcess(), feature_cache.seer, jobs)) as results:
        for number, result in zip(missing, results, strict=True):
            try:
                row = result.got()[:, : -1 - STYLES]
            except (RetouchError, OSError) as error:
                if failed is not None:
                    failed(Path(names[number]), error)
            else:
                if table is None:  # only now is it known how many features there are
                    np.save(folder / "histograms.npy", histograms.astype(np.float32), allow_pickle=False)
                    table = np.lib.format.open_memmap(store, "w+", np.float16, (len(names), row.shape[1]))
                    table[:] = np.nan
                    table.flush()
                    write_json(folder / "pool.json", head | {"complete": False})
                table[number] = torch.nn.functional.normalize(torch.from_numpy(row))[0].half().numpy()
            done += 1
            if progress is not None:
                progress("seeing photos", done, len(names))
            if table is not None and done % 500 == 0:
                table.flush()
    if table is None:
        raise DatasetError(f"none of the {len(names)} photos can be read")
    table.flush()
    write_json(folder / "pool.json", head | {"complete": True})
    return RatedPool.open(folder)


def _head(folder: Path) -> dict[str, Any]:
    path = folder / "pool.json"
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DatasetError(f"{folder} holds no pool: `retouch-aes pool build` makes one") from None
    if not isinstance(head, dict) or head.get("format") != _FORMAT or not isinstance(head.get("names"), list):
        raise DatasetError(f"{path} is no pool of this version; build it again")
    return head
