"""Differentiable edits, one file each, and recipes made of them.

`OPERATORS` is the catalogue, in the order in which a retouch applies them: first noise, before anything
lifts it, then what the light did (haze, its colour, its amount), then tones, then colours, then detail. A new
operator is a new file and one line here; another package adds its own by the entry point
`retouch_aes.operators` (an `Operator`, or a callable that returns one or a list of them), and `installed()`
lists both. `KorniaOperator` makes one of a function of kornia.
"""

from collections.abc import Iterable
from typing import Any

from retouch_aes.errors import UsageError
from retouch_aes.operators.chain import EditChain
from retouch_aes.operators.clarity import Clarity
from retouch_aes.operators.contrast import Contrast
from retouch_aes.operators.dehaze import Dehaze
from retouch_aes.operators.denoise import Denoise
from retouch_aes.operators.exposure import Exposure
from retouch_aes.operators.fill_light import FillLight
from retouch_aes.operators.framing import Framing
from retouch_aes.operators.hsl import HSL
from retouch_aes.operators.kornia_operator import KorniaOperator
from retouch_aes.operators.masks.automatic import SkinMask, SkyMask, SubjectMask
from retouch_aes.operators.masks.gradients import LinearMask, RadialMask
from retouch_aes.operators.masks.mask import Mask
from retouch_aes.operators.masks.mask_files import MASKS
from retouch_aes.operators.masks.masked_operator import masked
from retouch_aes.operators.masks.ranges import ColourMask, LuminanceMask
from retouch_aes.operators.operator import Operator, Param, Stats, Tile
from retouch_aes.operators.recipe import Recipe, read_recipe
from retouch_aes.operators.saturation import Saturation
from retouch_aes.operators.sharpening import Sharpening
from retouch_aes.operators.step import Step
from retouch_aes.operators.tone_curve import ToneCurve
from retouch_aes.operators.tones import Tones
from retouch_aes.operators.vibrance import Vibrance
from retouch_aes.operators.white_balance import WhiteBalance
from retouch_aes.plugins import load_plugins

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Denoise(),
        Dehaze(),
        WhiteBalance(),
        Exposure(),
        FillLight(),
        Tones(),
        Contrast(),
        ToneCurve(),
        Saturation(),
        Vibrance(),
        HSL(),
        Clarity(),
        Sharpening(),
    )
}
"""Our operators by name, in the order of application. `installed()` adds those of other packages."""

AUTO = ("dehaze", "white_balance", "exposure", "tones", "contrast", "saturation", "vibrance")
"""The operators that a retouch uses, and the edit prior knows, unless told otherwise: light and colour."""

REPAIR = (*AUTO, FillLight.name)
"""All that the edit prior may know; light on dark parts is used where it finds that some is lacking."""


def installed() -> dict[str, Operator]:
    """The catalogue, followed by the operators of other packages; ours cannot be replaced."""
    others = [operator for some in load_plugins("operators", _made).values() for operator in some]
    return OPERATORS | {operator.name: operator for operator in others if operator.name not in OPERATORS}


def _made(value: Any) -> tuple[Operator, ...]:
    made = value if isinstance(value, Operator) else value()
    operators = tuple(made) if isinstance(made, list | tuple) else (made,)
    if not all(isinstance(operator, Operator) for operator in operators):
        raise TypeError(f"expected an Operator or several, or a callable that gives them, got {made!r}")
    return operators


def select(names: Iterable[str]) -> tuple[Operator, ...]:
    """The operators of these names, in the order of application. Raises `UsageError` for an unknown name."""
    wanted, known = list(names), installed()
    for name in wanted:
        if name not in known:
            raise UsageError(f"unknown operator {name!r}; installed: {', '.join(known)}")
    return tuple(operator for name, operator in known.items() if name in wanted)


__all__ = [
    "AUTO",
    "HSL",
    "MASKS",
    "OPERATORS",
    "Clarity",
    "ColourMask",
    "Contrast",
    "Dehaze",
    "Denoise",
    "EditChain",
    "Exposure",
    "FillLight",
    "Framing",
    "KorniaOperator",
    "LinearMask",
    "LuminanceMask",
    "Mask",
    "Operator",
    "Param",
    "RadialMask",
    "Recipe",
    "Saturation",
    "Sharpening",
    "SkinMask",
    "SkyMask",
    "Stats",
    "Step",
    "SubjectMask",
    "Tile",
    "ToneCurve",
    "Tones",
    "Vibrance",
    "WhiteBalance",
    "installed",
    "masked",
    "read_recipe",
    "select",
]
