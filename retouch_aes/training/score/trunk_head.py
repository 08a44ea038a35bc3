"""The head of the default score, fitted to features that stay as they are.

What a photo is worth is linear in its features, a sum of two opinions, each by ridge regression:

    worth = 5.5 + SPREAD (people + nima * NIMA), standardised        people: mean ratings; both of deviation 1

Ratings of beauty alone order the photos of other collections badly, and NIMA alone those that people rated
here; no weight keeps both orders. Nothing but these two regressions sees an opinion: hidden layers learned
them by heart. What a change does to a photo is to move them little (`invariance`).

Faults are learned beside worth: views have none, and every rendition loses: ten points per unit of Oklab
distance (3 at most) for edits of light and colour, by the severity for technical faults. They see a few
directions only, those in which renditions differ from their views most and views from each other least
(`fault_directions`): of all features they learned single photos by heart. Mirror images are worth the same,
plain frames next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.models.trunk_score import WorthHead
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.score.sights import KINDS, Sights
from retouch_aes.training.score.technical_faults import TECHNICAL

SPREAD = 1.2
PER_DISTANCE, MOST_DROP = 10.0, 3.0
MILDEST, PER_SEVERITY = 0.25, 2.25
LEAST_NETWORK = 0.2
PLAIN = 1.5
GROUPS = (
    tuple(kind for kind in TECHNICAL if kind != "misexposure"),
    ("misexposure", "degraded", "slider", "edited"),
)
"""Technical faults, and edits of light and colour."""
MOVED = {GROUPS[0]: 1.0, GROUPS[1]: 2.0, ("mirror",): 4.0}
"""How much worth is held still under each kind of change. What adversaries find is left out: it moves worth
along the very directions that tell photos apart, and holding it still there costs their order."""


@dataclass(frozen=True)
class TrunkHeadFitting:
    """Rows of each kind in a step, weights of the losses, and how the head is held back.

    `nima` weighs NIMA's opinion against people's; `ridge` is the regressors' penalty per feature,
    `invariance` that on moving with a change. Faults see `technical` and `light` directions of features.
    """

    nima: float = 0.5
    ridge: float = 1.0
    invariance: float = 4.0
    technical: int = 32
    light: int = 12
    hidden: int = 64
    heads: int = 4
    views: int = 192
    technically: int = 160
    lit: int = 72
    exposed: int = 64
    mirrored: int = 16
    found: int = 24
    plain: int = 24
    clean: float = 10.0
    look: float = 3.0
    plainness: float = 1.0
    schedule: Schedule = field(default_factory=lambda: Schedule("head", 2000, 2e-3, decay=0.05))


def drops(sights: Sights) -> Tensor:
    """By how many points each row should score below its view, `(N,)`."""
    looked = (PER_DISTANCE * sights.distance).clamp(max=MOST_DROP)
    severe = MILDEST + PER_SEVERITY * sights.amount
    technical = sights.of_kind(*(kind for kind in TECHNICAL if kind != "misexposure"))
    drop = torch.where(technical, torch.maximum(severe, looked), looked)
    drop = drop + LEAST_NETWORK * sights.of_kind("network")
    return torch.where(sights.of_kind("view", "mirror", "plain", "perturbed"), torch.zeros_like(drop), drop)


def fit_worth(
    sights: Sights, features: Tensor, means: Tensor, chosen: Tensor, settings: TrunkHeadFitting
) -> "Ridge":
    """What photos are worth, in points: see the module."""
    views = chosen & sights.of_kind("view")
    rated = views & (sights.photo >= 0) & (sights.photo < len(means))
    asked = views & sights.opinion.isfinite()
    metric = torch.eye(features.shape[1]) + settings.invariance * changes(sights, features, chosen)
    people = ridge(features[rated], means[sights.photo[rated]], settings.ridge * metric)
    nima = ridge(features[asked], sights.opinion[asked], settings.ridge * metric)
    both = people.standard(features[views]).plus(nima.standard(features[views]), settings.nima)
    return both.standard(features[views]).scaled(SPREAD, 5.5)


class Ridge:
    """`(N, K) -> (N,)`: linear, fitted by least squares with a penalty per feature and row."""

    def __init__(self, weights: Tensor, mean: Tensor, offset: Tensor) -> None:
        self.weights, self.mean, self.offset = weights, mean, offset

    def __call__(self, features: Tensor) -> Tensor:
        """See the class."""
        return (features - self.mean) @ self.weights + self.offset

    def standard(self, features: Tensor) -> "Ridge":
        """The same with mean 0 and deviation 1 over `features`."""
        values = self(features)
        return Ridge(self.weights / values.std(), self.mean, (self.offset - values.mean()) / values.std())

    def plus(self, other: "Ridge", share: float) -> "Ridge":
        """This and `share` of the `other`."""
        offset = self.offset + share * (other.offset + (self.mean - other.mean) @ other.weights)
        return Ridge(self.weights + share * other.weights, self.mean, offset)

    def scaled(self, factor: float, offset: float) -> "Ridge":
        """`factor` times this, plus `offset`."""
        return Ridge(factor * self.weights, self.mean, factor * self.offset + offset)


def ridge(features: Tensor, targets: Tensor, penalty: Tensor) -> Ridge:
    """Fit `targets` `(N,)`; the penalty is K times the quadratic form `penalty` `(K, K)` of the weights."""
    mean, offset = features.mean(0), targets.mean()
    x = features - mean
    gram = (x.T @ x + x.shape[1] * penalty).double()
    return Ridge(torch.linalg.solve(gram, (x.T @ (targets - offset)).double()).to(x), mean, offset)


def changes(sights: Sights, features: Tensor, chosen: Tensor) -> Tensor:
    """`(K, K)`: mean squares of how renditions differ from their views, weighted by MOVED."""
    found = torch.zeros(features.shape[1], features.shape[1])
    for kinds, share in MOVED.items():
        rows = _rows(chosen & sights.of_kind(*kinds))
        moved = features[rows] - features[sights.base[rows]]
        found += share * (moved.T @ moved) / max(1, len(rows))
    return found


def fault_directions(
    sights: Sights, features: Tensor, chosen: Tensor, group: tuple[str, ...], count: int
) -> Tensor:
    """`(K, count)`: where renditions of a `group` differ most from their views, for how much views differ.

    The leading solutions of `M v = lambda (V + r I) v`, `M` and `V` the covariances of differences and of
    views, `r` a twentieth of V's mean variance; views have deviation 1 along each.
    """
    views = features[chosen & sights.of_kind("view")]
    changed = _rows(chosen & sights.of_kind(*group))
    moved = features[changed] - features[sights.base[changed]]
    natural = torch.cov(views.T) + 0.05 * views.var(0).mean() * torch.eye(features.shape[1])
    inverse = torch.linalg.inv(torch.linalg.cholesky(natural))
    _, vectors = torch.linalg.eigh(inverse @ (moved.T @ moved / max(1, len(moved))) @ inverse.T)
    found: Tensor = inverse.T @ vectors[:, -count:].flip(1)
    spread: Tensor = (views @ found).std(0)
    return found / spread


def fit_trunk_head(
    sights: Sights,
    features: Tensor,
    means: Tensor,
    chosen: Tensor,
    settings: TrunkHeadFitting,
    progress: TrainingProgress | None = None,
) -> WorthHead:
    """A head fitted to the rows `chosen` (bool `(N,)`): several guesses of faults, which differ by chance.

    `means` `(M,)` are the mean ratings of the first M photos, which are the rated ones.
    """
    worth = fit_worth(sights, features, means, chosen, settings)
    seeds = range(settings.schedule.seed, settings.schedule.seed + settings.heads)
    return averaged_heads([_fitted(sights, features, worth, chosen, settings, s, progress) for s in seeds])


def _fitted(
    sights: Sights,
    features: Tensor,
    worth: Ridge,
    chosen: Tensor,
    settings: TrunkHeadFitting,
    seed: int,
    progress: TrainingProgress | None,
) -> WorthHead:
    torch.manual_seed(seed)
    technical = fault_directions(sights, features, chosen, GROUPS[0], settings.technical)
    light = fault_directions(sights, features, chosen, GROUPS[1], settings.light)
    turn = torch.cat([technical, light], dim=1)
    middle = features[chosen & sights.of_kind("view")].mean(0)
    seen, values, drop = (features - middle) @ turn, worth(features), drops(sights)
    first, last = nn.Linear(turn.shape[1], settings.hidden), nn.Linear(settings.hidden, 1)
    nn.init.constant_(last.bias, -2)  # clean until it is learned otherwise
    network = nn.Sequential(first, nn.SiLU(), last, nn.Softplus())
    views, plain = _rows(chosen & sights.of_kind("view")), _rows(chosen & sights.of_kind("plain"))
    kinds = (
        (settings.technically, GROUPS[0]),
        (settings.lit, GROUPS[1]),
        (settings.exposed, ("misexposure", "degraded")),
        (settings.mirrored, ("mirror",)),
        (settings.found, ("found-edit", "network")),
    )
    pools = [(count, _rows(chosen & sights.of_kind(*names))) for count, names in kinds]

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        def some(rows: Tensor, count: int) -> Tensor:
            return rows[torch.randint(len(rows), (count,), generator=generator)]

        natural, flat = some(views, settings.views), some(plain, settings.plain)
        moved = torch.cat([some(rows, count) for count, rows in pools if len(rows)])
        below, base = sights.below[moved], sights.base[moved]
        parts = (natural, moved, below, base, flat)
        faults = torch.split(network(seen[torch.cat(parts)])[:, 0], [len(part) for part in parts])
        score = [values[part] - amount for part, amount in zip(parts, faults, strict=True)]
        clean = torch.cat([faults[0], faults[3]])
        step_down = drop[moved] - drop[below]
        wanted = torch.full_like(score[4], PLAIN)
        return {
            "clean": settings.clean * F.smooth_l1_loss(clean, torch.zeros_like(clean), beta=0.5),
            "look": settings.look * F.smooth_l1_loss(score[3] - score[1], drop[moved], beta=0.25),
            "ladder": settings.look * F.smooth_l1_loss(score[2] - score[1], step_down, beta=0.25),
            "plain": settings.plainness * F.smooth_l1_loss(score[4].clamp(min=PLAIN), wanted),
        }

    train(network, losses, settings.schedule, progress=progress)
    head = WorthHead(features.shape[1], settings.hidden)
    with torch.no_grad():
        head.worth.weight.copy_(worth.weights[None])
        head.worth.bias.copy_((worth.offset - worth.mean @ worth.weights)[None])
        head.hidden.weight.copy_(first.weight @ turn.T)
        head.hidden.bias.copy_(first.bias - head.hidden.weight @ middle)
        head.faults.load_state_dict(last.state_dict())
    return head.eval()


def averaged_heads(heads: Sequence[WorthHead]) -> WorthHead:
    """One head that averages the faults that all `heads` see; their worth is one."""
    hidden = [one.hidden.out_features for one in heads]
    joined = WorthHead(heads[0].worth.in_features, sum(hidden), len(heads))
    with torch.no_grad():
        joined.worth.load_state_dict(heads[0].worth.state_dict())
        joined.hidden.weight.copy_(torch.cat([one.hidden.weight for one in heads]))
        joined.hidden.bias.copy_(torch.cat([one.hidden.bias for one in heads]))
        blocks = torch.block_diag(*(one.faults.weight for one in heads))  # type: ignore[no-untyped-call]
        joined.faults.weight.copy_(blocks)
        joined.faults.bias.copy_(torch.cat([one.faults.bias for one in heads]))
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


def _standard(values: Tensor, rows: Tensor) -> Tensor:
    """`values` with the mean of `rows` taken out, over their deviation."""
    return (values - values[rows].mean()) / values[rows].std()


def _rows(mask: Tensor) -> Tensor:
    return mask.nonzero()[:, 0]


def _spearman(x: Tensor, y: Tensor) -> float:
    first, second = (value.argsort().argsort().double() for value in (x, y))
    return float(torch.corrcoef(torch.stack([first, second]))[0, 1])
