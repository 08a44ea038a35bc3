"""Safetensors files read with plain words for what is wrong with them. Nothing is ever unpickled here."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from retouch_aes.errors import WeightsError

_SHOWN = 4


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
        start = file.read(4)
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        raise WeightsError(
            f"{path} is a pickle, which can run code when read; convert it to safetensors first"
        )


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
    module.load_state_dict(dict(tensors))
