"""One file from the web, resumable and checked: `download`.

What has come is kept in `NAME.part` and asked for no second time (HTTP range requests), also after the
program was stopped. The file gets its name only when its sha256 is right.
"""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

from retouch_aes.atomic_io import lock
from retouch_aes.errors import WeightsError
from retouch_aes.progress import Progress

"""Called with the bytes that have come and those of the whole file (0: not known)."""

TIMEOUT = 30.0
_BLOCK = 1 << 18
_MOST_TRIES = 100
_PAUSE = 1.0
_HOPELESS = (400, 401, 403, 404, 405, 410, 451)
_RANGE_NOT_THERE = 416


class _TooLongError(Exception):
    """More comes than was announced."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str,
    size: int | None = None,
    hint: str = "",
    progress: Progress | None = None,
) -> Path:
    """Fetch `url` into `target` unless it is there, and return `target`.

    Args:
        url: Of `http` or `https`; redirections are followed.
        target: Where the file is to lie.
        sha256: Its hash in hexadecimal digits, or the beginning of it (eight digits at least).
        size: Its bytes, where known: more is refused.
        hint: What else can be done where it cannot be had, for the error's text.
        progress: Told what has come.

    Raises:
        WeightsError: Without a network, where the server has no such file, or where the hash differs. What
            has come is kept for the next call, unless it is wrong.
    """
    if target.is_file() and file_hash(target).startswith(sha256):
        return target
    part = target.with_name(target.name + ".part")
    for _ in range(2):
        resumed = _fill(url, part, size, hint, progress)
        found = file_hash(part)
        if found.startswith(sha256):
            part.replace(target)
            return target
        part.unlink()
        if not resumed:
            break
    raise WeightsError(
        f"{url} is not the file that was published: its sha256 begins with {found[:12]}, expected "
        f"{sha256[:12]}; nothing was kept"
    )


def file_hash(path: Path) -> str:
    """The sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_url(url: str, start: int = 0) -> http.client.HTTPResponse:
    """The answer of a server, from byte `start` on where it can do that; errors are urllib's."""
    headers = {"User-Agent": "retouch_aes", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    return answer


def unreachable(url: str, error: BaseException) -> str:
    """What to tell a person, in one line, where `url` could not be read."""
    reason = getattr(error, "reason", None) or error
    text = " ".join(str(reason).split()) or type(error).__name__
    code = f"HTTP {error.code}, " if isinstance(error, urllib.error.HTTPError) else ""
    return f"cannot fetch {url} ({code}{text})"


def _fill(url: str, part: Path, size: int | None, hint: str, progress: Progress | None) -> bool:
    """Complete `part`; whether something of it had been there before. An empty one is not left behind."""
    handle = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    empty = False
    try:
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if not lock(file.fileno()):
                raise WeightsError(f"{part} is being written by another program; wait until it has ended")
            had = file.seek(0, os.SEEK_END)
            try:
                _complete(url, file, size, hint, progress)
            finally:
                empty = file.seek(0, os.SEEK_END) == 0
            return had > 0
    finally:
        if empty:
            with suppress(OSError):
                part.unlink()


def _complete(url: str, file: IO[bytes], size: int | None, hint: str, progress: Progress | None) -> None:
    """Receive until all is there; a broken connection that gave something is followed by the next one."""
    for _ in range(_MOST_TRIES):
        before = file.tell()
        try:
            _receive(url, file, size, progress)
        except _TooLongError:
            file.truncate(file.seek(0))
            raise WeightsError(f"{url} is longer than the file that was published") from None
        except (OSError, http.client.HTTPException) as error:
            code = error.code if isinstance(error, urllib.error.HTTPError) else 0
            if code == _RANGE_NOT_THERE and before:
                file.truncate(file.seek(0))  # what is there is longer than the file: begin again
                continue
            if code in _HOPELESS or file.tell() <= before:
                kept = f"; {file.tell():,} bytes are kept, the next try goes on" if file.tell() else ""
                raise WeightsError(f"{unreachable(url, error)}{kept}{hint and '; ' + hint}") from None
            time.sleep(_PAUSE)
        else:
            return
    raise WeightsError(f"{url}: the connection broke {_MOST_TRIES} times; try again later")


def _receive(url: str, file: IO[bytes], size: int | None, progress: Progress | None) -> None:
    """Append what is missing. `ConnectionError` where the answer ends too early."""
    start = file.seek(0, os.SEEK_END)
    if size is not None and start == size:
        return
    with open_url(url, start) as answer:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            start = 0
            file.truncate(file.seek(0))
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else (size or 0)
        if size is not None and total > size:
            raise _TooLongError
        while block := answer.read(_BLOCK):
            file.write(block)
            if size is not None and file.tell() > size:
                raise _TooLongError
            if progress is not None:
                progress("downloading", file.tell(), total)
        if total and file.tell() < total:
            raise ConnectionError(f"the connection broke after {file.tell():,} of {total:,} bytes")
