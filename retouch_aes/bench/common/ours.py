"""What the benchmarks measure of this library: the retouch, and its edit prior without a search."""

import torch
from torch import Tensor

from retouch_aes.bench.common.methods import Method
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import EditChain, select
from retouch_aes.photo import Photo
from retouch_aes.pipeline import Retoucher


def ours(retoucher: Retoucher) -> Method:
    """A retoucher as a method `(1, 3, H, W)` -> the same."""
    return lambda image: retoucher(Photo(image)).photo.image


def prior_alone(
    prior: EditPrior, *, operators: tuple[str, ...], device: torch.device | str = "cpu"
) -> Method:
    """The prior's first guess, applied as it is."""
    chain = EditChain(select(operators))

    def method(image: Tensor) -> Tensor:
        there = image.to(device)
        with torch.no_grad():
            units, _ = prior.guess(there, chain)
            return chain.apply(there, chain.from_units(units)).to(image)

    return method
