"""A person's model of its own as a taste: what every method of `learn` makes but the Gaussian process."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from retouch_aes.devices import device_of
from retouch_aes.models import ModelCard, load_model, read_header, save_model
from retouch_aes.models.catalogue import models
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.weights import load_network
from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.contract import Taste


@dataclass(frozen=True, eq=False)
class FinetunedTaste(Taste):
    """A whole `model` of one person; `card` goes into its file, `info` says what it was learned from."""

    model: AestheticModel
    card: ModelCard
    known: TasteCard

    @property
    def info(self) -> TasteCard:
        """See `Taste.info`. Of a file that was read, what its card says."""
        return self.known

    def ranking_model(self, generic: AestheticModel) -> AestheticModel:
        """The model itself, on the device of `generic`."""
        return self.model.to(device_of(generic)).eval()

    def editing_model(self, generic: AestheticModel, image: Tensor | None = None) -> AestheticModel:  # noqa: ARG002
        """The same: it judges edits as it judges photos."""
        return self.ranking_model(generic)

    def save(self, path: str | Path, *, overwrite: bool = True) -> None:
        """Write the model and its card as a weight file, whole or not at all."""
        save_model(path, self.model, self.card, overwrite=overwrite)

    @staticmethod
    def load(path: str | Path) -> "FinetunedTaste":
        """The taste stored at `path`, verified, frozen. `WeightsError` where it holds no model."""
        header = read_header(path)
        known = TasteCard(
            model=header.model,
            fingerprint="",
            metrics=header.card.metrics,
            notes=(header.card.provenance,),
            created=header.card.created,
        )
        model = load_model(path) if header.model in models() else _by_a_method(path)
        return FinetunedTaste(model.requires_grad_(False), header.card, known)


def _by_a_method(path: str | Path) -> AestheticModel:
    """The score in a file by a method of the papers, which are imported for it alone."""
    from retouch_aes.papers.personal.kinds import personal_kinds

    # AestheticModel is abstract, and mypy wants concrete classes where a type is asked for
    return load_network(path, personal_kinds())
