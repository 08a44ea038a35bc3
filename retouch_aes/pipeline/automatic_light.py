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


def with_light(
    operators: Sequence[str | Operator] | None, small: Tensor, prior: EditPrior | None
) -> Sequence[str | Operator] | None:
    """The operators that a search on `small` may use.

    Args:
        operators: Those that it may use anyhow; None for the general ones.
        small: `(1, 3, h, w)`, sRGB [0, 1].
        prior: What says whether a part of the photo lacks light.

    Returns:
        The same, and `fill_light` where it is wanted.
    """
    if prior is None:
        return operators
    with torch.no_grad():
        units, _ = prior.guess(small, EditChain([OPERATORS[FillLight.name]]))
    if float(units.abs().amax()) < LEAST:
        return operators
    return (*(AUTO if operators is None else operators), FillLight.name)
