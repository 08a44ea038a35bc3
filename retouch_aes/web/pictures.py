"""Renditions as JPEG for the screen: made once, by few threads, and kept in the user's cache folder.

A photo comes from the library's own `preview`; an edited one is rendered from it, its operators measured on
the same proxy as at full size. The size of the upright photo travels in the comment of the JPEG. A cache that
cannot be written to costs time, nothing else.
"""

import hashlib
import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, JpegImagePlugin

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import RetouchError
from retouch_aes.photo import preview
from retouch_aes.web.album import Album

if TYPE_CHECKING:
    from retouch_aes.operators import Recipe
    from retouch_aes.preferences.renditions import Rendition

SIDES = (160, 800, 1200, 1600, 2400, 3200)
"""Long sides in which pictures are made; the first is for thumbnails."""

FULL = 8192
"""The long side up to which `z` shows a photo pixel by pixel."""

_VERSION = 1
_TOGETHER = 2


@dataclass(frozen=True)
class Picture:
    """A JPEG in sRGB, and the size in pixels of the photo that it shows."""

    jpeg: bytes
    width: int
    height: int


@dataclass
class Pictures:
    """The pictures of `album`, kept under `folder`. Safe to ask from many threads; the same is made once."""

    album: Album
    folder: Path
    _turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_TOGETHER))
    _toned: dict[str, bool] = field(default_factory=dict)
    _busy: dict[str, tuple[threading.Lock, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, rendition: "Rendition", side: int) -> Picture:
        """The picture with its long side at most `side`. Raises `PhotoError`."""
        path = self.album.path(rendition)
        name = _name(path, rendition.recipe, side)
        place = self.folder / name[:2] / f"{name}.jpg"
        with self._alone(name):
            known = _stored(place)
            if known is not None:
                return known
            with self._turns:
                made = _make(path, rendition.recipe, side)
            with suppress(OSError):
                self._store(place, made.jpeg)
            return made

    def is_toned(self, photo: str) -> bool:
        """Whether a photo of the album is black and white, so that edits of colour leave it as it is."""
        if photo not in self._toned:
            self._toned[photo] = _is_toned(self.album.folder / self.album.name(photo))
        return self._toned[photo]

    def _store(self, place: Path, jpeg: bytes) -> None:
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, mode=0o700)
        with replacing(place) as temporary:
            temporary.write_bytes(jpeg)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """One thread at a time for each name."""
        with self._lock:
            lock, waiting = self._busy.get(name, (threading.Lock(), 0))
            self._busy[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                _, waiting = self._busy[name]
                if waiting == 1:
                    del self._busy[name]
                else:
                    self._busy[name] = (lock, waiting - 1)


def _name(path: Path, recipe: "Recipe | None", side: int) -> str:
    """What a picture depends on, as a hash."""
    known = path.stat()
    edit = None if recipe is None else recipe.to_json()
    parts = [_VERSION, os.fsencode(path.resolve()).hex(), known.st_mtime_ns, known.st_size, edit, side]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def _stored(place: Path) -> Picture | None:
    try:
        jpeg = place.read_bytes()
        comment = JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg), "").info["comment"]
        width, height = map(int, comment.split(b"x"))
    except (OSError, SyntaxError, KeyError, ValueError):  # not there, or damaged: it is made again
        return None
    with suppress(OSError):
        os.utime(place)
    return Picture(jpeg, width, height)


def _make(path: Path, recipe: "Recipe | None", side: int) -> Picture:
    image, width, height = preview(path, side)
    if recipe is not None:
        image = _edited(image, recipe)
    buffer = io.BytesIO()
    quality = 80 if side == SIDES[0] else 92
    image.save(buffer, "JPEG", quality=quality, subsampling=0, comment=f"{width}x{height}".encode())
    return Picture(buffer.getvalue(), width, height)


def _is_toned(path: Path) -> bool:
    from retouch_aes.color.toned import is_toned
    from retouch_aes.editing.render import PROXY
    from retouch_aes.photo import Photo
    from retouch_aes.photo.source import LevelsSource

    try:
        small = Photo(LevelsSource(preview(path, 2 * PROXY).image)).proxy(PROXY)
    except (RetouchError, OSError):  # whoever shows it tells that it cannot be read
        return False
    return bool(is_toned(small).all())


def _edited(image: Image.Image, recipe: "Recipe") -> Image.Image:
    from retouch_aes.editing.render import develop
    from retouch_aes.photo import Photo
    from retouch_aes.photo.source import LevelsSource
    from retouch_aes.photo.tensors import to_image

    return to_image(develop(Photo(LevelsSource(image)), recipe).source, None)
