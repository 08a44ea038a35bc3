"""The photos of one folder, known to the page by opaque keys.

A key is a hash, found in a table: no text that comes from outside is ever made into a path, so there is
nothing to climb out with. Links that lead out of the folder are left out when it is walked, and every photo
is looked at again before it is opened.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.errors import PhotoError
from retouch_aes.photo import find_photos

if TYPE_CHECKING:
    from retouch_aes.preferences.renditions import Rendition


class Album:
    """The photos under `folder`; `photos` are their names, relative to it, with forward slashes.

    With `names`, only these of them.
    """

    def __init__(self, folder: Path, names: Sequence[str] | None = None) -> None:
        self.folder = folder
        self._root = folder.resolve()
        inside: dict[Path, bool] = {}
        kept = []
        found = find_photos(folder) if names is None else [folder / name for name in names]
        for path in found:
            parent = path.parent
            if parent not in inside:
                inside[parent] = self._contains(parent.resolve())
            if inside[parent] and (not path.is_symlink() or self._contains(path.resolve())):
                kept.append(path.relative_to(folder).as_posix())
        self.photos = tuple(kept)
        self.left_out = len(found) - len(kept)
        self._known = frozenset(kept)
        self._table: dict[str, Rendition] = {}
        self._keys: dict[Rendition, str] = {}
        self._lock = threading.Lock()

    def key(self, rendition: "Rendition") -> str:
        """The key by which the page may ask for `rendition`; "" for a photo that is not in the folder."""
        if rendition in self._keys:
            return self._keys[rendition]
        name = self.name(rendition.photo)
        if name not in self._known:
            return ""
        recipe = None if rendition.recipe is None else rendition.recipe.to_json()
        text = json.dumps([name, recipe], sort_keys=True)
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
        with self._lock:
            self._table[key] = rendition
            self._keys[rendition] = key
        return key

    def find(self, key: str) -> "Rendition | None":
        """The rendition of a key that was given out."""
        return self._table.get(key)

    def path(self, rendition: "Rendition") -> Path:
        """The file of a rendition. `PhotoError` where it is not, or no longer, in the folder."""
        name = self.name(rendition.photo)
        path = self.folder / name
        if name not in self._known or not self._contains(path.resolve()):
            raise PhotoError(f"{rendition.photo}: expected a photo in {self.folder}; it may have been moved")
        return path

    def name(self, photo: str) -> str:
        """The name in this folder of a photo as a file of choices has it, absolute or relative."""
        path = Path(photo)
        if path.is_absolute():
            for root in (self.folder, self._root):
                if path.is_relative_to(root):
                    return path.relative_to(root).as_posix()
        return path.as_posix()

    def _contains(self, resolved: Path) -> bool:
        return resolved.is_relative_to(self._root)
