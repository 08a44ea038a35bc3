"""The border to other people's decoders: whatever they raise becomes a `PhotoError` that names the file."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from retouch_aes.errors import PhotoError, RetouchError

_lock = threading.Lock()
_inside = 0
_quiet: "warnings.catch_warnings[None] | None" = None


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


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings that Pillow itself raises about odd metadata; safe with many threads.

    `warnings.catch_warnings` alone restores in the wrong order when threads overlap, so the first thread in
    installs the filter and the last one out removes it.
    """
    global _inside, _quiet
    with _lock:
        if _inside == 0:
            _quiet = warnings.catch_warnings()
            _quiet.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _quiet is not None:
                _quiet.__exit__(None, None, None)
                _quiet = None


def check_size(path: Path, width: int, height: int, max_pixels: int) -> None:
    """Refuse a photo by the size its header claims, before anything is decoded."""
    if width < 1 or height < 1:
        raise PhotoError(f"{path}: its header claims {width} x {height} pixels; the file is damaged")
    if width * height > max_pixels:
        raise PhotoError(
            f"{path}: {width} x {height} is {width * height / 1e6:,.1f} megapixels, more than the limit of "
            f"{max_pixels / 1e6:,.1f}; if the file is trusted, pass a larger max_pixels"
        )
