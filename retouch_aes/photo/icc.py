"""ICC profiles of the simplest sort: three primaries, a white point and one curve (ICC.1:2010, section 8.3).

The columns of the RGB -> XYZ matrix, adapted from the white point to D50 with Bradford's matrix, and a
parametric curve. Made here rather than by a library so that the bytes are the same on every run.
"""

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""White, red, green, blue as CIE 1931 x, y."""

D65 = (0.3127, 0.3290)
BT709: Chromaticities = (D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_RGB: Chromaticities = (D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
DISPLAY_P3: Chromaticities = (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
DCI_P3: Chromaticities = ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT2020: Chromaticities = (D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _xyz(xy: tuple[float, float]) -> NDArray[np.float64]:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def rgb_to_d50(chromaticities: Chromaticities) -> NDArray[np.float64]:
    """The 3x3 matrix from linear RGB of these primaries to XYZ under D50."""
    white, *primaries = (_xyz(xy) for xy in chromaticities)
    columns = np.stack(primaries, axis=1)
    matrix = columns * np.linalg.solve(columns, white)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ matrix
    return adapted


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _text(value: str) -> bytes:
    data = value.encode("utf-16-be")
    return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(data), 28) + data


@cache
def matrix_profile(name: str, chromaticities: Chromaticities, gamma: float | None = None) -> bytes:
    """A display profile called `name`: a pure power curve `gamma`, or the sRGB curve where it is None."""
    if gamma is None:
        curve = (
            b"para" + struct.pack(">IHH", 0, 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        )
    else:
        curve = b"para" + struct.pack(">IHH", 0, 0, 0) + _fixed(gamma)
    columns = rgb_to_d50(chromaticities).T
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
    }
    for colour, column in zip("rgb", columns, strict=True):
        tags[colour.encode() + b"XYZ"] = b"XYZ " + bytes(4) + _fixed(*column)
    table, body, start = b"", b"", 128 + 4 + 12 * (len(tags) + 3)
    for signature, data in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    for signature in (b"rTRC", b"gTRC", b"bTRC"):
        table += signature + struct.pack(">II", start + len(body), len(curve))
    body += curve + bytes(-len(curve) % 4)
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*_D50)
    return header.ljust(128, b"\x00") + struct.pack(">I", len(tags) + 3) + table + body


def srgb_profile() -> bytes:
    """The sRGB profile that written files carry; the same bytes on every machine."""
    return matrix_profile("sRGB", BT709)
