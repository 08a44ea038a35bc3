"""XMP packets (ISO 16684-1): simple properties read, and one of them set, every other byte as it was.

A packet is RDF in XML. Its properties stand in `rdf:Description` elements below `rdf:RDF`, as attributes or
as elements. To set one, the text of the packet is cut at the place that the XML parser names; nothing is
parsed and written again, so that what other programs have put there stays to the byte.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from retouch_aes.errors import PhotoError
from retouch_aes.photo.metadata.xmp_packet import in_utf8

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP = "http://ns.adobe.com/xap/1.0/"
Name = tuple[str, str]
"""Namespace and local name of a property."""

_DESCRIPTION, _ITEM = (RDF, "Description"), (RDF, "li")
_END = re.compile(rb"<\?xpacket\s+end\s*=\s*[\"'][wr][\"']\s*\?>")
_TAG = re.compile(rb"</?([^\s/>]+)(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_PADDING = 10  # lines of a hundred bytes: room for the next program


def new_packet(attributes: str) -> bytes:
    """A packet with one description; `attributes` are its namespaces and properties as XML text."""
    text = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n  <rdf:Description rdf:about="" {attributes}/>\n'
        " </rdf:RDF>\n</x:xmpmeta>\n"
    )
    return text.encode() + (b" " * 99 + b"\n") * _PADDING + b'<?xpacket end="w"?>'


def read_properties(packet: bytes) -> dict[Name, str]:
    """The simple properties of a packet; of an array its items, joined by commas.

    Raises `PhotoError` where the packet is no well-formed XML.
    """
    return _Scan(in_utf8(packet)).values


def set_property(packet: bytes, name: Name, prefix: str, value: str) -> bytes:
    """The packet with one simple property set, where it stands, or in the first description.

    `value` needs no escaping. A packet that is not UTF-8 becomes so. Raises `PhotoError` where the packet is
    broken or holds no description.
    """
    text = in_utf8(packet)
    packet = packet if text in packet else text
    scan = _Scan(packet)
    places = scan.places.get(name, [])
    if not places:
        return _inserted(packet, scan, name, prefix, value)
    for place in sorted(places, key=lambda place: -place.start):
        old = packet[place.start : place.end]
        new = scan.with_attribute(old, name, value) if place.attribute else _with_text(old, value)
        packet = packet[: place.start] + new + packet[place.end :]
    return packet


def fitted(packet: bytes, length: int) -> bytes | None:
    """The packet brought to `length` bytes by its padding alone; None where that cannot be."""
    trailers = list(_END.finditer(packet))
    at = trailers[-1].start() if trailers else len(packet)
    missing = length - len(packet)
    if missing >= 0:
        return packet[:at] + b" " * missing + packet[at:]
    padding = at - len(packet[:at].rstrip(b" \t\r\n"))
    return packet[: at + missing] + packet[at:] if padding >= -missing else None


@dataclass(frozen=True)
class _Place:
    """The bytes of a start tag that holds a property as an attribute, or of the property's element."""

    attribute: bool
    start: int
    end: int


@dataclass
class _Scan:
    """One walk through a packet: its properties, where they stand, the first description, the prefixes."""

    packet: bytes
    values: dict[Name, str] = field(default_factory=dict)
    places: dict[Name, list[_Place]] = field(default_factory=dict)
    first: int = -1
    prefixes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._offset = max(0, self.packet.find(b"<"))
        self._path: list[tuple[Name, int]] = []
        self._text: list[str] = []
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(self.packet[self._offset :].rstrip(b"\x00"), True)
        except (expat.ExpatError, UnicodeError) as error:
            raise PhotoError(f"its XMP packet is no well-formed XML ({error})") from error

    def with_attribute(self, tag: bytes, name: Name, value: str) -> bytes:
        """The start tag `tag` with the attribute `name` set to `value`."""
        pattern = re.compile(rb"\s([^\s=:]+):" + name[1].encode() + rb"\s*=\s*(\"[^\"]*\"|'[^']*')")
        for match in pattern.finditer(tag):
            if self.prefixes.get(match[1].decode("utf-8", "replace")) == name[0]:
                return tag[: match.start(2)] + f'"{value}"'.encode() + tag[match.end(2) :]
        raise PhotoError(f"its XMP packet holds {name[1]} in a form that cannot be changed")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        here, at = _split(name), self._offset + self._parser.CurrentByteIndex
        if here == _DESCRIPTION and self._inside(1):
            self.first = at if self.first < 0 else self.first
            for key, value in attributes.items():
                self.values.setdefault(_split(key), value)
                self._keep(_split(key), _Place(True, at, self._tag_end(at)))
        if self._inside(2):
            self._text.clear()
        if here == _ITEM:
            self._text.append("\0")
        self._path.append((here, at))

    def _end(self, _: str) -> None:
        here, start = self._path.pop()
        if self._inside(2):
            items = [item.strip() for item in "".join(self._text).split("\0")]
            self.values.setdefault(here, ",".join(item for item in items if item))
            end = self._tag_end(start)
            if self.packet[end - 2 : end] != b"/>":
                end = self._tag_end(self._offset + self._parser.CurrentByteIndex)
            self._keep(here, _Place(False, start, end))

    def _inside(self, depth: int) -> bool:
        """Whether the path ends in `rdf:RDF` (1), or in a description below it (2)."""
        names = [name for name, _ in self._path[-depth:]]
        return names == [(RDF, "RDF"), _DESCRIPTION][:depth]

    def _keep(self, name: Name, place: _Place) -> None:
        self.places.setdefault(name, []).append(place)

    def _tag_end(self, start: int) -> int:
        match = _TAG.match(self.packet, start)
        if match is None:
            raise PhotoError("its XMP packet is in an encoding other than UTF-8")
        return match.end()

    def _declare(self, prefix: str | None, namespace: str) -> None:
        self.prefixes.setdefault(prefix or "", namespace)

    def _refuse(self, *_: object) -> None:
        raise PhotoError("its XMP packet declares a document type, which XMP forbids")


def _split(name: str) -> Name:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def _with_text(element: bytes, value: str) -> bytes:
    """A whole element with other text inside."""
    match = _TAG.match(element)
    assert match is not None  # its place was found by this pattern
    head = match[0]
    if head.endswith(b"/>"):
        head = head[:-2].rstrip() + b">"
    return head + value.encode() + b"</" + match[1] + b">"


def _inserted(packet: bytes, scan: _Scan, name: Name, prefix: str, value: str) -> bytes:
    match = _TAG.match(packet, scan.first) if scan.first >= 0 else None
    if match is None:
        raise PhotoError("its XMP packet holds no rdf:Description")
    declared = ""
    bound = [known for known, namespace in scan.prefixes.items() if known and namespace == name[0]]
    if bound and f"xmlns:{bound[0]}=".encode() in packet[: match.end()]:
        prefix = bound[0]
    else:
        while prefix in scan.prefixes:
            prefix += "1"
        declared = f' xmlns:{prefix}="{name[0]}"'
    at = match.end(1)
    return packet[:at] + f'{declared} {prefix}:{name[1]}="{value}"'.encode() + packet[at:]
