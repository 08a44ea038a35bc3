"""What other installed packages add by entry points: each is loaded alone, and a broken one is left out.

A package names its plug-in in its `pyproject.toml`, group `retouch_aes.operators`, `.models`, `.enhancers`,
`.methods` or `.datasets`:

    [project.entry-points."retouch_aes.models"]
    shift = "their_package:Shift"

One that cannot be imported, or is not what its group asks for, is named in a `PluginWarning` with the reason;
everything else goes on without it.
"""

import sys
import warnings
from collections.abc import Callable, Container, Iterable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from retouch_aes.errors import PluginWarning

T = TypeVar("T")
PREFIX = "retouch_aes."


def load_plugins(group: str, accept: Callable[[Any], T], taken: Container[str] = ()) -> dict[str, T]:
    """The plug-ins of `group` by the names of their entry points, in the order of these.

    Packages are looked for once, and again when the places change where Python seeks them (`sys.path`).

    Args:
        group: The group without its prefix, such as `"models"`.
        accept: Takes what an entry point names and gives the plug-in; raises where it is none.
        taken: Names that are not looked at: ours cannot be replaced.

    Warns:
        PluginWarning: Once for each plug-in that was left out.
    """
    found: dict[str, T] = {}
    for point in _entry_points(PREFIX + group, tuple(sys.path)):
        if point.name in taken:
            continue
        try:
            found[point.name] = accept(point.load())
        except (Exception, SystemExit) as error:  # whatever another package does when it is imported
            warnings.warn(_left_out(group, point, error), PluginWarning, stacklevel=2)
    return found


@lru_cache(maxsize=16)
def _entry_points(group: str, places: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Those of `group` by name, of all packages in `places`; a batch asks for them at every photo."""
    found: Iterable[EntryPoint] = _of_all_groups(places).select(group=group)
    return tuple(sorted(found, key=lambda point: str(point.name)))


@lru_cache(maxsize=1)
def _of_all_groups(_places: tuple[str, ...]) -> Any:
    """Reads a file of every installed package, which takes tens of milliseconds."""
    return entry_points()


def subclass_of(kind: type[T]) -> Callable[[Any], type[T]]:
    """An `accept` for groups whose plug-ins are classes: subclasses of `kind`."""

    def accept(value: Any) -> type[T]:
        if not isinstance(value, type) or not issubclass(value, kind):
            raise TypeError(f"expected a subclass of {kind.__name__}, got {value!r}")
        return value

    return accept


def callable_value(value: Any) -> Callable[..., Any]:
    """An `accept` for groups whose plug-ins are called: classes and functions."""
    if not callable(value):
        raise TypeError(f"expected something to call, got {value!r}")
    found: Callable[..., Any] = value
    return found


def _left_out(group: str, point: Any, error: BaseException) -> str:
    package = getattr(getattr(point, "dist", None), "name", None)
    origin = f" of the package {package}" if package else ""
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return f"the plug-in {point.name!r} ({PREFIX}{group}){origin} was left out: {reason}"
