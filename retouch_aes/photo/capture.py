"""When a photo was taken, to the fraction of a second, of every format that is read.

EXIF DateTimeOriginal with SubSecTimeOriginal and OffsetTimeOriginal (CIPA DC-008, 4.6.5), in the Exif
directory or, as TIFF/EP has it, in the main one; else exif:DateTimeOriginal, photoshop:DateCreated or
xmp:CreateDate of XMP. A time without an offset is what the clock of the camera showed; this machine's time
zone never enters.
"""

import contextlib
import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from PIL import Image

from retouch_aes.photo import isobmff, raster, raw, tiff
from retouch_aes.photo.guard import decoding
from retouch_aes.photo.kinds import kind_of

_HEAD = 4096
_EXIF_IFD, _ORIGINAL, _SUBSECONDS, _OFFSET = 0x8769, 0x9003, 0x9291, 0x9011
_EPOCH = datetime.datetime(1970, 1, 1)
_TIME = re.compile(
    r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|[+-]\d\d:?\d\d)?"
)
_XMP_NAMES = (b"exif:DateTimeOriginal", b"photoshop:DateCreated", b"xmp:CreateDate")


@dataclass(frozen=True)
class CaptureTime:
    """`clock` is what the camera's clock showed, in seconds since 1970 began there.

    `offset` is how many seconds that clock was ahead of UTC; None where the file does not say.
    """

    clock: float
    offset: float | None = None

    @property
    def utc(self) -> float | None:
        """Seconds since 1970 began in Greenwich; None where the file does not say the offset."""
        return None if self.offset is None else self.clock - self.offset


def capture_time(path: str | Path) -> CaptureTime | None:
    """When the photo at `path` was taken; None where its file does not say, or is no photo."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            kind = kind_of(path, head)
            with decoding(path, kind):
                tags, xmp = _metadata(path, file, kind)
                return _from_exif(tags) or _from_xmp(xmp)
    except Exception:  # whatever is wrong with the file, reading it as a photo will say so
        return None


def parse_time(text: str, subseconds: str = "", offset: str = "") -> CaptureTime | None:
    """A time as EXIF ("2024:05:01 10:00:00") or XMP (ISO 8601) has it; None for anything else."""
    found = _TIME.match(text.strip("\0 "))
    if found is None:
        return None
    *whole, fraction, zone = found.groups()
    try:
        moment = datetime.datetime(*(int(part or 0) for part in whole))  # type: ignore[arg-type]
    except ValueError:
        return None
    digits = fraction or subseconds.strip("\0 ")
    part = float(f"0.{digits}") if digits.isascii() and digits.isdigit() else 0.0
    return CaptureTime((moment - _EPOCH).total_seconds() + part, _seconds(zone or offset.strip("\0 ")))


def _seconds(offset: str) -> float | None:
    if offset == "Z":
        return 0.0
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", offset)
    if found is None:
        return None
    size = 3600.0 * int(found[2]) + 60.0 * int(found[3])
    return -size if found[1] == "-" else size


def _metadata(path: Path, file: IO[bytes], kind: str) -> tuple[Image.Exif, bytes]:
    """EXIF tags and XMP packet; pixels are not decoded."""
    tags = Image.Exif()
    if kind in ("TIFF", "RAW"):
        with contextlib.suppress(Exception):  # a RAW that is no TIFF
            tiff.load_tags(tags, file, tiff.first_picture(file) if kind == "TIFF" else None)
        if kind == "RAW" and not len(tags):
            tags.load(raw.preview_exif(path, file))
        return tags, bytes(tags.get(tiff.XMP) or b"")
    if kind == "HEIF":
        found = raster.metadata_of(isobmff.open_heif(path, file).info)
    elif kind == "PNG":
        found = raster.metadata_of(_whole_png(file))
    else:
        found = raster.metadata_of(raster.open_raster(file, kind).info)
    tags.load(found.exif)
    return tags, found.xmp


def _whole_png(file: IO[bytes]) -> dict[Any, Any]:
    """What a PNG says, also behind its pixels."""
    image, _ = raster.open_png(file)
    info: dict[Any, Any] = dict(image.info)
    if "exif" not in info and "xmp" not in info:
        image.load()
        info |= image.info
    return info


def _from_exif(tags: Image.Exif) -> CaptureTime | None:
    for directory in (tags.get_ifd(_EXIF_IFD), tags):
        known = {name: str(directory.get(name) or "") for name in (_ORIGINAL, _SUBSECONDS, _OFFSET)}
        if found := parse_time(known[_ORIGINAL], known[_SUBSECONDS], known[_OFFSET]):
            return found
    return None


def _from_xmp(xmp: bytes) -> CaptureTime | None:
    for name in _XMP_NAMES:
        found = re.search(name + rb"\s*(?:=\s*[\"']|>)\s*([^\"'<]+)", xmp)
        if found and (moment := parse_time(found[1].decode("ascii", "replace"))):
            return moment
    return None
