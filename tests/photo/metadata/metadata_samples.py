"""Metadata made by hand, files that carry it, and the programs that judge what became of it."""

import atexit
import io
import json
import shutil
import struct
import subprocess
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Entries = Mapping[int, tuple[int, bytes]]
"""Tag -> type and bytes of the value."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 12: 8}
XMP_NAME, EXTENDED_NAME = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool, the judge, is not installed"
)


def block(order: str, main: Entries, inner: Entries | None = None, gps: Entries | None = None) -> bytes:
    """An EXIF block of byte order "<" or ">", each directory with its values right after it."""
    body = bytearray((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8))
    pointers: dict[int, int] = {}
    for tag, entries in ((0x8769, inner), (0x8825, gps)):
        if entries:
            pointers[tag] = len(body)
            body += directory(order, entries, len(body))
    struct.pack_into(order + "I", body, 4, len(body))
    links = {tag: (4, struct.pack(order + "I", at)) for tag, at in pointers.items()}
    return bytes(body + directory(order, {**main, **links}, len(body)))


def directory(order: str, entries: Entries, at: int, following: int = 0) -> bytes:
    """A directory that is to stand at offset `at`, and its values."""
    head, values = struct.pack(order + "H", len(entries)), b""
    start = at + 2 + 12 * len(entries) + 4
    for tag, (kind, data) in sorted(entries.items()):
        head += struct.pack(order + "HHI", tag, kind, len(data) // SIZES[kind])
        if len(data) > 4:
            head += struct.pack(order + "I", start + len(values))
            values += data + bytes(len(data) % 2)
        else:
            head += data.ljust(4, b"\0")
    return head + struct.pack(order + "I", following) + values


def packet(properties: str, namespaces: str = "") -> bytes:
    """An XMP packet with these property elements."""
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {rdf}><rdf:Description rdf:about="" {namespaces}>'
        f"{properties}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def jpeg_with(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """The JPEG `data` with segments (marker, content) right after its start."""
    made = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return data[:2] + made + data[2:]


def png_with(data: bytes, *chunks: tuple[bytes, bytes], at_end: bool = False) -> bytes:
    """The PNG `data` with chunks after its header, or before its end."""
    made = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    return data[:-12] + made + data[-12:] if at_end else data[:33] + made + data[33:]


def iim(keyword: str, record: int = 25) -> bytes:
    """An IPTC dataset of record 2."""
    return struct.pack(">BBBH", 0x1C, 2, record, len(keyword.encode())) + keyword.encode()


def resource(number: int, value: bytes) -> bytes:
    """A Photoshop block without a name."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(value)) + value + bytes(len(value) % 2)


HEIGHT, WIDTH = 24, 40
LEFT, TOP, ACROSS, DOWN = 6, 3, 12, 8  # the face, in the stored picture

MWG = (
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
)


def picture_with_a_face() -> np.ndarray:
    array = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    array[TOP : TOP + DOWN, LEFT : LEFT + ACROSS] = 220
    return array


def file_with(
    kind: str, xmp: bytes, orientation: int, *, in_xmp: bool = False, inner: dict | None = None
) -> bytes:
    tags = {} if in_xmp else {0x0112: (3, struct.pack("<H", orientation))}
    exif_block = block("<", {0x010F: (2, b"Maker X\0"), **tags}, inner)
    buffer, image = io.BytesIO(), Image.fromarray(picture_with_a_face())
    if kind == "TIFF":
        image.save(buffer, kind, tiffinfo={700: xmp, **({} if in_xmp else {274: orientation})})
    elif kind == "PNG":
        image.save(buffer, kind, exif=exif_block)
        return png_with(buffer.getvalue(), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    else:
        options = {"lossless": True} if kind == "WEBP" else {"quality": 100}
        image.save(buffer, kind, exif=b"Exif\0\0" + exif_block, xmp=xmp, **options)
    return buffer.getvalue()


class _Exiftool:
    """One exiftool for all questions: its start takes longer than most answers."""

    def __init__(self) -> None:
        command = ["exiftool", "-stay_open", "True", "-@", "-", "-common_args", "-charset", "filename=utf8"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        atexit.register(self._close)

    def ask(self, *arguments: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n".join([*arguments, "-execute", ""]).encode())
        self._process.stdin.flush()
        lines: list[bytes] = []
        while not (lines and lines[-1].startswith(b"{ready")):
            lines.append(self._process.stdout.readline())
            assert lines[-1], "exiftool ended"
        return b"".join(lines[:-1]).decode()

    def _close(self) -> None:
        self._process.communicate(b"-stay_open\nFalse\n")


@cache
def _exiftool() -> _Exiftool:
    return _Exiftool()


def tags(path: Path, *which: str) -> dict[str, object]:
    """What exiftool finds in a file: "group:tag" -> value, numbers as numbers."""
    answer = _exiftool().ask("-j", "-n", "-a", "-G1", "-struct", *which, str(path))
    return {key: value for key, value in json.loads(answer)[0].items() if key != "SourceFile"}


def tagged(path: Path, *assignments: str) -> Path:
    """The file with tags written by exiftool."""
    done = _exiftool().ask("-overwrite_original", "-codedcharacterset=utf8", *assignments, str(path))
    assert "1 image files updated" in done, done
    return path
