"""What every taste promises, however it was learned: scores of one person, for ranking and for editing."""

from abc import ABC, abstractmethod
from pathlib import Path

from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.hub import beside_readme, front_matter
from retouch_aes.models.model import AestheticModel
from retouch_aes.taste.card import TasteCard

TASTE_FILE = "taste.safetensors"


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

    @property
    def counts_from_repair(self) -> bool:
        """Whether its look is counted from the repaired photo instead of the photo as it is.

        Who edits then gives `editing_model` the photos as the general prior repairs them.
        """
        return False

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
            image: The photos as they are, or repaired (`counts_from_repair`), `(B, 3, H, W)`, sRGB [0, 1];
                None for an ordinary photo.

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

    def save_pretrained(self, folder: str | Path, *, licence: str = "", overwrite: bool = False) -> Path:
        """Write the taste and a README into a folder, to keep or to upload.

        A taste holds no photo and no answer, but what was learned from one person's. `taste_from_pretrained`
        reads it back.

        Args:
            folder: Made where it is missing.
            licence: Of the taste; without one the README says that none is granted.
            overwrite: Replace files that are there; else they are refused.

        Returns:
            The path of the taste.

        Raises:
            RetouchError: Files are there, or cannot be written.
        """
        path = Path(folder) / TASTE_FILE
        with beside_readme(path.parent, _readme(self.info, licence), overwrite=overwrite):
            self.save(path, overwrite=overwrite)
        return path


def _readme(card: TasteCard, licence: str) -> str:
    rests = f" with the fingerprint {card.fingerprint}" if card.fingerprint else ""
    return "\n".join(
        [
            *front_matter(licence or "other"),
            "# A person's taste in photos, for retouch_aes",
            "",
            f"Licence: {licence or 'none granted'}",
            "",
            f"Learned from {card.choices} choices and {card.ratings} ratings on {card.created}, on the model "
            f"{card.model}{rests}. It holds no photo.",
            "",
            "```python",
            "from retouch_aes.taste import taste_from_pretrained",
            "",
            'taste = taste_from_pretrained("USER/NAME")',
            "```",
            "",
        ]
    )
