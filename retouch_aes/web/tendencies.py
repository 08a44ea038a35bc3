"""What the winners have that the losers have not, in words that a photographer would use.

Four plain measures of a thumbnail: mean luma, its spread, mean chroma and the balance of red against blue. A
lean is told when a sign test over the choices finds it (two-sided, p < .01), so that chance is rarely told as
taste. This describes the choices; it takes no part in learning.
"""

import io
from collections.abc import Iterable, Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WORDS = (
    ("brighter", "darker"),
    ("richer in contrast", "softer"),
    ("more colourful", "more muted"),
    ("warmer", "cooler"),
)
_DOUBT = 0.01


def measures(jpeg: bytes) -> tuple[float, ...]:
    """Brightness, contrast, colourfulness and warmth of a picture, each on a scale of its own."""
    pixels: NDArray[np.float64] = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), np.float64) / 255
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    chroma = pixels.max(axis=2) - pixels.min(axis=2)
    return float(luma.mean()), float(luma.std()), float(chroma.mean()), float((red - blue).mean())


def leans(pairs: Iterable[tuple[Sequence[float], Sequence[float]]]) -> tuple[str, ...]:
    """The words that fit `pairs` of measures, winner's and loser's; empty where none is beyond chance."""
    differences = np.array([np.subtract(winner, loser) for winner, loser in pairs]).reshape(-1, len(WORDS))
    found = []
    for (more, less), column in zip(WORDS, differences.T, strict=True):
        ups, downs = int((column > 0).sum()), int((column < 0).sum())
        if sign_test(ups, downs) < _DOUBT:
            found.append(more if ups > downs else less)
    return tuple(found)


def sign_test(ups: int, downs: int) -> float:
    """The chance that a fair coin lies at least as far to one side, two-sided."""
    total = ups + downs
    tail = sum(comb(total, k) for k in range(max(ups, downs), total + 1)) / 2**total
    return float(min(1.0, 2 * tail))
