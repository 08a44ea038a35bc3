"""One step of a recipe: an operator, bound to masks or not, and a value for each of its sliders."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from retouch_aes.errors import RecipeError
from retouch_aes.operators.masks.mask_files import read_masks
from retouch_aes.operators.masks.masked_operator import MaskedOperator, masked
from retouch_aes.operators.operator import Operator


@dataclass(frozen=True)
class Step:
    """One operator, and a value for each of its sliders.

    Attributes:
        operator: The edit.
        values: In the order and units of `operator.params`.

    Raises:
        RecipeError: Too many or too few values, or one outside its range.

    Examples:
        >>> from retouch_aes import OPERATORS, Step
        >>> Step(OPERATORS["exposure"], (0.0,)).neutral
        True
    """

    operator: Operator
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        operator = self.operator
        if len(self.values) != len(operator.params):
            raise RecipeError(
                f"{operator.name}: expected {len(operator.params)} values, got {len(self.values)}"
            )
        for param, value in zip(operator.params, self.values, strict=True):
            if not isfinite(value) or not param.low <= value <= param.high:
                limits = f"{param.low:g} to {param.high:g} {param.unit}"
                raise RecipeError(f"{operator.name}.{param.name}: expected {limits}, got {value:g}")

    @property
    def neutral(self) -> bool:
        """Whether the step changes nothing."""
        return all(
            value == param.neutral for param, value in zip(self.operator.params, self.values, strict=True)
        )

    def as_neutral(self) -> "Step":
        """The same step, changing nothing."""
        return Step(self.operator, tuple(param.neutral for param in self.operator.params))

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `read_step` reads back to an equal step."""
        operator = self.operator
        values = {p.name: v for p, v in zip(operator.params, self.values, strict=True)}
        if not isinstance(operator, MaskedOperator):
            return {"operator": operator.name, "version": operator.version, "params": values}
        where = [mask.to_json() for mask in operator.masks]
        return {
            "operator": operator.edit.name,
            "version": operator.version,
            "params": values,
            "mask": where[0] if len(where) == 1 else where,
        }


def read_step(value: Any, operators: Mapping[str, Operator]) -> Step:
    """The step of `Step.to_json`'s value; raises `RecipeError` for anything else."""
    if not isinstance(value, dict):
        raise RecipeError(f"expected a step as an object, got {value!r}")
    name, params = value.get("operator"), value.get("params", {})
    if not isinstance(name, str) or name not in operators:
        raise RecipeError(f"unknown operator {name!r}; installed: {', '.join(sorted(operators))}")
    known_versions = {one.version: one for one in (operators[name], *operators[name].earlier)}
    version = value.get("version")
    if type(version) is not int or version not in known_versions:
        expected = " or ".join(map(str, sorted(known_versions)))
        raise RecipeError(f"{name}: expected version {expected}, got {version!r}")
    operator = known_versions[version]
    known = [param.name for param in operator.params]
    if not isinstance(params, dict) or not set(params) <= set(known):
        raise RecipeError(f"{name}: expected parameters among {', '.join(known)}, got {params!r}")
    for key, number in params.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e30:
            raise RecipeError(f"{name}.{key}: expected a number, got {str(number)[:60]}")
    values = tuple(float(params.get(p.name, p.neutral)) for p in operator.params)
    return Step(masked(operator, read_masks(value.get("mask", []))), values)
