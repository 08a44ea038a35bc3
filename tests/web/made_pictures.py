"""Pictures for the tests of the page."""

import numpy as np
from PIL import Image


def picture(seed: int, height: int = 48, width: int = 72) -> Image.Image:
    """Soft waves of colour, no two seeds alike."""
    y, x = np.mgrid[0:height, 0:width] / width
    turns = np.random.default_rng(seed).random((3, 3)) * 4
    waves = [0.5 + 0.4 * np.sin(a + b * x + c * y) for a, b, c in turns]
    return Image.fromarray((255 * np.stack(waves, axis=-1)).astype(np.uint8))
