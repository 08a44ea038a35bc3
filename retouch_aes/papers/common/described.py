"""The parts of a method's score as plain values, so that they can be built again and filled from a file.

A part is an `nn.Module` with `config`, ready for JSON, and `from_config`, whose class says `@described`; it
is known by the name of the class. A function of photos says `@described_function`. Nothing else is built.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from torch import nn

from retouch_aes.errors import UsageError

_KINDS: dict[str, Any] = {}
_FUNCTIONS: dict[str, Any] = {}
K = TypeVar("K", bound=type[nn.Module])
F = TypeVar("F", bound=Callable[..., Any])


def described(kind: K) -> K:
    """A class decorator: what it decorates can be a part of a stored score."""
    _KINDS[kind.__name__] = kind
    return kind


def describe(part: nn.Module) -> dict[str, Any]:
    """`{"kind": ..., ...}` of a part. `UsageError` for one whose class is not `described`."""
    kind = type(part).__name__
    if _KINDS.get(kind) is not type(part):
        raise UsageError(f"{kind} cannot be stored: expected one of {', '.join(sorted(_KINDS))}")
    config: Any = part.config
    return {"kind": kind, **config}


def build(config: dict[str, Any]) -> Any:
    """The part that `describe` described; its numbers are empty. `UsageError` for anything else."""
    settings = dict(config)
    kind = settings.pop("kind", None)
    if kind not in _KINDS:
        raise UsageError(f"expected a part out of {', '.join(sorted(_KINDS))}, got {kind!r}")
    return _KINDS[str(kind)].from_config(settings)


def described_function(function: F) -> F:
    """A decorator: the function can be named in a stored score."""
    _FUNCTIONS[function.__name__] = function
    return function


def function_name(function: Callable[..., Any] | None) -> str:
    """The name of a `described_function`. `UsageError` for any other."""
    for name, known in _FUNCTIONS.items():
        if known is function:
            return name
    raise UsageError(f"{function} cannot be stored: expected one of {', '.join(sorted(_FUNCTIONS))}")


def function_named(name: str) -> Callable[..., Any]:
    """The `described_function` of that name. `UsageError` where there is none."""
    if name not in _FUNCTIONS:
        raise UsageError(f"expected a function out of {', '.join(sorted(_FUNCTIONS))}, got {name!r}")
    found: Callable[..., Any] = _FUNCTIONS[name]
    return found
