"""What a taste thinks of each slider of a style, on an ordinary photo, and how sure the answers make it."""

from dataclasses import dataclass

import torch

from retouch_aes.preferences.variations import STYLE_SLIDERS
from retouch_aes.taste.gp.evidence import DOUBT, StyleEvidence, sureness
from retouch_aes.taste.gp.model import Adjustment
from retouch_aes.taste.style_features import STYLE_FEATURES

SLOPES = (
    (0.01, 0.00, 0.52, 0.17, 0.15, 0.00),
    (0.42, 0.28, 0.07, 0.00, 0.14, 0.22),
    (-0.04, 0.27, 0.05, 0.02, 0.12, 0.22),
    (0.04, -0.01, 0.20, 0.06, 0.56, -0.01),
    (0.00, 0.15, 0.00, 0.00, 0.00, 0.51),
)
"""How far `STYLE_FEATURES` move as each of `STYLE_SLIDERS` goes by its reach; the mean over 100 photos."""

_PROBABLY, _SURELY = 2.0, 3.0  # deviations


@dataclass(frozen=True)
class SliderOpinion:
    """Of one slider.

    Attributes:
        slider: As `STYLE_SLIDERS` name it.
        gain: Points of score that moving it up by its reach is expected to bring, beginning from an ordinary
            photo; below 0 where the person leans the other way.
        deviation: Of that.
        followed: How far a retouch follows it, 0 to 1.

    Examples:
        >>> from retouch_aes.taste.gp.opinions import SliderOpinion
        >>> SliderOpinion("exposure.ev", -1.2, 0.3, 0.94).word
        'surely'
    """

    slider: str
    gain: float
    deviation: float
    followed: float

    @property
    def word(self) -> str:
        """How sure: "surely", "probably", "perhaps", or "" where the answers do not tell it from nothing."""
        apart = abs(self.gain) / self.deviation
        words = {"surely": _SURELY, "probably": _PROBABLY, "perhaps": DOUBT}
        return next((word for word, least in words.items() if apart > least), "")


def slider_opinions(adjustment: Adjustment, evidence: StyleEvidence) -> tuple[SliderOpinion, ...]:
    """What is thought of each of `STYLE_SLIDERS`, in their order.

    Args:
        adjustment: Of a taste.
        evidence: Of the same.

    Returns:
        One opinion a slider.
    """
    slopes, reference = torch.tensor(SLOPES), torch.zeros(1, len(STYLE_FEATURES))
    gain = slopes @ adjustment.towards(reference)[0]
    deviation = evidence.deviation(slopes, reference)[0]
    followed = sureness(gain, deviation)
    numbers = zip(gain.tolist(), deviation.tolist(), followed.tolist(), strict=True)
    return tuple(SliderOpinion(name, *three) for name, three in zip(STYLE_SLIDERS, numbers, strict=True))
