"""Networks that come as programs: TorchScript and `torch.export` files.

Such a file holds code beside weights; run only those that you trust. TorchScript can only compute, and is
told by a `ProgramWarning`. torch reads an ExportedProgram by evaluating text of the file and, where it holds
objects, by unpickling: that is taken only as `.pt2`, only with `trust`, and never with pickled objects
(`archive`). A program is used as it is and not trained here. One that was exported for photos of one fixed
size gets tiles of exactly that size.
"""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.enhancers.archive import check_archive
from retouch_aes.enhancers.hosted import Hosted
from retouch_aes.enhancers.tiles import Tiles
from retouch_aes.errors import ProgramWarning, UsageError, WeightsError
from retouch_aes.models.files import first_line

REACH = 8  # least part of a fixed tile that overlaps, as a divisor of its side
SMALLEST, LARGEST = 16, 8192  # sides of a fixed tile in pixels
MOST_PIXELS = 2**25
EXPORTED = ".pt2"


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


def host_program(path: Path, *, trust: bool = False) -> Hosted:
    """The TorchScript or ExportedProgram file at `path`. `WeightsError` where it is neither.

    Without `trust` an ExportedProgram is refused and TorchScript gives a `ProgramWarning`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {name.partition("/")[2] for name in archive.namelist()}
            whole = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WeightsError(f"{path} is no TorchScript or ExportedProgram file ({error})") from None
    if "archive_format" in parts or "serialized_exported_program.json" in whole:
        return _exported(path, trust)
    if "constants.pkl" in parts and any(part.startswith("code/") for part in parts):
        return _scripted(path, trust)
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
    if min(height, width) < SMALLEST or max(height, width) > LARGEST or height * width > MOST_PIXELS:
        raise UsageError(
            f"{source}: expected a fixed size between {SMALLEST} and {LARGEST} px a side and at most "
            f"{MOST_PIXELS / 1e6:.0f} million pixels, the program takes {height} x {width}"
        )
    return fixed_tiles(height, width)


def _scripted(path: Path, trust: bool) -> Hosted:
    if not trust:
        warnings.warn(
            f"{path} is a program (TorchScript), not weights alone: use only files of people you trust",
            ProgramWarning,
            stacklevel=3,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript is deprecated, and people still have the files
            loaded: nn.Module = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
        return Hosted(Program(loaded.eval()), str(path))
    except Exception as error:  # damaged files raise all kinds
        raise WeightsError(f"{path} cannot be loaded as TorchScript: {first_line(error)}") from None


def _exported(path: Path, trust: bool) -> Hosted:
    if path.suffix.lower() != EXPORTED:
        raise UsageError(
            f"{path} is an ExportedProgram, which runs code when it is read, and is not named {EXPORTED}: it "
            "was not read. If it comes from someone you trust, rename it and give --trust"
        )
    if not trust:
        raise UsageError(
            f"{path} is an ExportedProgram, which runs code when it is read: it was not read. If it comes "
            "from someone you trust, give --trust (in Python trust=True)"
        )
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on older versions of the format
            program = torch.export.load(str(path))
        module = program.module()
        names = program.graph_signature.user_inputs
        values = [node.meta["val"] for node in program.graph.nodes if node.name in names]
    except Exception as error:
        raise WeightsError(f"{path} cannot be loaded as an ExportedProgram: {first_line(error)}") from None
    if len(names) != 1 or len(values) != 1 or not isinstance(values[0], Tensor):
        raise UsageError(f"{path}: expected one image as input, the program takes {len(names)} inputs")
    shape = tuple(_side(side) for side in values[0].shape)
    return Hosted(Program(module), str(path), full_size=check_input(shape, str(path)))


def _side(side: Any) -> int | None:
    return side if isinstance(side, int) else None
