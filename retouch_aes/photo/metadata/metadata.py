"""`Metadata`: what a file says beside its pixels."""

from dataclasses import dataclass, replace

from retouch_aes.photo.metadata.payloads import GAIN_MAP
from retouch_aes.photo.metadata.png_chunks import Text


@dataclass(frozen=True)
class Metadata:
    """What a file says beside its pixels, as bytes, so that nothing is lost in translation.

    `exif` is a TIFF block without the "Exif" prefix, its orientation already 1. `xmp` is the whole packet,
    `iptc` the IPTC-IIM record. `dpi` is horizontal, vertical. `photoshop` are the "8BIM" blocks beside IPTC,
    `comments` the comments of a JPEG, `texts` the text chunks of a PNG. `size` is width and height of the
    upright photo that all of it speaks of, None where that is unknown. `notes` say what could not be read,
    `gain_map` is the HDR gain map, as JPEG, and `unkept` what was in the file and would be
    untrue of an edited photo (`payloads`).
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    dpi: tuple[float, float] | None = None
    photoshop: bytes = b""
    comments: tuple[bytes, ...] = ()
    texts: tuple[Text, ...] = ()
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()
    gain_map: bytes = b""

    def without_gain_map(self, words: str = GAIN_MAP) -> "Metadata":
        """The same where its gain map is no longer true of the picture; `words` are how that is named."""
        if not self.gain_map:
            return self
        return replace(self, gain_map=b"", unkept=(*self.unkept, words))
