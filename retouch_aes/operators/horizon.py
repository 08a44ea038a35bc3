"""How far a photo leans, from the long straight lines in it.

Edges are sought with the structure tensor (Bigun and Granlund, ICCV 1987): where one direction rules, it is
that of an edge. Edge points then vote for lines (Hough, 1962; Duda and Hart, CACM 15, 1972), each for those
of nearly its own direction: for every angle the points are projected across it, and what a line has above
the length that counts nothing goes in squared, so that a long line is worth more than its points scattered.
A small lean is likelier than a large one.

Level and upright lines vote apart. Sails, ridges and walls seen aslant have long lines, too, so a photo is
left as it is where its lines do not agree on one angle, are short, or where the upright ones speak against
the level ones: doubt means 0. Thresholds were chosen on half of the photos of
docs/results.md, "Straightening", and are reported there on the others.
"""

from dataclasses import dataclass
from math import cos, radians, sin

import torch
from torch import Tensor

from retouch_aes.color.blur import gaussian_blur
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy

SIDE = 640
"""Long side, in pixels, of the copy on which lines are sought."""
MOST = 10.0
"""Degrees; a photo that leans more was meant so, or is not to be understood."""

_STEP = 0.25  # degrees
_MARGIN = 0.02  # of the long side, at the border, where scans have frames
_SMOOTH, _WINDOW = 1.0, 2.0  # pixels: of the gradient, of the tensor
_COHERENT = 0.8
_STRONGEST = 0.15  # share of the pixels that may be edges
_LEAST = 0.02  # gradient per pixel
_NEAR = 2.0  # degrees between an edge and the line it votes for
_BIN = 1.5  # pixels
_SHORT, _SHORT_UPRIGHT = 60 / 640, 30 / 640  # of the long side: a line that counts nothing
_USUAL = 5.0  # degrees
_PEAK = 1.0  # degrees about the winner that agree with it
_AGREED = 0.8
_LONG_LEVEL, _LONG_UPRIGHT = 0.15, 0.13  # of the long side, to be believed alone
_WITNESS, _SHORT_WITNESS = 0.5, 0.05  # agreement and length, to be heard against the others
_SAME = 1.0  # degrees
_LEVEL = 0.15  # degrees that nobody sees


@dataclass(frozen=True)
class Lines:
    """What the lines of one kind, level or upright, say.

    Attributes:
        angle: By how many degrees they lean, clockwise above 0.
        agreement: Share of their votes that are for this angle, 0 to 1.
        length: How long they are together, in long sides of the photo.
    """

    angle: float
    agreement: float
    length: float

    @property
    def heard(self) -> bool:
        """Whether they count against the others."""
        return self.agreement >= _WITNESS and self.length >= _SHORT_WITNESS

    def sure(self, least: float) -> bool:
        """Whether they agree, and are as long as that."""
        return self.agreement >= _AGREED and self.length >= least


@dataclass(frozen=True)
class Horizon:
    """What the lines of a photo say of its lean.

    Attributes:
        level: Of lines that should be level, as a horizon.
        upright: Of lines that should be upright, as the edges of a house.

    Examples:
        >>> from retouch_aes.operators.horizon import Horizon, Lines
        >>> Horizon(Lines(2.0, 0.95, 0.6), Lines(0.0, 0.0, 0.0)).correction
        -2.0
        >>> Horizon(Lines(2.0, 0.95, 0.6), Lines(-1.0, 0.9, 0.2)).correction
        0.0
    """

    level: Lines
    upright: Lines

    @property
    def correction(self) -> float:
        """Degrees by which to turn the photo clockwise; 0 where there is doubt, or where it is level."""
        angle = self._angle()
        return -angle if abs(angle) >= _LEVEL else 0.0

    def _angle(self) -> float:
        apart = abs(self.level.angle - self.upright.angle) > _SAME
        if self.upright.sure(_LONG_UPRIGHT):  # walls seen aslant have level lines that lean
            return 0.0 if apart and self.level.heard else self.upright.angle
        return (
            self.level.angle if self.level.sure(_LONG_LEVEL) and not (apart and self.upright.heard) else 0.0
        )


def horizon(image: Tensor) -> Horizon:
    """Say how far a photo leans.

    Args:
        image: `(1, 3, H, W)`, sRGB [0, 1]; a copy of `SIDE` pixels is looked at.

    Returns:
        The angle that its lines agree on, and how well they do.
    """
    with torch.no_grad():
        small = proxy(image, SIDE)
        side = max(small.shape[-2:])
        x, y, lean = _edges(luma(small))
        level = lean.abs() <= 45
        upright = torch.where(lean > 0, lean - 90, lean + 90)
        lines = (
            _voted(x[level], y[level], lean[level], side, _SHORT),
            _voted(-y[~level], x[~level], upright[~level], side, _SHORT_UPRIGHT),
        )
        return Horizon(*lines)


def _voted(x: Tensor, y: Tensor, lean: Tensor, side: int, short: float) -> Lines:
    """The angle that most lines of one kind are at."""
    angles = torch.arange(-MOST, MOST + _STEP / 2, _STEP)
    votes = torch.stack([_votes(x, y, lean, float(angle), side, short) for angle in angles])
    votes = votes * torch.exp(-0.5 * (angles / _USUAL) ** 2)
    total, best = float(votes.sum()), int(votes.argmax())
    if not total:
        return Lines(0.0, 0.0, 0.0)
    peak = votes * ((angles - angles[best]).abs() <= _PEAK)
    angle = float((peak * angles).sum() / peak.sum())
    return Lines(angle, float(peak.sum()) / total, float(votes[best]) ** 0.5 / side)


def _edges(tone: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Places of edge points from the middle, and their directions in degrees (-90, 90], clockwise; `(n,)`."""
    smooth = gaussian_blur(tone, _SMOOTH, 3)
    across = (smooth[..., 1:-1, 2:] - smooth[..., 1:-1, :-2]) / 2
    down = (smooth[..., 2:, 1:-1] - smooth[..., :-2, 1:-1]) / 2
    products = torch.cat([across * across, down * down, across * down], dim=1)
    xx, yy, xy = gaussian_blur(products, _WINDOW, 5)[0].unbind(0)
    size = torch.hypot(across, down)[0, 0]
    enough = max(_LEAST, float(size.flatten().quantile(1 - _STRONGEST)))
    edge = (size >= enough) & (torch.hypot(xx - yy, 2 * xy) >= _COHERENT * (xx + yy))
    margin = max(1, round(_MARGIN * max(size.shape)))
    edge[:margin], edge[-margin:], edge[:, :margin], edge[:, -margin:] = False, False, False, False
    rows, columns = edge.nonzero(as_tuple=True)
    direction = torch.rad2deg(0.5 * torch.atan2(2 * xy, xx - yy))[rows, columns] + 90
    direction = torch.where(direction > 90, direction - 180, direction)
    return columns - (size.shape[1] - 1) / 2, rows - (size.shape[0] - 1) / 2, direction


def _votes(x: Tensor, y: Tensor, lean: Tensor, angle: float, side: int, short: float) -> Tensor:
    """What the lines at `angle` count: points that lean nearly so, projected across it."""
    share = (1 - (lean - angle).abs() / _NEAR).clamp(min=0)
    seen = share > 0
    across = y[seen] * cos(radians(angle)) - x[seen] * sin(radians(angle)) + side
    lines = torch.bincount((across / _BIN).long(), share[seen], minlength=1)
    return (lines - short * side).clamp(min=0).square().sum()
