"""Where tensors are: the device that a word means."""

import torch
from torch import nn

from retouch_aes.errors import UsageError

NAMES = ("auto", "cpu", "cuda", "mps")


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device called `name`; "auto" is a GPU (CUDA, then Apple's MPS) where there is one, else the CPU.

    Raises:
        UsageError: PyTorch finds no such device here.
    """
    if isinstance(name, torch.device):
        return name
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    kind = name.split(":", maxsplit=1)[0]
    if not there.get(kind, True):
        raise UsageError(f"--device {name}: PyTorch finds no {kind.upper()} device here; use --device cpu")
    try:
        return torch.device(name)
    except RuntimeError:
        raise UsageError(f"expected a device such as {', '.join(NAMES)} or cuda:1, got {name!r}") from None


def device_of(module: nn.Module) -> torch.device:
    """Where the weights of `module` are; the CPU for one without any."""
    return next((tensor.device for tensor in module.state_dict().values()), torch.device("cpu"))
