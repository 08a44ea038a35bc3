"""An XMP packet as a tree over its own bytes: what is not changed keeps its bytes (XMP part 1, ISO 16684-1).

The packet is parsed by expat; elements and attributes remember where they stand, and a change is a span of
bytes and what takes its place. Packets with a DOCTYPE, nested deeper than `MAX_DEPTH` or that are no XML are
not understood: they are carried as they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_USUAL = {"rdf": RDF, "tiff": "http://ns.adobe.com/tiff/1.0/", "exif": "http://ns.adobe.com/exif/1.0/"}
"""What a prefix means that somebody forgot to declare."""

MAX_DEPTH = 200
MAX_NAMESPACES = 500
MAX_PACKET = 1 << 26
"""The largest packet that is understood: 64 MB."""

Name = tuple[str, str]
"""Namespace and local name."""

_ATTRIBUTE = re.compile(rb"""\s+([^\s=<>/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TAG = re.compile(rb"""<([^\s/>]+)(?:\s+[^\s=<>/"']+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_DECLARED = re.compile(rb"""(<\?xml\s[^>]*?)\s+encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_ENCODINGS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}


@dataclass(frozen=True)
class Attribute:
    """An attribute: its value, where it stands with the space before it, and where its value stands."""

    name: Name
    text: str
    span: tuple[int, int]
    inner: tuple[int, int]


@dataclass
class Element:
    """An element: its attributes and children, its own text, and where it and its content stand."""

    name: Name
    start: int
    opened: int
    empty: bool
    namespaces: Mapping[str, str]
    attributes: list[Attribute]
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    end: int = 0
    closing: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands, tags and all."""
        return self.start, self.end

    @property
    def inner(self) -> tuple[int, int]:
        """Where its content stands."""
        return self.opened, self.closing

    @property
    def items(self) -> list["Attribute | Element"]:
        """Its children and attributes: the properties of a description, the fields of a structure."""
        return [*self.children, *self.attributes]


Item = Attribute | Element


class Packet:
    """A packet that was understood, and the changes to it. Raises `ValueError` where it is not."""

    def __init__(self, data: bytes) -> None:
        self.data = in_utf8(data)
        if not self.data or len(self.data) > MAX_PACKET:
            raise ValueError("no packet, or too large a one")
        self.elements: list[Element] = []
        self._edits: list[tuple[int, int, bytes]] = []
        self._parse()

    @property
    def root(self) -> Element:
        """The outermost element."""
        return self.elements[0]

    def items(self) -> Iterator[Item]:
        """Every element and attribute, in the order of the file."""
        for element in self.elements:
            yield element
            yield from element.attributes

    def descriptions(self) -> list[Element]:
        """The top-level `rdf:Description` elements, whose attributes and children are the properties."""
        return [child for e in self.elements if e.name == (RDF, "RDF") for child in e.children][:100_000]

    def remove(self, item: Item) -> None:
        """Take an element or attribute out."""
        self._edits.append((*item.span, b""))

    def set(self, item: Item, text: str) -> None:
        """Give an attribute, or an element without children, another text."""
        value = escape(text, {'"': "&quot;", "'": "&apos;"}).encode("utf-8")
        if isinstance(item, Element) and item.empty:
            tag = self.data[item.start : item.end].rstrip(b"/>").rstrip()
            name = tag[1:].split()[0]
            self._edits.append((*item.span, tag + b">" + value + b"</" + name + b">"))
        else:
            self._edits.append((*item.inner, value))

    def insert(self, at: int, data: bytes) -> None:
        """Put bytes before the one at `at`."""
        self._edits.append((at, at, data))

    @property
    def changed(self) -> bool:
        """Whether there are changes."""
        return bool(self._edits)

    def result(self) -> bytes:
        """The packet with its changes; changes inside what is taken out are forgotten."""
        parts, at = [], 0
        for start, end, data in sorted(self._edits, key=lambda edit: (edit[0], -edit[1])):
            if start < at:
                continue
            parts += [self.data[at:start], data]
            at = end
        return b"".join([*parts, self.data[at:]])

    def _parse(self) -> None:
        parser, stack = expat.ParserCreate("utf-8"), []  # type: expat.XMLParserType, list[Element]
        parser.buffer_text = True

        def start(_name: str, _attributes: object) -> None:
            if len(stack) >= MAX_DEPTH:
                raise ValueError("nested too deep")
            element = _element(self.data, parser.CurrentByteIndex, stack[-1].namespaces if stack else {})
            if stack:
                stack[-1].children.append(element)
            self.elements.append(element)
            stack.append(element)

        def end(_name: str) -> None:
            element = stack.pop()
            at = element.opened if element.empty else parser.CurrentByteIndex
            element.closing = at
            element.end = at if element.empty else self.data.index(b">", at) + 1

        def text(data: str) -> None:
            if stack:
                stack[-1].text += data

        def refuse(*_: object) -> None:
            raise ValueError("a DOCTYPE")

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
        try:
            parser.Parse(self.data, True)
        except expat.ExpatError as error:
            if stack or not self.elements:  # else it is only what follows the packet
                raise ValueError(str(error)) from error


def in_utf8(data: bytes) -> bytes:
    """A packet in UTF-8 whatever it was in, without the zero bytes that some files put after it.

    What states no encoding and is no UTF-8 is taken as Latin-1, as careless programs write it.
    """
    for mark, encoding in _ENCODINGS.items():
        if data.startswith(mark):
            try:
                data = data.decode(encoding).encode("utf-8")
            except UnicodeError:
                return data
            break
    data = data.strip(b"\x00").removeprefix(b"\xef\xbb\xbf")
    stated = _DECLARED.match(data)
    if stated is None and _is_utf8(data):
        return data
    try:
        text = data.decode(stated[2].decode("ascii") if stated else "latin-1")
    except (UnicodeError, LookupError):
        return data
    return _DECLARED.sub(rb"\1", text.encode("utf-8"))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _element(data: bytes, start: int, outer: Mapping[str, str]) -> Element:
    tag = _TAG.match(data, start)
    if tag is None:
        raise ValueError("a tag that is not understood")
    found, namespaces = [], outer
    for match in _ATTRIBUTE.finditer(data, tag.end(1), tag.end()):
        group = 2 if match[2] is not None else 3
        raw = match[1].decode("utf-8", "replace")
        found.append((raw, match[group].decode("utf-8", "replace"), match.span(), match.span(group)))
        if raw.startswith("xmlns:"):
            namespaces = {**namespaces, raw[6:]: found[-1][1]}
            if len(namespaces) > MAX_NAMESPACES:
                raise ValueError("too many namespaces")
    attributes = [
        Attribute(_name(raw, namespaces), text, span, inner)
        for raw, text, span, inner in found
        if not raw.startswith("xmlns")
    ]
    name = _name(tag[1].decode("utf-8", "replace"), namespaces)
    return Element(name, start, tag.end(), bool(tag[2]), namespaces, attributes)


def _name(qualified: str, namespaces: Mapping[str, str]) -> Name:
    prefix, _, local = qualified.rpartition(":")
    return namespaces.get(prefix, _USUAL.get(prefix, prefix)), local
