"""`Retoucher`: photo -> proxy -> prior's guess -> solver -> outcome -> render at full size, to any taste."""

from collections.abc import Sequence
from pathlib import Path
from typing import overload

import torch
from torch import Tensor

from retouch_aes.devices import pick_device
from retouch_aes.editing.render import develop
from retouch_aes.editing.solve import RetouchSettings
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.models.edit_prior import EditPrior, load_prior
from retouch_aes.models.quick_looks import look_quickly
from retouch_aes.operators import Operator, Recipe, installed, read_recipe
from retouch_aes.photo import Photo, read
from retouch_aes.pipeline.edit_finder import EditFinder
from retouch_aes.pipeline.framing_choice import FramingChoice, with_framing
from retouch_aes.pipeline.look import find_look
from retouch_aes.pipeline.retouched import Retouched
from retouch_aes.pipeline.spec import RetoucherSpec
from retouch_aes.taste.contract import Taste

Source = Photo | str | Path


class Retoucher(EditFinder):
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
        at_once: Photos of one shape that are searched as one batch; None: 32 on a CUDA device, else 1.

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
        at_once: int | None = None,
        half: bool = True,
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
            at_once: Photos of one shape that are searched as one batch; None: 32 on a CUDA device, else 1.
            half: On a CUDA device a bundled score looks in 16 bit while an edit is sought (`quick_looks`).

        Returns:
            A retoucher whose networks are frozen and on `device`.

        Raises:
            UsageError: No such device or operator, or `at_once` below 1.
            WeightsError: A missing or damaged file, or a taste of another model.

        Examples:
            >>> from retouch_aes import Retoucher
            >>> Retoucher.load(fast=True, device="cpu").names[:3]
            ('dehaze', 'white_balance', 'exposure')
        """
        where = pick_device(device)
        if not isinstance(model, AestheticModel):
            model = load_model(model).requires_grad_(False).to(where)
            if half and where.type == "cuda":
                look_quickly(model)
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
            at_once=at_once,
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
        if isinstance(photo, Photo | str | Path):
            return self._together([photo])[0]
        parts = (photo[first : first + self.at_once] for first in range(0, len(photo), self.at_once))
        return [done for part in parts for done in self._together(part)]

    def _together(self, photos: Sequence[Source]) -> list[Retouched]:
        framed = [self.frame(one if isinstance(one, Photo) else read(one)) for one in photos]
        opened = [photo for photo, _ in framed]
        smalls = [self.proxy(photo) for photo in opened]
        done = []
        for (photo, framing), small, found in zip(
            framed, smalls, self.solve_together(smalls, opened), strict=True
        ):
            edited, solution = self.render(photo, found.recipe, small), with_framing(found, framing)
            done.append(Retouched(edited, solution.recipe, solution))
        return done

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
