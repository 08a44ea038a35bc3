"""Known ways to degrade a photo, drawn by a seed, so that a repair can be measured against the photo itself.

They are written in their own physics and not with the library's operators: a bench must not be won by
inverting one's own code. In the order in which light passes them:

* haze: atmospheric scattering `I = J t + A (1 - t)` in encoded sRGB, as the dehazing literature has it, with
  `t = exp(-beta d)`, a depth `d` that rises smoothly from the bottom to the top of the frame, and a slightly
  tinted airlight `A`;
* exposure: a gain of `2^EV` in linear light;
* cast: gains per channel in linear light, red against blue (warm, cool) and green against both;
* contrast: encoded sRGB blended to or away from its mean grey;
* saturation: encoded sRGB blended to or away from its luma (Rec. 601).

Then the picture is clipped and quantised to 8 bit, as a file would be. `compound` is all five with smaller
amounts. What is left out: noise, blur, local light, other tone curves.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from retouch_aes.color.transfer import linear_to_srgb, srgb_to_linear
from retouch_aes.errors import UsageError

_LUMA_601 = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Degradation:
    """One way a photo was degraded: `kind` and every amount; an amount not given changes nothing.

    `exposure` in EV; `warm` and `green` are channel gains minus one (0.2: red up and blue down by a factor
    1.2; green up by 1.2; negative the other way); `contrast` and `saturation` are factors; `transmission`
    is what haze leaves at the top of the frame, `nearness` the depth at the bottom relative to the top.
    """

    kind: str
    exposure: float = 0.0
    warm: float = 0.0
    green: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    transmission: float = 1.0
    nearness: float = 0.25
    airlight: tuple[float, float, float] = (0.85, 0.85, 0.85)

    def apply(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` sRGB [0, 1] -> the degraded photo, of the same shape, on the 8-bit grid."""
        image = _haze(image, self.transmission, self.nearness, self.airlight)
        light = srgb_to_linear(image) * 2**self.exposure
        image = linear_to_srgb(_cast(light, self.warm, self.green)).clamp(0, 1)
        grey = _luma_601(image)
        image = torch.lerp(grey.mean(dim=(1, 2, 3), keepdim=True), image, self.contrast)
        return quantise(torch.lerp(_luma_601(image), image, self.saturation))

    def to_json(self) -> dict[str, Any]:
        """Every amount by name."""
        return {**asdict(self), "airlight": list(self.airlight)}

    def __str__(self) -> str:
        names = ("exposure", "warm", "green", "contrast", "saturation", "transmission")
        changed = [name for name in names if getattr(self, name) != getattr(Degradation, name)]
        return f"{self.kind}: " + ", ".join(f"{name} {getattr(self, name):.2f}" for name in changed)


def quantise(image: Tensor) -> Tensor:
    """Clip to [0, 1] and round to the 256 levels of an 8-bit file."""
    return (image.clamp(0, 1) * 255).round() / 255


def _luma_601(image: Tensor) -> Tensor:
    return torch.einsum("c,bchw->bhw", image.new_tensor(_LUMA_601), image).unsqueeze(1)


def _cast(light: Tensor, warm: float, green: float) -> Tensor:
    red_blue, middle = _gain(warm), _gain(green)
    return light * light.new_tensor((red_blue, middle, 1 / red_blue)).reshape(1, 3, 1, 1)


def _gain(amount: float) -> float:
    return 1 + amount if amount >= 0 else 1 / (1 - amount)


def _haze(image: Tensor, transmission: float, nearness: float, airlight: tuple[float, ...]) -> Tensor:
    if transmission == 1:
        return image
    height = image.shape[-2]
    up = 1 - (torch.arange(height, device=image.device, dtype=image.dtype) + 0.5) / height
    depth = nearness + (1 - nearness) * up * up * (3 - 2 * up)
    left = torch.exp(math.log(transmission) * depth).reshape(1, 1, height, 1)
    return image * left + image.new_tensor(airlight).reshape(1, 3, 1, 1) * (1 - left)


Draw = Callable[[np.random.Generator, bool], Degradation]


def _exposure(random: np.random.Generator, up: bool) -> Degradation:
    return Degradation("exposure", exposure=_signed(random, 0.5, 1.5, up))


def _colour_cast(random: np.random.Generator, up: bool) -> Degradation:
    strong, weak = _signed(random, 0.12, 0.30, up), _signed(random, 0.0, 0.10, _coin(random))
    if _coin(random):
        return Degradation("cast", warm=strong, green=weak)
    return Degradation("cast", warm=weak, green=strong)


def _contrast(random: np.random.Generator, up: bool) -> Degradation:
    return Degradation("contrast", contrast=_between(random, (1.25, 1.5) if up else (0.5, 0.75)))


def _saturation(random: np.random.Generator, up: bool) -> Degradation:
    return Degradation("saturation", saturation=_between(random, (1.3, 1.7) if up else (0.3, 0.7)))


def _hazy(random: np.random.Generator, up: bool) -> Degradation:
    thickness = (0.575, 0.75) if up else (0.4, 0.575)
    return Degradation("haze", transmission=_between(random, thickness), **_air(random))


def _compound(random: np.random.Generator, up: bool) -> Degradation:
    return Degradation(
        "compound",
        exposure=_signed(random, 0.2, 0.7, up),
        warm=_signed(random, 0.05, 0.15, _coin(random)),
        green=_signed(random, 0.0, 0.08, _coin(random)),
        contrast=_between(random, (1.1, 1.25) if _coin(random) else (0.75, 0.9)),
        saturation=_between(random, (1.15, 1.35) if _coin(random) else (0.6, 0.85)),
        transmission=_between(random, (0.75, 0.95)),
        **_air(random),
    )


def _air(random: np.random.Generator) -> dict[str, Any]:
    grey, tint = _between(random, (0.75, 0.95)), _between(random, (-0.03, 0.03))
    return {
        "nearness": _between(random, (0.1, 0.4)),
        "airlight": (round(grey - tint, 4), grey, round(grey + tint, 4)),
    }


def _between(random: np.random.Generator, bounds: tuple[float, float]) -> float:
    return round(float(random.uniform(*bounds)), 4)


def _signed(random: np.random.Generator, low: float, high: float, up: bool) -> float:
    return _between(random, (low, high)) * (1 if up else -1)


def _coin(random: np.random.Generator) -> bool:
    return bool(random.random() < 0.5)


KINDS: dict[str, Draw] = {
    "exposure": _exposure,
    "cast": _colour_cast,
    "contrast": _contrast,
    "saturation": _saturation,
    "haze": _hazy,
    "compound": _compound,
}


def draw(photo_name: str, *, seed: int = 0, per_kind: int = 2) -> list[Degradation]:
    """`per_kind` degradations of every kind for one photo, alternately in both directions.

    They depend on the seed, the file name and the kind alone: further photos or kinds change no others.
    """
    if per_kind < 1:
        raise UsageError(f"expected per_kind of at least 1, got {per_kind}")
    found = []
    for kind, make in KINDS.items():
        digest = hashlib.sha256(f"{seed}/{photo_name}/{kind}".encode()).digest()
        random = np.random.default_rng(list(digest))
        first = _coin(random)
        found += [make(random, first == (index % 2 == 0)) for index in range(per_kind)]
    return found
