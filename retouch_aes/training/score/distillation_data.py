"""Crops of photos and what a teacher says of them, computed once and kept.

A pass through the teacher costs as much as one of the student, and the same crop is looked at many times
under different faults; so each photo gives a few crops, and each crop is asked about once. Kept are

* the crop itself, as bytes, at the student's size;
* the teacher's maps at strides 8, 16 and 32 of a larger copy, centred, PCA-whitened per position (24, 64 and
  160 components; without whitening the mean of the features dominates and next to nothing is learned) and
  brought to the student's grid;
* an opinion: the mean rating that a regressor predicts from what the teachers see (`rated`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Generator, Tensor, nn

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import WeightsError
from retouch_aes.progress import Progress
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.score.teachers import Teachers

COMPONENTS = (24, 64, 160)
STRIDES = (8, 16, 32)

Opinion = Callable[[Tensor], Tensor]
"""Pooled features of the teachers `(B, D)` -> scores `(B,)` in [1, 10]."""


@dataclass(frozen=True)
class DistillationPlan:
    """Crops of each photo, pixels a side for the teachers, least share of a photo in a crop.

    Crops are what a long training runs out of: of three crops a photo, 8,000 steps learned nothing but those
    crops by heart. The teachers' size matters too: fitted on the first one's features of whole photos, a
    regressor of OASIS' mean ratings reaches a rho of .56 on kept-back themes at 160 px and .65 at 224; more
    does not help, for crops of small photos are then enlarged.
    """

    crops: int = 10
    teacher_side: int = 224
    least: float = 0.3
    batch: int = 16
    seed: int = 0


@dataclass(frozen=True)
class DistillationData:
    """`crops` `(N, 3, S, S)` uint8; `maps`, three float16 `(N, K, s, s)`; `opinions` `(N,)`."""

    crops: Tensor
    maps: tuple[Tensor, ...]
    opinions: Tensor

    def __len__(self) -> int:
        """How many crops."""
        return len(self.crops)

    def draw(
        self, count: int, generator: Generator, device: torch.device | None = None
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """Random crops `(B, 3, S, S)` float [0, 1], half of them mirrored, their maps and opinions."""
        chosen = torch.randint(len(self), (count,), generator=generator)
        flip = torch.rand(count, 1, 1, 1, generator=generator) < 0.5

        def mirrored(x: Tensor) -> Tensor:
            return torch.where(flip, x.flip(-1), x).to(device)

        crops = mirrored(self.crops[chosen].float() / 255)
        return crops, [mirrored(maps[chosen].float()) for maps in self.maps], self.opinions[chosen].to(device)

    def save(self, path: Path) -> None:
        """Write all of it to a safetensors file."""
        named = {"crops": self.crops, "opinions": self.opinions}
        named |= {f"stride_{stride}": maps for stride, maps in zip(STRIDES, self.maps, strict=True)}
        with replacing(path) as temporary:
            save_tensors(named, temporary)

    @staticmethod
    def load(path: Path) -> "DistillationData":
        """Read what `save` wrote. `WeightsError` for anything else."""
        try:
            named = load_file(path)
            maps = tuple(named[f"stride_{stride}"] for stride in STRIDES)
            return DistillationData(named["crops"], maps, named["opinions"])
        except (SafetensorError, KeyError, OSError) as error:
            raise WeightsError(f"{path}: not the examples of a training ({error}); remove it") from error


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
        return torch.einsum("bchw,ck->bkhw", maps - self.mean[:, None, None], self.rotation)


def prepare_distillation_data(
    pool: PhotoPool,
    teachers: Teachers,
    opinion: Opinion,
    side: int,
    plan: DistillationPlan,
    progress: Progress | None = None,
) -> DistillationData:
    """Cut the crops of every photo of `pool`, keep them at `side` px, and ask the teachers about each."""
    generator = Generator().manual_seed(plan.seed)
    order = torch.arange(len(pool)).repeat(plan.crops)
    large = (plan.teacher_side,) * 2
    grids = [-(-side // stride) for stride in STRIDES]
    whitenings: list[Whitening] = []
    crops, maps, opinions = [], [], []
    with torch.no_grad():
        for start in range(0, len(order), plan.batch):
            photos = pool.crops(order[start : start + plan.batch], large, plan.least, generator)
            seen, pooled = teachers.outputs(photos)
            if not whitenings:
                whitenings = _whitenings(pool, teachers, plan)
            found = [w(F.adaptive_avg_pool2d(m, g)) for w, m, g in zip(whitenings, seen, grids, strict=True)]
            maps.append([m.half() for m in found])
            opinions.append(opinion(pooled))
            crops.append((_resized(photos, side) * 255).round().to(torch.uint8))
            if progress:
                progress("examples", min(start + plan.batch, len(order)), len(order))
    joined = tuple(torch.cat(m).contiguous() for m in zip(*maps, strict=True))
    return DistillationData(torch.cat(crops), joined, torch.cat(opinions))


def _resized(photos: Tensor, side: int) -> Tensor:
    return F.interpolate(photos, size=(side, side), mode="bilinear", antialias=True)


def _whitenings(pool: PhotoPool, teachers: Teachers, plan: DistillationPlan) -> list[Whitening]:
    """Fitted on the maps of a few hundred crops."""
    generator = Generator().manual_seed(plan.seed + 1)
    size = (plan.teacher_side,) * 2
    samples: list[list[Tensor]] = [[] for _ in STRIDES]
    for _ in range(24):
        photos = pool.crops(pool.sample(plan.batch, generator), size, plan.least, generator)
        for kept, maps in zip(samples, teachers.outputs(photos)[0], strict=True):
            kept.append(maps.movedim(1, -1).flatten(0, 2)[:: 1 + maps.shape[-1] // 8])
    return [Whitening(torch.cat(s), k) for s, k in zip(samples, COMPONENTS, strict=True)]
