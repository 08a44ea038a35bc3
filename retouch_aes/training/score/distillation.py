"""The first training: one backbone learns to see, to judge and to restore at once.

Every crop comes in two renditions (`renditions`). From each the network says

* what the teacher saw in the *undegraded* crop: the whitened maps at strides 8, 16, 32, by mean squared
error,
  so that what is in a photo is seen through bad light and casts;
* a score (`judging`);
* the edit that restores it (`inverse_edit`).

Three tasks on one body hold each other: the maps keep the opinion from being learned by heart, and what is
known of a scene tells which of its colours are wrong. On the body the gradients of the second and third are
mostly noise (the cosine between two batches is near 0, against .2 to .5 for the maps) and ten to fifty times
as long; with equal weights the maps were not learned at all. Hence `maps`, and small weights for the others,
which the heads of their own, under Adam, do not feel.
"""

from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.models.backbone import Backbone
from retouch_aes.models.edit_prior import EditHead
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import mean_score
from retouch_aes.models.preprocessing import Normalise
from retouch_aes.operators import EditChain
from retouch_aes.optim.training_loop import Losses
from retouch_aes.training.prior.inverse_edit import RestorationLosses, restoration_losses
from retouch_aes.training.renditions import Mixture, renditions
from retouch_aes.training.score.distillation_data import COMPONENTS, STRIDES, DistillationData
from retouch_aes.training.score.patch_mixing import mix_patches
from retouch_aes.training.score.rendition_scoring import RenditionScoring, rendition_scoring_losses


@dataclass(frozen=True)
class DistillationSettings:
    """Crops a step, their renditions and the tasks.

    Until the share `small_until` of the steps, crops are seen at `small` pixels a side, which takes about
    half the time; after it at the size of the examples. The share `patched` of the crops gets a patch of
    another one.
    """

    crops: int = 24
    mixture: Mixture = field(default_factory=lambda: Mixture(untouched=16, edited=4, by_chain=5))
    patched: float = 0.5
    maps: float = 30.0
    judging: RenditionScoring = field(default_factory=lambda: RenditionScoring(opinion=0.3, look=0.3))
    restoration: RestorationLosses = field(
        default_factory=lambda: RestorationLosses(restored=2.0, likelihood=0.005)
    )
    small: int = 144
    small_until: float = 0.75


class DistillationModel(nn.Module):
    """A model whose backbone also imitates the teacher's maps and feeds an edit head."""

    def __init__(self, model: EMDAttention, edits: EditHead, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.normalise = Normalise()
        self.model = model
        self.edits = edits
        self.imitations = nn.ModuleList(
            nn.Conv2d(width, size, 1) for width, size in zip(channels, COMPONENTS, strict=True)
        )

    @property
    def backbone(self) -> Backbone:
        """The body of all three tasks."""
        return self.model.backbone


def distillation_losses(
    student: DistillationModel,
    chain: EditChain,
    examples: DistillationData,
    steps: int,
    settings: DistillationSettings,
) -> Losses:
    """The losses of one step, for `train`; `chain` is the one whose units the edit head predicts."""
    device = next(student.parameters()).device

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        drawn = examples.draw(settings.crops, generator, device)
        crops, targets, opinions = mix_patches(*drawn, settings.patched, generator)
        if step < settings.small_until * steps:
            crops, targets = _shrunk(crops, targets, settings.small)
        seen = renditions(crops, chain, settings.mixture, generator)
        maps = student.backbone(student.normalise(seen.images))
        tasks = zip(STRIDES, student.imitations, maps, targets, strict=True)
        found = {
            f"stride_{stride}": settings.maps
            * F.mse_loss(imitate(m), target.repeat(2, 1, 1, 1))
            / len(STRIDES)
            for stride, imitate, m, target in tasks
        }
        score = mean_score(student.model.judge(maps))
        found |= rendition_scoring_losses(score, opinions, seen, settings.judging)
        found |= restoration_losses(student.edits(maps, seen.images), seen, chain, settings.restoration)
        return found

    return losses


def _shrunk(crops: Tensor, targets: list[Tensor], side: int) -> tuple[Tensor, list[Tensor]]:
    small = F.interpolate(crops, size=(side, side), mode="bilinear", antialias=True).clamp(0, 1)
    grids = [-(-side // stride) for stride in STRIDES]
    return small, [F.adaptive_avg_pool2d(m, grid) for m, grid in zip(targets, grids, strict=True)]
