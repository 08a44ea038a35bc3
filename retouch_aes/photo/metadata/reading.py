"""What a file of each format says: its metadata as bytes, of the picture as it is stored."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from retouch_aes.photo.metadata import (
    cr3,
    dng,
    exif,
    exif_block,
    iptc,
    isobmff_items,
    jpeg_segments,
    photoshop,
    png_chunks,
    xmp,
    xmp_extended,
)
from retouch_aes.photo.metadata.exif_block import Branch
from retouch_aes.photo.metadata.metadata import Metadata
from retouch_aes.photo.metadata.tiff_directory import EXIF_IFD, LONG, Tiff

_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_OF_ONE_PICTURE = (274, 282, 283, 296)  # orientation and resolution
_CREDENTIALS = ("the content credentials (C2PA)",)
_MAX_SIDECAR = 1 << 24
_MOST_NOTES = 8
_DAMAGED = "its EXIF is damaged and was left out"
_HOLES = "its EXIF is damaged: {} of its values are not there"
_SIDECAR = "the XMP file beside it cannot be understood and was left out"


def metadata_of(kind: str, file: IO[bytes], info: Mapping[Any, Any]) -> Metadata:
    """The metadata of an open `file` of format `kind`; `info` is what its decoder found."""
    if kind == "JPEG":
        found = of_jpeg(file)
    elif kind == "PNG":
        found = _of_png(file)
    elif kind == "AVIF":
        items = isobmff_items.ItemFile.of(file)
        item = items.first(b"Exif")
        stated = info.get("exif") if item is None else isobmff_items.exif_of(items.content(item))
        found = _with_exif(Metadata(xmp=_bytes(info.get("xmp"))), stated)
    else:
        found = _with_exif(Metadata(xmp=_bytes(info.get("xmp"))), info.get("exif"))
    return _unpacked(replace(found, dpi=_dpi(info)))


def of_jpeg(file: IO[bytes]) -> Metadata:
    """The metadata of an open JPEG, also of one that is another file's preview."""
    found = jpeg_segments.found(file)
    record, others = photoshop.split(found.photoshop)
    packet, notes = found.xmp, ()  # type: bytes, tuple[str, ...]
    if b"HasExtendedXMP" in packet:
        packet = xmp_extended.merged(packet, found.extended)
        notes = () if found.extended else ("the extended part of its XMP is missing",)
    metadata = Metadata(
        xmp=packet,
        iptc=record,
        photoshop=others,
        comments=found.comments,
        unkept=_CREDENTIALS if found.credentials else (),
        notes=notes,
    )
    return _with_exif(metadata, found.exif)


def _of_png(file: IO[bytes]) -> Metadata:
    found = png_chunks.found(file)
    record, others = photoshop.split(found.photoshop)
    notes = tuple(
        f"its text {name[:40].decode('latin-1')!r} is damaged and was left out"
        for name in found.damaged[:_MOST_NOTES]
    )
    metadata = Metadata(
        xmp=found.xmp,
        iptc=record or iptc.record(found.iptc),
        photoshop=others,
        texts=found.texts,
        notes=notes,
        unkept=_CREDENTIALS if found.credentials else (),
    )
    return _with_exif(metadata, found.exif)


def of_tiff(file: IO[bytes], directory: int = 0) -> Metadata:
    """The metadata of an open TIFF or TIFF-like RAW, from the directory at that offset, else the first.

    What a directory further on does not say is taken from the first, which often stands for the whole file.
    """
    try:
        tiff = Tiff.of_file(file)
    except ValueError:
        return Metadata()
    if not directory or directory == tiff.first:
        return _of_directory(tiff, tiff.first, Branch())
    main = exif_block.described(tiff, tiff.first)
    first = _of_directory(tiff, tiff.first, Branch())
    own = _of_directory(tiff, directory, exif_block.without(main, _OF_ONE_PICTURE))
    return replace(
        own,
        xmp=own.xmp or first.xmp,
        iptc=own.iptc or first.iptc,
        photoshop=own.photoshop or first.photoshop,
    )


