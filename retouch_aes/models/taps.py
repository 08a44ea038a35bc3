"""Which layers of somebody else's network give the feature maps: the last one of each resolution."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError

USUAL = (8, 16, 32)


def stride_of(side: int, map_side: int) -> int:
    """Pixels for one position of a map: exact where it divides, else the nearest power of two."""
    if side % map_side == 0:
        return side // map_side
    return int(2 ** round(torch.tensor(side / map_side).log2().item()))


def measured_maps(
    network: nn.Module, look: Callable[[Tensor], Sequence[Tensor]], side: int
) -> list[tuple[int, int, int]]:
    """`(index, channels, stride)` of the last map of each stride that `look` gives of a square of `side`.

    In evaluation mode and without gradients; `network` comes back in its own mode.
    """
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            maps = look(torch.zeros(1, 3, side, side))
    finally:
        network.train(training)
    if any(one.ndim != 4 or one.shape[-1] != one.shape[-2] for one in maps):
        raise ValueError("expected maps (B, C, h, w)")
    last: dict[int, tuple[int, int, int]] = {}
    for index, one in enumerate(maps):
        stride = stride_of(side, one.shape[-1])
        last[stride] = (index, one.shape[1], stride)
    return sorted(last.values())


def chosen_taps(
    found: Sequence[tuple[int, int, int]], strides: Sequence[int] | None, name: str
) -> list[tuple[int, int, int]]:
    """Those of `found` with the wanted `strides`; None: 8, 16 and 32 where any is there, else all."""
    there = [stride for _, _, stride in found]
    if strides is None:
        usual = [one for one in found if one[2] in USUAL]
        return usual or list(found)
    if not strides or not set(strides) <= set(there):
        raise UsageError(f"{name} has maps of the strides {there}, got a wish for {list(strides)}")
    return [one for one in found if one[2] in strides]
