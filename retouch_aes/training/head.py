"""The score's last stage: on features that stay as they are, a new head learns people and look together.

What a regressor can read from the features, a linear layer trained beside the ladders does not find: on
kept-back themes of OASIS a support vector regressor on them had a rho of .54 with the mean ratings, the layer
.40. So the features of rated photos, of crops and of their renditions are computed once, and a head with one
hidden layer is fitted to them: the earth mover's distance to people's distributions, the teacher's opinion,
and the look, as in `judging`.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from retouch_aes.color.oklab import oklab_distance
from retouch_aes.losses import emd
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.heads import hidden_head, rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.operators import AUTO, EditChain, select
from retouch_aes.training.judging import Judging
from retouch_aes.training.lessons import Lessons
from retouch_aes.training.loop import Progress, Schedule, train
from retouch_aes.training.photos import PhotoPool
from retouch_aes.training.rated import RatingTable
from retouch_aes.training.renditions import Mixture, renditions, thin
from retouch_aes.training.shapes import shape_of


@dataclass(frozen=True)
class HeadFitting:
    """Views of each rated photo, crops of the lessons, hidden units, sizes of a step, weights of losses."""

    views: int = 6
    crops: int = 6000
    mixture: Mixture = field(default_factory=lambda: Mixture(untouched=16, edited=3, by_chain=3))
    hidden: int = 192
    dropout: float = 0.3
    rated: int = 96
    batch: int = 192
    people: float = 6.0
    opinion: float = 1.0
    look: float = 2.0
    judging: Judging = field(default_factory=Judging)


@dataclass(frozen=True)
class Facts:
    """Features and what is wanted: of views of rated photos, and of crops and one rendition of each."""

    rated: Tensor
    histograms: Tensor
    crops: Tensor
    renditions: Tensor
    opinions: Tensor
    drops: Tensor


def fit_head(
    model: EMDAttention,
    rated: PhotoPool,
    table: RatingTable,
    lessons: Lessons,
    schedule: Schedule,
    settings: HeadFitting,
    progress: Progress | None = None,
) -> EMDAttention:
    """`model` with a new head of `settings.hidden` units; its features stay as they are."""
    facts = gather(model.eval(), rated, table, lessons, settings)
    torch.manual_seed(schedule.seed)
    head = hidden_head(model.feature_size, settings.hidden).to(facts.rated.device)

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
    fitted = EMDAttention(
        model.backbone, side=model.prepare.side, attention=model.attention, hidden=settings.hidden
    )
    fitted.pool1, fitted.pool2, fitted.head = model.pool1, model.pool2, head
    return fitted.eval()


def gather(
    model: EMDAttention, rated: PhotoPool, table: RatingTable, lessons: Lessons, settings: HeadFitting
) -> Facts:
    """Look once at everything the head learns from."""
    generator = Generator().manual_seed(0)
    frame = shape_of((4, 5), model.prepare.side)
    order = torch.arange(len(rated)).repeat(settings.views)
    chain = EditChain(select(AUTO))
    count, device = settings.mixture.untouched, next(model.parameters()).device
    plain, edited, opinions, drops = [], [], [], []
    with torch.no_grad():
        views = [
            model.features(rated.crops(part, frame, 0.85, generator).to(device))
            for part in torch.split(order, 32)
        ]
        for _ in range(-(-settings.crops // count)):
            crops, _, opinion = lessons.draw(count, generator, device)
            seen = renditions(crops, chain, settings.mixture, generator)
            away = oklab_distance(thin(seen.images[count:]), thin(crops))
            first, second = model.features(seen.images).chunk(2)
            plain.append(first)
            edited.append(second)
            opinions.append(opinion)
            drops.append((settings.judging.per_distance * away).clamp(max=settings.judging.most_drop))
    of_crops = (torch.cat(parts) for parts in (plain, edited, opinions, drops))
    return Facts(torch.cat(views), table.histograms[order].to(device), *of_crops)
