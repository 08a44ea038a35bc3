"""Where a photo file keeps its XMP packet and its EXIF block, and how to change the packet alone.

Every format has one function that finds (`packet_and_exif`) and one that plans a change (`change_packet`) as
splices: the metadata segment is cut out and another put in, and what counts lengths or offsets is mended.
Pixels are never read. Where a packet has padding enough, nothing moves at all.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

from retouch_aes.errors import PhotoError
from retouch_aes.export.splices import Splice
from retouch_aes.export.tiff_places import TiffPlaces
from retouch_aes.export.xmp_packet import fitted
from retouch_aes.photo.metadata import png_chunks
from retouch_aes.photo.metadata.containers import PIXELS, Part, jpeg_parts, png_parts, webp_parts

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_EXIF = b"Exif\x00\x00"
_PNG_XMP = b"XML:com.adobe.xmp\x00"
_RAW_PROFILE = b"Raw profile type xmp\x00"
_MAX_SEGMENT = 65_533
_WEBP_HAS_XMP, _WEBP_HAS_ALPHA = 0x04, 0x10

Change = Callable[[bytes], bytes]
"""The packet of a file, b"" for none, to the packet it is to have."""


class NoRoomError(PhotoError):
    """A file has no room for an XMP packet; a sidecar has."""


def packet_and_exif(data: bytes, kind: str) -> tuple[bytes, bytes]:
    """The XMP packet and the EXIF block (a TIFF) of a file of `kind` (see `photo.kinds`); b"" for none."""
    with _damage_told(kind):
        return _packet_and_exif(data, kind)


def _packet_and_exif(data: bytes, kind: str) -> tuple[bytes, bytes]:
    if kind == "JPEG":
        parts = _segments(data)
        exif = next((data[p.start + 10 : p.end] for p in parts if data.startswith(_EXIF, p.start + 4)), b"")
        xmp = _jpeg_xmp(data, parts)
        return (b"" if xmp is None else data[xmp.start + 4 + len(_JPEG_XMP) : xmp.end]), exif
    if kind == "PNG":
        parts = list(png_parts(BytesIO(data)))
        exif = next((data[p.start + 8 : p.end - 4] for p in parts if p.name == b"eXIf"), b"")
        xmp = _png_xmp(data, parts)
        return (b"" if xmp is None else _png_packet(data, xmp)), exif
    if kind == "WEBP":
        found = {part.name: data[part.start + 8 : part.end] for part in _webp_parts(data)}
        return found.get(b"XMP ", b""), found.get(b"EXIF", b"").removeprefix(_EXIF)
    if kind in ("TIFF", "RAW") and data[:2] in (b"II", b"MM"):
        places = TiffPlaces.of(data)
        return (b"", b"") if places is None else (places.packet(), bytes(data))
    start, end = _loose(data)
    return data[start:end], b""


def change_packet(data: bytes, kind: str, change: Change) -> tuple[Splice, ...]:
    """The splices that give a file of `kind` the packet that `change` makes of its own.

    Raises `NoRoomError` where the file cannot hold it; then it belongs into a sidecar. `PhotoError` where the
    file or its packet is damaged.
    """
    with _damage_told(kind):
        return _change_packet(data, kind, change)


@contextmanager
def _damage_told(kind: str) -> Iterator[None]:
    """What a damaged file makes of reading its structure, as a `PhotoError`."""
    try:
        yield
    except (struct.error, IndexError) as error:
        raise PhotoError(f"its {kind} structure is damaged ({error})") from error


def _change_packet(data: bytes, kind: str, change: Change) -> tuple[Splice, ...]:
    known = {"JPEG": _change_jpeg, "PNG": _change_png, "WEBP": _change_webp}
    if kind in known:
        return known[kind](data, change)
    if kind == "TIFF":
        places = TiffPlaces.of(data)
        if places is None:
            raise PhotoError("its TIFF directory is damaged")
        return places.change(data, change)
    start, end = _loose(data)
    new = fitted(change(data[start:end]), end - start) if end > start else None
    if new is None:
        raise NoRoomError(f"an XMP packet cannot be put into a {kind} file without moving its pixels")
    return (Splice(start, bytes(data[start:end]), new),)


def _loose(data: bytes) -> tuple[int, int]:
    """The one packet that stands as it is somewhere in a file; an empty span where there is not just one."""
    start = data.find(b"<?xpacket begin=")
    end = data.find(b"<?xpacket end=", start)
    if start < 0 or end < 0 or data.find(b"<?xpacket begin=", start + 1) >= 0:
        return 0, 0
    return start, data.find(b"?>", end) + 2


def _segments(data: bytes) -> list[Part]:
    """The segments before the picture."""
    return [part for part in jpeg_parts(BytesIO(data)) if part.name not in PIXELS]


def _jpeg_xmp(data: bytes, parts: list[Part]) -> Part | None:
    return next((part for part in parts if data.startswith(_JPEG_XMP, part.start + 4)), None)


def _change_jpeg(data: bytes, change: Change) -> tuple[Splice, ...]:
    parts = _segments(data)
    if not parts:
        raise PhotoError("its JPEG segments are damaged")
    xmp = _jpeg_xmp(data, parts)
    if xmp is None:
        first = [part for part in parts if part.name == b"\xff\xe0" or data.startswith(_EXIF, part.start + 4)]
        at = max((part.end for part in first), default=2)
        old, packet = b"", change(b"")
    else:
        at, old = xmp.start, bytes(data[xmp.start : xmp.end])
        before = old[4 + len(_JPEG_XMP) :]
        packet = change(before)
        packet = fitted(packet, len(before)) or packet
    if len(_JPEG_XMP) + len(packet) > _MAX_SEGMENT:
        packet = fitted(packet, _MAX_SEGMENT - len(_JPEG_XMP)) or packet
    length = 2 + len(_JPEG_XMP) + len(packet)
    if length > _MAX_SEGMENT + 2:
        raise NoRoomError("its XMP packet would outgrow a JPEG segment")
    new = b"\xff\xe1" + struct.pack(">H", length) + _JPEG_XMP + packet
    grown = len(new) - len(old)
    return (Splice(at, old, new), *(_several_pictures(data, parts, at, grown) if grown else ()))


def _several_pictures(data: bytes, parts: list[Part], at: int, grown: int) -> list[Splice]:
    """Mend the index of a multi-picture JPEG (CIPA DC-007), whose first picture has grown at `at`."""
    index = next((part for part in parts if data.startswith(b"MPF\x00", part.start + 4)), None)
    if index is None:
        return []
    base = index.start + 8
    places = TiffPlaces.of(data[base : index.end])
    entry = None if places is None else places.entries.get(0xB002)
    if places is None or entry is None:
        raise PhotoError("its index of several pictures is damaged")
    first, splices = base + entry.at, []
    for number in range(entry.count // 16):
        place = first + 16 * number + (4 if number == 0 else 8)
        (value,) = struct.unpack_from(places.tiff.endian + "I", data, place)
        if number == 0 or (at > base and value and base + value >= at):
            moved = struct.pack(places.tiff.endian + "I", value + grown)
            splices.append(Splice(place, bytes(data[place : place + 4]), moved))
    return splices


def _png_xmp(data: bytes, parts: list[Part]) -> Part | None:
    found = (part for part in parts if part.name == b"iTXt" and data.startswith(_PNG_XMP, part.start + 8))
    return next(found, None)


def _png_packet(data: bytes, part: Part) -> bytes:
    body = bytes(data[part.start + 8 + len(_PNG_XMP) : part.end - 4])
    packed, texts = body[:1] == b"\x01", body[2:].split(b"\x00", 2)
    try:
        return zlib.decompressobj().decompress(texts[-1], 1 << 26) if packed else texts[-1]
    except zlib.error as error:
        raise PhotoError(f"its XMP packet is damaged ({error})") from error


def _change_png(data: bytes, change: Change) -> tuple[Splice, ...]:
    parts = list(png_parts(BytesIO(data)))
    pixels = next((part for part in parts if part.name == b"IDAT"), None)
    if pixels is None:
        raise PhotoError("its PNG chunks are damaged")
    if any(data.startswith(_RAW_PROFILE, part.start + 8) for part in parts):
        raise NoRoomError("its XMP packet is in a text chunk of ImageMagick's, which few programs read")
    xmp = _png_xmp(data, parts)
    at, end = (pixels.start, pixels.start) if xmp is None else (xmp.start, xmp.end)
    before = b"" if xmp is None else _png_packet(data, xmp)
    packet = change(before)
    new = png_chunks.chunk(*png_chunks.xmp_chunk(fitted(packet, len(before)) or packet))
    return (Splice(at, bytes(data[at:end]), new),)


def _webp_parts(data: bytes) -> Iterator[Part]:
    return webp_parts(BytesIO(data), min(len(data), 8 + int.from_bytes(data[4:8], "little")))


def _change_webp(data: bytes, change: Change) -> tuple[Splice, ...]:
    parts = list(_webp_parts(data))
    found = {part.name: part for part in reversed(parts)}
    xmp = found.get(b"XMP ")
    before = b"" if xmp is None else bytes(data[xmp.start + 8 : xmp.end])
    packet = change(before)
    packet = fitted(packet, len(before)) or packet
    chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\x00" * (len(packet) % 2)
    size = 8 + int.from_bytes(data[4:8], "little")
    at, end = (size, size) if xmp is None else (xmp.start, xmp.end + xmp.end % 2)
    splices = [Splice(at, bytes(data[at:end]), chunk)]
    head = found.get(b"VP8X")
    if head is not None:
        flags = data[head.start + 8 : head.start + 9]
        splices.append(Splice(head.start + 8, bytes(flags), bytes([flags[0] | _WEBP_HAS_XMP])))
    else:
        splices.append(Splice(12, b"", _extended(data, parts)))
    grown = sum(len(one.new) - len(one.old) for one in splices)
    splices.append(Splice(4, bytes(data[4:8]), struct.pack("<I", size - 8 + grown)))
    return tuple(splice for splice in splices if splice.old != splice.new)


def _extended(data: bytes, parts: list[Part]) -> bytes:
    """The head that a simple WebP file needs before it may hold metadata."""
    picture = parts[0] if parts else Part(b"", 0, 8, 0)
    at = picture.start + 8
    if picture.name == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, at + 1)
        width, height, alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    elif picture.name == b"VP8 ":
        wide, high = struct.unpack_from("<HH", data, at + 6)
        width, height, alpha = (wide & 0x3FFF) - 1, (high & 0x3FFF) - 1, 0
    else:
        raise PhotoError("its WebP chunks are damaged")
    flags = _WEBP_HAS_XMP | (_WEBP_HAS_ALPHA if alpha else 0)
    sides = int(width).to_bytes(3, "little") + int(height).to_bytes(3, "little")
    head = struct.pack("<4sIB3x", b"VP8X", 10, flags)
    return head + sides
