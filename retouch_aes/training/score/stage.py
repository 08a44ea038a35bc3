"""The score's own stage: what people said, what a teacher would say, and which edits must not win.

Every step adds up, with the weights of `ScoreTraining`: rating losses on whole rated photos (`rated`),
opinion and look of renditions of crops (`judging`), edit ladders and degraded copies, and the adversarial
ladder (`adversary`). The backbone has learned already and moves slowly: the ladders' gradients are larger and
noisier than the ratings', and at the head's pace they drown what it knows of people.
"""

from dataclasses import dataclass, field

from torch import Generator, Tensor

from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.optim.training_loop import Losses
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.renditions import Mixture, renditions
from retouch_aes.training.score.adversarial_edits import AdversarialAscent, adversarial_loss
from retouch_aes.training.score.distillation_data import DistillationData
from retouch_aes.training.score.edit_ladders import ladder_losses
from retouch_aes.training.score.rated import RatingTable, rating_losses
from retouch_aes.training.score.rendition_scoring import RenditionScoring, rendition_scoring_losses
from retouch_aes.training.shapes import SHAPES, shape_of


@dataclass(frozen=True)
class ScoreTraining:
    """Photos of each kind in a step, weights of the losses; `pace` is the backbone's share of the rate."""

    rated: int = 8
    crops: int = 6
    mixture: Mixture = field(default_factory=lambda: Mixture(untouched=2, edited=2, by_chain=1))
    ladders: int = 4
    adversaries: int = 6
    ascent: AdversarialAscent = field(default_factory=AdversarialAscent)
    judging: RenditionScoring = field(default_factory=lambda: RenditionScoring(opinion=2.0))
    pace: float = 0.1
    least: float = 0.8
    emd: float = 1.0
    pairs: float = 1.0
    ladder: float = 0.5
    degraded: float = 0.5
    adversary: float = 0.5


def score_training(
    model: EMDAttention,
    rated: PhotoPool,
    table: RatingTable,
    others: PhotoPool,
    examples: DistillationData | None,
    settings: ScoreTraining,
) -> Losses:
    """The losses of one step, for `train`. Without a teacher there are no `examples`."""
    side, device = model.prepare.side, next(model.parameters()).device
    frame = shape_of(SHAPES[0], side)
    auto = EditChain(select(AUTO))

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        chosen = rated.sample(settings.rated, generator)
        images = rated.crops(chosen, frame, settings.least, generator).to(device)
        found = rating_losses(model.distribution(images), table, chosen)
        size = shape_of(SHAPES[step % len(SHAPES)], side)
        drawn = others.sample(settings.ladders + settings.adversaries, generator)
        photos = others.crops(drawn, size, 0.5, generator).to(device)
        found |= ladder_losses(model, photos[: settings.ladders], generator)
        found |= adversarial_loss(model, photos[settings.ladders :], generator, settings.ascent)
        weighted = {name: getattr(settings, name) * loss for name, loss in found.items()}
        if examples is not None:
            crops, _, opinions = examples.draw(settings.crops, generator, device)
            seen = renditions(crops, auto, settings.mixture, generator)
            weighted |= rendition_scoring_losses(model(seen.images), opinions, seen, settings.judging)
        return weighted

    return losses
