"""Edits that are being tried: rendered on a small copy, within a blink, and not kept."""

import io
import threading
from collections import OrderedDict
from pathlib import Path

from PIL import Image

from retouch_aes.editing.render import PROXY, develop
from retouch_aes.operators import Recipe
from retouch_aes.photo import Photo, preview
from retouch_aes.photo.source import LevelsSource
from retouch_aes.photo.tensors import to_image

_KEPT = 4
_QUALITY = 88


class Trials:
    """Renders recipes on small copies, the last few of which are kept. Safe to ask from many threads."""

    def __init__(self) -> None:
        self._copies: OrderedDict[tuple[Path, int], Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def render(self, path: Path, recipe: Recipe, side: int) -> bytes:
        """The photo at `path` with `recipe`, its long side at most `side`, as JPEG. Raises `PhotoError`."""
        copy = self._copy(path, side)
        photo = Photo(LevelsSource(copy))
        edited = develop(photo, recipe, side=min(recipe.proxy or PROXY, side))
        buffer = io.BytesIO()
        to_image(edited.source, None).save(buffer, "JPEG", quality=_QUALITY)
        return buffer.getvalue()

    def _copy(self, path: Path, side: int) -> Image.Image:
        with self._lock:
            known = self._copies.get((path, side))
            if known is not None:
                self._copies.move_to_end((path, side))
                return known
        image = preview(path, side).image
        with self._lock:
            self._copies[path, side] = image
            while len(self._copies) > _KEPT:
                self._copies.popitem(last=False)
        return image
