"""Where files really lie, of many files quickly: links are listed once a folder, not asked for once a file.

Texts, not paths: of hundreds of thousands, what takes time is to make and to compare `Path`.
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePath

from retouch_aes.file_names import alike

_FEW = 16  # files of a folder that are asked about one by one, before all of its links are listed


def real_paths() -> Callable[[Path], str]:
    """`Path.resolve` as text for paths of few folders; what it found of a folder it keeps."""
    folders: dict[str, str] = {}
    asked: Counter[str] = Counter()
    links: dict[str, frozenset[str] | None] = {}

    def is_link(path: Path, folder: str, name: str) -> bool:
        asked[folder] += 1
        if asked[folder] > _FEW and folder not in links:
            links[folder] = _links(folder)
        known = links.get(folder)
        if known is None:
            return os.path.islink(path)  # noqa: PTH114  (a third of the time of `Path`)
        return bool(known) and alike(PurePath(name)) in known

    def real(path: Path) -> str:
        folder, _, name = str(path).rpartition(os.sep)
        root = not folder or folder.endswith(":")
        if root or name == ".." or is_link(path, folder, name):
            return str(path.resolve())
        if folder not in folders:
            folders[folder] = os.path.join(Path(folder).resolve(), "")  # noqa: PTH118
        return folders[folder] + name

    return real


def _links(folder: str) -> frozenset[str] | None:
    """The names of links in a folder, as `alike`; none if it is not there, None if it may not be listed."""
    try:
        with os.scandir(folder) as entries:  # the kind of each entry comes with it
            return frozenset(alike(PurePath(entry.name)) for entry in entries if entry.is_symlink())
    except FileNotFoundError:
        return frozenset()
    except PermissionError:
        return None
