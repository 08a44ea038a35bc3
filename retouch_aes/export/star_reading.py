"""What a photographer has already said about photos: stars, rejects, picks and colour labels.

| said by | stars | reject, pick | label |
|---|---|---|---|
| XMP (Adobe, darktable, digiKam, Capture One) | `xmp:Rating` 1..5 | `xmp:Rating` -1 | `xmp:Label` |
| Lightroom | | `xmpDM:pick` 1, -1 | |
| Windows | `MicrosoftPhoto:Rating` 1, 25, 50, 75, 99 | | |
| digiKam | | `digiKam:PickLabel` 1 rejected, 3 accepted | `digiKam:ColorLabel` |
| darktable | | | `darktable:colorlabels` |
| Photo Mechanic | | `photomechanic:Tagged` | `photomechanic:ColorClass` |
| ACDSee | `acdsee:rating` | | `acdsee:tagged` is a pick |
| EXIF (cameras, Windows) | `Rating`, `RatingPercent` | | |
| RawTherapee `.pp3` | `Rank` | `InTrash` | `ColorLabel` |

A sidecar, `NAME.xmp` or `NAME.EXT.xmp`, is asked before the photo itself; of several the one that was changed
last. `NAME.xmp` counts only for the photo it names (`photoshop:SidecarForExtension`) or, where it names none
and a camera RAW file has that name, for the RAW file.
"""

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.errors import PhotoError
from retouch_aes.export.tiff_places import RATING, RATING_PERCENT, TiffPlaces
from retouch_aes.export.xmp_packet import XMP, Name, read_properties
from retouch_aes.export.xmp_places import packet_and_exif
from retouch_aes.photo.kinds import RAW_SUFFIXES, kind_of

_HEAD = 4096
_MICROSOFT = ("http://ns.microsoft.com/photo/1.0/", "http://ns.microsoft.com/photo/1.0")
_PICK = ("http://ns.adobe.com/xmp/1.0/DynamicMedia/", "pick")
_DIGIKAM = "http://www.digikam.org/ns/1.0/"
_MECHANIC = "http://ns.camerabits.com/photomechanic/1.0/"
_ACDSEE = "http://ns.acdsee.com/iptc/1.0/"
_DARKTABLE = "http://darktable.sf.net/"
_SIDECAR_FOR: Name = ("http://ns.adobe.com/photoshop/1.0/", "SidecarForExtension")
_DIGIKAM_COLOURS = ("", "Red", "Orange", "Yellow", "Green", "Blue", "Magenta", "Gray", "Black", "White")
_DARKTABLE_COLOURS = ("Red", "Yellow", "Green", "Blue", "Purple")
_RAWTHERAPEE_COLOURS = ("", "Red", "Yellow", "Green", "Blue", "Purple")


@dataclass(frozen=True)
class Stars:
    """What was said about one photo. `stars` is 1 to 5, or 0 where none were given.

    `flag` is "rejected", "picked" or "". `label` is the name of a colour, or what the program calls it.
    `source` is the file that says so; None where nothing was said.
    """

    photo: Path
    stars: int = 0
    flag: str = ""
    label: str = ""
    source: Path | None = None

    @property
    def said(self) -> bool:
        """Whether anything was."""
        return bool(self.stars or self.flag or self.label)


def read_stars(photo: str | Path) -> Stars:
    """What was said about `photo`, in its sidecars or in itself.

    Raises `PhotoError` where the photo cannot be read or its metadata is broken.
    """
    photo = Path(photo)
    sidecars = sorted(existing_sidecars(photo), key=lambda path: -path.stat().st_mtime)
    for sidecar in (*sidecars, photo):
        stars = _of_photo(photo) if sidecar == photo else _of_sidecar(photo, sidecar)
        if stars.said:
            return stars
    return Stars(photo)


def existing_sidecars(photo: Path) -> list[Path]:
    """The sidecars beside `photo` that are meant for it: XMP of both names, and RawTherapee's."""
    found = [path for path in xmp_sidecars(photo) if _is_file(path) and _meant(path, photo)]
    pp3 = photo.with_name(photo.name + ".pp3")
    return [*found, pp3] if _is_file(pp3) else found


def xmp_sidecars(photo: Path) -> tuple[Path, Path]:
    """Both names of an XMP sidecar: Adobe's `NAME.xmp`, and `NAME.EXT.xmp` of darktable and digiKam."""
    return photo.with_suffix(".xmp"), photo.with_name(photo.name + ".xmp")


def is_raw(photo: Path) -> bool:
    """Whether the name is that of a camera RAW file, which is never written to."""
    return photo.suffix.lower() in RAW_SUFFIXES


