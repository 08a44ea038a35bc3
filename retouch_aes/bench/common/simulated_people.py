"""Simulated people with a hidden style, who answer choices with noise.

Written apart from what a taste measures, in plain numpy on 8-bit pictures, so that nothing is won by
inverting one's own code: CIELAB and HSV instead of Oklab, medians and percentiles instead of means.

    exposure     median L*                          contrast   90th less 10th percentile of L*
    warmth       mean linear (R - B) / (R + G + B)  saturation mean HSV saturation, weighted by value
    clarity      log of the deviation of L* from its box mean

    utility = -1/2 sum_k w_k ((s_k(x) - target_k) / unit_k)^2
    target_k = scene s_k(photo) + (1 - scene) ordinary_k + taste_k unit_k

A night scene is to stay darker than a beach: the target follows the photo as it was taken in part (`scene`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]

QUALITIES = ("exposure", "contrast", "warmth", "saturation", "clarity")
UNIT = np.array([8.0, 9.0, 0.06, 0.09, 0.25])
ORDINARY = np.array([52.0, 55.0, 0.05, 0.32, 1.9])
SCENE = 0.6
_BOX = 0.025  # of the long side


@dataclass(frozen=True)
class SimulatedPerson:
    """Hidden `taste` `(5,)` in units, `weights` `(5,)`, and the `noise` of an answer in points of utility."""

    taste: Floats
    weights: Floats
    noise: float = 0.5

    @staticmethod
    def draw(random: np.random.Generator) -> "SimulatedPerson":
        """A person with a taste about one unit from ordinary in each quality, and unequal weights."""
        return SimulatedPerson(random.normal(size=5), random.uniform(0.5, 1.5, 5))

    def utility(self, seen: Floats, scene: Floats) -> float:
        """How much a picture of the qualities `seen` `(5,)` is liked, for a photo that had `scene` `(5,)`."""
        target = SCENE * scene + (1 - SCENE) * ORDINARY + self.taste * UNIT
        return float(-0.5 * (self.weights * ((seen - target) / UNIT) ** 2).sum())

    def prefers(self, gap: float, random: np.random.Generator) -> bool:
        """Whether the first of two is chosen whose utilities differ by `gap`."""
        return bool(gap + self.noise * random.normal() > 0)


def qualities(image: Tensor) -> Floats:
    """The five numbers of `image` `(1, 3, H, W)`, sRGB [0, 1], rounded to 8 bit."""
    from scipy.ndimage import uniform_filter  # comes with scikit-learn

    encoded = np.round(image[0].permute(1, 2, 0).double().clamp(0, 1).cpu().numpy() * 255) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    lightness = np.where(luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27)
    highest, lowest = encoded.max(2), encoded.min(2)
    saturation = (highest - lowest) / np.maximum(highest, 1e-6)
    detail = lightness - uniform_filter(lightness, max(3, round(_BOX * max(lightness.shape))))
    return np.array(
        [
            np.median(lightness),
            np.percentile(lightness, 90) - np.percentile(lightness, 10),
            ((linear[..., 0] - linear[..., 2]) / (linear.sum(2) + 1e-3)).mean(),
            (saturation * highest).sum() / max(highest.sum(), 1e-6),
            np.log(detail.std() + 0.3),
        ]
    )