def _of_directory(tiff: Tiff, at: int, beside: Branch) -> Metadata:
    entries = {entry.tag: entry for entry in reversed(list(tiff.entries(at)))}
    data = {tag: tiff.data(entries[tag]) for tag in (_XMP, _IPTC, _PHOTOSHOP) if tag in entries}
    record, others = photoshop.split(data.get(_PHOTOSHOP, b""))
    swapped = tiff.endian if _IPTC in entries and entries[_IPTC].kind == LONG else ""
    root = exif_block.joined(exif_block.described(tiff, at), beside)
    if dng.PRIVATE_DATA in entries and EXIF_IFD in root.children:
        note = dng.maker_note(tiff.data(entries[dng.PRIVATE_DATA]))
        inner = exif_block.joined(root.children[EXIF_IFD], note)
        root = replace(root, children={**root.children, EXIF_IFD: inner})
    metadata = Metadata(
        exif=exif_block.block(root, tiff.endian),
        xmp=data.get(_XMP, b""),
        iptc=iptc.record(data.get(_IPTC, b""), swapped) or record,
        photoshop=others,
        notes=(_DAMAGED,) if EXIF_IFD in entries and not tiff.pointer(at, EXIF_IFD) else (),
    )
    return _unpacked(metadata)


def of_raw(path: Path, file: IO[bytes], preview: bytes) -> Metadata:
    """The metadata of a camera RAW: its own, where it is built like a TIFF, else that of its JPEG `preview`.

    Develop settings of other programs are left out: they have not been applied to these pixels.
    """
    metadata = of_tiff(file)
    if not metadata.exif:
        metadata = _of_cr3(file) or metadata
    if not metadata.exif and preview:
        inner = of_jpeg(io.BytesIO(preview))
        metadata = replace(inner, xmp=metadata.xmp or inner.xmp, comments=())
    beside = sidecar(path)
    packet = xmp_extended.merged(metadata.xmp, beside, instead=True)
    notes = metadata.notes if not beside or xmp.is_understood(beside) else (*metadata.notes, _SIDECAR)
    return _unpacked(replace(metadata, xmp=xmp.without_settings(packet), notes=notes))


def _of_cr3(file: IO[bytes]) -> Metadata | None:
    found = cr3.found(file)
    return None if found is None else Metadata(exif=found.exif, xmp=found.xmp)


def sidecar(path: Path) -> bytes:
    """The XMP file beside a RAW: `name.xmp`, else `name.dng.xmp`; b"" where none can be read."""
    for place in (path.with_suffix(".xmp"), path.with_suffix(".XMP"), path.with_name(path.name + ".xmp")):
        try:
            if place.is_file() and place.stat().st_size <= _MAX_SIDECAR:
                return place.read_bytes()
        except (OSError, ValueError):
            continue
    return b""


def _with_exif(metadata: Metadata, stated: bytes | None) -> Metadata:
    block = exif.normal(stated)
    if not block and stated:
        return replace(metadata, notes=(*metadata.notes, _DAMAGED))
    missing = exif.missing(block)
    notes = (*metadata.notes, _HOLES.format(missing)) if missing else metadata.notes
    return replace(metadata, exif=block, notes=notes)


def _unpacked(metadata: Metadata) -> Metadata:
    """IPTC and Photoshop blocks that an EXIF block keeps, where the format has no other place for them."""
    if metadata.iptc or metadata.photoshop or not metadata.exif:
        return metadata
    record, others = photoshop.split(exif.value(metadata.exif, "main", _PHOTOSHOP))
    return replace(
        metadata, iptc=iptc.record(exif.value(metadata.exif, "main", _IPTC)) or record, photoshop=others
    )


def _bytes(value: object) -> bytes:
    return (
        value.encode("utf-8") if isinstance(value, str) else bytes(value) if isinstance(value, bytes) else b""
    )


def _dpi(info: Mapping[Any, Any]) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 < across < 1e6 and 1 < down < 1e6 else None  # 1 is what stands for unknown
