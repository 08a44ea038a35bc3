"""Lookup tables as `.cube` files (Adobe Cube LUT Specification 1.0, 2013), which most programs read.

A table holds the edited colours of `size^3` colours spread evenly over the cube [0, 1]^3; between them every
program interpolates. Both spaces are sRGB as encoded in the file of a photo, full range, and the comments of
the file say so. Values are kept beyond [0, 1], at most by one, so that clipping stays where it was; the
program that applies the table clips.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import RetouchError, UsageError

SMALLEST, LARGEST = 2, 256
SPACE = "sRGB (IEC 61966-2-1), encoded, full range 0 to 1"
_HALD = 8
_LOWEST, _HIGHEST = -1.0, 2.0


@dataclass(frozen=True)
class Cube:
    """A lookup table: `values` `(3, N, N, N)`, channel by blue, green and red of the colour looked up.

    `title` names it. `notes` are the comments of the file, one a line.
    """

    values: Tensor
    title: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = tuple(self.values.shape)
        if len(shape) != 4 or shape != (3, *(shape[-1:] * 3)) or not SMALLEST <= shape[-1] <= LARGEST:
            raise UsageError(
                f"expected a table (3, N, N, N) with N from {SMALLEST} to {LARGEST}, got {shape}"
            )
        if not torch.isfinite(self.values).all():
            raise UsageError("expected a table of finite values, got some that are not")

    @property
    def size(self) -> int:
        """Points a side."""
        return int(self.values.shape[-1])

    def __call__(self, image: Tensor) -> Tensor:
        """`image` `(B, 3, H, W)`, sRGB [0, 1], looked up with trilinear interpolation; in [0, 1]."""
        places = image.clamp(0, 1).permute(0, 2, 3, 1)[:, None] * 2 - 1
        table = self.values.to(image).expand(image.shape[0], -1, -1, -1, -1)
        found = F.grid_sample(table, places, mode="bilinear", padding_mode="border", align_corners=True)
        return found[:, :, 0].clamp(0, 1)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the table as a `.cube` file, whole or not at all, and return its path."""
        path = Path(path)
        title = "".join(c if c.isprintable() and c != '"' else " " for c in self.title) or "retouch_aes"
        head = [
            f'TITLE "{title}"',
            f"# Input: {SPACE}",
            f"# Output: {SPACE}",
            *(f"# {line}" for note in self.notes for line in note.splitlines()),
            f"LUT_3D_SIZE {self.size}",
            "DOMAIN_MIN 0.0 0.0 0.0",
            "DOMAIN_MAX 1.0 1.0 1.0",
        ]
        colours = self.values.flatten(1).T.clamp(_LOWEST, _HIGHEST).tolist()
        rows = [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in colours]
        with replacing(path, overwrite=overwrite) as temporary:
            temporary.write_text("\n".join([*head, *rows, ""]), encoding="utf-8")
        return path

    def save_hald(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the table as a Hald picture, a 16 bit PNG of 512 x 512 with the 64^3 colours of a cube.

        ImageMagick (`-hald-clut`), GIMP, RawTherapee (film simulation) and darktable read these.
        """
        path = Path(path)
        colours = identity(_HALD**2).reshape(1, 3, -1, _HALD**3)
        levels = (self(colours)[0].permute(1, 2, 0).double() * 65535).round().numpy().astype(">u2")
        with replacing(path, overwrite=overwrite) as temporary:
            temporary.write_bytes(_png16(levels))
        return path


def _png16(levels: NDArray[np.uint16]) -> bytes:
    """Big-endian `(H, W, 3)` as a PNG of 16 bit (PNG, 3rd ed.), every row unfiltered."""
    height, width, _ = levels.shape
    rows = b"".join(b"\x00" + row.tobytes() for row in levels)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def identity(size: int) -> Tensor:
    """The table `(3, N, N, N)` that gives every colour back."""
    steps = torch.linspace(0, 1, size)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    return torch.stack([red, green, blue])


def read_cube(path: str | Path) -> Cube:
    """Read a three-dimensional `.cube` file over the cube [0, 1]^3.

    Raises `RetouchError`, naming the file and what is wrong with it: another kind of file, a table of one
    dimension, another domain, too few or too many colours, a value that is no number.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RetouchError(f"{path}: cannot be read ({error.strerror})") from error
    title, size, notes, values = "", 0, [], []
    for number, line in _lines(text):
        words = line.split()
        keyword = words[0].upper()
        if line.startswith("#"):
            notes.append(line.lstrip("# "))
        elif keyword == "TITLE":
            title = line[len("TITLE") :].strip().strip('"')
        elif keyword == "LUT_3D_SIZE" and len(words) == 2 and words[1].isdigit():
            size = int(words[1])
            if not SMALLEST <= size <= LARGEST:
                raise RetouchError(f"{path}:{number}: expected a size of {SMALLEST} to {LARGEST}, got {size}")
        elif keyword == "LUT_1D_SIZE":
            raise RetouchError(f"{path}: expected a table of three dimensions, this one has one")
        elif keyword in ("DOMAIN_MIN", "DOMAIN_MAX", "LUT_3D_INPUT_RANGE"):
            _check_domain(path, number, keyword, words[1:])
        else:
            values.append(_colour(path, number, words))
    if len(values) != size**3 or not size:
        raise RetouchError(
            f"{path}: expected LUT_3D_SIZE and its cube of colours, got size {size} and {len(values)} colours"
        )
    table = torch.tensor(values).T.reshape(3, size, size, size).contiguous()
    return Cube(table, title, tuple(notes))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _colour(path: Path, number: int, words: list[str]) -> list[float]:
    try:
        colour = [float(word) for word in words]
    except ValueError:
        colour = []
    if len(colour) != 3 or not all(map(math.isfinite, colour)):
        raise RetouchError(f"{path}:{number}: expected three numbers, got {' '.join(words)[:60]!r}")
    return colour


def _check_domain(path: Path, number: int, keyword: str, words: list[str]) -> None:
    right = {"DOMAIN_MIN": [0.0] * 3, "DOMAIN_MAX": [1.0] * 3, "LUT_3D_INPUT_RANGE": [0.0, 1.0]}[keyword]
    try:
        found = [float(word) for word in words]
    except ValueError:
        found = []
    if found != right:
        raise RetouchError(f"{path}:{number}: only the domain 0 to 1 is supported, got {' '.join(words)}")
