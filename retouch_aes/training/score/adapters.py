"""Low-rank adapters of the trunk's last stages, taught NIMA's opinion of photos without ratings.

    s = w . std(early numbers, numbers of the maps that W + U D gives) + b  ->  NIMA's score

Numbers are standardised and bounded as in `trunk_basis`; `w` begins as a ridge regressor on the frozen
trunk's, and learns slowly. Half the batches are mixed (Zhang et al., "mixup", ICLR 2018): of two photos the
maps, numbers and opinions are averaged. A share of the photos is kept apart and judges what was gained. `w`
is thrown away: the head of a score is fitted later, to people too.
"""

from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.func import functional_call

from retouch_aes.errors import UsageError
from retouch_aes.models.efficientnet_lite import EfficientNetLite
from retouch_aes.models.low_rank_adapters import LowRankAdapters
from retouch_aes.models.pooled_trunk import COLOURS, PooledTrunk, moments
from retouch_aes.models.trunks import adaptable
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.score.adapter_looks import AdapterLooks
from retouch_aes.training.score.pooled_head import rank_correlation
from retouch_aes.training.score.trunk_basis import TrunkBasis, counted
from retouch_aes.training.score.worth import Linear, penalised

_LEAST_SCALE = 1e-3
_AT_ONCE = 32


@dataclass(frozen=True)
class AdapterTraining:
    """Rank, looks in a step, and how the copy of NIMA is held back.

    A share `apart` of the photos is not taught. A share `mixed` of the steps sees averages of two looks, of
    the numbers a share `dropout` is left out, and `penalty` is that of the regressor that the copy begins as.
    """

    rank: int = 16
    batch: int = 16
    apart: float = 0.1
    mixed: float = 0.5
    dropout: float = 0.2
    penalty: float = 1.0
    pace: float = 0.1
    schedule: Schedule = field(default_factory=lambda: Schedule("adapters", 600, 1e-3, decay=0.01))


@dataclass(frozen=True)
class AdapterFit:
    """Spearman's rho with NIMA of a `frozen` and an `adapted` trunk, over the photos `apart`, not taught."""

    frozen: float
    adapted: float
    apart: tuple[int, ...]


class _LateMaps(nn.Module):
    """The part of `backbone` that adapters change, as a module of its own."""

    def __init__(self, backbone: EfficientNetLite) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """See `EfficientNetLite.late`."""
        return self.backbone.late(x)


class AdaptedOpinion(nn.Module):
    """NIMA's score, standardised, from the map at which adapters begin and the frozen trunk's numbers.

    It begins as `beginning`, a regressor on those numbers, which `scaling` standardises.
    """

    def __init__(self, trunk: PooledTrunk, rank: int, scaling: TrunkBasis, beginning: Linear) -> None:
        super().__init__()
        backbone = adaptable(trunk.backbone)
        self.late = _LateMaps(backbone)
        self.adapters = LowRankAdapters(backbone.late_pointwise(), rank)
        self.early, self.all = sum(backbone.channels[:-2]), sum(backbone.channels)
        self.scaling, self.weigh = scaling, counted(trunk.size)
        self.head = nn.Linear(trunk.size, 1)
        with torch.no_grad():
            self.head.weight.copy_(beginning.weights[None])
            self.head.bias.copy_(beginning.offset[None])

    def pooled(self, maps: Tensor, frozen: Tensor) -> Tensor:
        """Pooled numbers `(B, D)` with adapters, of those without, `frozen`, and `maps` `(B, C, h, w)`."""
        names = {f"backbone.{name}.weight": change for name, change in self.adapters().items()}
        weights = {name: self.late.get_buffer(name) + change for name, change in names.items()}
        means, deviations = moments(functional_call(self.late, weights, (maps,)))
        first, second, colours = torch.split(frozen, [self.all, self.all, COLOURS], dim=1)
        return torch.cat([first[:, : self.early], means, second[:, : self.early], deviations, colours], dim=1)

    def forward(self, maps: Tensor, frozen: Tensor, share: Tensor | float = 1.0) -> Tensor:
        """`(B,)`; each standardised number counts for its `share`, `(B, D)` or of all."""
        found: Tensor = self.head(self.scaling.saturated(self.pooled(maps, frozen)) * self.weigh * share)
        return found[:, 0]


def photos_apart(looks: AdapterLooks, share: float, seed: int) -> Tensor:
    """Which rows `(N,)` are of photos that are not taught: a `share` of the photos, one at least."""
    photos = torch.unique(looks.photo)
    order = torch.randperm(len(photos), generator=Generator().manual_seed(seed))
    return torch.isin(looks.photo, photos[order[: max(1, round(share * len(photos)))]])


def train_adapters(
    looks: AdapterLooks,
    trunk: PooledTrunk,
    settings: AdapterTraining,
    *,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> tuple[LowRankAdapters, AdapterFit]:
    """Adapters of `trunk`, which stays as it is, taught on `looks` at it; and what they gain."""
    apart = photos_apart(looks, settings.apart, settings.schedule.seed)
    taught, judges = (~apart).nonzero()[:, 0], (apart & looks.whole).nonzero()[:, 0]
    if len(taught) < 2:
        raise UsageError(f"expected photos to teach adapters on, got {len(torch.unique(looks.photo))}")
    known = looks.pooled[taught].float()
    centre = known.mean(0)
    scaling = TrunkBasis(centre, known.std(0) + _LEAST_SCALE, torch.zeros_like(centre), torch.empty(0))
    opinion = looks.opinion[taught]
    opinions = (looks.opinion - opinion.mean()) / (opinion.std() + _LEAST_SCALE)
    ridge = settings.penalty * torch.eye(len(centre))
    beginning = penalised(scaling.saturated(known) * counted(len(centre)), opinions[taught], ridge)
    torch.manual_seed(settings.schedule.seed)
    model = AdaptedOpinion(trunk, settings.rank, scaling, beginning)
    before = _agreement(model, looks, judges)
    groups = looks.by_size(taught)
    chances = torch.tensor([float(len(rows)) for rows in groups])

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        rows = groups[int(torch.multinomial(chances, 1, generator=generator))]
        rows = rows[torch.randperm(len(rows), generator=generator)[: settings.batch]]
        batch = [looks.maps_of(rows), looks.pooled[rows].float(), opinions[rows]]
        if torch.rand((), generator=generator) < settings.mixed:
            part = torch.sin(torch.rand((), generator=generator) * torch.pi / 2).square()  # Beta(1/2, 1/2)
            batch = [part * one + (1 - part) * one.flip(0) for one in batch]
        maps, frozen, wanted = batch
        share = (torch.rand(frozen.shape, generator=generator) >= settings.dropout) / (1 - settings.dropout)
        return {"opinion": F.smooth_l1_loss(model(maps, frozen, share), wanted)}

    train(
        model,
        losses,
        settings.schedule,
        pace={"head": settings.pace},
        checkpoint=checkpoint,
        progress=progress,
    )
    photos = tuple(looks.photo[judges].tolist())
    return model.adapters, AdapterFit(before, _agreement(model, looks, judges), photos)


def _agreement(model: AdaptedOpinion, looks: AdapterLooks, rows: Tensor) -> float:
    """Spearman's rho of the copy with NIMA over `rows`."""
    found = torch.zeros(len(looks.photo))
    with torch.no_grad():
        for group in looks.by_size(rows):
            for some in torch.split(group, _AT_ONCE):
                found[some] = model(looks.maps_of(some), looks.pooled[some].float())
    return rank_correlation(found[rows].double().numpy(), looks.opinion[rows].double().numpy())
