"""Weights that others published: `.pth` files read without running code, and safetensors.

`torch.load(weights_only=True)` builds tensors and plain containers and refuses everything else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retouch_aes.errors import WeightsError
from retouch_aes.models.files import first_line, read_plain, unwrapped

_NOTHING = 1e-20


def read_checkpoint(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a weight file by name. `WeightsError` where it holds none, or anything else.

    A dictionary inside one of the usual wrappers is unwrapped, and the prefix `module.`, left by training on
    several GPUs, is taken off. Numbers below 1e-20, which weight decay leaves behind, come out as 0: they
    change no photo, but their products are subnormal, and those make a CPU some fifty times slower.
    """
    return tensors_of(read_plain(path), path)


def tensors_of(value: Any, path: str | Path) -> dict[str, Tensor]:
    """`value`, read from `path`, as names and tensors; see `read_checkpoint`."""
    found = unwrapped(value, path).items()
    return {str(key).removeprefix("module."): _plain(key, one, path) for key, one in found}


def renamed(tensors: Mapping[str, Tensor], layers: Mapping[str, str]) -> dict[str, Tensor]:
    """`tensors` with the leading part of each name replaced as `layers` says; other names stay."""
    result = {}
    for name, tensor in tensors.items():
        parts = name.split(".")
        heads = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        head = next((head for head in heads if head in layers), None)
        result[name if head is None else layers[head] + name.removeprefix(head)] = tensor
    return result


def _plain(key: Any, value: Any, path: str | Path) -> Tensor:
    """`value` as a dense float32 tensor, traces taken off. `WeightsError` where it is anything else."""
    if not isinstance(value, Tensor):
        raise WeightsError(f"{path}: expected tensors only, but {key!r} is none")
    if value.layout != torch.strided or value.is_quantized or value.is_complex() or value.is_meta:
        kind = str(value.layout if value.layout != torch.strided else value.dtype).removeprefix("torch.")
        raise WeightsError(
            f"{path}: expected dense tensors of real numbers, but {key!r} is of the kind {kind}"
        )
    try:
        plain = value.detach().float()
        return torch.where(plain.abs() < _NOTHING, 0.0, plain)
    except RuntimeError as error:
        raise WeightsError(f"{path}: {key!r} is damaged: {first_line(error)}") from None
