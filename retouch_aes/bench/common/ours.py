"""What the benchmarks measure of this library: the retouch, and its edit prior without a search."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from retouch_aes.bench.common.methods import Method
from retouch_aes.editing.render import render
from retouch_aes.editing.solve import RetouchSettings, retouch
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.operators import AUTO, EditChain, select


def ours(
    model: nn.Module,
    prior: EditPrior | None,
    *,
    operators: Iterable[str] | None = None,
    settings: RetouchSettings | None = None,
    device: torch.device | str = "cpu",
) -> Method:
    """`retouch` and `render` as one method `(1, 3, H, W)` -> the same; `device` is the model's."""
    settings = settings or RetouchSettings()
    names = tuple(AUTO if operators is None else operators)

    def method(image: Tensor) -> Tensor:
        [found] = retouch(image.to(device), model, operators=names, prior=prior, settings=settings)
        return render(image, found.recipe, side=settings.proxy)

    return method


def prior_alone(
    prior: EditPrior, *, operators: Iterable[str] | None = None, device: torch.device | str = "cpu"
) -> Method:
    """The prior's first guess, applied as it is."""
    chain = EditChain(select(AUTO if operators is None else operators))

    def method(image: Tensor) -> Tensor:
        there = image.to(device)
        with torch.no_grad():
            units, _ = prior.guess(there, chain)
            return chain.apply(there, chain.from_units(units)).to(image)

    return method
