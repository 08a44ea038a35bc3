"""JPEG: what libjpeg finds wrong with a file that can be read all the same.

Pillow reads past bit rot and zeroed tails without a word, and refuses a file that lacks nothing but its end
marker. libjpeg itself knows all three; simplejpeg passes its warnings on. The second look decodes at an
eighth of the size, which costs the Huffman decoding alone, a fifth to a third of what reading costs.
"""

import io
from dataclasses import dataclass
from typing import IO, Any

from PIL import JpegImagePlugin

from retouch_aes.photo.metadata import gain_maps
from retouch_aes.photo.metadata.jpeg_segments import extraneous

END = b"\xff\xd9"
"""The end marker (EOI)."""

_UNCHECKED = "whether its picture is damaged cannot be found out: its colours are stored in an unusual way"
_ENTRIES = 0xB002
_HEAD = 1 << 16
_PICTURE = "picture"
_GAIN = [mark.decode() for mark in gain_maps.MARKS]
_AUXILIARY = (*gain_maps.MARKS, b"epthdata", b"DepthMap")


def sound(file: IO[bytes]) -> tuple[IO[bytes], tuple[str, ...]]:
    """`file`, or a copy that ends as it should, and what is wrong with it, as sentences."""
    file.seek(0)
    data = file.read()
    try:
        found = complaint(data)
        ended = found is not None and complaint(data + END) is None
    except ValueError:
        return file, (_UNCHECKED,)
    if found is None:
        return file, ()
    if ended:
        return io.BytesIO(data + END), ("its end marker is missing; all pixels are there",)
    return file, (f"the file is damaged, and a part of the picture is wrong (libjpeg: {found})",)


def complaint(data: bytes) -> str | None:
    """libjpeg's first warning about `data`; None where it has none.

    Raises `ValueError` where simplejpeg cannot decode what others can: colours of an unusual resolution.
    """
    import simplejpeg

    if strange := extraneous(io.BytesIO(data)):  # simplejpeg calls such a header an error
        return f"{strange} extraneous bytes between its segments"
    _, _, space, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    space = "CMYK" if space in ("CMYK", "YCCK") else "GRAY"
    small = {"colorspace": space, "min_height": 1, "min_width": 1, "min_factor": 8}
    try:
        simplejpeg.decode_jpeg(data, strict=True, **small)
    except ValueError as error:
        simplejpeg.decode_jpeg(data, strict=False, **small)
        return str(error)
    return None


@dataclass(frozen=True)
class MultiPicture:
    """What a multi-picture file (CIPA DC-007) holds.

    `count` is how many pictures, previews, gain and depth maps left aside; `maps` are the marks of those
    maps, `gain_map` the first gain map, as JPEG.
    """

    count: int = 1
    maps: tuple[str, ...] = ()
    gain_map: bytes = b""


def pictures(image: JpegImagePlugin.JpegImageFile, file: IO[bytes]) -> MultiPicture:
    """The pictures that the index of a JPEG lists."""
    try:
        index: Any = image._getmp()
        entries = index[_ENTRIES] if index else []
        base = image.info.get("mpoffset", 0)
        found = [_mark(file, entry, base) for entry in entries[1:]]
        maps = [
            _content(file, entry, base)
            for entry, mark in zip(entries[1:], found, strict=True)
            if mark in _GAIN
        ]
    except Exception:  # an index that is damaged announces nothing
        return MultiPicture()
    gain_map = next((data for data in map(gain_maps.usable, maps) if data), b"")
    marks = tuple(mark for mark in found if mark not in (_PICTURE, ""))
    return MultiPicture(1 + found.count(_PICTURE), marks, gain_map)


def _content(file: IO[bytes], entry: Any, base: int) -> bytes:
    file.seek(base + entry["DataOffset"])
    return file.read(entry["Size"])


def _mark(file: IO[bytes], entry: Any, base: int) -> str:
    """`_PICTURE` for a picture in its own right, "" for a preview, else what marks a map."""
    kind = str(entry["Attribute"]["MPType"])
    if kind != "Undefined":
        return _PICTURE if kind.startswith("Multi-Frame") else ""
    file.seek(base + entry["DataOffset"])
    head = file.read(_HEAD)
    marks = [mark for mark in _AUXILIARY if mark in head]
    return marks[0].decode() if marks else _PICTURE if head.startswith(b"\xff\xd8") else ""
