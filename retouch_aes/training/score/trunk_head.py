"""The head of the default score, fitted to features that stay as they are.

What a photo is worth, in deviations over photos, is a mixture of two opinions, and then a score:

    wanted = 5.5 + SPREAD (people + weight NIMA) / length       length: of deviation 1 over photos

`people` is the mean rating where a photo was rated, and a ridge regressor's guess where it was not; NIMA was
asked about every photo. Ratings of beauty alone order the photos of other collections badly, NIMA alone
those that people rated here. A rendition is worth less than its view: by ten points per unit of Oklab
distance (3 at most) for edits of light and colour, by the severity for technical faults. Mirror images are
worth the same, plain frames next to nothing. Photos that were rated learn people's whole distribution, tilted
to the wanted mean; the others the mean alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.losses import emd
from retouch_aes.models.calibration import shift_distribution
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.models.trunk_score import SkipHead
from retouch_aes.optim.training_loop import Progress, Schedule, train
from retouch_aes.training.score.sights import KINDS, Sights
from retouch_aes.training.score.technical_faults import TECHNICAL

SPREAD = 1.2
PER_DISTANCE, MOST_DROP = 10.0, 3.0
MILDEST, PER_SEVERITY = 0.25, 2.25
LEAST_NETWORK = 0.2
PLAIN = 1.5


@dataclass(frozen=True)
class TrunkHeadFitting:
    """Rows of each kind in a step, weights of the losses, and how the head is held back.

    `nima` weighs NIMA's opinion against people's; `ridge` is the regressor's penalty per feature.
    """

    nima: float = 0.8
    ridge: float = 1.0
    hidden: int = 96
    heads: int = 4
    dropout: float = 0.3
    rated: int = 48
    views: int = 96
    changed: int = 112
    plain: int = 8
    people: float = 30.0
    opinion: float = 1.0
    look: float = 2.0
    rank: float = 1.0
    plainness: float = 0.3
    schedule: Schedule = field(default_factory=lambda: Schedule("head", 1200, 2e-3, decay=0.05))


@dataclass(frozen=True)
class Wanted:
    """What each row `(N,)` is worth: `score` of views (else NaN), `drop` below its view, `(N, 10)` bins."""

    score: Tensor
    drop: Tensor
    histogram: Tensor
    rated: Tensor


def drops(sights: Sights) -> Tensor:
    """By how many points each row should score below its view, `(N,)`."""
    looked = (PER_DISTANCE * sights.distance).clamp(max=MOST_DROP)
    severe = MILDEST + PER_SEVERITY * sights.amount
    technical = sights.of_kind(*(kind for kind in TECHNICAL if kind != "misexposure"))
    drop = torch.where(technical, torch.maximum(severe, looked), looked)
    drop = drop + LEAST_NETWORK * sights.of_kind("network")
    return torch.where(sights.of_kind("view", "mirror", "plain", "perturbed"), torch.zeros_like(drop), drop)


def wanted(
    sights: Sights,
    features: Tensor,
    means: Tensor,
    histograms: Tensor,
    chosen: Tensor,
    settings: TrunkHeadFitting,
) -> Wanted:
    """What is wanted of every row, learned from the rows `chosen` (bool `(N,)`) only.

    `means` `(M,)` and `histograms` `(M, 10)` belong to the first M photos, which are the rated ones.
    """
    views = sights.of_kind("view")
    rated = views & (sights.photo >= 0) & (sights.photo < len(means))
    known = chosen & rated
    guess = ridge(features[known], means[sights.photo[known]], settings.ridge)(features)
    people = guess.clone()
    people[known] = means[sights.photo[known]]
    natural = chosen & views & sights.opinion.isfinite()

    def standard(values: Tensor) -> Tensor:
        return (values - values[natural].mean()) / values[natural].std()

    mixed = standard(standard(people) + settings.nima * standard(sights.opinion.nan_to_num()))
    score = torch.where(views, 5.5 + SPREAD * mixed, torch.nan).clamp(1.5, 9.5)
    histogram = torch.zeros(len(score), histograms.shape[1])
    histogram[known] = shift_distribution(histograms[sights.photo[known]], score[known])
    return Wanted(score, drops(sights), histogram, known)


class Ridge:
    """`(N, K) -> (N,)`: linear, fitted by least squares with a penalty per feature and row."""

    def __init__(self, weights: Tensor, mean: Tensor, offset: Tensor) -> None:
        self.weights, self.mean, self.offset = weights, mean, offset

    def __call__(self, features: Tensor) -> Tensor:
        """See the class."""
        return (features - self.mean) @ self.weights + self.offset


def ridge(features: Tensor, targets: Tensor, penalty: float) -> Ridge:
    """Fit `targets` `(N,)`; the penalty is `penalty` times the number of features."""
    mean, offset = features.mean(0), targets.mean()
    x, y = (features - mean).double(), (targets - offset).double()
    gram = x.T @ x + penalty * x.shape[1] * torch.eye(x.shape[1], dtype=torch.float64)
    return Ridge(torch.linalg.solve(gram, x.T @ y).to(features), mean, offset)


def fit_trunk_head(
    sights: Sights,
    features: Tensor,
    means: Tensor,
    histograms: Tensor,
    chosen: Tensor,
    settings: TrunkHeadFitting,
    progress: Progress | None = None,
) -> SkipHead:
    """A head fitted to the rows `chosen` (bool `(N,)`): the mean of several that differ by chance."""
    aim = wanted(sights, features, means, histograms, chosen, settings)
    seeds = range(settings.schedule.seed, settings.schedule.seed + settings.heads)
    return averaged_heads(
        [_fitted(sights, features, aim, chosen, settings, seed, progress) for seed in seeds]
    )


def _fitted(
    sights: Sights,
    features: Tensor,
    aim: Wanted,
    chosen: Tensor,
    settings: TrunkHeadFitting,
    seed: int,
    progress: Progress | None,
) -> SkipHead:
    torch.manual_seed(seed)
    head = SkipHead(features.shape[1], settings.hidden)
    views = chosen & sights.of_kind("view")
    rated, plain = _rows(aim.rated), _rows(chosen & sights.of_kind("plain"))
    others = _rows(views & aim.score.isfinite())
    changed = _rows(chosen & ~sights.of_kind("view", "plain"))

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        def some(rows: Tensor, count: int) -> Tensor:
            return rows[torch.randint(len(rows), (count,), generator=generator)]

        mine, views_, moved = (
            some(rated, settings.rated),
            some(others, settings.views),
            some(changed, settings.changed),
        )
        below, base, flat = sights.below[moved], sights.base[moved], some(plain, settings.plain)
        parts = (mine, views_, moved, below, base, flat)
        seen = features[torch.cat(parts)]
        found = rating_distribution(head(F.dropout(seen, settings.dropout)))
        score = mean_score(found)
        of_rated, of_views, of_moved, of_below, of_base, of_plain = torch.split(
            score, [len(part) for part in parts]
        )
        gap = of_rated[:, None] - of_rated[None]
        target = (aim.score[mine][:, None] - aim.score[mine][None]).sign() / 2 + 0.5
        step_down = aim.drop[moved] - aim.drop[below]
        return {
            "people": settings.people * emd(found[: settings.rated], aim.histogram[mine]),
            "rank": settings.rank * F.binary_cross_entropy_with_logits(gap, target),
            "opinion": settings.opinion * F.smooth_l1_loss(of_views, aim.score[views_], beta=0.5),
            "look": settings.look * F.smooth_l1_loss(of_base - of_moved, aim.drop[moved], beta=0.25),
            "ladder": settings.look * F.smooth_l1_loss(of_below - of_moved, step_down, beta=0.25),
            "plain": settings.plainness * F.smooth_l1_loss(of_plain, torch.full_like(of_plain, PLAIN)),
        }

    train(head, losses, settings.schedule, progress=progress)
    return head.eval()


def averaged_heads(heads: Sequence[SkipHead]) -> SkipHead:
    """One head with the hidden units of all `heads`, whose logits are the means of theirs."""
    joined = SkipHead(heads[0].linear.in_features, sum(one.hidden.out_features for one in heads))
    with torch.no_grad():
        joined.linear.weight.copy_(torch.stack([one.linear.weight for one in heads]).mean(0))
        joined.linear.bias.copy_(torch.stack([one.linear.bias for one in heads]).mean(0))
        joined.hidden.weight.copy_(torch.cat([one.hidden.weight for one in heads]))
        joined.hidden.bias.copy_(torch.cat([one.hidden.bias for one in heads]))
        joined.out.weight.copy_(torch.cat([one.out.weight for one in heads], dim=1) / len(heads))
    return joined.eval()


def judged(sights: Sights, score: Tensor, chosen: Tensor) -> dict[str, float]:
    """How scores `(N,)` of the rows `chosen` keep NIMA's order and the order of renditions.

    `nima`: rho over views; for each kind the share of pairs (view, rendition) and (milder, stronger) in the
    right order; `mirror`: mean difference in deviations over views; `plain`: the share of plain frames below
    every view.
    """
    views = chosen & sights.of_kind("view") & sights.opinion.isfinite()
    deviation = float(score[views].std())
    found = {"nima": _spearman(score[views], sights.opinion[views]), "deviation": deviation}
    for index, kind in enumerate(KINDS):
        rows = _rows(chosen & (sights.kind == index) & (sights.base != torch.arange(len(score))))
        if len(rows) and kind != "mirror":
            found[kind] = float((score[sights.base[rows]] > score[rows]).float().mean())
            rungs = rows[sights.below[rows] != sights.base[rows]]
            if len(rungs):
                found[f"{kind} rungs"] = float((score[sights.below[rungs]] > score[rungs]).float().mean())
    mirrored = chosen & sights.of_kind("mirror")
    if mirrored.any():
        apart = (score[mirrored] - score[sights.base[mirrored]]).abs().mean()
        found["mirror"] = float(apart) / deviation
    plain = score[sights.of_kind("plain")]
    found["plain"] = float((plain < score[views].min()).float().mean())
    return found


def _rows(mask: Tensor) -> Tensor:
    return mask.nonzero()[:, 0]


def _spearman(x: Tensor, y: Tensor) -> float:
    first, second = (value.argsort().argsort().double() for value in (x, y))
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])
