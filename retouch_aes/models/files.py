"""Weight files read with plain words for what is wrong with them: safetensors, and torch's own.

No code of a file is ever run: `torch.load(weights_only=True)` builds tensors and plain containers and refuses
everything else.
"""

import pickle
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from retouch_aes.errors import WeightsError

_SHOWN = 4
_WRAPPERS = ("state_dict", "params", "model")


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, on the CPU. `WeightsError` if it is missing, damaged or a pickle."""
    return read_file(path)[0]


def read_file(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file. `WeightsError` as for `read_tensors`."""
    check_kind(path)
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is damaged or cut short: {error}; fetch or write it again") from None


def read_metadata(path: str | Path) -> dict[str, str]:
    """The metadata of a safetensors file, without its tensors. `WeightsError` as for `read_tensors`."""
    check_kind(path)
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is damaged or cut short: {error}; fetch or write it again") from None


def check_kind(path: str | Path) -> None:
    """Raise `WeightsError` where `path` is no file, or a pickle as `torch.save` and others write it."""
    if not Path(path).is_file():
        raise WeightsError(f"{path} does not exist or is no file")
    with Path(path).open("rb") as file:
        start = file.read(9)
    if start[8:] == b"{":  # safetensors: eight bytes of length, which may be a pickle's first two, then JSON
        return
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        raise WeightsError(
            f"{path} is a pickle, which can run code when read; convert it to safetensors first"
        )


def read_plain(path: str | Path) -> Any:
    """What a `.pth` or safetensors file holds: tensors in plain containers. `WeightsError` otherwise."""
    if not Path(path).is_file():
        raise WeightsError(f"{path} does not exist or is no file")
    if Path(path).suffix == ".safetensors":
        return read_tensors(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on old kinds of files, which are read or refused all the same
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{path} holds more than weights, or is damaged; it was not read, because that could run code. "
            "Save the state_dict alone"
        ) from None
    except Exception as error:  # what a damaged file meets on its way through torch has no common class
        raise WeightsError(f"{path} is damaged or no weight file: {first_line(error)}") from None


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file that others published, safetensors or torch's own; `WeightsError` else."""
    found = unwrapped(read_plain(path), path)
    foreign = next((key for key, one in found.items() if not isinstance(one, Tensor)), None)
    if foreign is not None:
        raise WeightsError(f"{path}: expected tensors only, but {foreign!r} is none")
    return {str(key): one for key, one in found.items()}


def unwrapped(value: Any, path: str | Path) -> Mapping[Any, Any]:
    """`value`, read from `path`, without one of the usual wrappers around the dictionary of its tensors."""
    for name in _WRAPPERS:
        if isinstance(value, Mapping) and isinstance(value.get(name), Mapping):
            value = value[name]
    if not isinstance(value, Mapping) or not value:
        raise WeightsError(f"{path}: expected a dictionary of tensors, got {type(value).__name__}")
    return value


def first_line(error: Exception) -> str:
    """The first line of what `error` says, without torch's advice to read pickles as code."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return type(error).__name__ if "weights_only" in first else first


def load_into(module: nn.Module, tensors: Mapping[str, Tensor], path: str | Path) -> None:
    """Copy `tensors` into `module`: every name and shape must fit. `WeightsError` says which do not."""
    expected = module.state_dict()
    problems = [f"{name} is missing" for name in sorted(expected.keys() - tensors.keys())]
    problems += [f"{name} is unknown" for name in sorted(tensors.keys() - expected.keys())]
    for name in sorted(expected.keys() & tensors.keys()):
        want, got = tuple(expected[name].shape), tuple(tensors[name].shape)
        if want != got:
            problems.append(f"{name} has the shape {got}, expected {want}")
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        kind = type(module).__name__
        raise WeightsError(f"{path} does not fit {kind}: {'; '.join(problems[:_SHOWN])}{more}")
    state = OrderedDict(tensors)
    # the layers' versions, without which batch norms would add counters that no file of ours holds
    state._metadata = expected._metadata  # type: ignore[attr-defined]
    module.load_state_dict(state)
