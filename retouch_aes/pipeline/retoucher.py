"""`Retoucher`: a photo in, a retouched photo and its recipe out, to anyone's taste or one person's.

    photo -> proxy -> prior's guess -> solver -> outcome -> render at full size

The command line, the batch, both pages, the benchmarks and the demos take this way and no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import torch
from torch import Tensor

from retouch_aes.devices import device_of, pick_device
from retouch_aes.editing.render import develop
from retouch_aes.editing.solve import RetouchSettings, Solution, retouch
from retouch_aes.losses import Fidelity
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.models.edit_prior import EditPrior, load_prior
from retouch_aes.models.model import SMALLEST_SIDE
from retouch_aes.operators import AUTO, Operator, Recipe
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline.spec import GUESS, RetoucherSpec
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.files import load_taste

Source = Photo | str | Path


@dataclass(frozen=True)
class Retouched:
    """A `photo` after its `recipe`, and how that was found. Pixels are computed when asked for or written."""

    photo: Photo
    recipe: Recipe
    solution: Solution


class Retoucher:
    """Retouches photos to `model`, or to `taste` on top of it.

    Args:
        model: The generic score.
        taste: One person's; None for anyone's.
        prior: Where a search starts and what it is held to; None for the photo as it is.
        one_pass: A network whose guess stands in for the prior's, from `train one-pass`.
        operators: Names of the operators that may be used; None for those of the taste, or the general ones.
        settings: Proxy, solver, weights, strength.
        device: Where the search runs; None for where the model is.

    Raises:
        WeightsError: The taste was learned on another model.
    """

    def __init__(
        self,
        model: AestheticModel,
        *,
        taste: Taste | None = None,
        prior: EditPrior | None = None,
        one_pass: EditPrior | None = None,
        operators: Sequence[str | Operator] | None = None,
        settings: RetouchSettings | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.model, self.taste, self.settings = model, taste, settings or RetouchSettings()
        self.device = device or device_of(model)
        self.operators = operators if operators is not None or taste is None else taste.operators
        self._prior, self._one_pass, self._fidelity = prior, one_pass, Fidelity()
        if taste is not None:
            taste.editing_model(model)  # does it rest on this model? said before any work

    @classmethod
    def load(
        cls,
        *,
        model: AestheticModel | str | Path = "aesthetic",
        taste: Taste | str | Path | None = None,
        prior: EditPrior | str | Path | None = "edit-prior",
        fast: bool | str | Path = False,
        operators: Sequence[str | Operator] | None = None,
        settings: RetouchSettings | None = None,
        device: str | torch.device = "auto",
    ) -> "Retoucher":
        """A retoucher from bundled names and files.

        Args:
            model: The generic score.
            taste: A file of `learn`; None for anyone's taste.
            prior: The edit prior; None starts from the photo as it is.
            fast: True takes the prior's guess without a search; a file of `train one-pass` that network's.
            operators: Names of operators; None for those of the taste, or the general ones.
            settings: None for the defaults; with `fast` then without a search.
            device: "auto", "cpu", "cuda", "mps" or a device.

        Raises:
            UsageError: No such device or operator.
            WeightsError: A missing or damaged file, or a taste of another model.

        Example:
            >>> from retouch_aes import Retoucher, read, write
            >>> retoucher = Retoucher.load(fast=True, device="cpu")
            >>> retoucher.operators is None
            True
        """
        where = pick_device(device)
        if not isinstance(model, AestheticModel):
            model = load_model(model).requires_grad_(False).to(where)
        if isinstance(prior, str | Path):
            prior = load_prior(prior).requires_grad_(False).to(where)
        network = None if isinstance(fast, bool) else load_prior(fast).requires_grad_(False).to(where)
        return cls(
            model,
            taste=load_taste(taste) if isinstance(taste, str | Path) else taste,
            prior=prior,
            one_pass=network,
            operators=operators,
            settings=RetoucherSpec.settings_for(settings, fast=fast is not False),
            device=where,
        )

    @classmethod
    def of(cls, spec: RetoucherSpec) -> "Retoucher":
        """The retoucher that `spec` names; see `load`."""
        return cls.load(
            model=spec.model,
            taste=spec.taste,
            prior=spec.prior,
            fast=spec.fast == GUESS if spec.one_pass is None else spec.one_pass,
            operators=spec.operators,
            settings=spec.settings,
            device=spec.device,
        )

    @overload
    def __call__(self, photo: Source) -> Retouched: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, photo: Sequence[Source]) -> list[Retouched]: ...
    def __call__(self, photo: Source | Sequence[Source]) -> Retouched | list[Retouched]:
        """Retouch a photo (or its path), or each of several.

        Returns:
            The photo with its edit, at full size and in its own depth; the recipe; the solution.
        """
        if not isinstance(photo, Photo | str | Path):
            return [self(one) for one in photo]
        opened = photo if isinstance(photo, Photo) else read(photo)
        small = self.proxy(opened)
        solution = self.solve(small)
        return Retouched(self.render(opened, solution.recipe, small), solution.recipe, solution)

    def proxy(self, photo: Photo) -> Tensor:
        """The small copy `(1, 3, h, w)` of `photo` on which edits are sought and measured, on the CPU."""
        return photo.proxy(self.settings.proxy, least=SMALLEST_SIDE)

    def solve(self, small: Tensor) -> Solution:
        """The edit for a proxy `(1, 3, h, w)`, sRGB [0, 1]."""
        there = small.to(self.device)
        [found] = retouch(
            there,
            self.score_of(there),
            operators=self.operators,
            prior=self._one_pass or self.prior,
            settings=self.settings,
            fidelity=self._fidelity,
        )
        return found

    def render(self, photo: Photo, recipe: Recipe, small: Tensor | None = None) -> Photo:
        """`photo` with `recipe`, whose operators measure on the proxy (`small`, where it is at hand)."""
        return develop(photo, recipe, side=self.settings.proxy, small=small)

    def score_of(self, image: Tensor) -> AestheticModel:
        """The score by which edits of `image` `(B, 3, H, W)` are judged."""
        return self.model if self.taste is None else self.taste.editing_model(self.model, image)

    def scores(self, small: Tensor, recipe: Recipe) -> tuple[float, float]:
        """The score of a proxy `(1, 3, h, w)` as it is and with `recipe`."""
        there = small.to(self.device)
        score = self.score_of(there)
        with torch.no_grad():
            return float(score(there)), float(score(recipe.apply(there)))

    @property
    def prior(self) -> EditPrior | None:
        """Where a search starts, moved to the taste."""
        return self._prior if self.taste is None else self.taste.prior(self._prior)

    @property
    def fingerprint(self) -> str:
        """Of the score by which edits are judged: weights and preprocessing."""
        return (self.model if self.taste is None else self.taste.editing_model(self.model)).fingerprint

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the operators that may be used."""
        wanted = AUTO if self.operators is None else self.operators
        return tuple(one if isinstance(one, str) else one.name for one in wanted)
