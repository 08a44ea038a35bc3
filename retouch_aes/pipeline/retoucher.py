"""`Retoucher`: photo -> proxy -> prior's guess -> solver -> outcome -> render at full size, to any taste."""

from collections.abc import Sequence
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
from retouch_aes.models.guessed_once import GuessedOnce
from retouch_aes.models.model import SMALLEST_SIDE
from retouch_aes.operators import AUTO, FillLight, Framing, Operator, Recipe, installed, read_recipe
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline.automatic_denoise import denoised
from retouch_aes.pipeline.automatic_light import with_light
from retouch_aes.pipeline.framing_choice import FramingChoice, framed_as, with_framing
from retouch_aes.pipeline.judged_by import judged_by
from retouch_aes.pipeline.look import combined, find_look, laid_over
from retouch_aes.pipeline.retouched import Retouched
from retouch_aes.pipeline.spec import RetoucherSpec
from retouch_aes.taste.contract import Taste

Source = Photo | str | Path


class Retoucher:
    """Retouches photos to `model`, or to `taste` on top of it.

    `Retoucher.load` makes one from names and files. Sliders are moved down `10 - f`, held by fidelity and by
    the prior's guess (`Objective`), as Zhang et al. add a personal score to the training of an enhancer.

    Args:
        model: The generic score.
        taste: One person's; None for anyone's.
        prior: Where a search starts and what it is held to; None for the photo as it is.
        one_pass: A network whose guess stands in for the prior's, from `train one-pass`.
        operators: Names of the operators that may be used; None for those of the taste, or the general ones.
        look: A recipe that is laid over what a photo needs; None for none.
        framing: How photos are straightened and cut first; None for as they are.
        denoise: Smooth noise that an edit brings out.
        light: Fill dark parts with light where the prior wants it; None: unless operators are named.
        settings: Proxy, solver, weights, strength.
        device: Where the search runs; None for where the model is.

    Raises:
        WeightsError: The taste was learned on another model.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo, Retoucher
        >>> retoucher = Retoucher.load(prior=None, fast=True, device="cpu")
        >>> done = retoucher(Photo(torch.full((1, 3, 48, 64), 0.5)))
        >>> done.solution.outcome, done.photo.image.shape
        (<Outcome.LEFT_ALONE: 'left alone'>, torch.Size([1, 3, 48, 64]))
    """

    def __init__(
        self,
        model: AestheticModel,
        *,
        taste: Taste | None = None,
        prior: EditPrior | None = None,
        one_pass: EditPrior | None = None,
        operators: Sequence[str | Operator] | None = None,
        look: Recipe | None = None,
        framing: FramingChoice | None = None,
        denoise: bool = True,
        light: bool | None = None,
        settings: RetouchSettings | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.model, self.taste, self.settings = model, taste, settings or RetouchSettings()
        self.device = device or device_of(model)
        self.operators = operators if operators is not None or taste is None else taste.operators
        self.look, self.framing, self.denoise = look, framing, denoise
        self.light = operators is None if light is None else light
        self._prior, self._one_pass, self._fidelity = prior, one_pass, Fidelity()
        if taste is not None:
            taste.editing_model(model)  # does it rest on this model? said before any work

    @classmethod
    def load(
        cls,
        *,
        model: AestheticModel | str | Path = "aesthetic-compact",
        taste: Taste | str | Path | None = None,
        prior: EditPrior | str | Path | None = "edit-prior",
        fast: bool | str | Path = False,
        operators: Sequence[str | Operator] | None = None,
        look: str | Path | None = None,
        framing: FramingChoice | None = None,
        denoise: bool = True,
        light: bool | None = None,
        settings: RetouchSettings | None = None,
        device: str | torch.device = "auto",
    ) -> "Retoucher":
        """A retoucher from bundled names and files.

        Args:
            model: The generic score that edits maximise: a bundled name, a weight file or a model. The
                compact one is faster and harder to fool. A taste brings the one that it was learned on.
            taste: A file of `learn`; None for anyone's taste.
            prior: The edit prior; None starts from the photo as it is.
            fast: True takes the prior's guess without a search; a file of `train one-pass` that network's.
            operators: Names of operators; None for those of the taste, or the general ones.
            look: A recipe to be laid over every edit: a name or a file (`retouch-aes looks list`).
            framing: How photos are to be straightened and cut before they are retouched.
            denoise: Smooth noise that an edit brings out.
            light: Fill dark parts with light where the prior wants it; None: unless operators are named.
            settings: None for the defaults; with `fast` then without a search.
            device: "auto", "cpu", "cuda", "mps" or a device.

        Returns:
            A retoucher whose networks are frozen and on `device`.

        Raises:
            UsageError: No such device or operator.
            WeightsError: A missing or damaged file, or a taste of another model.

        Examples:
            >>> from retouch_aes import Retoucher
            >>> Retoucher.load(fast=True, device="cpu").names[:3]
            ('dehaze', 'white_balance', 'exposure')
        """
        where = pick_device(device)
        if not isinstance(model, AestheticModel):
            model = load_model(model).requires_grad_(False).to(where)
        if isinstance(prior, str | Path):
            prior = load_prior(prior).requires_grad_(False).to(where)
        if isinstance(taste, str | Path):
            from retouch_aes.taste.files import load_taste  # what learns is imported only for a taste

            taste = load_taste(taste)
        network = None if isinstance(fast, bool) else load_prior(fast).requires_grad_(False).to(where)
        return cls(
            model,
            taste=taste,
            prior=prior,
            one_pass=network,
            operators=operators,
            look=None if look is None else read_recipe(find_look(str(look)), installed()),
            framing=framing,
            denoise=denoise,
            light=light,
            settings=RetoucherSpec.settings_for(settings, fast=fast is not False),
            device=where,
        )

    @classmethod
    def of(cls, spec: RetoucherSpec) -> "Retoucher":
        """The retoucher that `spec` names; see `load`.

        Args:
            spec: Names and settings that can travel to another process.

        Returns:
            A retoucher with its networks on the device of `spec`; raises as `load`.
        """
        return cls.load(**spec.arguments)

    @overload
    def __call__(self, photo: Source) -> Retouched: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, photo: Sequence[Source]) -> list[Retouched]: ...
    def __call__(self, photo: Source | Sequence[Source]) -> Retouched | list[Retouched]:
        """Retouch a photo (or its path), or each of several.

        Args:
            photo: A photo, its path, or a sequence of these.

        Returns:
            The photo with its edit, at full size and in its own depth; a list of these for a sequence.

        Raises:
            PhotoError: A file that is no photo.
        """
        if not isinstance(photo, Photo | str | Path):
            return [self(one) for one in photo]
        opened = photo if isinstance(photo, Photo) else read(photo)
        opened, framing = self.frame(opened)
        small = self.proxy(opened)
        solution = self.solve(small, opened)
        edited, solution = self.render(opened, solution.recipe, small), with_framing(solution, framing)
        return Retouched(edited, solution.recipe, solution)

    def frame(self, photo: Photo) -> tuple[Photo, Framing | None]:
        """A photo within the frame that is asked for.

        Args:
            photo: The photo as it is.

        Returns:
            What is kept of it, and the framing; None where it stays whole.
        """
        ranking = self.model if self.taste is None else self.taste.ranking_model(self.model)
        return framed_as(self.framing, photo, ranking, self.settings.proxy)

    def proxy(self, photo: Photo) -> Tensor:
        """The small copy on which edits are sought.

        Args:
            photo: Of any size.

        Returns:
            `(1, 3, h, w)`, sRGB [0, 1], on the CPU; its long side is `settings.proxy` px at most.

        Raises:
            PhotoError: A photo too small, or too long, to be judged.
        """
        return photo.proxy(self.settings.proxy, least=SMALLEST_SIDE)

    def solve(self, small: Tensor, photo: Photo | None = None) -> Solution:
        """The edit for a small copy.

        Args:
            small: What `proxy` gives, `(1, 3, h, w)`, sRGB [0, 1].
            photo: At full size, where the noise that the edit would bring out is to be smoothed.

        Returns:
            The recipe and how it was found.
        """
        there = small.to(self.device)
        settings = self.settings if self.taste is None else self.settings.as_asked
        general, network = (p and GuessedOnce(p, there) for p in (self._prior, self._one_pass))
        prior = network or (general if self.taste is None else self.taste.prior(general))
        names = with_light(self.operators, there, prior) if self.light else self.operators
        score = judged_by(self.model, self.taste, there, general, self.allowed)
        [found] = retouch(
            there, score, operators=names, prior=prior, settings=settings, fidelity=self._fidelity
        )
        if self.look is not None:
            found = laid_over(found, self.look, small, self.scores(small, combined(found.recipe, self.look)))
        return found if photo is None or not self.denoise else denoised(found, photo, small)

    def render(self, photo: Photo, recipe: Recipe, small: Tensor | None = None) -> Photo:
        """`photo` with `recipe`, at full size; computed when it is asked for or written.

        Args:
            photo: The photo as it is.
            recipe: Any recipe, as of `solve`.
            small: The small copy on which operators measure, where it is at hand.

        Returns:
            The photo with other pixels.
        """
        return develop(photo, recipe, side=self.settings.proxy, small=small)

    def score_of(self, image: Tensor) -> AestheticModel:
        """The score by which edits of `image` are judged.

        Args:
            image: Small copies of photos as they are, `(B, 3, h, w)`, sRGB [0, 1].

        Returns:
            A model that gives scores `(B,)` in [1, 10] of renditions of these photos.
        """
        return judged_by(self.model, self.taste, image, self._prior, self.allowed)

    def scores(self, small: Tensor, recipe: Recipe) -> tuple[float, float]:
        """The score of a proxy as it is, and with a recipe.

        Args:
            small: `(1, 3, h, w)`, sRGB [0, 1].
            recipe: The edit.

        Returns:
            Both scores, in [1, 10].
        """
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
        """Twelve digits of the score by which edits are judged: its weights and preprocessing."""
        return (self.model if self.taste is None else self.taste.editing_model(self.model)).fingerprint

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the operators that may be used."""
        wanted = AUTO if self.operators is None else self.operators
        return tuple(one if isinstance(one, str) else one.name for one in wanted)

    @property
    def allowed(self) -> tuple[str, ...]:
        """Those, and fill light where it may join them."""
        return (*self.names, *[FillLight.name] * self.light)
