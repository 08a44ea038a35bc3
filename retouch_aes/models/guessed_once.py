"""One look at photos for all who ask an edit prior about them."""

import torch
from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior, placed
from retouch_aes.operators import REPAIR, EditChain, select


class GuessedOnce(EditPrior):
    """What `prior` guesses for photos' sliders that repair, handed on to whoever asks for some of them.

    A retouch asks whether light is wanted, where to start and, for a taste, how the photo looks repaired: one
    network, one photo. Of other photos or sliders `prior` itself is asked.

    Args:
        prior: Whose guess it is; what it says of a slider must not depend on which others are asked for.
        image: `(B, 3, h, w)`, sRGB [0, 1], the small copies that it looks at.

    Examples:
        >>> import torch
        >>> from retouch_aes import EditChain, load_prior, select
        >>> from retouch_aes.models.guessed_once import GuessedOnce
        >>> photo, prior = torch.full((1, 3, 48, 64), 0.2), load_prior("edit-prior")
        >>> once, light = GuessedOnce(prior, photo), EditChain(select(["exposure"]))
        >>> torch.equal(once.guess(photo, light)[0], prior.guess(photo, light)[0])
        True
    """

    def __init__(self, prior: EditPrior, image: Tensor) -> None:
        self._prior, self._image, self._chain = prior, image, EditChain(select(REPAIR))
        self._guess: tuple[Tensor, Tensor] | None = None

    def of(self, rows: Tensor, image: Tensor) -> "GuessedOnce":
        """The same of some of the photos.

        Args:
            rows: Their places, `(N,)` integers, on the device of the photos.
            image: These photos, `(N, 3, h, w)`.

        Returns:
            What was guessed of them already, and of no others.
        """
        some = GuessedOnce(self._prior, image)
        if self._guess is not None:
            units, spread = self._guess
            some._guess = units.index_select(0, rows), spread.index_select(0, rows)
        return some

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        same = image is self._image or torch.equal(image, self._image)
        if not same or not set(chain.names) <= set(self._chain.names):
            return self._prior.guess(image, chain)
        if self._guess is None:
            with torch.no_grad():
                self._guess = self._prior.guess(image, self._chain)
        return placed(*self._guess, self._chain, chain)
