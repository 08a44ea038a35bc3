"""Training as the paper has it: rating distributions of similar photos first, then a person's pairs.

Zhang et al.: the K = 50 nearest rated photos of every personal photo; their union by the earth mover's
distance; then the stated and inferred pairs by the hinge `max(0, f(loser) - f(winner) + 0.1)`.

`PAPER` trains the whole network at the printed schedule: Adam, 10 epochs of batches of 32 at 3e-7, then 20
epochs at 5e-6, halved every 500 steps (the first stage keeps its rate). `HEAD` trains the last layer only, on
features seen once, at rates that move it, held to the generic weights by `anchor * ||w - w0||^2`. Without a
pool the first stage is left out and the generic model stands in. The answer is a whole model of its own.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.losses import emd, hinge
from retouch_aes.models.featured import head_of
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import AestheticModel, mean_score
from retouch_aes.optim.training_loop import ConstantRate, Epochs, StepDecay, train, without_losses
from retouch_aes.photo import read
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import SIDE, FeatureCache
from retouch_aes.taste.rated_pool import NEIGHBOURS, RatedPool


@dataclass(frozen=True)
class FinetuneSchedule:
    """Epochs and learning rates of the two stages; `whole` says whether all weights move or the head's."""

    whole: bool = False
    regression_epochs: int = 10
    regression_rate: float = 3e-4
    ranking_epochs: int = 20
    ranking_rate: float = 1e-3
    halved_every: int = 500
    batch: int = 32
    anchor: float = 1.0
    neighbours: int = NEIGHBOURS
    seed: int = 0


PAPER = FinetuneSchedule(whole=True, regression_rate=3e-7, ranking_rate=5e-6, anchor=0.0)
HEAD = FinetuneSchedule()


def finetune(
    preferences: PreferenceGraph,
    feature_cache: FeatureCache,
    *,
    pool: RatedPool | None = None,
    schedule: FinetuneSchedule = HEAD,
    progress: Progress | None = None,
) -> AestheticModel:
    """A personal copy of the model of `feature cache`, one with `features` and `head`, trained as above.

    `UsageError` without pairs, for a model without a head, or where the pool was seen by another model.
    """
    generic = feature_cache.model
    if head_of(generic) is None:
        raise UsageError(f"expected a model with a head, such as 'aesthetic', got {type(generic).__name__}")
    if not preferences.pairs:
        raise UsageError("expected a pair at least that is not contradicted, got none")
    if pool is not None and pool.fingerprint != generic.fingerprint:
        raise UsageError(
            f"the pool was seen by the model {pool.fingerprint}, got {generic.fingerprint}; build it again"
        )
    renditions = tuple(dict.fromkeys(side for pair in preferences.pairs for side in pair))
    device = feature_cache.device
    features = feature_cache.see(renditions, progress)[0].to(device)
    model = copy.deepcopy(generic).eval().requires_grad_(schedule.whole)
    network: Any = model
    head: nn.Module = network.head.requires_grad_(True)
    start = [weight.detach().clone() for weight in head.parameters()]

    def held() -> dict[str, Tensor]:
        if not schedule.anchor:
            return {}
        gaps = [(w - w0).square().sum() for w, w0 in zip(head.parameters(), start, strict=True)]
        return {"anchor": schedule.anchor * torch.stack(gaps).sum()}

    told = without_losses(progress)

    def judged(seen: Tensor, names: Sequence[Rendition | str]) -> Tensor:
        """Distributions `(B, 10)`, from features by the head, or from the photos by the whole network."""
        if not schedule.whole:
            return rating_distribution(head(seen))
        return torch.cat([network.distribution(_image(feature_cache, name)) for name in names])

    if pool is not None:
        union, histograms = pool.neighbourhood(features, schedule.neighbours)
        histograms = histograms.to(device)
        table = torch.from_numpy(pool.features[union.numpy()].astype("float32"))
        names = [pool.names[i] for i in union.tolist()]
        # Features are kept at length 1; the head wants them as they are.
        if not schedule.whole:
            table = feature_cache.see([Rendition(name) for name in names], progress)[0].to(device)

        def regression(batch: Tensor) -> Tensor:
            return emd(judged(table[batch], [names[i] for i in batch.tolist()]), histograms[batch])

        steps = Epochs(len(names), schedule.batch, schedule.seed)
        fixed = ConstantRate("regression", schedule.regression_epochs * len(steps), schedule.regression_rate)
        train(model, lambda step, _: {"emd": regression(steps.at(step)), **held()}, fixed, progress=told)
    index = {rendition: i for i, rendition in enumerate(renditions)}
    winners = torch.tensor([index[pair.winner] for pair in preferences.pairs])
    losers = torch.tensor([index[pair.loser] for pair in preferences.pairs])

    def ranking(batch: Tensor) -> Tensor:
        sides = torch.cat([winners[batch], losers[batch]])
        scores = mean_score(judged(features[sides], [renditions[i] for i in sides.tolist()]))
        return hinge(scores[: len(batch)], scores[len(batch) :])

    pairs = Epochs(len(winners), schedule.batch, schedule.seed + 1)
    halved = StepDecay(
        "ranking",
        schedule.ranking_epochs * len(pairs),
        schedule.ranking_rate,
        decay=0.0,
        clip=None,
        factor=0.5,
        every=schedule.halved_every,
    )
    train(model, lambda step, _: {"hinge": ranking(pairs.at(step)), **held()}, halved, progress=told)
    return model.requires_grad_(False).eval()


def _image(feature_cache: FeatureCache, name: Rendition | str) -> Tensor:
    rendition = Rendition(name) if isinstance(name, str) else name
    image = read(feature_cache.path(rendition)).proxy(SIDE).to(feature_cache.device)
    return image if rendition.recipe is None else rendition.recipe.apply(image)