def has_raw_twin(photo: Path) -> bool:
    """Whether a camera RAW file of the same name lies beside a photo that is none."""
    suffixes = (suffix for low in RAW_SUFFIXES for suffix in (low, low.upper()))
    return not is_raw(photo) and any(photo.with_suffix(suffix).is_file() for suffix in suffixes)


def from_properties(photo: Path, source: Path, said: Mapping[Name, str]) -> Stars:
    """What the properties of an XMP packet say about `photo`."""
    rating = _number(said.get((XMP, "Rating")))
    if rating is None or rating == 0:
        percent = next((said[ns, "Rating"] for ns in _MICROSOFT if (ns, "Rating") in said), None)
        rating = _of_percent(_number(percent)) or _number(said.get((_ACDSEE, "rating"))) or 0
    flags = {"picked": False, "rejected": rating < 0}
    flags["rejected"] |= said.get(_PICK) == "-1" or said.get((_DIGIKAM, "PickLabel")) == "1"
    flags["picked"] |= said.get(_PICK) == "1" or said.get((_DIGIKAM, "PickLabel")) == "3"
    flags["picked"] |= "true" in (
        said.get(name, "").lower() for name in ((_MECHANIC, "Tagged"), (_ACDSEE, "tagged"))
    )
    flag = "rejected" if flags["rejected"] else "picked" if flags["picked"] else ""
    return Stars(photo, min(5, max(0, round(rating))), flag, _label(said), source)


def _label(said: Mapping[Name, str]) -> str:
    if label := said.get((XMP, "Label"), ""):
        return label
    for name, colours in (
        ((_DIGIKAM, "ColorLabel"), _DIGIKAM_COLOURS),
        ((_DARKTABLE, "colorlabels"), _DARKTABLE_COLOURS),
    ):
        first = _number(said.get(name, "").split(",")[0])
        if first is not None and 0 <= first < len(colours):
            return colours[int(first)]
    place = said.get((_MECHANIC, "ColorClass"), "0")
    return "" if place == "0" else place


def _of_photo(photo: Path) -> Stars:
    data = _contents(photo)
    packet, exif = packet_and_exif(data, kind_of(photo, data[:_HEAD]))
    try:
        stars = from_properties(photo, photo, read_properties(packet)) if packet else Stars(photo)
    except PhotoError as error:
        raise PhotoError(f"{photo}: {error}") from error
    return stars if stars.said else Stars(photo, _of_exif(exif), source=photo)


def _of_exif(exif: bytes) -> int:
    places = TiffPlaces.of(exif)
    if places is None:
        return 0
    stars = places.number(RATING) or _of_percent(places.number(RATING_PERCENT)) or 0
    return int(stars) if 0 <= stars <= 5 else 0


def _of_sidecar(photo: Path, sidecar: Path) -> Stars:
    if sidecar.suffix == ".pp3":
        return _of_pp3(photo, sidecar)
    try:
        return from_properties(photo, sidecar, read_properties(sidecar.read_bytes()))
    except PhotoError as error:
        raise PhotoError(f"{sidecar}: {error}") from error


def _of_pp3(photo: Path, sidecar: Path) -> Stars:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(sidecar.read_text(encoding="utf-8", errors="replace"))
    except configparser.Error as error:
        raise PhotoError(f"{sidecar}: is no RawTherapee sidecar ({error})") from error
    rank = _number(parser.get("General", "Rank", fallback="0")) or 0
    colour = int(_number(parser.get("General", "ColorLabel", fallback="0")) or 0)
    trash = parser.get("General", "InTrash", fallback="false").lower() in ("true", "1")
    label = _RAWTHERAPEE_COLOURS[colour] if 0 <= colour < len(_RAWTHERAPEE_COLOURS) else ""
    return Stars(photo, min(5, max(0, int(rank))), "rejected" if trash else "", label, sidecar)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long
        return False


def _meant(sidecar: Path, photo: Path) -> bool:
    """Whether `NAME.xmp` is about `photo`, and not about another file of that name."""
    if sidecar.name == photo.name + ".xmp":
        return True
    try:
        named = read_properties(sidecar.read_bytes()).get(_SIDECAR_FOR, "")
    except PhotoError:
        named = ""
    if named:
        return f".{named.lower()}" == photo.suffix.lower()
    return not has_raw_twin(photo)


def _contents(photo: Path) -> bytes:
    try:
        return photo.read_bytes()
    except OSError as error:
        raise PhotoError(f"{photo}: cannot be read ({error.strerror})") from error


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _of_percent(percent: float | None) -> int | None:
    """Windows' percent, 1, 25, 50, 75 or 99, as stars."""
    return None if percent is None or percent <= 0 else min(5, 1 + round(percent / 25))
