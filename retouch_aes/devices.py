"""Where tensors are: the device that a word means."""

from itertools import chain

import torch
from torch import Tensor, nn

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


def at_once_on(device: torch.device) -> int:
    """How many small copies a network is asked about together, where nobody says: 32 on CUDA, else 1."""
    return 32 if device.type == "cuda" else 1


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """`tensor` on `device`; to a CUDA device from pinned memory, so that the CPU goes on meanwhile."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def check_device(image: Tensor, module: nn.Module) -> None:
    """Raise `UsageError` unless `image` is where the weights of `module` are."""
    first = next(chain(module.parameters(), module.buffers()), None)
    if first is not None and first.device != image.device:
        raise UsageError(
            f"expected the image on {first.device}, where the weights of {type(module).__name__} are, "
            f"got one on {image.device}; send one to the other, as image.to({str(first.device)!r})"
        )


def device_of(module: nn.Module) -> torch.device:
    """Where the weights of `module` are; the CPU for one without any."""
    return next((tensor.device for tensor in module.state_dict().values()), torch.device("cpu"))
