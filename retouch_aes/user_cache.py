"""Where this user's caches lie: the platform's folder for them, readable by the user alone.

`$RETOUCH_AES_CACHE`; else on Linux `$XDG_CACHE_HOME/retouch_aes` (by default under `~/.cache`), on macOS
`~/Library/Caches/retouch_aes`, on Windows `%LOCALAPPDATA%\\retouch_aes\\Cache`.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePath

VARIABLE = "RETOUCH_AES_CACHE"
_NAME = "retouch_aes"


def cache_folder(platform: str, environment: Mapping[str, str], home: PurePath) -> PurePath:
    """The folder, as a pure function of `sys.platform`, the environment and the home folder."""
    if chosen := environment.get(VARIABLE):
        return type(home)(chosen)
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (type(home)(local) if local else home / "AppData" / "Local") / _NAME / "Cache"
    if platform == "darwin":
        return home / "Library" / "Caches" / _NAME
    base = type(home)(environment.get("XDG_CACHE_HOME", ""))
    # the specification of XDG: a path that is not absolute is ignored
    return (base if base.is_absolute() else home / ".cache") / _NAME


def user_cache(*parts: str) -> Path:
    """The folder of `parts` in this user's cache, made on the way; each level is the user's alone (0700)."""
    folder = Path(cache_folder(sys.platform, os.environ, Path.home()))
    folder.parent.mkdir(parents=True, exist_ok=True)
    for part in ("", *parts):
        folder = folder / part
        folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(OSError):  # one that somebody else owns, or a file system without modes
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)
    return folder
