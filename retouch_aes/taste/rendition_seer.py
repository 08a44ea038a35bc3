"""One look at renditions of photos, in whatever process: the row that a taste needs of each, kept on disk."""

import copy
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.devices import device_of
from retouch_aes.models.featured import check_generic, features_and_score
from retouch_aes.models.model import SMALLEST_SIDE, AestheticModel
from retouch_aes.photo import read
from retouch_aes.photo.finding import as_on_disk
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.style_features import VERSION, style_features

STYLES = 6
"""Style features at the end of a row; before them stands the generic score."""


class RenditionSeer:
    """`renditions -> (M, D + 1 + STYLES)`: features, generic score, style features of each, float32.

    It can be sent to other processes; the model goes with it, and there to the device on which it was.

    Args:
        model: A generic one, with features.
        folder: What the photos of renditions are relative to.
        cache: A folder that keeps rows, each named after model, photo and recipe; None keeps none.
        side: Long side in pixels of the small copies that are looked at.
    """

    def __init__(
        self, model: AestheticModel, folder: str | Path, cache: str | Path | None, side: int
    ) -> None:
        check_generic(model)
        self.model = model.eval()
        self.folder, self.side = Path(folder), side
        self.device = device_of(model)
        self.fingerprint = model.fingerprint
        self._cache = None if cache is None else Path(cache) / self.fingerprint
        self._proxy: tuple[str, Tensor] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Tensors of a device do not travel: the model does so as on the CPU."""
        state = {**self.__dict__, "_proxy": None}
        if self.device.type != "cpu":
            state["model"] = copy.deepcopy(self.model).cpu()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive in another process, on the device."""
        self.__dict__ = state
        self.model = self.model.to(self.device)

    def __call__(self, renditions: Sequence[Rendition]) -> NDArray[np.float32]:
        """See `renditions`, best those of one photo in a row. `PhotoError` for one that cannot be read."""
        return np.stack([self._look_up(rendition) for rendition in renditions])

    def path(self, rendition: Rendition) -> Path:
        """Where the photo lies."""
        return as_on_disk(self.folder / rendition.photo)

    def known(self, rendition: Rendition) -> NDArray[np.float32] | None:
        """The row that lies on the disk; None where there is none, or a damaged one."""
        file = self._file(rendition)
        if file is None or not file.is_file():
            return None
        try:
            row: NDArray[np.float32] = np.load(file, allow_pickle=False)
        except (OSError, ValueError):
            return None
        return row

    def _look_up(self, rendition: Rendition) -> NDArray[np.float32]:
        row = self.known(rendition)
        if row is not None:
            return row
        with torch.no_grad():
            image = self._edited(rendition)
            features, score = features_and_score(self.model, image)
            row = torch.cat([features[0], score, style_features(image)[0]]).float().cpu().numpy()
        file = self._file(rendition)
        if file is not None:
            with replacing(file) as temporary:
                np.save(temporary, row, allow_pickle=False)
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
        stamp = f"{self.fingerprint} {VERSION} {self.side}"
        key = json.dumps([stamp, os.fsdecode(path.resolve()), state.st_size, state.st_mtime_ns, recipe])
        return self._cache / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.npy"
