"""Training as the paper has it: rating distributions of similar photos first, then a person's pairs.

Zhang et al.: the K = 50 nearest rated photos of every personal photo; their union by the earth mover's
distance; then the stated and inferred pairs by the hinge `max(0, f(loser) - f(winner) + 0.1)`.

`PAPER` trains the whole network at the printed schedule: Adam, 10 epochs of batches of 32 at 3e-7, then 20
epochs at 5e-6, halved every 500 steps (the first stage keeps its rate). `PRINTED` is the same on photos
squashed to 224 x 224, so that a batch is one pass, from the network that `start` gives. `HEAD` trains the
last layer only, on features seen once, at rates that move it, held to the generic weights by
`anchor * ||w - w0||^2`, and stops where pairs left out are ordered best, at the start if nothing is better
(`taste.finetune.held_out`). Without a pool the first stage is left out and the generic model stands
in. The answer is a whole model of its own.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retouch_aes.errors import UsageError
from retouch_aes.losses import emd, hinge
from retouch_aes.models.featured import head_of
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import AestheticModel, mean_score
from retouch_aes.models.resize import resize
from retouch_aes.optim.training_loop import ConstantRate, Epochs, Schedule, StepDecay, train
from retouch_aes.photo import read
from retouch_aes.preferences.graph import PreferenceGraph
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.progress import Progress
from retouch_aes.taste.feature_cache import SIDE, FeatureCache
from retouch_aes.taste.rated_pool import NEIGHBOURS, RatedPool

Watch = Callable[[str, AestheticModel], None]


@dataclass(frozen=True)
class FinetuneSchedule:
    """Epochs and learning rates of the two stages; `whole` says whether all weights move or the head's.

    `square` is the side in pixels that photos are squashed to, in batches; None: one by one at their own
    shape. `amp` computes the backbone in bfloat16 on a GPU. `held_out` stops by pairs left out.
    """

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
    square: int | None = None
    amp: bool = False
    held_out: bool = False


PAPER = FinetuneSchedule(whole=True, regression_rate=3e-7, ranking_rate=5e-6, anchor=0.0)
PRINTED = replace(PAPER, square=224, amp=True)
HEAD = FinetuneSchedule(held_out=True)


def finetune(
    preferences: PreferenceGraph,
    feature_cache: FeatureCache,
    *,
    pool: RatedPool | None = None,
    schedule: FinetuneSchedule = HEAD,
    progress: Progress | None = None,
    start: AestheticModel | None = None,
    folder: Path | None = None,
    watch: Watch | None = None,
) -> AestheticModel:
    """A personal copy of the model of `feature cache`, one with `features` and `head`, trained as above.

    With `start` a copy of that is trained, all of it, and the model of `feature cache` finds the neighbours
    only. In `folder` the stages keep checkpoints, from which a stopped training goes on. `watch` gets the
    name of a stage and the network: `start` at first, then after every epoch.

    `UsageError` without pairs, for a model without a head, or where the pool was seen by another model.
    """
    generic = feature_cache.model
    if head_of(start or generic) is None:
        got = type(start or generic).__name__
        raise UsageError(f"expected a model with a head, such as 'aesthetic', got {got}")
    if start is not None and not schedule.whole:
        raise UsageError("expected a schedule that moves all weights with a network of its own to start from")
    if not preferences.pairs:
        raise UsageError("expected a pair at least that is not contradicted, got none")
    if pool is not None and pool.fingerprint != generic.fingerprint:
        raise UsageError(
            f"the pool was seen by the model {pool.fingerprint}, got {generic.fingerprint}; build it again"
        )
    trainee = _Trainee(copy.deepcopy(start or generic), feature_cache, schedule, folder, progress, watch)
    renditions = tuple(dict.fromkeys(side for pair in preferences.pairs for side in pair))
    features = feature_cache.see(renditions, progress)[0].to(feature_cache.device)
    trainee.tell("start")
    if pool is not None and schedule.regression_epochs:
        trainee.regress(pool, features)
    if schedule.ranking_epochs:
        trainee.rank(preferences, renditions, features)
    return trainee.finished()


class _Trainee:
    """A network on its way from generic to personal, by `schedule`."""

    def __init__(
        self,
        model: AestheticModel,
        feature_cache: FeatureCache,
        schedule: FinetuneSchedule,
        folder: Path | None,
        progress: Progress | None,
        watch: Watch | None,
    ) -> None:
        self.feature_cache, self.schedule, self.folder = feature_cache, schedule, folder
        self.progress, self.watch, self.device = progress, watch, feature_cache.device
        self.model = model.to(self.device).eval().requires_grad_(schedule.whole)
        self.head = self.model.get_submodule("head").requires_grad_(True)
        self.begun = [weight.detach().clone() for weight in self.head.parameters()]
        self.mixed = schedule.amp and schedule.whole and self.device.type == "cuda"
        if self.mixed:
            self._autocast(torch.bfloat16)

    def finished(self) -> AestheticModel:
        """The network, frozen, in full precision."""
        if self.mixed:
            self._autocast(None)
        return self.model.requires_grad_(False).eval()

    def _autocast(self, kind: torch.dtype | None) -> None:
        backbone: Any = self.model.get_submodule("backbone")
        backbone.autocast = kind

    def tell(self, stage: str) -> None:
        """Show the network to whoever watches."""
        if self.watch is not None:
            self.watch(stage, self.model)

    def regress(self, pool: RatedPool, features: Tensor) -> None:
        """The first stage: the union of the photos nearest to `features` `(M, D)`."""
        union, histograms = pool.neighbourhood(features, self.schedule.neighbours)
        histograms = histograms.to(self.device)
        renditions = [Rendition(pool.names[i]) for i in union.tolist()]
        # Features are kept at length 1; the head wants them as they are.
        table = None if self.schedule.whole else self.feature_cache.see(renditions, self.progress)[0]

        def regression(batch: Tensor) -> Tensor:
            seen = None if table is None else table[batch].to(self.device)
            return emd(self._judged(seen, [renditions[i] for i in batch.tolist()]), histograms[batch])

        steps = Epochs(len(renditions), self.schedule.batch, self.schedule.seed)
        count = self.schedule.regression_epochs * len(steps)
        fixed = ConstantRate("regression", count, self.schedule.regression_rate)
        self._train(lambda step: {"emd": regression(steps.at(step))}, fixed, len(steps))

    def rank(self, preferences: PreferenceGraph, renditions: Sequence[Rendition], features: Tensor) -> None:
        """The second stage: the person's pairs of `renditions`, seen as `features` `(M, D)`."""
        index = {rendition: i for i, rendition in enumerate(renditions)}
        winners = torch.tensor([index[pair.winner] for pair in preferences.pairs])
        losers = torch.tensor([index[pair.loser] for pair in preferences.pairs])

        def ranking(batch: Tensor) -> Tensor:
            sides = torch.cat([winners[batch], losers[batch]])
            seen = None if self.schedule.whole else features[sides]
            scores = mean_score(self._judged(seen, [renditions[i] for i in sides.tolist()]))
            return hinge(scores[: len(batch)], scores[len(batch) :])

        pairs = Epochs(len(winners), self.schedule.batch, self.schedule.seed + 1)
        halved = StepDecay(
            "ranking",
            self.schedule.ranking_epochs * len(pairs),
            self.schedule.ranking_rate,
            decay=0.0,
            clip=None,
            factor=0.5,
            every=self.schedule.halved_every,
        )
        self._train(lambda step: {"hinge": ranking(pairs.at(step))}, halved, len(pairs))

    def _judged(self, seen: Tensor | None, renditions: Sequence[Rendition]) -> Tensor:
        """Distributions `(B, 10)`, from features by the head, or from the photos by the whole network."""
        if seen is not None:
            return rating_distribution(self.head(seen))
        images = [_image(self.feature_cache, one, self.schedule.square) for one in renditions]
        if self.schedule.square is None:
            return torch.cat([self.model.distribution(image) for image in images])
        return self.model.distribution(torch.cat(images))

    def _train(self, losses: Callable[[int], Mapping[str, Tensor]], plan: Schedule, epoch: int) -> None:
        def all_losses(step: int, generator: torch.Generator) -> Mapping[str, Tensor]:  # noqa: ARG001
            if not self.schedule.anchor:
                return losses(step)
            pairs = zip(self.head.parameters(), self.begun, strict=True)
            gaps = [(weight - first).square().sum() for weight, first in pairs]
            return {**losses(step), "anchor": self.schedule.anchor * torch.stack(gaps).sum()}

        def told(stage: str, done: int, of: int, _losses: Mapping[str, float]) -> None:
            if self.progress is not None:
                self.progress(stage, done, of)
            if done % epoch == 0:
                self.tell(stage)

        checkpoint = None if self.folder is None else self.folder / f"{plan.name}.ckpt"
        train(self.model, all_losses, plan, checkpoint=checkpoint, progress=told)


def _image(feature_cache: FeatureCache, rendition: Rendition, square: int | None) -> Tensor:
    image = read(feature_cache.path(rendition)).proxy(SIDE).to(feature_cache.device)
    image = image if rendition.recipe is None else rendition.recipe.apply(image)
    return image if square is None else resize(image, (square, square))
