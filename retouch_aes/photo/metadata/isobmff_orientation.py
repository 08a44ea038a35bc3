"""How the picture of a HEIC or AVIF is stored: its rotation and mirror properties as an EXIF orientation.

These properties count, whatever EXIF says (ISO/IEC 23008-12, MIAF 7.3.9): decoders that know them have turned
the pixels already, and EXIF may say the same, something else or nothing.
"""

import struct

from retouch_aes.photo.metadata.isobmff_items import MOST, boxes

_TURNED = {0: 1, 1: 8, 2: 3, 3: 6}  # quarters anticlockwise
_MIRRORED = {(0, 0): 4, (0, 1): 2, (1, 0): 5, (1, 1): 7, (2, 0): 2, (2, 1): 4, (3, 0): 7, (3, 1): 5}


def orientation(data: bytes) -> int:
    """The EXIF orientation 1..8 that is meant by the properties of the primary item in the file `data`."""
    try:
        meta = next((box for box in boxes(data, 0, len(data)) if box[0] == b"meta"), None)
        inner = (
            {} if meta is None else {name: (at, end) for name, at, end in boxes(data, meta[1] + 4, meta[2])}
        )
        at = inner[b"pitm"][0]
        (primary,) = struct.unpack_from(">H" if data[at] == 0 else ">I", data, at + 4)
        parts = {name: (start, end) for name, start, end in boxes(data, *inner[b"iprp"])}
        properties = list(boxes(data, *parts[b"ipco"]))
        numbers = _associated(data, parts[b"ipma"][0], primary)
    except (KeyError, IndexError, struct.error):
        return 1
    angle, mirror = 0, None
    for number in numbers:
        if 0 < number <= len(properties):
            name, start, end = properties[number - 1]
            if name == b"irot" and start < end:
                angle = data[start] & 3
            elif name == b"imir" and start < end:
                mirror = data[start] & 1
    return _TURNED[angle] if mirror is None else _MIRRORED[angle, mirror]


def _associated(data: bytes, at: int, wanted: int) -> list[int]:
    """Numbers, from 1, of the properties of an item."""
    wide, large = data[at] > 0, data[at + 3] & 1
    (count,) = struct.unpack_from(">I", data, at + 4)
    at += 8
    for _ in range(min(count, MOST)):
        (item,) = struct.unpack_from(">I" if wide else ">H", data, at)
        at += 4 if wide else 2
        length = data[at] * (2 if large else 1)
        raw, at = data[at + 1 : at + 1 + length], at + 1 + length
        if item == wanted:
            words = struct.unpack(f">{length // 2}H", raw) if large else raw
            return [word & (0x7FFF if large else 0x7F) for word in words]
    return []
