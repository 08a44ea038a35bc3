"""Photos of 8 bits a channel, through Pillow: one opener a format, and every colour mode told apart."""

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from PIL import (
    AvifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from retouch_aes.errors import PhotoError
from retouch_aes.photo import isobmff, jpeg, png, png_repair, profiles
from retouch_aes.photo.guard import check_size
from retouch_aes.photo.metadata import Metadata, exif, isobmff_items, isobmff_orientation, payloads
from retouch_aes.photo.metadata.corrections import orientation_of
from retouch_aes.photo.metadata.isobmff_items import ItemFile
from retouch_aes.photo.metadata.reading import metadata_of
from retouch_aes.photo.source import Pixels


class _AsStored(TiffImagePlugin.TiffImageFile):
    """A TIFF that Pillow does not turn: it would trip over damaged metadata, and knows 8 bit only."""

    def load_end(self) -> None:
        """Leave the pixels as they are stored."""
        self._size = self.im.size


# The classes themselves rather than Image.open: its size limit is a global, ours is an argument.
_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": _AsStored,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}


@dataclass(frozen=True)
class Decoded:
    """What a reader hands over: sRGB as "L" or "RGB" image or uint16 `(H, W)` or `(H, W, 3)`, not upright.

    `orientation` is that of the pixels; `told` that of the picture which the metadata speak of, where the
    decoder has turned the pixels already. `warnings` are sentences about what is damaged in the file, or left
    out of it.
    """

    colour: Pixels
    alpha: Pixels | None = None
    orientation: int = 1
    profile: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    told: int | None = None
    warnings: tuple[str, ...] = ()


def read_raster(path: Path, file: IO[bytes], kind: str, max_pixels: int) -> Decoded:
    """The first frame of an 8 bit file of format `kind`."""
    warnings: tuple[str, ...] = ()
    if kind == "PNG":
        image, whole = open_png(file)
        file, warnings = whole.file, whole.warnings
    else:
        image = open_raster(file, kind)
    check_size(path, *image.size, max_pixels)
    others, found = (), jpeg.MultiPicture()  # type: tuple[str, ...], jpeg.MultiPicture
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        found = jpeg.pictures(image, file)
        others = further_frames(found.count, "pictures")
        sound, warnings = jpeg.sound(file)
        image = open_raster(sound, kind)
    image.load()
    profile = source_profile(path, file, kind, image.info)
    metadata = metadata_of(kind, file, image.info)
    beside = payloads.of_auxiliaries(found.maps)
    metadata = replace(metadata, unkept=(*metadata.unkept, *beside), gain_map=found.gain_map)
    others = others or further_frames(getattr(image, "n_frames", 1))
    decoded = replace(decode(path, image, profile, metadata), warnings=(*warnings, *others))
    if kind == "AVIF":  # what its container says counts, whatever EXIF says
        items = ItemFile.of(file)
        return replace(
            decoded,
            orientation=isobmff_orientation.orientation(items.picture),
            metadata=isobmff.beside(metadata, items, _avif_map),
        )
    return decoded


def _avif_map(data: bytes) -> Image.Image:
    image = AvifImagePlugin.AvifImageFile(io.BytesIO(data), "")
    image.load()
    return image


def open_raster(file: IO[bytes], kind: str) -> ImageFile.ImageFile:
    """Pillow's lazy image of `file`: header read, pixels not."""
    file.seek(0)
    if kind == "AVIF":
        exif_item = ItemFile.of(file).first(b"Exif")
        file.seek(0)
        file = io.BytesIO(isobmff_items.hidden(file.read(), exif_item))
    return _OPENERS[kind](file, "")


def open_png(file: IO[bytes]) -> tuple[ImageFile.ImageFile, png_repair.SoundPng]:
    """As `open_raster`, where the pixels are whole whatever the other chunks are; and the file it is of."""
    sound = png_repair.sound(file)
    image = open_raster(sound.file, "PNG")
    if sound.profile:
        image.info["icc_profile"] = sound.profile
    return image, sound


def further_frames(count: int, what: str = "frames") -> tuple[str, ...]:
    """What is said of a file of `count` pictures, of which one is read."""
    return (f"it holds {count} {what}; the first one is read, the others are left out",) if count > 1 else ()


def decode(path: Path, image: Image.Image, profile: bytes, metadata: Metadata) -> Decoded:
    """A loaded Pillow image -> `Decoded`: alpha apart, colours in sRGB."""
    colour, alpha = split(path, image)
    colour, name = profiles.image_to_srgb(colour, profile)
    return Decoded(colour, alpha, orientation_of(metadata), name, metadata)


def split(path: Path, image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Any 8 bit mode -> ("L", "RGB" or "CMYK", alpha as "L" or None)."""
    mode = image.mode
    if mode in ("RGB", "L", "1", "P") and "transparency" in image.info:
        image = image.convert("LA" if mode in ("L", "1") else "RGBA")
    elif mode == "PA" or mode == "RGBa":
        image = image.convert("RGBA")
    elif mode == "La":
        image = image.convert("LA")
    elif mode in ("P", "RGBX", "YCbCr"):
        image = image.convert("RGB")
    elif mode == "1":
        image = image.convert("L")
    if image.mode in ("L", "RGB", "CMYK"):
        return image, None
    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), image.getchannel("A")
    raise PhotoError(
        f"{path}: pixels of mode {mode} are not supported; export it as 8 or 16 bit RGB, grey or CMYK"
    )


def source_profile(path: Path, file: IO[bytes], kind: str, info: dict[Any, Any]) -> bytes:
    """The ICC profile of the pixels, from wherever the format keeps it; b"" where it says nothing or sRGB."""
    embedded = info.get("icc_profile") or b""
    if kind == "PNG":
        return png.profile(path, file, info)
    if embedded:
        return bytes(embedded)
    if kind == "AVIF" and (codes := isobmff.color_codes(file, ItemFile.of(file))):
        return profiles.from_codes(path, *codes)
    if exif.says_adobe_rgb(exif.normal(info.get("exif"))):
        return profiles.adobe_rgb()
    return b""
