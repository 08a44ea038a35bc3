"""Networks that come as programs: TorchScript and `torch.export` files.

Such a file holds code beside weights; run only those that you trust. A program is used as it is and not
trained here. One that was exported for photos of one fixed size gets tiles of exactly that size.
"""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.enhancers.hosted import Hosted
from retouch_aes.enhancers.tiles import Tiles
from retouch_aes.errors import UsageError, WeightsError

REACH = 8  # least part of a fixed tile that overlaps, as a divisor of its side


class Program(nn.Module):
    """A loaded program, frozen, in the mode in which it was saved."""

    def __init__(self, program: nn.Module) -> None:
        super().__init__()
        self.program = program
        for parameter in program.parameters():
            parameter.requires_grad_(False)

    def train(self, mode: bool = True) -> "Program":  # noqa: ARG002 - a program cannot change its mode
        """Stay as saved."""
        self.training = False
        return self

    def forward(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` -> whatever the program gives."""
        result: Tensor = self.program(image)
        return result


def host_program(path: Path) -> Hosted:
    """The TorchScript or ExportedProgram file at `path`. `WeightsError` where it is neither."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {name.partition("/")[2] for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError) as error:
        raise WeightsError(f"{path} is no TorchScript or ExportedProgram file ({error})") from None
    if "archive_format" in parts:
        return _exported(path)
    if "constants.pkl" in parts and any(part.startswith("code/") for part in parts):
        return _scripted(path)
    raise WeightsError(
        f"{path} holds weights but no network: give its name or pkg.module:Class as --enhancer, "
        "and this file as --enhancer-weights"
    )


def fixed_tiles(height: int, width: int) -> Tiles:
    """Tiles for a network that takes `height` x `width` pixels and nothing else."""
    return Tiles(height, width, reach=min(height, width) // REACH, exact=True)


def check_input(shape: tuple[int | None, ...], source: str) -> Tiles | None:
    """Tiles where a program's input `shape` (None: any) is fixed; `UsageError` where it is no photo's."""
    if len(shape) != 4 or shape[1] not in (3, None) or shape[0] not in (1, None):
        shown = ", ".join("any" if side is None else str(side) for side in shape)
        raise UsageError(f"{source}: expected an input (1, 3, H, W), the program takes ({shown})")
    height, width = shape[2:]
    if height is None and width is None:
        return None
    if height is None or width is None:
        raise UsageError(f"{source}: expected H and W both fixed or both free, got {height} and {width}")
    return fixed_tiles(height, width)


def _scripted(path: Path) -> Hosted:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript is deprecated, and people still have the files
            loaded: nn.Module = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise WeightsError(f"{path} cannot be loaded as TorchScript: {_first(error)}") from None
    return Hosted(Program(loaded.eval()), str(path))


def _exported(path: Path) -> Hosted:
    try:
        program = torch.export.load(str(path))
        module = program.module()
    except Exception as error:
        raise WeightsError(f"{path} cannot be loaded as an ExportedProgram: {_first(error)}") from None
    names = program.graph_signature.user_inputs
    if len(names) != 1:
        raise UsageError(f"{path}: expected one input, the program takes {len(names)}")
    [value] = [node.meta["val"] for node in program.graph.nodes if node.name == names[0]]
    shape = tuple(_side(side) for side in value.shape)
    return Hosted(Program(module), str(path), full_size=check_input(shape, str(path)))


def _side(side: Any) -> int | None:
    return side if isinstance(side, int) else None


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
