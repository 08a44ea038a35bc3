"""XMP that is longer than one JPEG segment: ExtendedXMP put back into the packet, and taken out of it again.

The main packet names the MD5 of the rest in xmpNote:HasExtendedXMP (XMP part 3, section 1.1.3.1). Everywhere
else in this library, and in every other format, a packet is whole. It is split by moving its largest
properties until the rest fits: readers that know nothing of ExtendedXMP see all the small ones.
"""

import hashlib
import re

from retouch_aes.photo.metadata.xmp_packet import RDF, Attribute, Element, Item, Packet

_NOTE = "http://ns.adobe.com/xmp/note/"
_ROOM = 400
"""Bytes that the note about the rest, and what holds it, takes at most."""

_PADDING = re.compile(rb"\s+(<\?xpacket\s+end)")


def merged(xmp: bytes, other: bytes, *, instead: bool = False) -> bytes:
    """`xmp` with the properties of `other` in it, and without the note about ExtendedXMP.

    With `instead` they take the place of properties of the same name. What is not understood is left aside.
    """
    try:
        packet = Packet(xmp)
    except ValueError:
        return xmp or other
    for item in packet.items():
        if item.name == (_NOTE, "HasExtendedXMP"):
            packet.remove(item)
    root = next((element for element in packet.elements if element.name == (RDF, "RDF")), None)
    if root is not None and not root.empty and other:
        try:
            added = Packet(other)
        except ValueError:
            return packet.result()
        names = {item.name for one in added.descriptions() for item in one.items}
        for item in [item for one in packet.descriptions() for item in one.items]:
            if instead and item.name in names and item.name[0] != RDF:
                packet.remove(item)
        packet.insert(root.closing, _descriptions(added))
    return packet.result() if packet.changed else xmp


def _descriptions(packet: Packet) -> bytes:
    """The top-level descriptions of `packet`, each with the namespaces it needs."""
    parts = []
    for element in packet.descriptions():
        whole = packet.data[element.start : element.end]
        name = re.match(rb"<[^\s/>]+", whole)
        if name is not None:
            rest = whole[name.end() :]
            tag = whole[: element.opened - element.start]
            missing = {p: u for p, u in element.namespaces.items() if f"xmlns:{p}=".encode() not in tag}
            parts.append(name[0] + _declared(missing) + rest)
    return b"\n".join(parts)


def _declared(namespaces: dict[str, str]) -> bytes:
    pairs = ((prefix, uri.replace('"', "&quot;")) for prefix, uri in namespaces.items())
    return "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in pairs).encode("utf-8")


def split(xmp: bytes, room: int) -> tuple[bytes, str, bytes]:
    """The packet in at most `room` bytes, the digest of the rest and the rest; ("", b"") where all fits.

    Of a packet that is too long and not understood nothing can be kept: the first is b"".
    """
    if len(xmp) > room:
        xmp = _PADDING.sub(rb"\n\1", xmp)
    if len(xmp) <= room:
        return xmp, "", b""
    try:
        packet = Packet(xmp)
    except ValueError:
        return b"", "", b""
    found: list[tuple[int, Element, Item]] = []
    for description in packet.descriptions():
        for item in description.items:
            if item.name[0] != RDF:
                found.append((item.span[1] - item.span[0], description, item))
    size, moved = len(packet.data) + _ROOM, []
    for length, description, item in sorted(found, key=lambda one: -one[0]):
        if size <= room:
            break
        moved.append((description, item))
        packet.remove(item)
        size -= length
    root = next((element for element in packet.elements if element.name == (RDF, "RDF")), None)
    if size > room or root is None or not moved:
        return b"", "", b""
    extended = _extended(packet, moved)
    digest = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper()
    note = (
        f'<rdf:Description xmlns:rdf="{RDF}" rdf:about="" xmlns:xmpNote="{_NOTE}" '
        f'xmpNote:HasExtendedXMP="{digest}"/>'
    )
    packet.insert(root.closing, note.encode("ascii"))
    return packet.result(), digest, extended


def _extended(packet: Packet, moved: list[tuple[Element, Item]]) -> bytes:
    parts = [f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'.encode("ascii")]
    for description, item in moved:
        about = next((a for a in description.attributes if a.name == (RDF, "about")), None)
        stated = b"" if about is None else packet.data[slice(*about.inner)]
        named = dict(description.namespaces)
        quote = b"'" if b'"' in stated else b'"'
        head = (
            b"<rdf:Description" + _declared({**named, "rdf": RDF}) + b" rdf:about=" + quote + stated + quote
        )
        whole = packet.data[slice(*item.span)]
        if isinstance(item, Attribute):
            parts.append(head + whole + b"/>")
        else:
            parts.append(head + b">" + whole + b"</rdf:Description>")
    return b"".join([*parts, b"</rdf:RDF></x:xmpmeta>"])
