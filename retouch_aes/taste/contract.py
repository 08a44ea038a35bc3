"""What every taste promises, however it was learned: scores of one person, for ranking and for editing."""

from abc import ABC, abstractmethod
from pathlib import Path

from torch import Tensor

from retouch_aes.models.edit_prior import EditPrior
from retouch_aes.models.hub import front_matter, write_readme
from retouch_aes.models.model import AestheticModel
from retouch_aes.taste.card import TasteCard

TASTE_FILE = "taste.safetensors"


class Taste(ABC):
    """One person's taste.

    A taste either adds to a generic score (`GPTaste`) or is a model of its own (`FinetunedTaste`); whoever
    uses one need not know which. `load_taste` reads both, `learn` makes both.
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
        """Where an edit to this taste starts, given the general guess `base` (None: the photo as it is)."""
        return base

    @abstractmethod
    def save(self, path: str | Path, *, overwrite: bool = True) -> None:
        """Write the taste to one file, whole or not at all; `load_taste` reads it back."""

    def save_pretrained(self, folder: str | Path, *, licence: str = "", overwrite: bool = False) -> Path:
        """Write the taste and a README into `folder`, to keep or to upload; the path of the taste.

        A taste holds no photo and no answer, but what was learned from one person's: without a `licence` the
        README says that none is granted. `taste_from_pretrained` reads it back.
        """
        path = Path(folder) / TASTE_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        self.save(path, overwrite=overwrite)
        write_readme(path.parent, _readme(self.info, licence), overwrite=overwrite)
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
