"""Light on a dark part of a photo, without being asked: where the edit prior finds that it lacks some.

`fill_light` looks at the photo around every pixel, so it costs a render more than the other sliders do. A
search has it among its sliders only for photos on which the prior guesses that it is wanted.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import AUTO, OPERATORS, EditChain, FillLight, Operator

LEAST = 0.08
"""Units of fill or recovery from which on they are wanted: 8 %."""


def wants_light(small: Tensor, prior: EditPrior | None) -> list[bool]:
    """Whether parts of photos lack light.

    Args:
        small: `(B, 3, h, w)`, sRGB [0, 1].
        prior: What says so; None says that nothing does.

    Returns:
        One answer a photo.
    """
    if prior is None:
        return [False] * len(small)
    with torch.no_grad():
        units, _ = prior.guess(small, EditChain([OPERATORS[FillLight.name]]))
    return [bool(amount >= LEAST) for amount in units.abs().amax(dim=1).tolist()]


def with_light(operators: Sequence[str | Operator] | None) -> Sequence[str | Operator]:
    """The operators that a search may use, and `fill_light`; None for the general ones."""
    return (*(AUTO if operators is None else operators), FillLight.name)
