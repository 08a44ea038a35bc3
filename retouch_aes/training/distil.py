"""Feature-map distillation: a small network learns to see from a large one, without labels.

The teacher's maps at strides 8, 16 and 32 are centred and PCA-whitened per position (24, 64 and 160
components), and 1x1 convolutions on the student's maps predict them by mean squared error. Whitening
matters: without it the mean of the features dominates and next to nothing is learned. Crops are strong and
half of the batches are spoiled by `degrade`, for teacher and student alike, so that the student also sees
badly exposed and hazy photos.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.mobilenet_v2 import TeacherFeatures
from retouch_aes.models.prepare import Prepare
from retouch_aes.training.degrade import degrade
from retouch_aes.training.loop import Losses
from retouch_aes.training.photos import PhotoPool

COMPONENTS = (24, 64, 160)


@dataclass(frozen=True)
class Distillation:
    """Settings: photos a step, pixels a side, least share of a photo in a crop."""

    batch: int = 32
    side: int = 160
    least: float = 0.3
    whitening_batches: int = 24


class Whitening(nn.Module):
    """A teacher's map `(B, C, h, w)` -> its `(B, K, h, w)` leading whitened components."""

    mean: Tensor
    rotation: Tensor

    def __init__(self, samples: Tensor, components: int) -> None:
        """`samples` are `(N, C)` positions of that map."""
        super().__init__()
        mean = samples.mean(dim=0)
        values, vectors = torch.linalg.eigh((samples - mean).double().T.cov())
        leading = values.argsort(descending=True)[:components]
        scale = (values[leading] + 1e-3 * values.max()).rsqrt()
        self.register_buffer("mean", mean)
        self.register_buffer("rotation", (vectors[:, leading] * scale).float())

    def forward(self, maps: Tensor) -> Tensor:
        """See the class."""
        return torch.einsum("bchw,ck->bkhw", maps.float() - self.mean[:, None, None], self.rotation)


class Apprentice(nn.Module):
    """A backbone and the 1x1 convolutions by which it imitates; only the backbone is kept."""

    def __init__(self, backbone: CompactBackbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.heads = nn.ModuleList(
            nn.Conv2d(width, size, 1) for width, size in zip(backbone.channels, COMPONENTS, strict=True)
        )

    def forward(self, prepared: Tensor) -> list[Tensor]:
        """Predicted components at the three strides."""
        maps = self.backbone(prepared)
        return [head(m) for head, m in zip(self.heads, maps, strict=True)]


def distillation(
    apprentice: Apprentice, teacher: TeacherFeatures, pool: PhotoPool, settings: Distillation
) -> Losses:
    """The losses of one step, for `train`: mean squared error at each stride."""
    prepare = Prepare(settings.side)
    size = (settings.side, settings.side)

    def photos(generator: Generator, spoil: bool) -> Tensor:
        crops = pool.crops(pool.sample(settings.batch, generator), size, settings.least, generator)
        return degrade(crops, generator, chance=0.25) if spoil else crops

    def taught(image: Tensor) -> tuple[Tensor, ...]:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return tuple(teacher.maps(image))

    def positions() -> list[list[Tensor]]:
        generator = Generator().manual_seed(1)
        found: list[list[Tensor]] = [[], [], []]
        for index in range(settings.whitening_batches):
            for kept, maps in zip(found, taught(photos(generator, index % 2 == 1)), strict=True):
                kept.append(maps.float().movedim(1, -1).flatten(0, 2)[:: 1 + maps.shape[-1] // 8])
        return found

    whitenings = [Whitening(torch.cat(s), k) for s, k in zip(positions(), COMPONENTS, strict=True)]

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        image = photos(generator, step % 2 == 1)
        targets = [whiten(maps) for whiten, maps in zip(whitenings, taught(image), strict=True)]
        with torch.autocast("cpu", torch.bfloat16):
            guesses = apprentice(prepare(image))
        return {
            f"stride_{8 * 2**i}": F.mse_loss(guess.float(), target) / 3
            for i, (guess, target) in enumerate(zip(guesses, targets, strict=True))
        }

    return losses
