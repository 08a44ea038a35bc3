"""The rated photos that look like given ones: exact search by cosine, in blocks.

A block of rows is multiplied with all queries at once, and its best k join the best so far: the table is
read once, and the search costs little more than the product (`retouch-aes bench knn`).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.errors import UsageError

BLOCK = 16_384


def nearest(
    table: NDArray[np.float16] | NDArray[np.float32], features: Tensor, k: int
) -> tuple[Tensor, Tensor]:
    """Cosines and indices `(B, k)` of the rows of `table` nearest to `features` `(B, D)`, nearest first.

    `table` `(N, D)` holds vectors of length 1 and may be memory-mapped. Rows of not-a-number come last, with
    the cosine -2. On the device of `features`. `UsageError` unless D fits and k is in 1..N.
    """
    if features.ndim != 2 or features.shape[1] != table.shape[1] or not 1 <= k <= len(table):
        got = f"{tuple(features.shape)}, k {k}"
        raise UsageError(f"expected features (B, {table.shape[1]}) and k from 1 to {len(table)}, got {got}")
    unit = torch.nn.functional.normalize(features.float())
    best = unit.new_empty(len(unit), 0)
    found = torch.empty(len(unit), 0, dtype=torch.long, device=unit.device)
    block = unit.new_empty(min(BLOCK, len(table)), table.shape[1])
    for start in range(0, len(table), BLOCK):
        stored = table[start : start + BLOCK]
        part = torch.from_numpy(stored if stored.flags.writeable else np.array(stored))
        rows = part.to(unit.device) if part.dtype == unit.dtype else block[: len(part)].copy_(part)
        cosines = (unit @ rows.T).nan_to_num_(-2.0)
        top = cosines.topk(min(k, len(rows)), dim=1)
        best, found = torch.cat([best, top.values], 1), torch.cat([found, top.indices + start], 1)
        kept = best.topk(min(k, best.shape[1]), dim=1)
        best, found = kept.values, found.gather(1, kept.indices)
    return best, found
