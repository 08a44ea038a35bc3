"""Files that are whole or not there: every output is written beside its place, flushed and then renamed.

The temporary file is locked while it is written to, so that the next run can tell what a killed one left
(no lock on it) from what another program is writing just now, and removes the former.
"""

import errno
import json
import os
import platform
import secrets
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from retouch_aes.errors import RetouchError
from retouch_aes.file_names import reachable, trouble

TEMPORARY = ".retouch_aes-"
"""How the names of temporary files begin, whatever the name of the file to be: that may have 255 bytes."""

_LONGEST_SUFFIX = 16
_DAY = 86_400.0
_TRIES = 20
_swept: set[Path] = set()


@contextmanager
def replacing(path: str | Path, *, overwrite: bool = True, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; rename it to `path` when the block ends well.

    The temporary name keeps the ending of `path`, so that encoders that look at it agree. When the block
    raises, the temporary file is removed and whatever stood at `path` is untouched. File and folder are on
    the disk before this returns, unless `durable` is False (a cache). With `overwrite=False` an existing
    `path` raises `RetouchError`, also when it appears during the block.
    """
    target = reachable(Path(path))
    if not overwrite and target.exists():
        raise RetouchError(f"{target} exists already; choose another name or allow overwriting")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.parent not in _swept:
        sweep(target.parent)
        _swept.add(target.parent)
    handle, temporary = _made(target.parent, target.suffix if len(target.suffix) <= _LONGEST_SUFFIX else "")
    try:
        yield temporary
        if durable:
            _sync(handle, temporary)
        if sys.platform == "win32":  # an open file cannot be renamed there
            os.close(handle)
            handle = -1
        with _names_told(target):
            if overwrite:
                temporary.replace(target)
            else:
                _claim(temporary, target)
        if durable:
            sync_folder(target.parent)
    finally:
        if handle >= 0:
            os.close(handle)
        temporary.unlink(missing_ok=True)


@contextmanager
def _names_told(target: Path) -> Iterator[None]:
    """Say what is wrong with a name that a file system refuses: a stick for Windows, a network share."""
    try:
        yield
    except OSError as error:
        why = trouble(target.name)
        if not why or error.errno not in (errno.EINVAL, errno.ENAMETOOLONG, errno.EILSEQ, errno.ENOENT):
            raise
        raise OSError(error.errno, f"{error.strerror}; the name {why}", str(target)) from error


def _sync(handle: int, path: Path) -> None:
    """Flush the file at `path` to the disk: that of `handle`, unless a library put another in its place."""
    if os.path.samestat(os.fstat(handle), path.stat()):
        os.fsync(handle)
        return
    other = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(other)
    finally:
        os.close(other)


def write_in_full(path: Path, data: "bytes | bytearray | memoryview[int]") -> None:
    """All of `data` into the file at `path`, past every buffer; `OSError` where the disk takes less."""
    with path.open("wb", buffering=0) as file:
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            taken = file.write(left)
            if not taken:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            left = left[taken:]
        if os.fstat(file.fileno()).st_size != size:
            raise OSError(errno.EIO, "the file is shorter than what was written into it", str(path))


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed runs left in `folder`; those being written to stay."""
    with suppress(OSError):
        names = [entry.path for entry in os.scandir(folder) if entry.name.startswith(TEMPORARY)]
        for left in map(Path, names):
            with suppress(OSError):
                _remove_if_left(left)


def _remove_if_left(path: Path) -> None:
    ours = path.name.startswith(f"{TEMPORARY}{_host()}-")
    if not ours and time.time() - path.stat().st_mtime < _DAY:  # locks do not cross every network
        return
    handle = os.open(path, os.O_RDWR)
    try:
        free = lock(handle)
        if free and sys.platform != "win32":  # under the lock: whoever made it just now finds it gone
            path.unlink(missing_ok=True)
    finally:
        os.close(handle)
    if free and sys.platform == "win32":  # an open file cannot be removed there
        path.unlink(missing_ok=True)


def _made(folder: Path, suffix: str) -> tuple[int, Path]:
    """A new, locked temporary file in `folder`, with the rights that any new file has.

    One that a sweep has its hands on is given up for another; where no file can be locked, none is swept.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    for attempt in count():
        path = folder / f"{TEMPORARY}{_host()}-{secrets.token_hex(5)}{suffix}"
        with suppress(FileExistsError):
            handle = os.open(path, flags, 0o666)
            if (lock(handle) or attempt >= _TRIES) and path.exists():
                return handle, path
            os.close(handle)
            path.unlink(missing_ok=True)
    raise AssertionError("unreachable: the loop has no end")


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


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


def json_text(value: Any, **options: Any) -> str:
    """`value` as JSON that can be UTF-8: file names that are none are escaped. Not-a-number is refused."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, **options)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, **options)
    return text


def write_json(path: str | Path, value: Any, *, overwrite: bool = True) -> None:
    """Write `value` as indented UTF-8 JSON, whole or not at all. Not-a-number is refused."""
    text = json_text(value, indent=2)
    with replacing(path, overwrite=overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # some network shares cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
    except ImportError:  # a system without locks, such as a browser: nobody else writes there
        return True
    return True
