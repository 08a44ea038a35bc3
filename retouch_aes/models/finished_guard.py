"""A second opinion on an edit that is large: does the photo look finished?

An edit prior finds faults; a night in coloured light looks like one. What tells the two apart is learned
apart from the sliders: from photos as they are, with looks and as nights against photos with faults.
"""

import torch
from torch import Tensor, nn

_HIDDEN = 64
_LEFT_OUT = 0.4  # of the numbers, in training
_FAR = 5.0  # deviations beyond which a number says no more
_FLATTEST = 1e-3
_SURE, _UNSURE = 0.4, 0.6
BOUND = 5.0
"""Delta E 2000 by which a photo is moved at most that is surely finished."""


class FinishedGuard(nn.Module):
    """What the head of an edit prior sees -> how likely the photo is *not* finished.

    Args:
        count: How many numbers it sees.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("deviation", torch.ones(count))
        layers = [nn.Linear(count, _HIDDEN), nn.ReLU(), nn.Dropout(_LEFT_OUT), nn.Linear(_HIDDEN, 1)]
        self.layers = nn.Sequential(nn.Dropout(_LEFT_OUT), *layers)

    def meet(self, seen: Tensor) -> None:
        """Learn from numbers `(N, D)` of many photos what is usual."""
        self.mean, self.deviation = seen.mean(dim=0), seen.std(dim=0) + _FLATTEST

    def forward(self, seen: Tensor) -> Tensor:
        """`(B, D)` -> `(B,)`: the logit of being unfinished."""
        usual = ((seen - self.mean) / self.deviation).clamp(-_FAR, _FAR)
        told: Tensor = self.layers(usual)[:, 0]
        return told

    def share(self, seen: Tensor, moved: Tensor) -> Tensor:
        """How much of an edit is to be made.

        Args:
            seen: Of each photo and of its mirror image, `(2, B, D)`.
            moved: By the whole edit, in Delta E 2000, `(B,)`.

        Returns:
            `(B,)` in [0, 1]: `BOUND / moved` for what is surely finished and would be moved further, 1 for
            what may be unfinished, between them a line.
        """
        doubt = torch.stack([torch.sigmoid(self(one)) for one in seen]).mean(dim=0)
        sure = ((_UNSURE - doubt) / (_UNSURE - _SURE)).clamp(0, 1)
        return 1 - sure * (1 - (BOUND / moved.clamp(min=BOUND)))
