"""PNG: its chunks, the colour they state, and 16 bit pixels through imagecodecs (PNG, 3rd ed.)."""

import struct
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from retouch_aes.errors import MissingExtraError
from retouch_aes.photo import icc, profiles
from retouch_aes.photo.guard import complaint, hearing
from retouch_aes.photo.metadata import exif
from retouch_aes.photo.metadata.containers import png_parts
from retouch_aes.photo.metadata.png_chunks import chunk

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def bit_depth(head: bytes) -> int:
    """Bits a channel, from the header chunk in the first bytes of the file."""
    return head[24] if head[12:16] == b"IHDR" and len(head) > 24 else 0


def profile(path: Path, file: IO[bytes], info: dict[Any, Any]) -> bytes:
    """The colour a PNG states, strongest first: cICP, iCCP, sRGB, gAMA with cHRM; b"" for sRGB or nothing."""
    codes = _codes(file)
    if codes is not None:
        return profiles.from_codes(path, codes[0], codes[1])
    if info.get("icc_profile"):
        return bytes(info["icc_profile"])
    if "srgb" in info:
        return b""
    if "gamma" not in info:
        return profiles.adobe_rgb() if exif.says_adobe_rgb(exif.normal(info.get("exif"))) else b""
    stated = info.get("chromaticity")
    primaries = icc.BT709
    if stated is not None and max(stated) < 2 and min(stated[1::2]) > 0:
        pairs = [(float(stated[at]), float(stated[at + 1])) for at in range(0, 8, 2)]
        if (
            max(abs(a - b) for p, q in zip(pairs, icc.BT709, strict=True) for a, b in zip(p, q, strict=True))
            > 2e-3
        ):
            primaries = (pairs[0], pairs[1], pairs[2], pairs[3])
    gamma = float(info["gamma"])
    if not 0.05 < gamma < 5:
        return b""
    plain = abs(gamma - 0.45455) < 0.01
    if plain and primaries == icc.BT709:
        return b""
    return icc.matrix_profile(f"PNG gamma {gamma:.5g}", primaries, None if plain else 1 / gamma)


def _codes(file: IO[bytes]) -> bytes | None:
    """The four bytes of the first cICP chunk before the pixels."""
    for part in png_parts(file):
        if part.name == b"IDAT":
            return None
        if part.name == b"cICP" and part.end - part.body == 8:  # and a check sum
            file.seek(part.body)
            return file.read(4)
    return None


def read_deep(
    path: Path, file: IO[bytes]
) -> tuple[NDArray[np.uint16], NDArray[np.uint16] | None, tuple[str, ...]]:
    """16 bit pixels `(H, W)` or `(H, W, 3)`; alpha `(H, W)` or None; what libpng complained about."""
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtraError(f"{path}: reading a 16 bit PNG without loss", "photo") from error
    file.seek(0)
    with hearing() as lines:
        array: NDArray[np.uint16] = imagecodecs.png_decode(file.read())
    told = complaint(lines, "libpng")
    if array.dtype != np.uint16:
        raise ValueError(f"expected 16 bit pixels, decoded {array.dtype}")
    if array.ndim == 2:
        return array, None, told
    if array.shape[2] in (2, 4):
        return (array[..., 0] if array.shape[2] == 2 else array[..., :3]), array[..., -1], told
    return array, None, told


def encode_deep(array: NDArray[np.uint16], extra: list[tuple[bytes, bytes]]) -> bytes:
    """uint16 `(H, W, C)` as a PNG, with `extra` chunks right after the header."""
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtraError("writing a 16 bit PNG", "photo") from error
    shaped = array[..., 0] if array.shape[2] == 1 else array
    data = bytes(imagecodecs.png_encode(np.ascontiguousarray(shaped), 6))
    header = len(SIGNATURE) + 12 + 13
    return b"".join([data[:header], *(chunk(name, body) for name, body in extra), data[header:]])


def color_chunk(profile: bytes) -> tuple[bytes, bytes]:
    """An iCCP chunk."""
    return b"iCCP", b"ICC Profile\x00\x00" + zlib.compress(profile)


def dpi_chunk(dpi: tuple[float, float]) -> tuple[bytes, bytes]:
    """A pHYs chunk: pixels a metre."""
    across, down = (round(value / 0.0254) for value in dpi)
    return b"pHYs", struct.pack(">IIB", across, down, 1)
