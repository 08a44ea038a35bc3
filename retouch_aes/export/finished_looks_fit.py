"""What tells a person's photos before their edit from those after it, and how much of the edit that spares.

A ridge regression on colour statistics of both, +1 for before and -1 for after, and a slope and a place at
which the usual edit fades out along it. Ridge, slope and place are those of `_RIDGES` x `_SLOPES` x `_PLACES`
for which, of pairs left out in turn, the photo after is moved least, among those for which the photo before
comes as near to the photo after as by the whole edit, to `_UNSEEN`: that is what the edit is for. Where there
is no such setting, all photos get the whole edit.
"""

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.models.edit_prior import colour_statistics
from retouch_aes.operators import Recipe
from retouch_aes.taste.gp.finished_looks import FinishedLooks

FEWEST = 6
"""Pairs from which on before and after can be told apart."""

_RIDGES, _SLOPES, _PLACES = (0.1, 1.0, 10.0), (2.0, 4.0, 8.0), (0.0, 0.25, 0.5, 0.75, 1.0)
_UNSEEN = 0.1  # mean Delta E 2000
_AMOUNTS = (0.0, 0.25, 0.5, 0.75, 1.0)
Pair = tuple[Tensor, Tensor]


def finished_looks(pairs: Sequence[Pair], edits: Sequence[Recipe]) -> FinishedLooks | None:
    """Fit it.

    Args:
        pairs: Small photos before and after, `(1, 3, h, w)` each, sRGB [0, 1].
        edits: For each pair the usual edit that the others come to.

    Returns:
        The discriminant; None for fewer than `FEWEST` pairs, or where it would not pay.
    """
    if len(pairs) < FEWEST:
        return None
    seen = torch.stack([torch.cat([colour_statistics(one)[0] for one in pair]) for pair in pairs])
    seen = seen.reshape(len(pairs), 2, -1).double()
    left = torch.stack([_left(*pair, edit) for pair, edit in zip(pairs, edits, strict=True)])
    most, best = left[:, :, -1].mean(0).tolist()
    chosen = None
    for ridge in _RIDGES:
        told = _told_left_out(seen, ridge)
        for slope, place in product(_SLOPES, _PLACES):
            before, after = _between(left, torch.sigmoid(slope * (told + place))).mean(0).tolist()
            if before <= most + _UNSEEN and after < best:
                best, chosen = after, (ridge, slope, place)
    if chosen is None:
        return None
    ridge, slope, place = chosen
    weights, middle = _regressed(seen, ridge)
    offset = slope * (place - float(middle @ weights))
    return FinishedLooks(tuple((slope * weights).tolist()), offset)


def _left(before: Tensor, after: Tensor, edit: Recipe) -> Tensor:
    """Mean Delta E 2000 to `after` that so much of `edit` leaves, of the photo before and after: `(2, A)`."""
    with torch.no_grad():
        made = [
            [delta_e_2000(edit.scaled(share).apply(image), after).mean() for share in _AMOUNTS]
            for image in (before, after)
        ]
    return torch.tensor(made, dtype=torch.float64)


def _between(left: Tensor, amount: Tensor) -> Tensor:
    """`left` `(N, 2, A)` at `amount` `(N, 2)`, between the amounts that were measured."""
    place = amount * (len(_AMOUNTS) - 1)
    below = place.long().clamp(max=len(_AMOUNTS) - 2)
    low, high = (left.gather(2, (below + step)[..., None])[..., 0] for step in (0, 1))
    return torch.lerp(low, high, place - below)


def _told_left_out(seen: Tensor, ridge: float) -> Tensor:
    """What the other pairs tell of each pair, `(N, 2)`."""
    told = []
    for number in range(len(seen)):
        others = torch.cat([seen[:number], seen[number + 1 :]])
        weights, middle = _regressed(others, ridge)
        told.append((seen[number] - middle) @ weights)
    return torch.stack(told)


def _regressed(seen: Tensor, ridge: float) -> tuple[Tensor, Tensor]:
    """Weights `(D,)` and middle `(D,)` of the ridge regression on `seen` `(N, 2, D)`."""
    rows = seen.reshape(-1, seen.shape[-1])
    middle = rows.mean(0)
    centred = rows - middle
    sides = centred.new_tensor([1.0, -1.0]).repeat(len(seen))
    alike = centred @ centred.T
    scale = ridge * alike.diagonal().mean() * torch.eye(len(rows), dtype=rows.dtype)
    return centred.T @ torch.linalg.solve(alike + scale, sides), middle
