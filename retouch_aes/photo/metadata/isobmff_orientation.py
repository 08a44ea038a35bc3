"""How the picture of a HEIC or AVIF is stored: its rotation and mirror properties as an EXIF orientation.

These properties count, whatever EXIF says (ISO/IEC 23008-12, MIAF 7.3.9): decoders that know them have turned
the pixels already, and EXIF may say the same, something else or nothing.
"""

from retouch_aes.photo.metadata.isobmff_items import Item

TURNING = (b"irot", b"imir")
_TURNED = {0: 1, 1: 8, 2: 3, 3: 6}  # quarters anticlockwise
_MIRRORED = {(0, 0): 4, (0, 1): 2, (1, 0): 5, (1, 1): 7, (2, 0): 2, (2, 1): 4, (3, 0): 7, (3, 1): 5}


def orientation(picture: Item | None) -> int:
    """The EXIF orientation 1..8 that is meant by the properties of a picture; 1 where there is none."""
    values = {} if picture is None else {one.name: one.value[:1] for one in picture.properties}
    angle, mirror = (values.get(name, b"") for name in TURNING)
    quarters = angle[0] & 3 if angle else 0
    return _MIRRORED[quarters, mirror[0] & 1] if mirror else _TURNED[quarters]
