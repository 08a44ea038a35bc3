"""How badly a photo is lit: a small network on what the features say of light, taught by ladders of exposure.

    z = S tanh((c - centre) / (S scale)) ~ (f - middle) A          of each light number c, read by ridge
    L = softplus(d . silu(D z + e) + h)  ->  0 for photos as they are, what misexposure should cost for others

It sees fourteen directions of features only, those in which light can be read (`light_numbers`), so that it
can learn neither single photos by heart nor what is photographed. Whatever it still sees in photos that are
dark on purpose costs their order, so it counts for a part (`worth`) of what it says.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.models.pooled_trunk import light_numbers
from retouch_aes.models.trunk_score import SATURATION, light_network
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.score.sights import Sights
from retouch_aes.training.score.worth import drops

_LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class LightFitting:
    """Photos in a step, as many misexposed renditions; what clean photos weigh, and what light counts for."""

    hidden: int = 24
    photos: int = 128
    clean: float = 3.0
    penalty: float = 1e-3
    worth: float = 0.35
    schedule: Schedule = field(default_factory=lambda: Schedule("light", 1500, 4e-3))


def fit_light(
    sights: Sights,
    features: Tensor,
    chosen: Tensor,
    settings: LightFitting,
    progress: TrainingProgress | None = None,
) -> nn.Sequential:
    """The network `(N, K) -> (N, 1)` of the rows `chosen` of `sights`, see the module."""
    torch.manual_seed(settings.schedule.seed)
    views, spoilt = (chosen & sights.of_kind(kind) for kind in ("view", "misexposure"))
    matrix, middle = light_directions(sights, features, views, views | spoilt, settings.penalty)
    seen, cost = (features - middle) @ matrix, drops(sights)
    first, last = nn.Linear(matrix.shape[1], settings.hidden), nn.Linear(settings.hidden, 1)
    nn.init.constant_(last.bias, -2)  # well lit until it is learned otherwise
    network = nn.Sequential(first, nn.SiLU(), last, nn.Softplus())
    pools = [rows.nonzero()[:, 0] for rows in (views, spoilt) if rows.any()]

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        drawn = [rows[torch.randint(len(rows), (settings.photos,), generator=generator)] for rows in pools]
        said = network(seen[torch.cat(drawn)])[:, 0].split(settings.photos)
        found = [F.smooth_l1_loss(one, cost[rows], beta=0.5) for one, rows in zip(said, drawn, strict=True)]
        return {"clean": settings.clean * found[0], **({"exposure": found[1]} if len(found) > 1 else {})}

    train(network, losses, settings.schedule, progress=progress)
    whole = light_network(features.shape[1], settings.hidden)
    weight = first.weight @ matrix.T
    learned = {"0.weight": weight, "0.bias": first.bias - weight @ middle}
    whole.load_state_dict({**learned, **{f"2.{name}": one for name, one in last.state_dict().items()}})
    return whole


def light_directions(
    sights: Sights, features: Tensor, views: Tensor, chosen: Tensor, penalty: float
) -> tuple[Tensor, Tensor]:
    """`(K, 14)` and `(K,)`: `(f - middle) A` are light numbers, of deviation 1 over `views`, bounded.

    Ridge regression on the rows `chosen`; both are masks `(N,)`.
    """
    natural = light_numbers(sights.features[views]).float()
    centre, scale = natural.mean(0), natural.std(0) + _LEAST_SCALE
    numbers = (light_numbers(sights.features[chosen]).float() - centre) / scale
    bounded = SATURATION * torch.tanh(numbers / SATURATION)
    x, middle = features[chosen].double(), features[chosen].double().mean(0)
    x = x - middle
    still = penalty * len(x) * torch.eye(x.shape[1], dtype=torch.float64)
    found = torch.linalg.solve(x.T @ x + still, x.T @ bounded.double())
    return found.to(features), middle.to(features)
