"""The folder of the user's cache for this library, kept small: the oldest files go first.

`$XDG_CACHE_HOME/retouch_aes`, or what the system has in its place. It holds copies of private photos, so only
the user may look in.
"""

import os
import sys
from pathlib import Path

LIMIT = 1_000_000_000
"""Bytes that the cache may hold."""


def cache_folder() -> Path:
    """Where the cache lies; not made here. A relative `XDG_CACHE_HOME` is ignored, as its standard says."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "retouch_aes"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "retouch_aes" / "cache"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "retouch_aes"


def prune(folder: Path, limit: int = LIMIT) -> int:
    """Delete the files under `folder` that were used longest ago until `limit` bytes remain; bytes freed."""
    files = []
    for path in folder.rglob("*.jpg"):
        try:
            known = path.stat()
        except OSError:
            continue
        files.append((known.st_mtime, known.st_size, path))
    excess = sum(size for _, size, _ in files) - limit
    freed = 0
    for _, size, path in sorted(files):
        if freed >= excess:
            break
        try:
            path.unlink()
        except OSError:
            continue
        freed += size
    return freed
