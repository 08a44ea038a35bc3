"""A pretend accelerator: the device `pretend`, whose tensors hold real values in ordinary memory.

It is PyTorch's spare backend (PrivateUse1), written in Python. Every operation on it is carried out on the
CPU, after the checks that a GPU would make: tensors of two devices do not mix, except where PyTorch lets
them; a generator of the CPU draws no numbers for it; NumPy cannot see it. So code that forgets a
`.to(device)` fails here as it does on a GPU, on a machine without one.

    with pretend_device() as device:
        image.to(device) + torch.zeros(3)   # RuntimeError: Expected all tensors to be on the same device
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fused_gru
import pytest
import torch
from torch import Tensor, nn
from torch.utils import backend_registration
from torch.utils._pytree import tree_flatten, tree_map_only, tree_unflatten

from retouch_aes.enhancers import Enhancer

NAME = "pretend"
_LIMITS = {"float64": True}

# where PyTorch takes tensors of two devices: copies, and places given as an index
_COPIES = {"aten::copy_", "aten::_to_copy", "aten::_copy_from", "aten::copy", "aten::_copy_from_and_resize"}
_INDEXED = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
_OF_GPUS_ONLY = {
    "aten::_thnn_fused_gru_cell": fused_gru.forward,
    "aten::_thnn_fused_gru_cell_backward": fused_gru.backward,
}
_TAKES_LENGTHS = {"aten::_pack_padded_sequence"}  # which have to be on the CPU
_TAKE_A_NUMBER = {
    "aten::fill_",
    "aten::masked_fill",
    "aten::masked_fill_",
}  # as a CPU tensor without dimensions


class PretendTensor(Tensor):
    """A tensor on the pretend device; `kept` is the CPU tensor with its values."""

    kept: Tensor

    @staticmethod
    def __new__(cls, kept: Tensor) -> "PretendTensor":
        if kept.dtype == torch.float64 and not _LIMITS["float64"]:
            raise TypeError("Cannot convert a tensor to float64 dtype: the pretend device has no float64")
        made = Tensor._make_wrapper_subclass(
            cls, kept.size(), strides=kept.stride(), dtype=kept.dtype, device=torch.device(NAME, 0)
        )
        made.kept = kept
        return made

    def __repr__(self) -> str:
        return f"PretendTensor({self.kept!r})"

    @classmethod
    def __torch_dispatch__(cls, op: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        return _carry_out(op, args, kwargs or {})

    __torch_function__ = torch._C._disabled_torch_function_impl

    def tolist(self) -> Any:
        """As a GPU's tensor: the numbers, for which the CPU waits."""
        _waits.append(f"tolist {tuple(self.shape)}")
        return self.kept.tolist()

    def numpy(self, *_: Any, **__: Any) -> Any:
        """As a GPU's tensor: refused."""
        raise TypeError(f"can't convert {NAME}:0 device type tensor to numpy. Use Tensor.cpu() first.")

    __array__ = numpy

    def data_ptr(self) -> int:
        """Where the values lie: it tells one tensor from another."""
        return self.kept.data_ptr()

    def __deepcopy__(self, memo: dict[int, Any]) -> "PretendTensor":
        made = PretendTensor(self.kept.clone()).requires_grad_(self.requires_grad)
        if isinstance(self, torch.nn.Parameter):
            made._is_param = True
        memo[id(self)] = made
        return made


def _carry_out(op: Any, args: tuple, kwargs: dict) -> Any:
    """Check as a GPU would, compute on the CPU, wrap what belongs on the device."""
    name = op._schema.name
    given, _ = tree_flatten((args, kwargs))
    here = [one for one in given if isinstance(one, PretendTensor)]
    away = [one for one in given if isinstance(one, Tensor) and not isinstance(one, PretendTensor)]
    if here and away:
        _check_devices(op, name, args, here, away)
    stays = _stays_here(name, args, kwargs, here)
    if stays and any(isinstance(one, torch.Generator) and one.device.type == "cpu" for one in given):
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu' ({op})")
    plain_args, plain_kwargs = tree_map_only(PretendTensor, lambda one: one.kept, (args, kwargs))
    if plain_kwargs.get("device") is not None:
        plain_kwargs["device"] = torch.device("cpu")
    plain_kwargs.pop("pin_memory", None)
    if name == "aten::_local_scalar_dense" or (name in _COPIES and here and not stays):
        _waits.append(f"{name} {tuple(here[0].shape)}")
    values, shape = tree_flatten(_OF_GPUS_ONLY.get(name, op)(*plain_args, **plain_kwargs))
    owners = {id(one.kept): one for one in here}
    kept_away = {1} if name in _TAKES_LENGTHS else ()  # as the lengths came
    return tree_unflatten(
        [value if n in kept_away else _out(value, owners, stays, name) for n, value in enumerate(values)],
        shape,
    )


