"""A module that judges and never learns, kept where no holder, optimiser or checkpoint can reach it."""

import copy

import torch
from torch import Tensor, nn

_SHORT = (torch.float16, torch.bfloat16)


class Frozen:
    """A frozen copy of `module`, in evaluation mode, and one more on every device that it is asked for.

    This is no `nn.Module`, so a module that holds it does not list it: `parameters()`, `state_dict()`,
    `train()`, `requires_grad_()`, `apply()` and `half()` of the holder pass it by. The copy shares nothing
    with the caller's module. Weights in 16 bit are kept in 32, so that scores do not shift.
    """

    def __init__(self, module: nn.Module) -> None:
        made = copy.deepcopy(module).requires_grad_(False).eval()
        self.module = made.float() if any(t.dtype in _SHORT for t in _tensors(made)) else made
        self._copies = {self.device: self.module}

    @property
    def device(self) -> torch.device:
        """Where `module` is; the CPU for one without tensors."""
        return next((tensor.device for tensor in _tensors(self.module)), torch.device("cpu"))

    def on(self, device: torch.device) -> nn.Module:
        """The copy on `device`, made at the first call."""
        if device not in self._copies:
            self._copies[device] = copy.deepcopy(self.module).to(device)
        return self._copies[device]

    def move(self, device: torch.device) -> None:
        """Keep one copy only, on `device`; `meta`, which holds no values, is passed by."""
        if device.type != "meta":
            self.module = self.module.to(device)
            self._copies = {self.device: self.module}

    def fitting(self, image: Tensor) -> Tensor:
        """`image` in the precision of the weights; without any, in 32 bit at least."""
        kinds = [tensor.dtype for tensor in _tensors(self.module) if tensor.is_floating_point()]
        if kinds:
            return image.to(kinds[0])
        return image.float() if image.dtype in _SHORT else image


def _tensors(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
