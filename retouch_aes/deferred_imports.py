"""Parts of a package that are imported when they are first touched, though the package imports them itself.

`import kornia.color` runs all of kornia, of which a retouch uses the colours and the filters. In a process
that is the command line's own, the rest waits: it is there, under its name, and is read at the first use.
Python's own `importlib.util.LazyLoader` does that; the finder here says for which modules.
"""

import importlib.util
import sys
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

KORNIA = tuple(f"kornia.{part}" for part in ("augmentation", "contrib", "feature", "models", "tracking"))
"""More than half of kornia; no operator, loss or score of this library stands on it."""


def defer_imports(names: Collection[str]) -> None:
    """From now on in this process modules of these `names` are read when they are first touched.

    Args:
        names: Whole names of modules; those that are imported already, or do not exist, stay as they are.
    """
    sys.meta_path.insert(0, _Deferring(frozenset(names)))


class _Deferring(MetaPathFinder):
    def __init__(self, names: Collection[str]) -> None:
        self._names, self._asking = names, False

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names or self._asking:
            return None
        self._asking = True  # the others are asked now
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking = False
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
