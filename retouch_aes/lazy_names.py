"""Names of a package that are fetched when first used, so that importing the package is quick (PEP 562)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def fetcher(package: str, names: dict[str, Any], homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__`.

    Args:
        package: Its `__name__`.
        names: Its `globals()`; what was fetched is kept there.
        homes: Name -> the module that defines it.

    Returns:
        A function that gives the value of a name, or raises `AttributeError` as Python does.

    Examples:
        >>> names = {}
        >>> fetcher("numbers", names, {"sqrt": "math"})("sqrt")(9.0)
        3.0
        >>> list(names)
        ['sqrt']
    """

    def fetch(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        names[name] = getattr(import_module(homes[name]), name)
        return names[name]

    return fetch
