"""A recipe in a few words, for people."""

from retouch_aes.operators.operator import Operator, Param
from retouch_aes.operators.recipe import Recipe


def main_edits(recipe: Recipe, count: int = 4) -> str:
    """The `count` largest edits with their units, largest first: `exposure +0.42 EV, ...`."""
    edits = [
        (reach(param, value), f"{slider_name(step.operator, param)} {value:+.3g} {param.unit}".rstrip())
        for step in recipe.steps
        for param, value in zip(step.operator.params, step.values, strict=True)
    ]
    visible = sorted((edit for edit in edits if edit[0] >= 0.01), key=lambda edit: -edit[0])
    more = len(visible) - count
    return ", ".join(text for _, text in visible[:count]) + (f" and {more} more" if more > 0 else "")


def reach(param: Param, value: float) -> float:
    """How far `value` is from neutral, 0 to 1, over the parameter's range on that side."""
    side = param.high - param.neutral if value > param.neutral else param.neutral - param.low
    return abs(value - param.neutral) / side if side else 0.0


def slider_name(operator: Operator, param: Param) -> str:
    """What a slider is called: by its operator alone where that has no other."""
    return f"{operator.name}.{param.name}" if operator.params[1:] else operator.name
