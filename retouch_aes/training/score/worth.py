"""What a photo is worth, linear in its features: people's opinion where they rated, NIMA's elsewhere.

    NIMA      n = argmin sum_i c_i (n . f_i - z_i)^2 + K r |n|^2
    people    w = argmin sum_j (w . f_j - y_j)^2 + K s (|w - nima n|^2 + falls E[(w . d + drop / SPREAD)^2])
    worth     = 5.5 + SPREAD w . f, standardised

`z` are NIMA's scores of all renditions, `y` the mean ratings, both of deviation 1; `d` is how a rendition
differs from its view. People's ratings say nothing of most directions of features: there a ridge that shrinks
to NIMA's weights keeps what NIMA knows, where one that shrinks to 0 and adds NIMA's opinion afterwards would
let it speak in people's directions too. At the same rho with people's ratings of unseen themes, that keeps
.05 more of NIMA's order.

Worth falls a little with what makes a photo worse (`falls`); as much as it should (`drops`) it cannot,
without losing the order of photos. The rest is for faults.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.training.score.sights import Sights
from retouch_aes.training.score.technical_faults import TECHNICAL

SPREAD = 1.2
PER_DISTANCE, MOST_DROP = 10.0, 3.0
MILDEST, PER_SEVERITY = 0.25, 2.25
LEAST_NETWORK = 0.2
GROUPS = (
    tuple(kind for kind in TECHNICAL if kind != "misexposure"),
    ("misexposure", "degraded", "slider", "edited"),
)
"""Technical faults, and edits of light and colour."""
FALLING = {GROUPS[0]: 1.0, GROUPS[1]: 2.0, ("mirror",): 4.0}
"""How much the fall of worth with each kind of change counts. What adversaries find is left out: it moves
worth along the very directions that tell photos apart, and holding it still there costs their order."""


@dataclass(frozen=True)
class WorthFitting:
    """Weights and penalties of the module: `nima`, `falls`, `people` (s) and `critic` (r).

    NIMA's scores of renditions count for `renditions` of those of photos as they are.
    """

    nima: float = 0.4
    falls: float = 0.05
    people: float = 4.0
    critic: float = 4.0
    renditions: float = 0.05


class Linear:
    """`(N, K) -> (N,)`: `weights . features + offset`."""

    def __init__(self, weights: Tensor, offset: Tensor) -> None:
        self.weights, self.offset = weights, offset

    def __call__(self, features: Tensor) -> Tensor:
        """See the class."""
        return features @ self.weights + self.offset

    def standard(self, features: Tensor, spread: float = 1.0, middle: float = 0.0) -> "Linear":
        """The same with the mean `middle` and the deviation `spread` over `features`."""
        values = self(features)
        scale = spread / values.std()
        return Linear(scale * self.weights, middle + scale * (self.offset - values.mean()))


def fit_worth(
    sights: Sights, features: Tensor, means: Tensor, chosen: Tensor, settings: WorthFitting
) -> Linear:
    """What photos are worth, in points, of the rows `chosen` of `sights`: see the module.

    `means` `(M,)` are the mean ratings of the first M photos.
    """
    views = chosen & sights.of_kind("view")
    rated = views & (sights.photo >= 0) & (sights.photo < len(means))
    asked = chosen & sights.opinion.isfinite() & (sights.photo >= 0)
    counts = torch.where(sights.of_kind("view"), 1.0, settings.renditions)[asked]
    still = torch.eye(features.shape[1])
    critic = penalised(features[asked], sights.opinion[asked], settings.critic * still, counts=counts)
    prior = settings.nima * critic.standard(features[views]).weights
    moved, fallen = falling(sights, features, chosen)
    liked = means[sights.photo[rated]]
    worth = penalised(
        features[rated],
        (liked - liked.mean()) / liked.std(),
        settings.people * (still + settings.falls * moved),
        pull=settings.people * (prior - settings.falls * fallen / SPREAD),
    )
    return worth.standard(features[views], SPREAD, 5.5)


def penalised(
    features: Tensor,
    targets: Tensor,
    penalty: Tensor,
    *,
    counts: Tensor | None = None,
    pull: Tensor | None = None,
) -> Linear:
    """Least squares of `targets` `(N,)`, which count by `counts`, plus `K (w' penalty w - 2 pull . w)`.

    With `pull = penalty p` the weights shrink to `p`, without to 0.
    """
    counts = torch.ones(len(features)) if counts is None else counts
    share = counts / counts.sum()
    mean, offset = share @ features, share @ targets
    x, y = (features - mean).double(), (targets - offset).double()
    weighted = (counts[:, None] * x).T
    right = weighted @ y
    if pull is not None:
        right = right + x.shape[1] * pull.double()
    found = torch.linalg.solve(weighted @ x + x.shape[1] * penalty.double(), right).to(features)
    return Linear(found, offset - mean @ found)


def drops(sights: Sights) -> Tensor:
    """By how many points each row should score below its view, `(N,)`."""
    looked = (PER_DISTANCE * sights.distance).clamp(max=MOST_DROP)
    severe = MILDEST + PER_SEVERITY * sights.amount
    technical = sights.of_kind(*GROUPS[0])
    drop = torch.where(technical, torch.maximum(severe, looked), looked)
    drop = drop + LEAST_NETWORK * sights.of_kind("network")
    return torch.where(sights.of_kind("view", "mirror", "plain", "perturbed"), torch.zeros_like(drop), drop)


def falling(sights: Sights, features: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """`(K, K)` and `(K,)`: the means of `d d'` and of `d drop` over renditions, weighted by FALLING."""
    squares, drop = torch.zeros(features.shape[1], features.shape[1]), drops(sights)
    fallen = torch.zeros(features.shape[1])
    for kinds, share in FALLING.items():
        rows = (chosen & sights.of_kind(*kinds)).nonzero()[:, 0]
        moved = features[rows] - features[sights.base[rows]]
        squares += share * (moved.T @ moved) / max(1, len(rows))
        fallen += share * (moved.T @ drop[rows]) / max(1, len(rows))
    return squares, fallen
