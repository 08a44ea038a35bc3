"""When a photo was taken, to the fraction of a second, of every format that is read.

EXIF DateTimeOriginal with SubSecTimeOriginal and OffsetTimeOriginal (CIPA DC-008, 4.6.5), in the Exif
directory or, as TIFF/EP has it, in the main one; else exif:DateTimeOriginal, photoshop:DateCreated or
xmp:CreateDate of XMP. A time without an offset is what the clock of the camera showed; this machine's time
zone never enters.
"""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from retouch_aes.photo import isobmff, png_repair, raster, raw, tiff
from retouch_aes.photo.guard import decoding, opened
from retouch_aes.photo.kinds import kind_of
from retouch_aes.photo.metadata import Metadata, exif
from retouch_aes.photo.metadata.reading import metadata_of, of_tiff

_HEAD = 4096
_ORIGINAL, _SUBSECONDS, _OFFSET = 0x9003, 0x9291, 0x9011
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
        with opened(path) as file:
            head = file.read(_HEAD)
            kind = kind_of(path, head)
            with decoding(path, kind):
                found = _metadata(path, file, kind)
                return _from_exif(found.exif) or _from_xmp(found.xmp)
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


def _metadata(path: Path, file: IO[bytes], kind: str) -> Metadata:
    """EXIF, XMP and the rest; pixels are not decoded."""
    if kind == "RAW":
        return raw.metadata_of_raw(path, file)
    if kind == "TIFF":
        return of_tiff(file, tiff.first_picture(file))
    if kind == "PNG":
        return metadata_of(kind, png_repair.sound(file).file, {})
    info = isobmff.open_heif(path, file).info if kind == "HEIF" else raster.open_raster(file, kind).info
    return metadata_of(kind, file, info)


def _from_exif(block: bytes) -> CaptureTime | None:
    for directory in ("exif", "main"):
        known = [
            exif.value(block, directory, tag).decode("ascii", "replace")
            for tag in (_ORIGINAL, _SUBSECONDS, _OFFSET)
        ]
        if found := parse_time(*known):
            return found
    return None


def _from_xmp(xmp: bytes) -> CaptureTime | None:
    for name in _XMP_NAMES:
        found = re.search(name + rb"\s*(?:=\s*[\"']|>)\s*([^\"'<]+)", xmp)
        if found and (moment := parse_time(found[1].decode("ascii", "replace"))):
            return moment
    return None
