"""What a taste sees of renditions: the generic model's features and score, and the look. Kept on disk.

A photo is judged on its proxy, as `retouch` and `score` do; a rendition's recipe is applied to the proxy. The
cache holds a small file for each rendition, named after the model's fingerprint, the photo's path, size and
time, and the recipe, so that nothing stale is ever used; it may be deleted at any time.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.datasets.problems import refuse
from retouch_aes.executors import Executor, InProcess, in_order
from retouch_aes.models.model import AestheticModel
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.rendition_seer import STYLES, RenditionSeer
from retouch_aes.user_cache import user_cache

SIDE = 384


def default_cache_folder() -> Path:
    """Where seen renditions are kept: `seen` in the user's cache, readable by the user alone."""
    return user_cache("seen")


class FeatureCache:
    """Sees renditions of photos under `folder` with a generic `model`; `cache` None keeps nothing on disk.

    `executor` does the looking, a photo with its renditions at a time; None does it here.
    """

    def __init__(
        self,
        model: AestheticModel,
        folder: str | Path,
        *,
        cache: str | Path | None = None,
        side: int = SIDE,
        executor: Executor | None = None,
    ) -> None:
        self.seer = RenditionSeer(model, folder, cache, side)
        self.model, self.folder, self.side = self.seer.model, self.seer.folder, side
        self.device, self.fingerprint = self.seer.device, self.seer.fingerprint
        self.path = self.seer.path
        self._executor = executor or InProcess()
        self._seen: dict[Rendition, Tensor] = {}

    def see(
        self, renditions: Sequence[Rendition], progress: Progress | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Features `(M, D)`, generic scores `(M,)` and style features `(M, 6)`, float32 on the CPU.

        All photos that are missing are reported in one `DatasetError`; one that cannot be read raises
        `PhotoError`.
        """
        missing = sorted({str(self.path(r)) for r in renditions if not self.path(r).is_file()})
        refuse(
            self.folder,
            [f"photo not found: {name}" for name in missing],
            "expected all photos of the answers",
        )
        new = self._by_photo(renditions)
        done = len(renditions) - sum(map(len, new))
        if progress is not None:
            progress("seeing photos", done, len(renditions))
        with closing(in_order(self._executor, self.seer, new)) as results:
            for result in results:
                self._seen.update(zip(result.job, map(torch.from_numpy, result.got()), strict=True))
                done += len(result.job)
                if progress is not None:
                    progress("seeing photos", done, len(renditions))
        table = torch.stack([self._seen[rendition] for rendition in renditions])
        return table[:, : -STYLES - 1], table[:, -STYLES - 1], table[:, -STYLES:]

    def forget(self) -> None:
        """Drop what was seen from memory; a cache on disk stays."""
        self._seen.clear()

    def _by_photo(self, renditions: Sequence[Rendition]) -> list[list[Rendition]]:
        """Those that were not seen and do not lie on the disk, photo by photo."""
        groups: dict[str, list[Rendition]] = {}
        for rendition in dict.fromkeys(renditions):
            if rendition in self._seen:
                continue
            row = self.seer.known(rendition)
            if row is not None:
                self._seen[rendition] = torch.from_numpy(row)
            else:
                groups.setdefault(rendition.photo, []).append(rendition)
        return list(groups.values())
