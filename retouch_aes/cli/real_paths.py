"""Where files really lie, of many files quickly: a folder's links are followed once, not once a file."""

from collections.abc import Callable
from pathlib import Path


def real_paths() -> Callable[[Path], Path]:
    """`Path.resolve` for paths of few folders; what it found of a folder it keeps."""
    folders: dict[Path, Path] = {}

    def real(path: Path) -> Path:
        if path.name in ("", "..") or path.is_symlink():
            return path.resolve()
        folder = path.parent
        if folder not in folders:
            folders[folder] = folder.resolve()
        return folders[folder] / path.name

    return real
