"""Anyone's network as an `Enhancer`: a module from Python, a class by its import path, or a program file."""

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint
from retouch_aes.enhancers.enhancer import Enhancer
from retouch_aes.enhancers.full_size import FullSize
from retouch_aes.enhancers.low_resolution import LowResolution
from retouch_aes.errors import UsageError
from retouch_aes.models.files import load_into
from retouch_aes.operators import Stats


class Hosted(Enhancer):
    """Any module that maps `(B, 3, H, W)`, sRGB [0, 1], to the same shape.

    What the module declares as `full_size` and `multiple` holds unless given here. `source` names it in
    messages and files.
    """

    short_name: ClassVar[str] = "hosted"
    doc: ClassVar[str] = "a network from elsewhere"

    def __init__(
        self,
        module: nn.Module,
        source: str = "",
        *,
        full_size: FullSize | None = None,
        multiple: int | None = None,
    ) -> None:
        super().__init__()
        self.module = module
        self.source = source or type(module).__name__
        self.full_size = full_size or getattr(module, "full_size", None) or LowResolution()
        declared: Any = getattr(module, "multiple", 1)
        self.multiple = int(multiple or declared)

    @property
    def config(self) -> dict[str, Any]:
        """Where the module came from. A file cannot bring it back by itself: name the class again."""
        return {"source": self.source}

    def forward(self, image: Tensor) -> Tensor:
        """See `Enhancer.forward`."""
        enhanced: Tensor = self.module(image)
        return enhanced

    def measure(self, image: Tensor) -> Stats:
        """The module's own, for `Measured`."""
        module: Any = self.module
        stats: Stats = module.measure(image)
        return stats

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """The module's own, for `Measured`."""
        module: Any = self.module
        edited: Tensor = module.edit(image, stats)
        return edited


def host_class(source: str, weights: str | Path | None = None) -> Hosted:
    """The network `pkg.module:Class`, called without arguments, with the weights of a file, every key of it.

    Modules are looked for where Python looks, and in the current folder.
    """
    module_name, _, name = source.partition(":")
    if not module_name or not name:
        raise UsageError(f"expected pkg.module:Class, got {source!r}")
    made = _called(_imported(module_name, source), name, source)
    hosted = Hosted(made, source)
    if weights is not None:
        tensors = read_checkpoint(weights)
        if all(key.startswith("module.") for key in tensors):
            tensors = {key.removeprefix("module."): tensor for key, tensor in tensors.items()}
        load_into(made, tensors, weights)
    return hosted.eval()


def _imported(name: str, source: str) -> Any:
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.append(here)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{source}: importing {name} failed ({type(error).__name__}: {error})") from error
    finally:
        if added:
            sys.path.remove(here)


def _called(module: Any, name: str, source: str) -> nn.Module:
    if not hasattr(module, name):
        raise UsageError(f"{source}: {module.__name__} has no {name}")
    maker = getattr(module, name)
    if not (inspect.isfunction(maker) or (inspect.isclass(maker) and issubclass(maker, nn.Module))):
        raise UsageError(
            f"{source}: expected a torch.nn.Module class, or a Python function that gives one, got {maker!r}"
        )
    try:
        made = maker()
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{source}: calling it without arguments failed ({type(error).__name__}: {error}); "
            "name a class or function that needs none"
        ) from error
    if not isinstance(made, nn.Module):
        raise UsageError(f"{source}: expected a torch.nn.Module, got {type(made).__name__}")
    return made
