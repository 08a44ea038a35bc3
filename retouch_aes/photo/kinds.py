"""What a file is: by its first bytes, never by its name (camera RAW built on TIFF excepted)."""

from pathlib import Path

from retouch_aes.errors import PhotoError


def _suffixes(names: str) -> frozenset[str]:
    return frozenset(f".{name}" for name in names.split())


RAW_SUFFIXES = _suffixes(
    "3fr arw bay cr2 cr3 crw dcr dcs dng drf erf fff iiq k25 kdc mef mos mrw nef nrw orf ori pef ptx raf raw "
    "rw2 rwl rwz sr2 srf srw x3f"
)
"""Camera RAW: read with the extra `photo`, never written."""

WRITE_SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".jif": "JPEG",
    ".jfi": "JPEG",
    ".pjpeg": "JPEG",
    ".pjpg": "JPEG",
    ".pjp": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
}
"""Suffix -> format that `write` makes."""

READ_SUFFIXES = frozenset(
    {*WRITE_SUFFIXES, *RAW_SUFFIXES, ".hif", ".heics", ".heifs", ".avifs", ".apng", ".mpo", ".insp", ".jps"}
)
"""Suffixes, in lower case, by which `find_photos` knows a photo."""

FORMAT_NAMES = {
    "JPEG": ("a JPEG", ".jpg"),
    "PNG": ("a PNG", ".png"),
    "WEBP": ("a WebP", ".webp"),
    "TIFF": ("a TIFF", ".tif"),
    "AVIF": ("an AVIF", ".avif"),
    "HEIF": ("a HEIC", ".heic"),
    "RAW": ("a camera RAW", ".raw"),
}
"""What people call the formats of `kind_of`, and the suffix they have."""

SIDECAR_SUFFIXES = _suffixes(
    "aae bak bat bib cfg cos csv cube db dop exv gpx htm html icc icm ini json jsonl lck log lrv md on1 pp3 "
    "py rst safetensors sh taste thm toml tsv txt url xml xmp yaml yml"
)
"""Suffixes of what lies beside photos by right; nobody is told that it is left out."""

_RAW_STARTS = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\x00",
    b"FOVb",
    b"\x00MRM",
    b"II\x1a\x00\x00\x00HEAP",
)
_TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"MiHE", b"miaf"}

_STRANGERS = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL file"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 file"),
    (b"v/1\x01", "an OpenEXR file"),
    (b"#?RADIANCE", "a Radiance HDR file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a Git LFS pointer: run `git lfs pull`"),
    (b"\x00\x05\x16\x07", "a macOS resource file that lies beside the photo of that name"),
    (b"<", "a text file (HTML or XML)"),
)


def kind_of(path: Path, head: bytes) -> str:
    """The format of `path` whose first bytes are `head`.

    One of "JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF" and "RAW".
    Raises `PhotoError` for anything else, saying what it looks like.
    """
    raw_name = path.suffix.lower() in RAW_SUFFIXES
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(_TIFF_STARTS):
        return "RAW" if raw_name or head[8:10] == b"CR" else "TIFF"
    if head[4:8] == b"ftyp":
        return _kind_of_box_file(path, head)
    if head.startswith(_RAW_STARTS):
        return "RAW"
    raise PhotoError(
        f"{path}: expected a photo (JPEG, PNG, WebP, TIFF, AVIF, HEIC or camera RAW), but this is "
        f"{stranger(head)}; export it as one of these formats first"
    )


def _kind_of_box_file(path: Path, head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)) - 3, 4))]
    if brands[0] == b"crx ":
        return "RAW"
    if _AVIF_BRANDS.intersection(brands):
        return "AVIF"
    if _HEIF_BRANDS.intersection(brands):
        return "HEIF"
    raise PhotoError(f"{path}: expected a photo, but this is {stranger(head)}")


def stranger(head: bytes) -> str:
    """What a file that is no photo is, by its first bytes."""
    if not head:
        return "an empty file"
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("ascii", "replace")
        return f"a film or another media file (brand {brand!r})"
    for start, name in _STRANGERS:
        if head.startswith(start):
            return name
    if not head.strip(b"\x00"):
        return "nothing but zero bytes (an interrupted copy?)"
    try:
        head[:-3].decode("utf-8")
    except UnicodeDecodeError:
        return f"of an unknown kind (it begins with {head[:8].hex(' ')})"
    return (
        "a text file" if b"\x00" not in head else f"of an unknown kind (it begins with {head[:8].hex(' ')})"
    )
