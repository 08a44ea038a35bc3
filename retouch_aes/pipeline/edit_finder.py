"""What finds the edits of photos: framed, made small, and searched, those of one shape as one batch.

In a batch each photo is a problem of its own (`optim.Minimiser`), so it gets the edit that it gets alone, but
for rounding. Sliders, start and score are those of the photo: where some lack light and others do not, they
are searched apart.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from retouch_aes.color.value_range import check_range
from retouch_aes.devices import at_once_on, device_of, sent
from retouch_aes.editing.auto_levels import LEVELLERS
from retouch_aes.editing.solve import RetouchSettings, Solution, retouch
from retouch_aes.errors import UsageError
from retouch_aes.losses import Fidelity
from retouch_aes.models import AestheticModel
from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.guessed_once import GuessedOnce
from retouch_aes.models.model import SMALLEST_SIDE
from retouch_aes.operators import AUTO, FillLight, Framing, Operator, Recipe
from retouch_aes.photo import Photo
from retouch_aes.pipeline.automatic_denoise import denoised
from retouch_aes.pipeline.automatic_light import wants_light, with_light
from retouch_aes.pipeline.framing_choice import FramingChoice, framed_as
from retouch_aes.pipeline.judged_by import judged_by
from retouch_aes.pipeline.look import combined, laid_over
from retouch_aes.taste.contract import Taste


class EditFinder:
    """Finds edits by `model`, or by `taste` on top of it; `Retoucher` says what each argument means."""

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
        at_once: int | None = None,
    ) -> None:
        self.model, self.taste, self.settings = model, taste, settings or RetouchSettings()
        self.device = device or device_of(model)
        self.operators = operators if operators is not None or taste is None else taste.operators
        self.look, self.framing, self.denoise = look, framing, denoise
        self.light = operators is None if light is None else light
        if at_once is not None and (type(at_once) is not int or at_once < 1):
            raise UsageError(f"expected at_once of 1 or more, or None, got {at_once!r}")
        self.at_once = at_once or at_once_on(self.device)
        self._prior, self._one_pass, self._fidelity = prior, one_pass, Fidelity()
        if self.settings.levels and not set(self.names) & set(LEVELLERS):
            raise UsageError(
                f"expected one of {', '.join(LEVELLERS)}, which make levels, among the operators, "
                f"got {', '.join(self.names)}; leave levels out, or allow one of them"
            )
        if taste is not None:
            taste.editing_model(model)  # does it rest on this model? said before any work

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
        [found] = self.solve_together([small], None if photo is None else [photo])
        return found

    def solve_together(
        self, smalls: Sequence[Tensor], photos: Sequence[Photo] | None = None
    ) -> list[Solution]:
        """The edits for several small copies, those of one shape as one batch.

        Args:
            smalls: Each as for `solve`.
            photos: At full size, in the same order, or None.

        Returns:
            For each, in order, what `solve` finds, but for rounding.

        Raises:
            UsageError: A small copy of another shape or kind, with NaN, or of another range; or not a photo
                for each.

        Examples:
            >>> import torch
            >>> from retouch_aes import Retoucher
            >>> retoucher = Retoucher.load(fast=True, device="cpu", at_once=2)
            >>> found = retoucher.solve_together([torch.rand(1, 3, 48, 64), torch.rand(1, 3, 64, 48)])
            >>> [one.recipe.proxy for one in found]
            [224, 224]
        """
        for small in smalls:
            _check(small)
        if photos is not None and len(photos) != len(smalls):
            raise UsageError(f"expected a photo for each of {len(smalls)} small copies, got {len(photos)}")
        solutions = self._searched(smalls)
        if self.look is not None:
            solutions = [
                laid_over(one, self.look, small, self.scores(small, combined(one.recipe, self.look)))
                for one, small in zip(solutions, smalls, strict=True)
            ]
        if photos is None or not self.denoise:
            return solutions
        return [denoised(*each) for each in zip(solutions, photos, smalls, strict=True)]

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

    def _searched(self, smalls: Sequence[Tensor]) -> list[Solution]:
        """One solution each, in order."""
        found: dict[int, Solution] = {}
        for places in self._alike(smalls):
            there = sent(torch.cat([smalls[place] for place in places]), self.device)
            found.update(zip(places, self._batch(there), strict=True))
        return [found[place] for place in range(len(smalls))]

    def _alike(self, smalls: Sequence[Tensor]) -> Iterator[list[int]]:
        """The places of those that can be one batch."""
        of: dict[tuple[torch.Size, torch.dtype], list[int]] = defaultdict(list)
        for place, small in enumerate(smalls):
            of[small.shape, small.dtype].append(place)
        for places in of.values():
            for first in range(0, len(places), self.at_once):
                yield places[first : first + self.at_once]

    def _batch(self, there: Tensor) -> list[Solution]:
        general = None if self._prior is None else GuessedOnce(self._prior, there)
        network = None if self._one_pass is None else GuessedOnce(self._one_pass, there)
        lacks = wants_light(there, self._start(general, network)) if self.light else [False] * len(there)
        if len(set(lacks)) == 1:
            return self._found(there, general, network, lacks[0])
        found: dict[int, Solution] = {}
        for light in (False, True):
            rows = [row for row, lack in enumerate(lacks) if lack is light]
            which = torch.tensor(rows, device=there.device)
            some = there.index_select(0, which)
            guess = None if general is None else general.of(which, some)
            other = None if network is None else network.of(which, some)
            found.update(zip(rows, self._found(some, guess, other, light), strict=True))
        return [found[row] for row in range(len(there))]

    def _start(self, general: EditPrior | None, network: EditPrior | None) -> EditPrior | None:
        return network or (general if self.taste is None else self.taste.prior(general))

    def _found(
        self, there: Tensor, general: EditPrior | None, network: EditPrior | None, light: bool
    ) -> list[Solution]:
        return retouch(
            there,
            judged_by(self.model, self.taste, there, general, self.allowed),
            operators=with_light(self.operators) if light else self.operators,
            prior=self._start(general, network),
            settings=self.settings if self.taste is None else self.settings.as_asked,
            fidelity=self._fidelity,
        )


def _check(small: Tensor) -> None:
    """`UsageError` unless it is one small copy."""
    if not isinstance(small, Tensor) or small.ndim != 4 or small.dtype is not torch.float32:
        got = f"{tuple(small.shape)} {small.dtype}" if isinstance(small, Tensor) else type(small).__name__
        raise UsageError(f"expected small copies (1, 3, h, w) of torch.float32, as `proxy` gives, got {got}")
    if small.shape[:2] != (1, 3) or not small.numel():
        raise UsageError(f"expected small copies (1, 3, h, w), one photo each, got {tuple(small.shape)}")
    check_range(small)
