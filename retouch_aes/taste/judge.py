"""Who judges photos: a generic score, a taste on top of it, or a whole model of one person.

A file of `learn` holds either of the last two; from here on they are used alike.

    judge = Judge.of(load_model("aesthetic"), "me.taste")
    model, prior = judge.about(image, load_prior("edit-prior"))
    solution = retouch(image, model, prior=prior, operators=judge.operators(None))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from retouch_aes.models import holds_model, load_model
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.taste.gp.model import PersonalModel
from retouch_aes.taste.gp.taste import GPTaste


@dataclass(frozen=True)
class Judge:
    """`model` judges; `taste` is there where it is an addition to a generic score."""

    model: AestheticModel
    taste: GPTaste | None = None

    @staticmethod
    def of(generic: AestheticModel, taste: str | Path | None = None, *, across: bool = False) -> "Judge":
        """The judge of the file `taste`, on the device of `generic`; `generic` itself for None.

        `across=True` is for ranking different photos. `WeightsError` where the taste rests on another model.
        """
        if taste is None:
            return Judge(generic)
        if holds_model(taste):
            device = next(iter(generic.state_dict().values())).device
            return Judge(load_model(taste).requires_grad_(False).to(device))
        found = GPTaste.load(taste)
        return Judge(found.bind(generic, across=across), found)

    def about(self, image: Tensor, base: EditPrior | None) -> tuple[AestheticModel, EditPrior | None]:
        """Score and prior for retouching `image` `(B, 3, H, W)` from the guess of `base`."""
        if self.taste is None or not isinstance(self.model, PersonalModel):
            return self.model, base
        return self.taste.about(image, self.model, base)

    def operators(self, chosen: Sequence[str] | None) -> Sequence[str] | None:
        """Those `chosen`; without a choice those of the taste; None for the general ones."""
        return chosen if chosen is not None or self.taste is None else self.taste.operators
