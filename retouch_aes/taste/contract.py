"""What every taste promises, however it was learned: scores of one person, for ranking and for editing."""

from abc import ABC, abstractmethod
from pathlib import Path

from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.model import AestheticModel
from retouch_aes.taste.card import TasteCard


class Taste(ABC):
    """One person's taste.

    A taste either adds to a generic score (`GPTaste`) or is a model of its own (`FinetunedTaste`, as Zhang et
    al.); whoever uses one need not know which. `load_taste` reads both, `learn` makes both.

    Examples:
        >>> from retouch_aes import AestheticLoss, Taste, load_model
        >>> class Anyone(Taste):  # the smallest of one's own: the generic score
        ...     info = None
        ...     def ranking_model(self, generic):
        ...         return generic
        ...     def editing_model(self, generic, image=None):
        ...         return generic
        ...     def save(self, path, *, overwrite=True):
        ...         raise NotImplementedError
        >>> loss = AestheticLoss(Anyone().editing_model(load_model("aesthetic")))
    """

    @property
    @abstractmethod
    def info(self) -> TasteCard:
        """What it rests on, what it was learned from, and how well that predicts answers left out."""

    @property
    def operators(self) -> tuple[str, ...] | None:
        """The operators that an edit to this taste may use; None for the general ones."""
        return None

    @abstractmethod
    def ranking_model(self, generic: AestheticModel) -> AestheticModel:
        """The score by which this person orders different photos.

        Args:
            generic: The score that the taste was learned on; a taste that stands alone takes its device only.

        Returns:
            A model in evaluation mode, on the device of `generic`.

        Raises:
            WeightsError: The taste was learned on another model; both fingerprints are named.
        """

    @abstractmethod
    def editing_model(self, generic: AestheticModel, image: Tensor | None = None) -> AestheticModel:
        """The score by which this person judges edits of `image`, and the loss that retouching minimises.

        Args:
            generic: As for `ranking_model`.
            image: The photos as they are, `(B, 3, H, W)`, sRGB [0, 1]; None for an ordinary photo.

        Returns:
            A model in evaluation mode, on the device of `generic`, for renditions of these photos.

        Raises:
            WeightsError: As for `ranking_model`.
        """

    def prior(self, base: EditPrior | None = None) -> EditPrior | None:
        """Where an edit to this taste starts.

        Args:
            base: The general first guess; None for the photo as it is.

        Returns:
            A prior moved to the taste; `base` itself where the taste has no opinion.
        """
        return base

    @abstractmethod
    def save(self, path: str | Path, *, overwrite: bool = True) -> None:
        """Write the taste to one file, whole or not at all; `load_taste` reads it back.

        Args:
            path: The file.
            overwrite: Replace a file that is there; else it is refused.

        Raises:
            RetouchError: The file is there, or cannot be written.
        """
