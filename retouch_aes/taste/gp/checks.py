"""Is what a file holds a taste? Shapes, types and ranges, before anything is computed with it.

A taste comes from other people too. Every number must be finite and of a size that learning can give, and
every shape must fit the others; what does not is told by name.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from retouch_aes.taste.style_features import STYLE_FEATURES

LARGEST = 1e4
"""Of any number of a taste, in score points or deviations: far more than answers can teach."""

_FLOATS = (torch.float16, torch.float32)
_NOT_NEGATIVE = ("content", "offset", "slope", "line", "bend", "pull")
_POSITIVE = ("length", "noise", "look_noise")


def check_tensors(tensors: Mapping[str, Tensor]) -> None:
    """Raise `ValueError` unless `tensors` are those of an `Adjustment`, by name, type, shape and range."""
    looks = len(STYLE_FEATURES)
    named = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    width, components = (*named.get("matrix", ()), 0, 0)[:2]
    points = (*named.get("points", ()), 0)[0]
    expected = {
        "mean": (width,),
        "matrix": (width, components),
        "points": (points, components),
        "weights": (points,),
        "scale": (2,),
        **dict.fromkeys(("line", "bend", "pull"), (looks,)),
    }
    if named.keys() != expected.keys():
        raise ValueError(
            f"expected the tensors {', '.join(expected)}, got {', '.join(sorted(named)) or 'none'}"
        )
    for name, shape in expected.items():
        tensor = tensors[name]
        if tensor.dtype not in _FLOATS:
            raise ValueError(f"expected {name} in float16 or float32, got {tensor.dtype}")
        if named[name] != shape or not min(width, components):
            raise ValueError(f"expected {name} of the shape {shape}, got {named[name]}")
        if tensor.numel() and not float(tensor.abs().max()) <= LARGEST:  # also where it is not a number
            raise ValueError(f"expected finite numbers up to {LARGEST:g} in {name}, got some that are not")


def check_settings(value: Mapping[str, float]) -> None:
    """Raise `ValueError` unless settings of a covariance, by name, are variances and lengths."""
    for name, number in value.items():
        if not abs(number) <= LARGEST:
            raise ValueError(f"expected {name} to be finite, got {number!r}")
        if (number < 0 and name in _NOT_NEGATIVE) or (number <= 1e-6 and name in _POSITIVE):
            raise ValueError(f"expected {name} above 0, got {number!r}")


def check_card(value: Any) -> None:
    """Raise `ValueError` unless `value` is the JSON of a `TasteCard` with its types."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a card as an object, got {type(value).__name__}")
    wanted: dict[str, Any] = {
        "model": str, "fingerprint": str, "choices": int, "ratings": int, "answers_hash": str,
        "metrics": dict,
        "curve": list, "says_little": bool, "notes": list, "created": str,
    }  # fmt: skip
    for name, kind in wanted.items():
        if name in value and (type(value[name]) is not kind):
            raise ValueError(f"expected {name} as {kind.__name__}, got {type(value[name]).__name__}")
    if not all(isinstance(note, str) for note in value.get("notes", [])):
        raise ValueError("expected notes as text")
    numbers = [value.get("choices", 0), value.get("ratings", 0), *value.get("metrics", {}).values()]
    for point in value.get("curve", []):
        if not isinstance(point, list) or len(point) != 2:
            raise ValueError(f"expected two numbers in a point of the curve, got {point!r}"[:120])
        numbers += point
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float) or not _small(number):
            raise ValueError("expected finite numbers on the card, got some that are not")


def _small(number: float) -> bool:
    return -1e15 < number < 1e15 and math.isfinite(number)
