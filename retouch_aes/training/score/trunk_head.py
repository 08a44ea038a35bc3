"""The head of the default score, fitted to features that stay as they are.

What a photo is worth is linear (`worth`). Ratings of beauty alone order the photos of other collections
badly, and NIMA alone those that people rated here; no weight keeps both orders. Nothing but linear
regressions sees an opinion: hidden layers learned them by heart.

Technical faults are learned beside worth: views have none, and every rendition loses by its severity. They
make up for worth that rises with a change, and are not excused by worth that falls: excused, they learned to
fall themselves where blur hides what they took for a fault. They see a few directions only, those in which
renditions differ from their views most and views from each other least (`fault_directions`): of all features
they learned single photos by heart. Photos seen once are as free of faults as seen twice, plain frames are
worth next to nothing.

Faults of light are learned apart (`light_faults`), and edits of colour not at all: one network for both found
faults in photos of unseen themes that people like, since good photos are as dark, bright, pale as bad ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.models.trunk_score import WorthHead
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.score.light_faults import LightFitting, fit_light
from retouch_aes.training.score.sights import KINDS, Sights
from retouch_aes.training.score.worth import GROUPS, Linear, WorthFitting, drops, fit_worth

PLAIN = 1.5


@dataclass(frozen=True)
class TrunkHeadFitting:
    """Rows of each kind in a step, weights of the losses, and how the head is held back.

    Technical faults see `technical` directions of features, and `light` ones, to tell light from them.
    """

    worth: WorthFitting = field(default_factory=WorthFitting)
    lit: LightFitting = field(default_factory=LightFitting)
    technical: int = 32
    light: int = 12
    hidden: int = 64
    heads: int = 4
    views: int = 192
    technically: int = 160
    mirrored: int = 16
    found: int = 24
    plain: int = 24
    clean: float = 120.0
    look: float = 3.0
    plainness: float = 1.0
    schedule: Schedule = field(default_factory=lambda: Schedule("head", 2000, 2e-3, decay=0.05))


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
    worth = fit_worth(sights, features, means, chosen, settings.worth)
    seeds = range(settings.schedule.seed, settings.schedule.seed + settings.heads)
    head = averaged_heads([_fitted(sights, features, worth, chosen, settings, s, progress) for s in seeds])
    return with_light(head, fit_light(sights, features, chosen, settings.lit, progress), settings.lit.worth)


def _fitted(
    sights: Sights,
    features: Tensor,
    worth: Linear,
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
        clean = torch.cat([faults[0], faults[3]])
        from_view = drop[moved] + (values[moved] - values[base]).clamp(min=0)
        from_milder = drop[moved] - drop[below] + (values[moved] - values[below]).clamp(min=0)
        wanted = torch.full_like(faults[4], PLAIN)
        return {
            "clean": settings.clean * F.smooth_l1_loss(clean, torch.zeros_like(clean), beta=0.5),
            "look": settings.look * F.smooth_l1_loss(faults[1] - faults[3], from_view, beta=0.25),
            "ladder": settings.look * F.smooth_l1_loss(faults[1] - faults[2], from_milder, beta=0.25),
            "plain": settings.plainness
            * F.smooth_l1_loss((values[flat] - faults[4]).clamp(min=PLAIN), wanted),
        }

    train(network, losses, settings.schedule, progress=progress)
    head = WorthHead(features.shape[1], settings.hidden)
    with torch.no_grad():
        head.worth.weight.copy_(worth.weights[None])
        head.worth.bias.copy_(worth.offset[None])
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


def with_light(head: WorthHead, light: nn.Sequential, worth: float) -> WorthHead:
    """`head` with faults of light, which count for `worth`."""
    size, hidden, experts = head.worth.in_features, head.hidden.out_features, head.faults.out_features
    parts = {f"light.{name}": one for name, one in light.state_dict().items()}
    whole = WorthHead(size, hidden, experts, len(parts["light.0.bias"]))
    whole.load_state_dict({**head.state_dict(), **parts, "light_worth": torch.tensor(worth)})
    return whole.eval()


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
