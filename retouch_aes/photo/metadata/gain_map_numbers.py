"""The numbers by which a gain map is applied, as Adobe's XMP and as ISO 21496-1 have them.

They are the same numbers: the least and the most gain in stops, a gamma, offsets of both renditions, and
the headroom in stops from which each rendition is shown (Adobe, Gain Map specification 1.0; ISO 21496-1,
annex C). A JPEG says them in either way or both, HEIC and AVIF in ISO's alone.
"""

import contextlib
import struct
from dataclasses import astuple, dataclass
from fractions import Fraction

from retouch_aes.photo.metadata.xmp_packet import RDF, Packet

HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/"
Channels = tuple[float, ...]
"""One number for all channels, or one each for red, green and blue."""

_SEVERAL, _OF_BASE, _COMMON = 0x80, 0x40, 0x08
_MOST = (1 << 31) - 1
_FINEST = 1_000_000
_OFFSET = 1 / 64
_LEAST_GAMMA = 1e-4
_NAMES = ("GainMapMin", "GainMapMax", "Gamma", "OffsetSDR", "OffsetHDR")


@dataclass(frozen=True)
class GainMapNumbers:
    """Gains and headrooms in stops; `base` is the picture itself, `other` its other rendition."""

    least: Channels
    most: Channels
    gamma: Channels
    base_offset: Channels
    other_offset: Channels
    base_headroom: float
    other_headroom: float
    in_space_of_base: bool = True

    @property
    def sound(self) -> bool:
        """Whether a map can be applied by them; a reader refuses the whole file where it cannot."""
        ends = zip(self.least * 3, self.most * 3, strict=False)
        gammas = all(gamma >= _LEAST_GAMMA for gamma in self.gamma)
        return gammas and all(least <= most for least, most in ends) and min(self._headrooms) >= 0

    @property
    def _headrooms(self) -> tuple[float, float]:
        return self.base_headroom, self.other_headroom

    @property
    def coloured(self) -> bool:
        """Whether they differ from channel to channel."""
        return any(len(set(one)) > 1 for one in astuple(self)[:5])

    @classmethod
    def of_iso(cls, data: bytes) -> "GainMapNumbers | None":
        """Those of ISO 21496-1's block; None where it is damaged, not sound, or of a later version."""
        with contextlib.suppress(struct.error, ZeroDivisionError):
            version, _, flags = struct.unpack_from(">HHB", data)
            if version == 0:
                found = cls._of_fractions(data[5:], flags)
                return found if found.sound else None
        return None

    @classmethod
    def _of_fractions(cls, data: bytes, flags: int) -> "GainMapNumbers":
        count = 3 if flags & _SEVERAL else 1
        common = bool(flags & _COMMON)
        form = "II" + "iiIii" * count if common else "IIII" + "iIiIIIiIiI" * count
        numbers = struct.unpack_from(">" + ("I" if common else "") + form, data)
        values = (
            [number / numbers[0] for number in numbers[1:]]
            if common
            else [above / below for above, below in zip(numbers[::2], numbers[1::2], strict=True)]
        )
        rows = [values[2 + 5 * channel : 7 + 5 * channel] for channel in range(count)]
        least, most, gamma, base, other = zip(*rows, strict=True)
        return cls(least, most, gamma, base, other, values[0], values[1], bool(flags & _OF_BASE))

    @classmethod
    def of_xmp(cls, xmp: bytes) -> "GainMapNumbers | None":
        """Those of Adobe's properties in a packet; None where they are not there, or not sound."""
        with contextlib.suppress(ValueError):
            said = _said(xmp)
            if "GainMapMax" not in said or "HDRCapacityMax" not in said:
                return None
            usual = {"GainMapMin": (0.0,), "Gamma": (1.0,), "OffsetSDR": (_OFFSET,), "OffsetHDR": (_OFFSET,)}
            least, most, gamma, base, other = ((usual | said)[name] for name in _NAMES)
            ends = said.get("HDRCapacityMin", (0.0,))[0], said["HDRCapacityMax"][0]
            if said.get("BaseRenditionIsHDR") == (1.0,):
                ends, base, other = ends[::-1], other, base
            found = cls(least, most, gamma, base, other, *ends)
            return found if found.sound else None
        return None

    def iso(self) -> bytes:
        """ISO 21496-1's block."""
        rows = (self.least, self.most, self.gamma, self.base_offset, self.other_offset)
        several = any(len(row) == 3 for row in rows)
        flags = (_SEVERAL if several else 0) | (_OF_BASE if self.in_space_of_base else 0)
        parts = [
            struct.pack(">HHB", 0, 0, flags),
            _fraction(self.base_headroom),
            _fraction(self.other_headroom),
        ]
        for channel in range(3 if several else 1):
            parts += [_fraction(row[channel % len(row)]) for row in rows]
        return b"".join(parts)

    def xmp(self) -> bytes:
        """A packet with Adobe's properties."""
        hdr = self.base_headroom > self.other_headroom
        offsets = (self.base_offset, self.other_offset)
        rows = (self.least, self.most, self.gamma, *(offsets[::-1] if hdr else offsets))
        ends = sorted(self._headrooms)
        single = {name: row[0] for name, row in zip(_NAMES, rows, strict=True) if len(set(row)) == 1}
        single |= {"HDRCapacityMin": ends[0], "HDRCapacityMax": ends[1]}
        attributes = "".join(f' hdrgm:{name}="{value:.6g}"' for name, value in single.items())
        lists = "".join(
            f"<hdrgm:{name}><rdf:Seq>{''.join(f'<rdf:li>{value:.6g}</rdf:li>' for value in row)}</rdf:Seq>"
            f"</hdrgm:{name}>"
            for name, row in zip(_NAMES, rows, strict=True)
            if name not in single
        )
        return (
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" '
            f'xmlns:hdrgm="{HDRGM}" hdrgm:Version="1.0"{attributes} hdrgm:BaseRenditionIsHDR="{hdr}">'
            f"{lists}</rdf:Description></rdf:RDF></x:xmpmeta>"
        ).encode("ascii")


def _said(xmp: bytes) -> dict[str, Channels]:
    """Adobe's properties by name, as numbers; raises `ValueError` where one is none."""
    found: dict[str, Channels] = {}
    packet = Packet(xmp)
    lists = {
        one.name[1]: [item.text for inner in one.children for item in inner.children]
        for one in packet.elements
        if one.name[0] == HDRGM and one.children
    }
    single = {item.name[1]: [item.text] for item in packet.items() if item.name[0] == HDRGM}
    for name, texts in (single | lists).items():
        if name == "BaseRenditionIsHDR":
            found[name] = (1.0,) if texts[0].strip().lower() == "true" else (0.0,)
        elif name in (*_NAMES, "HDRCapacityMin", "HDRCapacityMax"):
            numbers = tuple(float(text) for text in texts)
            if len(numbers) not in (1, 3) or not all(abs(number) < 1e4 for number in numbers):
                raise ValueError(f"{name} is {texts}")
            found[name] = numbers
    return found


def _fraction(number: float) -> bytes:
    exact = Fraction(number).limit_denominator(_FINEST)
    above = max(-_MOST, min(_MOST, exact.numerator))
    return struct.pack(">iI", above, exact.denominator)
