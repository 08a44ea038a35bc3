"""What each format can carry: metadata as the bytes that its encoder takes, and what has no place in it."""

from retouch_aes.photo.metadata import (
    exif,
    exif_block,
    gain_maps,
    isobmff_gain_maps,
    jpeg_segments,
    photoshop,
    png_chunks,
    xmp_extended,
)
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.payloads import GAIN_MAP
from retouch_aes.photo.metadata.png_chunks import Text
from retouch_aes.photo.metadata.tiff_directory import BYTE, UNDEFINED, Value

_IPTC, _PHOTOSHOP = 33723, 34377
_MOST_NAMES = 8


def jpeg(metadata: Metadata) -> bytes:
    """The segments of a JPEG."""
    packet, digest, rest = _split(metadata)
    about = b""
    if (named := _naming(metadata, packet)) is not None:
        packet, about = named, gain_maps.segments(metadata.gain_map)
    return b"".join(
        (
            jpeg_segments.exif_segments(metadata.exif),
            jpeg_segments.xmp_segments(packet, digest, rest),
            jpeg_segments.photoshop_segments(photoshop.joined(metadata.iptc, metadata.photoshop)),
            jpeg_segments.comment_segments(metadata.comments or png_chunks.comments_of(metadata.texts)),
            about,
        )
    )


def with_gain_map(picture: bytes, metadata: Metadata) -> bytes:
    """The encoded JPEG, and its gain map behind it where its segments tell of one."""
    return gain_maps.appended(picture, metadata.gain_map) if metadata.gain_map else picture


def _split(metadata: Metadata) -> tuple[bytes, str, bytes]:
    room = jpeg_segments.XMP_ROOM - (gain_maps.ROOM if metadata.gain_map else 0)
    return xmp_extended.split(metadata.xmp, room)


def _naming(metadata: Metadata, packet: bytes) -> bytes | None:
    """The packet that names the gain map; None where there is no map, or no packet that can name it."""
    return gain_maps.announced(packet, metadata.gain_map) if metadata.gain_map else None


def _has_place_for_map(metadata: Metadata, kind: str) -> bool:
    if kind == "JPEG":
        return _naming(metadata, _split(metadata)[0]) is not None
    return kind in ("AVIF", "HEIF") and isobmff_gain_maps.can_hold(metadata.gain_map)


def png(metadata: Metadata) -> list[Text]:
    """The text chunks of a PNG, and the chunk of its EXIF."""
    chunks = [(b"eXIf", metadata.exif)] if metadata.exif else []
    if metadata.xmp:
        chunks.append(png_chunks.xmp_chunk(metadata.xmp))
    if blocks := photoshop.joined(metadata.iptc, metadata.photoshop):
        chunks.append(png_chunks.profile_chunk("iptc", blocks))
    return [*chunks, *map(png_chunks.comment_chunk, metadata.comments), *metadata.texts]


def exif_with_iptc(metadata: Metadata) -> bytes:
    """The EXIF block of a format that has no place for IPTC: it goes in under the tags it has in TIFF."""
    extra = []
    if metadata.iptc:
        extra.append(Value(_IPTC, UNDEFINED, len(metadata.iptc), metadata.iptc))
    if metadata.photoshop:
        extra.append(Value(_PHOTOSHOP, BYTE, len(metadata.photoshop), metadata.photoshop))
    return exif_block.with_values(metadata.exif, extra, "<") if extra else metadata.exif


def avif_exif(metadata: Metadata) -> bytes:
    """The same without orientation: it is stated elsewhere in AVIF, and Pillow would write the block anew."""
    return exif.without_orientation(exif_with_iptc(metadata))


def left_out(metadata: Metadata, kind: str) -> list[str]:
    """What of `metadata` has no place in a file of format `kind`, in words."""
    lost = []
    if kind == "JPEG":
        packet = _split(metadata)[0]
        if metadata.xmp and not packet:
            lost.append(f"XMP of {len(metadata.xmp)} bytes that cannot be split")
        comments = metadata.comments or png_chunks.comments_of(metadata.texts)
        if any(len(comment) > jpeg_segments.COMMENT_ROOM for comment in comments):
            lost.append("the end of the comment")
    if metadata.gain_map and not _has_place_for_map(metadata, kind):
        lost.append(GAIN_MAP)
    if kind not in ("JPEG", "PNG") and metadata.comments:
        lost.append("the comment")
    if kind != "PNG":
        names = png_chunks.keywords(metadata.texts)
        carried = ("comment",) if kind == "JPEG" and not metadata.comments else ()
        texts = [name for name in names if name.lower() not in carried and not name.startswith("date:")]
        if texts:
            lost.append(f"the PNG texts {_listed(list(dict.fromkeys(texts)))}")
    return lost


def _listed(names: list[str]) -> str:
    """Names from a foreign file for a person to read: nothing unprintable, and not too many."""
    shown = ["".join(c if c.isprintable() else "?" for c in name[:40]) for name in names[:_MOST_NAMES]]
    return ", ".join(shown) + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")
