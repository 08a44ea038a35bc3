"""A function of kornia as an operator: sliders in photographers' units, neutral, tiled, saved in recipes.

    gamma = KorniaOperator(kornia.enhance.adjust_gamma, [Param("gamma", 0.5, 2.0, 1.0, "", "darker above 1")])
    check_operator(gamma)
    inverted = KorniaOperator(kornia.enhance.invert)  # no parameter of its own: one slider, "strength"

Most functions of kornia are made for values in [0, 1]: they clip, or have no slope or an infinite one at
the ends, where an operator may neither clip nor stop. So the function sees values within `limits` only, and
beyond them it goes on along its tangent,

    f(c) + J(c) (x - c),    c = clamp(x, *limits),

with the exact derivative `J` (forward mode). The photo comes back where the function gives it back.
What cannot be saved that way (a function that clips inside the range, looks at the whole frame, or steps)
`testing.check_operator` finds and names.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from inspect import signature
from math import pi
from typing import Any, cast

import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.operators.operator import Operator, Param, Stats

Function = Callable[..., Tensor]
LIMITS = (1e-4, 1 - 1e-4)


def stops(value: Tensor) -> Tensor:
    """A slider in stops as a factor: `2^v`; 0 is neutral."""
    return 2.0**value


def percent(value: Tensor) -> Tensor:
    """A slider in percent as an amount: `v / 100`; 0 is neutral."""
    return value / 100


def percent_more(value: Tensor) -> Tensor:
    """A slider in percent as a factor: `1 + v / 100`; 0 is neutral."""
    return 1 + value / 100


def degrees(value: Tensor) -> Tensor:
    """A slider in degrees as radians; 0 is neutral."""
    return value * (pi / 180)


@dataclass(frozen=True, init=False)
class KorniaOperator(Operator):
    """`function(image, ...)`, from kornia or of that kind, with sliders for its arguments.

    Args:
        function: `(B, 3, H, W)` and arguments -> `(B, 3, H, W)`; or its full name, as
            "kornia.enhance.adjust_gamma": then kornia is imported when the operator is first used.
        params: the sliders. A sequence, where each is named as the argument it moves, or a mapping from the
            argument to its slider. None gives one slider, "strength" in percent: how much of the function's
            answer is laid over the photo.
        name: the operator's name in recipes; by default the function's.
        convert: by argument, from the slider's unit `(B,)` to what the function takes; `stops`, `percent`,
            `percent_more` and `degrees` are here. By default the value itself.
        fixed: further arguments.
        limits: the values that the function gets to see, for those that are defined there alone; None for a
            function that takes any value as it is (a blur).
        halo: how far the function looks around a pixel, as a fraction of the frame's long side.
        pointwise: that it treats every pixel alone, so that a render may bake it into a table.
        colour: that it is about colour; such an edit is kept away from black and white photos.
        version: raise it whenever the same sliders would give another picture.
        doc: what it does, in a few words.

    `function` and what `convert` holds are pickled by their names, so a lambda works until then. Another
    package registers its operator by the entry point `retouch_aes.operators`.

    Raises:
        UsageError: for an argument that the function does not have, when the operator is made (or, where the
            function is given by name, first used).

    Examples:
        >>> import torch
        >>> from retouch_aes import KorniaOperator, Param, Stats
        >>> slider = Param("gamma", 0.5, 2.0, 1.0, "", "darker above 1")
        >>> gamma = KorniaOperator("kornia.enhance.adjust_gamma", [slider])
        >>> gamma.name, gamma.kornia
        ('adjust_gamma', ('enhance.adjust_gamma',))
        >>> grey = torch.full((1, 3, 4, 4), 0.5)
        >>> round(float(gamma.apply(grey, torch.tensor([[2.0]]), Stats()).mean()), 3)
        0.25
    """

    function: Function | str = ""
    arguments: tuple[str, ...] = ()
    convert: Mapping[str, Callable[[Tensor], Tensor]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[float, float] | None = LIMITS

    def __init__(
        self,
        function: Function | str,
        params: Sequence[Param] | Mapping[str, Param] = (),
        *,
        name: str = "",
        convert: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
        fixed: Mapping[str, Any] | None = None,
        limits: tuple[float, float] | None = LIMITS,
        halo: float = 0.0,
        pointwise: bool = False,
        colour: bool = False,
        version: int = 1,
        doc: str = "",
    ) -> None:
        path = function if isinstance(function, str) else _path(function)
        moved = dict(params) if isinstance(params, Mapping) else {param.name: param for param in params}
        short = path.rpartition(".")[2]
        strength = Param("strength", 0.0, 100.0, 0.0, "%", f"how much of {short} is laid over the photo")
        values = {
            "name": name or short,
            "version": version,
            "params": tuple(moved.values()) or (strength,),
            "doc": doc or path,
            "halo": halo,
            "pointwise": pointwise,
            "colour": colour,
            "kornia": (f"{path.split('.')[1]}.{short}",) if path.startswith("kornia.") else (),
            "function": function,
            "arguments": tuple(moved),
            "convert": dict(convert or {}),
            "fixed": dict(fixed or {}),
            "limits": limits,
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)
        if not self.name.isidentifier():
            raise UsageError(f"expected a name for recipes, as in name='glow', got {self.name!r}")
        if unused := self.convert.keys() - moved.keys():
            raise UsageError(f"{self.name}: expected conversions of {', '.join(moved)}, got {unused.pop()!r}")
        if not isinstance(function, str):
            _check_arguments(function, (*self.arguments, *self.fixed))

    def __hash__(self) -> int:
        """By name and version: what it holds besides may not be hashed."""
        return hash((self.name, self.version))

    def apply(self, image: Tensor, params: Tensor, stats: Stats) -> Tensor:
        """See `Operator.apply`."""
        function = self._call(params)
        answer = function(image) if self.limits is None else _beyond(function, image, self.limits)
        if self.arguments:
            return answer
        return image + (params[:, 0:1, None, None] / 100) * (answer - image)

    def _call(self, params: Tensor) -> Callable[[Tensor], Tensor]:
        """The function of the image alone, at `params` `(B, P)`."""
        function = self.function
        if isinstance(function, str):
            function = _found(function)
            _check_arguments(function, (*self.arguments, *self.fixed))
        columns = zip(self.arguments, params.unbind(1), strict=False)
        given = {name: self.convert.get(name, _as_it_is)(value) for name, value in columns}

        def call(image: Tensor) -> Tensor:
            return function(image, **given, **self.fixed)

        return call


def _as_it_is(value: Tensor) -> Tensor:
    return value


def _beyond(function: Callable[[Tensor], Tensor], image: Tensor, limits: tuple[float, float]) -> Tensor:
    """`function` within `limits`, its tangent beyond them."""
    inside = image.clamp(*limits)
    if torch.equal(inside, image):
        return function(image)
    _load_forward_mode()
    answer, further = cast(tuple[Tensor, Tensor], torch.func.jvp(function, (inside,), (image - inside,)))
    extended: Tensor = answer + further
    return extended


@cache
def _load_forward_mode() -> None:
    """torch loads parts of it at the first use, and warns of a function that it calls itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.func.jvp(torch.neg, (torch.zeros(1),), (torch.zeros(1),))


def _path(function: Function) -> str:
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"{getattr(function, '__module__', None) or ''}.{name}"


@cache
def _found(path: str) -> Function:
    """The function of that full name. Raises `UsageError` where there is none."""
    module, _, name = path.rpartition(".")
    try:
        found: Function = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"expected the full name of a function, got {path!r} ({error})") from error
    return found


def _check_arguments(function: Function, names: Sequence[str]) -> None:
    try:
        known = list(signature(function).parameters)[1:]
    except ValueError:  # a function of C does not say what it takes
        return
    for name in names:
        if name not in known:
            raise UsageError(f"{_path(function)} has no argument {name!r}; it has {', '.join(known)}")
