"""Feature maps of many photos in a file, read row by row: 185,751 photos of 512 x 10 x 10 are 19 GB.

Written once, one photo after the other, in 16 bit; then every batch reads its own rows. Nothing is held, and
no page of the file counts as the process's memory, as those of a memory map do. In another process there is
a copy of the file.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from retouch_aes.errors import UsageError

_BLOCK = 256


class StoredMaps:
    """Maps `(P, C, h, w)` in a file without a name, gone with this object; `append` until all are there.

    Args:
        folder: Where the file lies; made where it is missing.
        exact: Whether numbers are kept in 32 bit, not in 16.

    Examples:
        >>> import tempfile, torch
        >>> from pathlib import Path
        >>> maps = StoredMaps(Path(tempfile.mkdtemp()))
        >>> maps.append(torch.ones(3, 8, 2, 2))
        >>> tuple(maps.rows(torch.tensor([2, 0])).shape)
        (2, 8, 2, 2)
    """

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        self.folder = folder
        self._open()
        self._type: type[np.floating[Any]] = np.float32 if exact else np.float16
        self._shape: tuple[int, ...] = ()
        self._count = 0

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - it lives as long as this object
        weakref.finalize(self, self._file.close)

    def __getstate__(self) -> dict[str, Any]:
        """With what is in the file."""
        self._file.seek(0)
        return {**self.__dict__, "_file": self._file.read()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Into a file of its own."""
        self.__dict__ = state
        content = state["_file"]
        self._open()
        self._file.write(content)

    def append(self, maps: Tensor) -> None:
        """Add `(N, C, h, w)`. `UsageError` where they are of another shape than those before."""
        if self._shape and self._shape != tuple(maps.shape[1:]):
            raise UsageError(f"expected maps {self._shape}, got {tuple(maps.shape[1:])}")
        self._shape = tuple(maps.shape[1:])
        self._file.seek(0, os.SEEK_END)
        self._file.write(maps.detach().cpu().float().contiguous().numpy().astype(self._type).tobytes())
        self._count += len(maps)

    def __len__(self) -> int:
        return self._count

    @property
    def shape(self) -> tuple[int, ...]:
        """`(P, C, h, w)`."""
        return (len(self), *self._shape)

    def rows(self, places: Tensor) -> Tensor:
        """Those of `places` `(B,)`, float32 `(B, C, h, w)`, on the CPU."""
        numbers = int(np.prod(self._shape))
        size = numbers * np.dtype(self._type).itemsize
        found = np.empty((len(places), numbers), self._type)
        for row, place in enumerate(places.tolist()):
            self._file.seek(place * size)
            found[row] = np.frombuffer(self._file.read(size), self._type)
        return torch.from_numpy(found).float().view(len(places), *self._shape)


Maps = Tensor | StoredMaps
"""Maps in memory or in a file."""


def map_rows(maps: Maps, places: Tensor, device: torch.device) -> Tensor:
    """Those of `places` `(B,)` on `device`, `(B, C, h, w)`."""
    if isinstance(maps, StoredMaps):
        return maps.rows(places).to(device)
    return maps[places.to(maps.device)].to(device)


def map_blocks(maps: Maps, device: torch.device, size: int = _BLOCK) -> Iterator[Tensor]:
    """All maps in turn, `size` photos at a time, on `device`."""
    for at in range(0, len(maps), size):
        yield map_rows(maps, torch.arange(at, min(at + size, len(maps))), device)
