"""Small pictures, and files of every format made from them."""

import io
import struct

import numpy as np
import pytest
from PIL import Image


def picture(height: int = 24, width: int = 40, seed: int = 0) -> np.ndarray:
    """Smooth 8 bit RGB, no two corners alike."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    random = np.random.default_rng(seed).random((3, 3))
    rgb = [0.15 + 0.7 * np.sin(a + 2 * b * x + 2 * c * y) ** 2 for a, b, c in random]
    return np.round(255 * np.clip(np.stack(rgb, axis=-1), 0, 1)).astype(np.uint8)


def encoded(kind: str, array: np.ndarray | None = None, **options: object) -> bytes:
    image = Image.fromarray(picture() if array is None else array)
    buffer = io.BytesIO()
    if kind == "HEIF":
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.from_pillow(image).save(buffer, quality=90)
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif_bytes(orientation: int = 1, thumbnail: bytes = b"", interop: bytes = b"") -> bytes:
    """An EXIF block as a camera lays it out: main, Exif, interoperability and thumbnail directories."""

    def directory(at: int, entries: list[tuple[int, int, int, bytes]], after: int) -> bytes:
        body = b"".join(struct.pack("<HHI", t, k, n) + v.ljust(4, b"\0")[:4] for t, k, n, v in entries)
        return struct.pack("<H", len(entries)) + body + struct.pack("<I", after)

    long = lambda value: struct.pack("<I", value)  # noqa: E731
    short = lambda value: struct.pack("<H", value)  # noqa: E731
    main_at = 8
    inner_at = main_at + 2 + 12 * 3 + 4
    interop_at = inner_at + 2 + 12 * 5 + 4
    second_at = interop_at + 2 + 12 + 4
    make_at = second_at + 2 + 12 * 2 + 4
    note_at = make_at + 8
    thumb_at = note_at + 8
    main = [(0x010F, 2, 8, long(make_at)), (0x0112, 3, 1, short(orientation)), (0x8769, 4, 1, long(inner_at))]
    inner = [
        (0x927C, 7, 8, long(note_at)),
        (0xA001, 3, 1, short(65535)),
        (0xA002, 4, 1, long(111)),
        (0xA003, 3, 1, short(222)),
        (0xA005, 4, 1, long(interop_at)),
    ]
    data = b"II*\0" + long(main_at) + directory(main_at, main, second_at if thumbnail else 0)
    data += directory(inner_at, inner, 0) + directory(interop_at, [(1, 2, 4, interop or b"R98\0")], 0)
    data += directory(second_at, [(0x0201, 4, 1, long(thumb_at)), (0x0202, 4, 1, long(len(thumbnail)))], 0)
    return data + b"Maker X\0" + b"NOTE\x01\x02\x03\x04" + thumbnail


def pixels(photo: object) -> np.ndarray:
    """The photo's image as 8 bit `(H, W, 3)`, rounded."""
    return np.round(photo.image[0].permute(1, 2, 0).numpy() * 255).astype(int)  # type: ignore[attr-defined]
