"""Training of the score: what people said, what a teacher would say, and which edits must not win.

Every step adds up, with the weights of `ScoreTraining`: rating losses on rated photos (`rated`), the
distance to a teacher's second opinion on photos without ratings, edit ladders and spoiled copies, and the
adversarial ladder (`ladders`).
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import mean_score
from retouch_aes.training.ladders import Ascent, adversarial_loss, ladder_losses
from retouch_aes.training.loop import Losses
from retouch_aes.training.photos import PhotoPool
from retouch_aes.training.rated import RatingTable, rating_losses

_RATED_SHAPE = (4, 5)
_SHAPES = ((4, 5), (5, 4), (1, 1), (2, 3), (3, 2))


@dataclass(frozen=True)
class ScoreTraining:
    """Photos of each kind in a step, and the weight of each loss.

    For the first `alone` steps only attention and head learn, and only from people and the teacher: with
    the ladders from the start, whose gradients are larger and noisier, 250 steps taught nothing of the
    ratings, and with the backbone free it learned the rated photos by heart. Ladders are climbed at `small`
    times the model's side in three steps of four: edits show there as well, at half the time.
    """

    rated: int = 12
    others: int = 36
    ladders: int = 6
    adversaries: int = 6
    small: float = 0.75
    least: float = 0.8
    ascent: Ascent = field(default_factory=Ascent)
    alone: int = 300
    emd: float = 4.0
    pairs: float = 3.0
    opinion: float = 2.0
    ladder: float = 0.5
    spoiled: float = 0.5
    adversary: float = 0.5


def shape_of(ratio: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width of a photo of that ratio whose long side is `side`, in steps of 8 pixels."""
    unit = side / max(ratio)
    return round(ratio[0] * unit / 8) * 8, round(ratio[1] * unit / 8) * 8


def score_training(
    model: EMDAttention,
    rated: PhotoPool,
    table: RatingTable,
    others: PhotoPool,
    opinions: Tensor | None,
    settings: ScoreTraining,
) -> Losses:
    """The losses of one step, for `train`. `opinions` `(N,)` are the teacher's scores of `others`, if any."""
    side = model.prepare.side
    frame = shape_of(_RATED_SHAPE, side)

    def people(generator: Generator) -> dict[str, Tensor]:
        chosen = rated.sample(settings.rated, generator)
        images = rated.crops(chosen, frame, settings.least, generator)
        if opinions is None:
            losses = rating_losses(model.distribution(images), table, chosen)
        else:
            asked = others.sample(settings.others, generator)
            images = torch.cat([images, others.crops(asked, frame, settings.least, generator)])
            distribution = model.distribution(images)
            losses = rating_losses(distribution[: len(chosen)], table, chosen)
            scores = mean_score(distribution[len(chosen) :])
            losses["opinion"] = settings.opinion * F.smooth_l1_loss(scores, opinions[asked])
        return losses | {"emd": settings.emd * losses["emd"], "pairs": settings.pairs * losses["pairs"]}

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        model.backbone.requires_grad_(step >= settings.alone)
        with torch.autocast("cpu", torch.bfloat16):
            found = people(generator)
        if step < settings.alone:
            return found
        seen = side if step % 4 == 0 else round(settings.small * side)
        size = shape_of(_SHAPES[step % len(_SHAPES)], seen)
        chosen = others.sample(settings.ladders + settings.adversaries, generator)
        photos = others.crops(chosen, size, 0.5, generator)
        model.prepare.side = seen
        found |= ladder_losses(model, photos[: settings.ladders], generator)
        found |= adversarial_loss(model, photos[settings.ladders :], generator, settings.ascent)
        model.prepare.side = side
        for name in ("ladder", "spoiled", "adversary"):
            found[name] = getattr(settings, name) * found[name]
        return found

    return losses