def _out(value: Any, owners: dict[int, PretendTensor], stays: bool, name: str) -> Any:
    if not isinstance(value, Tensor):
        return value
    if id(value) in owners and stays:  # what was changed in place, or handed through
        return owners[id(value)]
    if value._is_zerotensor():  # zeros without memory, of forward mode: only their own device knows them
        value = torch.zeros(value.shape, dtype=value.dtype)
    if not stays:
        return value.clone() if id(value) in owners else value
    return PretendTensor(value)


def _stays_here(name: str, args: tuple, kwargs: dict, here: list[PretendTensor]) -> bool:
    """Whether the result is on the device: as asked for, else where the first of a copy or index is."""
    asked = kwargs.get("device")
    if asked is not None:
        return torch.device(asked).type == NAME
    if name in _COPIES or name in _INDEXED:
        return isinstance(args[0], PretendTensor)
    return bool(here)


def _check_devices(op: Any, name: str, args: tuple, here: list[Any], away: list[Tensor]) -> None:
    if name in _COPIES or name in _TAKES_LENGTHS:
        return
    if name in _INDEXED:
        target, places = args[0], [place for place in args[1] if place is not None]
        if not isinstance(target, PretendTensor) and any(
            isinstance(place, PretendTensor) for place in places
        ):
            raise RuntimeError(
                "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
            )
        value = args[2] if len(args) > 2 else None
        fits = not isinstance(value, Tensor) or isinstance(value, PretendTensor) or value.dim() == 0
        if fits:
            return
    elif all(one.dim() == 0 for one in away) and (torch.Tag.pointwise in op.tags or name in _TAKE_A_NUMBER):
        return
    shapes = [tuple(one.shape) for one in here], [tuple(one.shape) for one in away]
    raise RuntimeError(
        f"Expected all tensors to be on the same device, but found at least two devices, "
        f"{NAME}:0 {shapes[0]} and cpu {shapes[1]}! ({op})"
    )


class _Module(backend_registration._DummyBackendModule):
    """What PyTorch asks of `torch.pretend`."""

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]


def _fallback(op: Any, *args: Any, **kwargs: Any) -> Any:
    """What reaches the backend without a tensor of it, such as `torch.empty(..., device="pretend")`."""
    return _carry_out(op, args, kwargs)


_installed: list[torch.library.Library] = []
_waits: list[str] = []


@contextmanager
def waits() -> Iterator[list[str]]:
    """Collect where the CPU waits for the device meanwhile: for a number, or for a tensor that it gets."""
    _waits.clear()
    yield _waits


def install() -> None:
    """Make the device known to PyTorch, until the process ends; before anything runs backward in it, for
    PyTorch counts its devices then.
    """
    if not _installed:
        backend_registration._setup_privateuseone_for_python_backend(NAME, _Module())
        library = torch.library.Library("_", "IMPL")
        library.fallback(_fallback, "PrivateUse1")
        _installed.append(library)


def _is_pretend(device: Any) -> bool:
    return device is not None and torch.device(device).type == NAME


@contextmanager
def pretend_device(*, float64: bool = True) -> Iterator[torch.device]:
    """The device, while the block lasts; without `float64` it refuses that type, as Apple's MPS does.

    What a backend in Python cannot do is done here in its place: `torch.tensor` makes its tensors on the CPU
    and sends them, `torch.inference_mode` is `torch.no_grad`, and autocast computes as it would without.
    """
    install()
    tensor, autocast, quantile = torch.tensor, torch.autocast, torch.quantile

    def made(data: Any, *, device: Any = None, requires_grad: bool = False, **rest: Any) -> Tensor:
        there = tensor(data, **rest) if _is_pretend(device) else tensor(data, device=device, **rest)
        sent = there.to(device) if _is_pretend(device) else there
        return sent.requires_grad_() if requires_grad else sent

    def made_alike(self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, **rest: Any) -> Tensor:
        return made(data, dtype=dtype or self.dtype, device=device or self.device, **rest)

    class Autocast(autocast):
        def __init__(self, device_type: str, dtype: Any = None, enabled: bool = True, **rest: Any) -> None:
            away = device_type == NAME
            super().__init__("cpu" if away else device_type, dtype, enabled and not away, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "tensor", made)
        patch.setattr(Tensor, "new_tensor", made_alike)
        patch.setattr(torch, "autocast", Autocast)
        patch.setattr(torch, "inference_mode", lambda mode=True: torch.set_grad_enabled(not mode))
        patch.setitem(_LIMITS, "float64", float64)
        if not float64:  # as PyTorch does for MPS
            patch.setattr(torch, "quantile", lambda x, q, **rest: quantile(x.cpu(), q.cpu(), **rest).to(x))
        yield torch.device(NAME)


class Gain(Enhancer):
    """One number a channel: the smallest network that has weights on a device."""

    short_name = "gain"

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((3, 1, 1), 1.1))

    def forward(self, image: Tensor) -> Tensor:
        return image * self.gain
