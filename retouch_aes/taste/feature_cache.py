"""What a taste sees of renditions: the generic model's features and score, and the look. Kept on disk.

A photo is judged on its proxy, as `retouch` and `score` do; a rendition's recipe is applied to the proxy. The
cache holds a small file for each rendition, named after the model's fingerprint, the photo's path, size and
time, and the recipe, so that nothing stale is ever used; it may be deleted at any time.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.datasets.problems import refuse
from retouch_aes.devices import device_of
from retouch_aes.models.featured import check_generic, features_and_score
from retouch_aes.models.model import SMALLEST_SIDE, AestheticModel
from retouch_aes.photo import read
from retouch_aes.photo.finding import as_on_disk
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.style_features import VERSION, style_features
from retouch_aes.user_cache import user_cache

SIDE = 384
"""Called with the name of a stage, how much of it is done, and how much there is."""


def default_cache_folder() -> Path:
    """Where seen renditions are kept: `seen` in the user's cache, readable by the user alone."""
    return user_cache("seen")


class FeatureCache:
    """Sees renditions of photos under `folder` with a generic `model`; `cache` None keeps nothing on disk."""

    def __init__(
        self, model: AestheticModel, folder: str | Path, *, cache: str | Path | None = None, side: int = SIDE
    ) -> None:
        check_generic(model)
        self.model = model.eval()
        self.folder = Path(folder)
        self.side = side
        self.device = device_of(model)
        self.fingerprint = model.fingerprint
        self._stamp = f"{self.fingerprint} {VERSION} {side}"
        self._cache = None if cache is None else Path(cache) / self.fingerprint
        self._seen: dict[Rendition, Tensor] = {}
        self._proxy: tuple[str, Tensor] | None = None

    def path(self, rendition: Rendition) -> Path:
        """Where the photo lies."""
        return as_on_disk(self.folder / rendition.photo)

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
        rows = []
        for done, rendition in enumerate(renditions, start=1):
            if rendition not in self._seen:
                self._seen[rendition] = self._look_up(rendition)
            rows.append(self._seen[rendition])
            if progress is not None:
                progress("seeing photos", done, len(renditions))
        table = torch.stack(rows)
        return table[:, :-7], table[:, -7], table[:, -6:]

    def forget(self) -> None:
        """Drop what was seen from memory; a cache on disk stays."""
        self._seen.clear()

    def _look_up(self, rendition: Rendition) -> Tensor:
        file = self._file(rendition)
        if file is not None and file.is_file():
            try:
                return torch.from_numpy(np.load(file, allow_pickle=False))
            except (OSError, ValueError):
                pass  # damaged: seen again and written anew
        with torch.no_grad():
            image = self._edited(rendition)
            features, score = features_and_score(self.model, image)
            row = torch.cat([features[0], score, style_features(image)[0]]).float().cpu()
        if file is not None:
            with replacing(file) as temporary:
                np.save(temporary, row.numpy(), allow_pickle=False)
        return row

    def _edited(self, rendition: Rendition) -> Tensor:
        if self._proxy is None or self._proxy[0] != rendition.photo:
            small = read(self.path(rendition)).proxy(self.side, least=SMALLEST_SIDE)
            self._proxy = (rendition.photo, small.to(self.device))
        image = self._proxy[1]
        return image if rendition.recipe is None else rendition.recipe.apply(image)

    def _file(self, rendition: Rendition) -> Path | None:
        if self._cache is None:
            return None
        path = self.path(rendition)
        state = path.stat()
        recipe = None if rendition.recipe is None else rendition.recipe.to_json()
        key = json.dumps([self._stamp, os.fsdecode(path.resolve()), state.st_size, state.st_mtime_ns, recipe])
        return self._cache / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.npy"
