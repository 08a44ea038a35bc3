"""The score's last stage: on features that stay as they are, a new head learns people and look together.

What a regressor can read from the features, a linear layer trained beside the ladders does not find: on
kept-back themes of OASIS a support vector regressor on them had a rho of .54 with the mean ratings, the layer
.40. So the features of rated photos, of crops and of their renditions are computed once, standardised, and a
head with one hidden layer is fitted to them: the earth mover's distance to people's distributions, the
teacher's opinion, and the look, as in `judging`. The means of the maps stand beside what attention finds.
Mirror images stand among the renditions: nothing is to change. Then the head is asked for edits that it likes
too much (`adversary`); they are added, and it is fitted anew. In the end several are fitted that differ by
chance only, and their logits averaged: one wider head.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from retouch_aes.devices import device_of
from retouch_aes.losses import emd
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.heads import hidden_head, rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.optim.training_loop import Schedule, TrainingProgress, train
from retouch_aes.training.photo_pool import PhotoPool
from retouch_aes.training.renditions import Mixture, renditions
from retouch_aes.training.score.adversarial_edits import AdversarialAscent, adversarial_edits
from retouch_aes.training.score.distillation_data import DistillationData
from retouch_aes.training.score.rated import RatingTable
from retouch_aes.training.score.rendition_scoring import RenditionScoring, visible_drop
from retouch_aes.training.shapes import SHAPES, shape_of

_LEAST_SCALE = 1e-3  # of a feature that hardly ever speaks


@dataclass(frozen=True)
class HeadFitting:
    """Views of each rated photo, crops of the examples, hidden units, sizes of a step, weights of losses.

    Every other view has another shape than the rated photos mostly have. `mirrored` crops stand beside their
    mirror images. `rounds` times the adversary looks for edits of `found` crops. `heads` of `hidden` units
    each are averaged.
    """

    views: int = 8
    crops: int = 6000
    mirrored: int = 1600
    rounds: int = 1
    found: int = 1600
    ascent: AdversarialAscent = field(default_factory=AdversarialAscent)
    mixture: Mixture = field(default_factory=lambda: Mixture(untouched=16, edited=3, by_chain=3))
    heads: int = 6
    hidden: int = 192
    dropout: float = 0.5
    rated: int = 96
    batch: int = 192
    people: float = 60.0
    opinion: float = 1.0
    look: float = 2.0
    judging: RenditionScoring = field(default_factory=RenditionScoring)


Pairs = tuple[Tensor, Tensor, Tensor, Tensor]
"""Features of crops and of one rendition of each, `(N, D)`; opinions and wanted drops `(N,)`."""


@dataclass(frozen=True)
class HeadData:
    """Features and what is wanted: of views of rated photos, and of crops and one rendition of each."""

    rated: Tensor
    histograms: Tensor
    crops: Tensor
    renditions: Tensor
    opinions: Tensor
    drops: Tensor

    def with_more(self, pairs: Pairs) -> "HeadData":
        """The same with more crops and renditions."""
        mine = (self.crops, self.renditions, self.opinions, self.drops)
        joined = (torch.cat(both) for both in zip(mine, pairs, strict=True))
        return HeadData(self.rated, self.histograms, *joined)


def fit_head(
    model: EMDAttention,
    rated: PhotoPool,
    table: RatingTable,
    examples: DistillationData,
    schedule: Schedule,
    settings: HeadFitting,
    progress: TrainingProgress | None = None,
) -> EMDAttention:
    """`model` with new bins behind hidden units, on attended vectors and the means of its maps."""
    fitted = EMDAttention(
        model.backbone,
        side=model.prepare.side,
        attention=model.attention,
        hidden=settings.hidden * settings.heads,
        means=True,
    ).to(device_of(model))
    fitted.pool1, fitted.pool2 = model.pool1, model.pool2
    facts = gather_head_data(fitted.eval(), rated, table, examples, settings)
    facts = facts.with_more(mirror_images(fitted, examples, settings))
    for number in range(settings.rounds):
        standard, centre, scale = standardised(facts)
        head = _fitted(standard, schedule, settings, progress)
        fitted.head = for_plain_features(head, centre, scale)
        facts = facts.with_more(find_adversarial_edits(fitted, examples, settings, seed=number + 1))
    standard, centre, scale = standardised(facts)
    seeds = range(schedule.seed, schedule.seed + settings.heads)
    heads = [_fitted(standard, replace(schedule, seed=seed), settings, progress) for seed in seeds]
    fitted.head = for_plain_features(averaged(heads), centre, scale)
    return fitted.eval()


def _fitted(
    facts: HeadData, schedule: Schedule, settings: HeadFitting, progress: TrainingProgress | None
) -> nn.Sequential:
    torch.manual_seed(schedule.seed)
    head = hidden_head(facts.rated.shape[1], settings.hidden).to(facts.rated.device)

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        some = torch.randint(len(facts.rated), (settings.rated,), generator=generator)
        mine = torch.randint(len(facts.crops), (settings.batch,), generator=generator)
        seen = torch.cat([facts.rated[some], facts.crops[mine], facts.renditions[mine]])
        kept = torch.rand(seen.shape, generator=generator).to(seen) >= settings.dropout
        distribution = rating_distribution(head(seen * kept / (1 - settings.dropout)))
        people, crops = distribution[: settings.rated], mean_score(distribution[settings.rated :])
        first, second = crops.chunk(2)
        opinions, drops = facts.opinions[mine], facts.drops[mine]
        wanted = torch.cat([opinions, opinions - drops])
        return {
            "people": settings.people * emd(people, facts.histograms[some]),
            "opinion": settings.opinion * F.smooth_l1_loss(crops, wanted, beta=0.5),
            "look": settings.look * F.smooth_l1_loss(first - second, drops, beta=0.25),
        }

    train(head, losses, schedule, progress=progress)
    return head


def gather_head_data(
    model: EMDAttention,
    rated: PhotoPool,
    table: RatingTable,
    examples: DistillationData,
    settings: HeadFitting,
) -> HeadData:
    """Look once at everything the head learns from."""
    generator = Generator().manual_seed(0)
    side, everyone = model.prepare.side, torch.arange(len(rated))
    ratios = [SHAPES[0] if view % 2 == 0 else SHAPES[view // 2 + 1] for view in range(settings.views)]
    chain = EditChain(select(AUTO))
    count, device = settings.mixture.untouched, next(model.parameters()).device
    with torch.no_grad():
        views = [
            model.features(rated.crops(part, shape_of(ratio, side), 0.85, generator).to(device))
            for ratio in ratios
            for part in torch.split(everyone, 32)
        ]

    def edited(crops: Tensor) -> Tensor:
        return renditions(crops, chain, settings.mixture, generator).images[count:]

    pairs = _pairs(model, examples, settings, settings.crops, edited, generator)
    return HeadData(torch.cat(views), table.histograms.repeat(settings.views, 1).to(device), *pairs)


def mirror_images(model: EMDAttention, examples: DistillationData, settings: HeadFitting) -> Pairs:
    """Crops and their mirror images, which are worth the same."""
    generator = Generator().manual_seed(0)
    first, second, opinions, drops = _pairs(
        model, examples, settings, settings.mirrored, lambda crops: crops.flip(-1), generator
    )
    return first, second, opinions, torch.zeros_like(drops)


def find_adversarial_edits(
    model: EMDAttention, examples: DistillationData, settings: HeadFitting, seed: int
) -> Pairs:
    """Crops, and what the gradient of `model` makes of them."""
    generator = Generator().manual_seed(seed)

    def edited(crops: Tensor) -> Tensor:
        return adversarial_edits(model, crops, generator, settings.ascent)

    return _pairs(model, examples, settings, settings.found, edited, generator)


def _pairs(
    model: EMDAttention,
    examples: DistillationData,
    settings: HeadFitting,
    least: int,
    edit: Callable[[Tensor], Tensor],
    generator: Generator,
) -> Pairs:
    """`least` crops or a few more, and one rendition of each by `edit`."""
    count, device = settings.mixture.untouched, next(model.parameters()).device
    parts: list[Pairs] = []
    with torch.no_grad():
        for _ in range(-(-least // count)):
            crops, _, opinions = examples.draw(count, generator, device)
            edited = edit(crops)
            plain, changed = model.features(torch.cat([crops, edited])).chunk(2)
            parts.append((plain, changed, opinions, visible_drop(edited, crops, settings.judging)))
    first, second, opinions, drops = (torch.cat(column) for column in zip(*parts, strict=True))
    return first, second, opinions, drops


def standardised(facts: HeadData) -> tuple[HeadData, Tensor, Tensor]:
    """`facts` with every feature at mean 0 and deviation 1 over photos and crops, and what was taken out."""
    natural = torch.cat([facts.rated, facts.crops])
    centre, scale = natural.mean(dim=0), natural.std(dim=0) + _LEAST_SCALE

    def standard(features: Tensor) -> Tensor:
        return (features - centre) / scale

    changed = replace(
        facts,
        rated=standard(facts.rated),
        crops=standard(facts.crops),
        renditions=standard(facts.renditions),
    )
    return changed, centre, scale


def averaged(heads: Sequence[nn.Sequential]) -> nn.Sequential:
    """One head with the hidden units of all `heads`, whose logits are the means of theirs."""
    first = [cast(nn.Linear, head[0]) for head in heads]
    last = [cast(nn.Linear, head[-1]) for head in heads]
    joined = hidden_head(first[0].in_features, sum(one.out_features for one in first)).to(first[0].weight)
    wide, bins = cast(nn.Linear, joined[0]), cast(nn.Linear, joined[-1])
    with torch.no_grad():
        wide.weight.copy_(torch.cat([one.weight for one in first]))
        wide.bias.copy_(torch.cat([one.bias for one in first]))
        bins.weight.copy_(torch.cat([one.weight for one in last], dim=1) / len(heads))
        bins.bias.copy_(torch.stack([one.bias for one in last]).mean(0))
    return joined


def for_plain_features(head: nn.Sequential, centre: Tensor, scale: Tensor) -> nn.Sequential:
    """The head that says of plain features what `head` says of standardised ones."""
    first = cast(nn.Linear, head[0])
    with torch.no_grad():
        first.weight.div_(scale)
        first.bias.sub_(first.weight @ centre)
    return head
