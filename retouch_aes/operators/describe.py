"""A recipe in a few words, for people."""

from retouch_aes.operators.operator import Operator, Param
from retouch_aes.operators.recipe import Recipe

_DAYLIGHT = 6504  # kelvin, the white of sRGB


def main_edits(recipe: Recipe, count: int = 4) -> str:
    """The `count` largest edits with their units, largest first: `exposure +0.42 EV, ...`.

    For who knows Lightroom: EV are its own; +8 mired move its temperature by about +350 K at daylight.
    """
    edits = [
        (reach(param, value), f"{slider_name(step.operator, param)} {_amount(param, value)}")
        for step in recipe.steps
        for param, value in zip(step.operator.params, step.values, strict=True)
    ]
    visible = sorted((edit for edit in edits if edit[0] >= 0.01), key=lambda edit: -edit[0])
    more = len(visible) - count
    return ", ".join(text for _, text in visible[:count]) + (f" and {more} more" if more > 0 else "")


def _amount(param: Param, value: float) -> str:
    """A value with its unit; mired also as the kelvin that Lightroom's slider moves by at daylight."""
    text = f"{value:+.3g} {param.unit}".rstrip()
    if param.unit != "mired":
        return text
    kelvin = 1e6 / max(1e6 / _DAYLIGHT - value, 20) - _DAYLIGHT
    return f"{text} (about {round(kelvin / 50) * 50:+d} K)"


def reach(param: Param, value: float) -> float:
    """How far `value` is from neutral, 0 to 1, over the parameter's range on that side."""
    side = param.high - param.neutral if value > param.neutral else param.neutral - param.low
    return abs(value - param.neutral) / side if side else 0.0


def slider_name(operator: Operator, param: Param) -> str:
    """What a slider is called: by its operator alone where that has no other."""
    return f"{operator.name}.{param.name}" if operator.params[1:] else operator.name
