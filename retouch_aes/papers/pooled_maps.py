"""The maps of a study in files, averaged onto the grids that its methods read.

A method reads means over `g x g` positions and nothing finer, so these are all that is kept, in 16 bit. Of
VGG16's three levels at 224 px the grids 4, 3 and 1 take 80 kB a photo where the maps themselves take 2.1 MB:
3.2 GB for FLICKR-AES' 40,000 photos, 20 GB for AVA's 255,000, and none of it in memory.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch.nn.functional as F
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.papers.stored_maps import StoredMaps


class PooledMaps:
    """Maps of several levels on each of `grids`; `append` until all photos are there.

    Args:
        folder: Where the files lie.
        grids: Positions along a side.

    Examples:
        >>> import tempfile, torch
        >>> from pathlib import Path
        >>> maps = PooledMaps(Path(tempfile.mkdtemp()), [2])
        >>> maps.append((torch.ones(1, 8, 6, 6), torch.ones(1, 16, 3, 3)))
        >>> [level.shape for level in maps.on(2)]
        [(1, 8, 2, 2), (1, 16, 2, 2)]
    """

    def __init__(self, folder: Path, grids: Iterable[int]) -> None:
        self._folder = folder
        self._levels: dict[int, tuple[StoredMaps, ...]] = dict.fromkeys(grids, ())

    def append(self, maps: Sequence[Tensor]) -> None:
        """Add `(N, C_l, h_l, w_l)` of all levels."""
        for grid, levels in self._levels.items():
            if not levels:
                self._levels[grid] = levels = tuple(StoredMaps(self._folder) for _ in maps)
            for stored, level in zip(levels, maps, strict=True):
                stored.append(F.adaptive_avg_pool2d(level.float(), grid))

    def on(self, grid: int) -> tuple[StoredMaps, ...]:
        """All levels, `(P, C_l, grid, grid)`. `UsageError` for a grid that was not asked for."""
        if not self._levels.get(grid):
            raise UsageError(f"expected feature maps on a grid out of {list(self._levels)}, got {grid}")
        return self._levels[grid]


StudyMaps = tuple[Tensor, ...] | PooledMaps
"""Maps of P photos at several levels: as they are, in memory, or averaged, in files."""
