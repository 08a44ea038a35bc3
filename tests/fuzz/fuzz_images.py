"""Images of every format, small and full of metadata, and what is asked of a mutated one."""

import contextlib
import io
import os
import shutil
import subprocess
import warnings
from pathlib import Path
from random import Random

import numpy as np
from gain_map_samples import item_file_with_gain_map, photo_with_gain_map
from PIL import Image

from retouch_aes.errors import PhotoWarning, RetouchError
from retouch_aes.export.star_reading import read_stars
from retouch_aes.export.stars import plan_stars
from retouch_aes.photo import capture_time, png, preview, read, write
from retouch_aes.photo.metadata import exif_block
from retouch_aes.photo.metadata.tiff_directory import Value

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" '
    b'xmlns:mwg="http://www.metadataworkinggroup.com/schemas/regions/" '
    b'xmlns:st="http://ns.adobe.com/xmp/sType/Area#"><mwg:Regions rdf:parseType="Resource">'
    b'<mwg:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b'<mwg:Area st:x="0.2" st:y="0.3" st:w="0.1" st:h="0.1" st:unit="normalized"/>'
    b"</rdf:li></rdf:Bag></mwg:RegionList></mwg:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"
)
WRITTEN = (".jpg", ".jpg", ".png", ".tif", ".webp", ".avif")


def seeds() -> dict[str, list[bytes]]:
    """Encoded pictures by their ending."""
    y, x = np.mgrid[0:40, 0:56] / 56
    waves = [0.15 + 0.7 * np.sin(2 + a * 3 * x + (3 - a) * 2 * y) ** 2 for a in range(3)]
    array = np.round(255 * np.stack(waves, axis=-1)).astype(np.uint8)
    image = Image.fromarray(array)
    exif = exif_block.with_values(
        b"",
        [
            Value(0x010F, 2, 8, b"Maker X\0"),
            Value(0x0112, 3, 1, b"\6\0"),
            Value(33723, 7, 14, b"\x1c\2\x19\0\5bride\0\0\0\0"),
        ],
        "<",
    )
    found: dict[str, list[bytes]] = {
        ".jpg": [
            _encoded(image, "JPEG", exif=b"Exif\0\0" + exif, xmp=XMP, quality=90, comment=b"by Anna"),
            _encoded(image, "JPEG", progressive=True),
            _encoded(image.convert("CMYK"), "JPEG"),
            _encoded(image.convert("L"), "JPEG", restart_marker_blocks=2),
            _encoded(image, "MPO", save_all=True, append_images=[image]),
            photo_with_gain_map("both", orientation=6),
        ],
        ".png": [
            _encoded(image, "PNG", exif=exif, dpi=(72, 72)),
            _encoded(image.convert("P"), "PNG", transparency=3),
            _encoded(image, "PNG", save_all=True, append_images=[image]),
        ],
        ".webp": [_encoded(image, "WEBP", exif=exif, xmp=XMP), _encoded(image, "WEBP", lossless=True)],
        ".tif": [
            _encoded(image, "TIFF", exif=exif),
            *(
                _encoded(image, "TIFF", compression=name)
                for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg")
            ),
        ],
        ".avif": [
            _encoded(image, "AVIF", exif=exif, xmp=XMP),
            item_file_with_gain_map("iso", ".avif", turn=1),
            item_file_with_gain_map("apple", ".avif", coloured=True),
        ],
    }
    _add_optional(found, array)
    return found


def _add_optional(found: dict[str, list[bytes]], array: np.ndarray) -> None:
    deep = array.astype(np.uint16) * 257
    try:
        import imagecodecs  # noqa: F401
        import pillow_heif
        import tifffile
    except ImportError:
        return
    found[".png"].append(png.encode_deep(deep, []))
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, deep, photometric="rgb", metadata=None)
    found[".tif"].append(buffer.getvalue())
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, bigtiff=True) as file:
        file.write(array[::2, ::2], photometric="rgb", subfiletype=1, subifds=1, metadata=None)
        file.write(array, photometric="rgb", metadata=None)
    found[".tif"].append(buffer.getvalue())
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(array)).save(buffer, xmp=XMP)
    found[".heic"] = [
        buffer.getvalue(),
        item_file_with_gain_map("apple", ".heic", turn=3),
        item_file_with_gain_map("iso", ".heic"),
    ]
    buffer = io.BytesIO()
    identity = tuple(value for row in np.eye(3, dtype=int) for one in row for value in (int(one), 1))
    tags = [
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, (0, 1, 1, 2), True),
        (50706, "B", 4, (1, 4, 0, 0), True),
    ]
    tags += [(50708, "s", 0, "Cam", True), (50721, "2i", 9, identity, True), (50728, "2I", 3, (1,) * 6, True)]
    tags += [(50778, "H", 1, 21, True), (50717, "H", 1, 65535, True)]
    tifffile.imwrite(buffer, deep[..., 0], photometric=32803, extratags=tags, metadata=None)
    found[".dng"] = [buffer.getvalue()]


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def check(path: Path, random: Random, judge: bool) -> str:
    """Read the file, look at it and write it: "fine", "told", "refused" or "silent".

    Silent is a photo that is read without a word while another decoder says that it is damaged.
    """
    capture_time(path)
    with contextlib.suppress(RetouchError):
        read_stars(path)
    plan_stars({path: 4})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PhotoWarning)
        try:
            photo = read(path)
        except RetouchError:
            return "refused"
        if random.random() < 0.2:
            preview(path, 24)
        if random.random() < 0.3 and photo.alpha is None:
            out = path.with_name("out" + random.choice(WRITTEN))
            try:
                write(photo, out, overwrite=True)
            except RetouchError:
                return "refused"
            again = read(out)
            if (again.width, again.height) != (photo.width, photo.height):
                return "wrong size"
    if photo.warnings:
        return "told"
    return "silent" if judge and _complains(path) else "fine"


def _complains(path: Path) -> bool:
    """Whether djpeg or pngcheck finds the pixels of a JPEG or PNG damaged; False where there is none."""
    command = {
        ".jpg": ["djpeg", "-outfile", os.devnull, str(path)],
        ".png": ["pngcheck", "-q", str(path)],
    }.get(path.suffix)
    if command is None or shutil.which(command[0]) is None:
        return False
    answer = subprocess.run(command, capture_output=True, check=False)
    text = answer.stderr + answer.stdout
    return b"Corrupt JPEG" in text or b"Premature end" in text or b"CRC error in chunk IDAT" in text
