"""Metadata that follows its photo: turned upright after reading, and fitted to what is written."""

from dataclasses import replace

from retouch_aes.photo.metadata import exif, gain_maps, payloads, photoshop, xmp
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.turning import SIDEWAYS, Cut, turned_size

_SAME_SHAPE = 0.02


def orientation_of(metadata: Metadata) -> int:
    """The orientation 1..8 of the stored pixels: what EXIF states, else what XMP states, else 1."""
    return exif.orientation(metadata.exif) or xmp.orientation(metadata.xmp) or 1


def upright(metadata: Metadata, width: int, height: int, turn: int) -> Metadata:
    """Metadata of a stored picture of orientation `turn`, for the upright one, of this size."""
    stored = turned_size(width, height, turn)
    across, down = int(stored[0]), int(stored[1])
    dpi = metadata.dpi
    unkept = dict.fromkeys((*metadata.unkept, *payloads.unkept(metadata.xmp, turn != 1)))
    if metadata.gain_map:
        unkept.pop(payloads.GAIN_MAP, None)
    return replace(
        metadata,
        exif=exif.upright(exif.normal(metadata.exif), across, down, turn),
        xmp=xmp.upright(metadata.xmp, across, down, turn),
        photoshop=photoshop.upright(metadata.photoshop) if turn != 1 else metadata.photoshop,
        dpi=dpi[::-1] if dpi and turn in SIDEWAYS else dpi,
        size=(width, height),
        unkept=tuple(unkept),
        gain_map=gain_maps.turned(metadata.gain_map, turn),
    )


def cut(metadata: Metadata, to: Cut) -> Metadata:
    """Metadata of a picture of which a frame is kept: places in it move; what lies outside is taken out."""
    return replace(
        metadata.without_gain_map(),
        exif=exif.moved(exif.normal(metadata.exif), to),
        xmp=xmp.moved(metadata.xmp, to),
        size=to.after,
    )


def for_srgb(metadata: Metadata, width: int, height: int, profile: str) -> Metadata:
    """Metadata for an upright sRGB photo of this size with a profile of that name ("" for none)."""
    scale = _scale(metadata.size, width, height)
    return replace(
        metadata if scale is not None else metadata.without_gain_map(),
        exif=exif.for_srgb(exif.normal(metadata.exif), width, height, scale),
        xmp=xmp.for_srgb(metadata.xmp, width, height, profile, scale),
        size=(width, height),
    )


def for_grey(metadata: Metadata) -> Metadata:
    """Metadata for a picture without colour: without a gain map that would tint it."""
    if not metadata.gain_map or not gain_maps.coloured(metadata.gain_map):
        return metadata
    return metadata.without_gain_map(payloads.COLOURED_GAIN_MAP)


def _scale(size: tuple[int, int] | None, width: int, height: int) -> tuple[float, float] | None:
    if size is None or size == (width, height):
        return 1.0, 1.0
    across, down = width / size[0], height / size[1]
    return (across, down) if abs(across / down - 1) < _SAME_SHAPE else None
