"""The border to other people's decoders: whatever they raise becomes a `PhotoError` that names the file.

What they write past Python onto the terminal is heard, too: libtiff and LibRaw print lines that name no file.
"""

import logging
import os
import stat
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from PIL import Image

from retouch_aes.errors import PhotoError, RetouchError

_lock = threading.Lock()
_terminal = threading.Lock()


def opened(path: Path) -> IO[bytes]:
    """The file at `path` for reading; a pipe or a device, which might never end, is refused."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise PhotoError(
            f"{path}: expected a photo, but this is a pipe or a device; save what comes out of it as a file"
        )
    return path.open("rb")


@contextmanager
def decoding(path: Path, what: str) -> Iterator[None]:
    """Run a decoder on `path`, expecting `what`; any failure of its own is told as a damaged file.

    Decoders meet hostile bytes and raise whatever the bytes lead them to (struct, zlib, index, value and
    system errors), so every `Exception` is caught here. Our own errors pass through.
    """
    try:
        with quiet():
            yield
    except RetouchError:
        raise
    except MemoryError as error:
        raise PhotoError(f"{path}: not enough memory to decode this {what}") from error
    except Image.DecompressionBombError as error:  # TIFF and WebP meet Pillow's limit beside ours
        raise PhotoError(
            f"{path}: Pillow refuses a {what} of this size ({error}); if the file is trusted, raise "
            "PIL.Image.MAX_IMAGE_PIXELS, or save it in another format"
        ) from error
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoError(
            f"{path}: expected a {what} file, but it is damaged or cut short ({reason}); "
            "copy it again from its source, or open it in an image editor and export it"
        ) from error


class _PillowHere:
    """In the place of a filter's pattern: Pillow's modules, while this thread is inside `quiet`."""

    inside = threading.local()

    def match(self, module: str) -> bool:
        return getattr(self.inside, "depth", 0) > 0 and module.startswith("PIL.")


_IGNORED: Any = ("ignore", None, Warning, _PillowHere(), 0)


def _put_first() -> None:
    filters: Any = warnings.filters
    with _lock:  # before those that were added meanwhile
        if not filters or filters[0] is not _IGNORED:
            filters[:] = [_IGNORED, *(one for one in filters if one is not _IGNORED)]


_put_first()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings that Pillow itself raises about odd metadata, in this thread alone.

    `warnings.catch_warnings` would replace the filters of all threads, and put old ones back while another
    thread counts on its own. So one filter stays in the list, and asks for the thread when it is tried.
    """
    _put_first()
    here = _IGNORED[3].inside
    here.depth = getattr(here, "depth", 0) + 1
    try:
        yield
    finally:
        here.depth -= 1


@contextmanager
def hearing() -> Iterator[list[str]]:
    """Collect the lines that C libraries write to stderr meanwhile, instead of showing them.

    The list is filled when the block ends. One block at a time; what other threads write to the process's
    stderr meanwhile ends up here, too (the command line writes to a copy of it).
    """
    lines: list[str] = []
    with _terminal, tempfile.TemporaryFile() as file:
        try:
            if sys.stderr is not None:
                sys.stderr.flush()
            shown = os.dup(2)
        except OSError:  # there is no stderr
            yield lines
            return
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(shown, 2)
            os.close(shown)
            file.seek(0)
            text = file.read().decode("utf-8", "replace")
            lines += [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@contextmanager
def hearing_log(name: str) -> Iterator[list[str]]:
    """Collect what this thread logs under `name` meanwhile, instead of showing it."""
    lines: list[str] = []
    thread = threading.get_ident()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        lines.append(" ".join(record.getMessage().split()))
        return False

    logger = logging.getLogger(name)
    logger.addFilter(keep)
    try:
        yield lines
    finally:
        logger.removeFilter(keep)


def complaint(lines: list[str], library: str) -> tuple[str, ...]:
    """What is said of a photo about which a C library complained and which it decoded all the same."""
    if not lines:
        return ()
    more = f"; and {len(lines) - 1} more" if lines[1:] else ""
    return (f"the file is damaged, and a part of the picture may be wrong ({library}: {lines[0]}{more})",)


def check_size(path: Path, width: int, height: int, max_pixels: int) -> None:
    """Refuse a photo by the size its header claims, before anything is decoded."""
    if width < 1 or height < 1:
        raise PhotoError(f"{path}: its header claims {width} x {height} pixels; the file is damaged")
    if width * height > max_pixels:
        raise PhotoError(
            f"{path}: {width} x {height} is {width * height / 1e6:,.1f} megapixels, more than the limit of "
            f"{max_pixels / 1e6:,.1f}; if the file is trusted, pass a larger max_pixels"
        )
