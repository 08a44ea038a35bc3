"""Photos as the general prior alone repairs them: what a person's look is counted from."""

from collections.abc import Container

import torch
from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import REPAIR, EditChain, select
from retouch_aes.operators.black_and_white import free_sliders


def repaired(image: Tensor, prior: EditPrior | None, allowed: Container[str]) -> Tensor:
    """Small copies `(B, 3, h, w)`, sRGB [0, 1], by the guess of `prior`; `allowed` are operators' names."""
    names = [name for name in REPAIR if name in allowed]
    if prior is None or not names:
        return image
    chain = EditChain(select(names))
    with torch.no_grad():
        units = prior.guess(image, chain)[0] * free_sliders(image, chain)
        return chain.apply(image, chain.from_units(units))
