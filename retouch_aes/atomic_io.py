"""Files that are whole or not there: every output is written beside its place and then renamed."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retouch_aes.errors import RetouchError


@contextmanager
def replacing(path: str | Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; rename it to `path` when the block ends well.

    The temporary name keeps the ending of `path`, so that encoders that look at it agree. When the block
    raises, the temporary file is removed and whatever stood at `path` is untouched. With
    `overwrite=False` an existing `path` raises `RetouchError`, also when it appears during the block.
    """
    target = Path(path)
    if not overwrite and target.exists():
        raise RetouchError(f"{target} exists already; choose another name or allow overwriting")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        if overwrite:
            temporary.replace(target)
        else:
            _claim(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _claim(temporary: Path, target: Path) -> None:
    """Give `temporary` the name `target` unless something has it; file systems without links get a check."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise RetouchError(f"{target} appeared while it was being written; it was left as it is") from None
    except OSError:
        if target.exists():
            raise RetouchError(
                f"{target} appeared while it was being written; it was left as it is"
            ) from None
        temporary.replace(target)


def write_json(path: str | Path, value: Any, *, overwrite: bool = True) -> None:
    """Write `value` as indented UTF-8 JSON, whole or not at all. Not-a-number is refused."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def lock(handle: int) -> bool:
    """Take the lock of an open file without waiting; whether it could be had. It ends with the file."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 1 << 30, os.SEEK_SET)  # readers are not to be kept out
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
