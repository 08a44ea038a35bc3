"""The three networks of Ren et al. (ICCV 2017), trained: generic score, attributes, content.

    generic      1/2 mean (f(x) - mean rating)^2                 of all layers, or of the last one alone
    attributes   1/2 mean |a - attributes|^2 + 1/2 mean (s - score)^2,   the last shared layer and the heads
    content      cross-entropy with the label of the photo's k-means cluster, the last layer alone

`PAPER`: photos squashed to 256 x 256, random crops of 224, stochastic gradient descent with momentum .9, rate
1e-3 times .96 every epoch ("periodically"), weight decay 2e-4, for the whole network; batch and epochs, on
which the paper is silent, are 32 and 20. `LAPTOP`: the backbone stays as published, photos are seen once
(`training.feature_table`) and the last layer is the ridge regressor of `models.ridge_head`: minutes on two
cores.
Attributes lie in [-1, 1] as AADB has them; the score joins them as (score - 5.5) / 4.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from retouch_aes.datasets import RatedDataset
from retouch_aes.datasets.aadb import AADB_ATTRIBUTES
from retouch_aes.datasets.views import photo_tensor
from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.models.model import mean_score
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.optim.training_loop import ConstantRate, Epochs, StepDecay, TrainingProgress, train
from retouch_aes.papers.pam.content import CLUSTERS, cluster_labels

AADB_TEN = tuple(name for name in AADB_ATTRIBUTES if name != "MotionBlur")
"""AADB's eleven attributes without motion blur, as Ren et al. take them."""
WARP, CROP = 256, 224


@dataclass(frozen=True)
class GenericSchedule:
    """How the generic network is trained; `whole`: all its layers move; `amp`: in 16 bit on GPUs."""

    whole: bool = True
    epochs: int = 20
    batch: int = 32
    rate: float = 1e-3
    factor: float = 0.96
    decay: float = 2e-4
    momentum: float = 0.9
    penalty: float = 1.0
    amp: bool = False
    seed: int = 0


PAPER = GenericSchedule()
LAPTOP = GenericSchedule(whole=False)


@dataclass(frozen=True)
class TraitsSchedule:
    """How the last layers of attributes and content are trained on features: Adam at a constant rate."""

    steps: int = 2000
    batch: int = 128
    rate: float = 1e-3
    decay: float = 1e-4
    shared: int = 256
    clusters: int = CLUSTERS
    seed: int = 0


def train_generic_network(
    model: PooledScorer,
    data: RatedDataset,
    schedule: GenericSchedule,
    *,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> None:
    """Train all layers of `model` in place on the mean scores of `data`, whose photos can all be read.

    On the device of `model`; resumed from `checkpoint` where there is one.
    """
    device = device_of(model)
    wanted = torch.from_numpy(data.mean_scores).float().to(device)
    epochs = Epochs(len(data), schedule.batch, schedule.seed)
    model.train().requires_grad_(True)
    model.backbone.autocast = torch.bfloat16 if schedule.amp and device.type == "cuda" else None

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:
        some = epochs.at(step)
        images = torch.stack([_crop(data.photos[i], generator) for i in some.tolist()]).to(device)
        gap = mean_score(model.distribution(images)) - wanted[some.to(device)]
        return {"euclidean": gap.square().mean() / 2}

    plan = StepDecay(
        "generic",
        schedule.epochs * len(epochs),
        schedule.rate,
        decay=schedule.decay,
        momentum=schedule.momentum,
        clip=None,
        seed=schedule.seed,
        factor=schedule.factor,
        every=len(epochs),
    )
    train(model, losses, plan, checkpoint=checkpoint, progress=progress)
    model.backbone.autocast = None
    model.eval().requires_grad_(False)


def _crop(photo: Path, generator: Generator) -> Tensor:
    """A random crop of 224 x 224 of the photo squashed to 256 x 256: `(3, 224, 224)`."""
    image = photo_tensor(photo, WARP)
    top, left = torch.randint(WARP - CROP + 1, (2,), generator=generator).tolist()
    return image[:, top : top + CROP, left : left + CROP]


def train_attributes(
    model: TraitsScorer,
    rated: tuple[Tensor, Tensor],
    described: tuple[Tensor, Tensor],
    schedule: TraitsSchedule,
    *,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> None:
    """Train the shared layer and the heads of `model` in place.

    `rated` are features `(N, D)` and mean scores `(N,)` in [1, 10]; `described` features `(M, D)` and
    attributes `(M, A)` in [-1, 1], not-a-number where unknown. Both may be of one dataset.
    """
    features, scores = rated
    others, wanted = described
    if wanted.shape != (len(others), len(model.attribute_names)) or scores.shape != features.shape[:1]:
        raise UsageError(
            f"expected attributes (M, {len(model.attribute_names)}) and scores (N,), got "
            f"{tuple(wanted.shape)} and {tuple(scores.shape)}"
        )
    table = torch.cat([features, others])
    model.centre.copy_(table.mean(0))
    model.scale.copy_(table.std(0).clamp(min=1e-6))
    device = device_of(model)
    parts = [model.shared, model.attribute_head, model.joint_head]
    for part in parts:
        part.requires_grad_(True)
    joint, known = (scores.float() - 5.5) / 4.5, wanted.isfinite()
    first, second = (
        Epochs(len(scores), schedule.batch, schedule.seed),
        Epochs(len(others), schedule.batch, schedule.seed + 1),
    )

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        some, more = first.at(step), second.at(step)
        found = model.attributes(others[more].to(device))
        right, there = wanted[more].nan_to_num().float().to(device), known[more].to(device)
        said = model.joint_head(model.last_layer(features[some].to(device)))[:, 0]
        return {
            "attributes": ((found - right).square() * there).sum() / (2 * there.sum().clamp(min=1)),
            "score": F.mse_loss(said, joint[some].to(device)) / 2,
        }

    plan = ConstantRate("attributes", schedule.steps, schedule.rate, decay=schedule.decay, seed=schedule.seed)
    train(nn.ModuleList(parts), losses, plan, checkpoint=checkpoint, progress=progress)
    model.requires_grad_(False).eval()


def train_content(
    model: TraitsScorer,
    features: Tensor,
    schedule: TraitsSchedule,
    *,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> Tensor:
    """Cluster `features` `(N, D)` by k-means and train the softmax layer of `model` on the labels, in place.

    Returned are the labels `(N,)`.
    """
    labels = cluster_labels(features, model.contents, schedule.seed)
    device, epochs = device_of(model), Epochs(len(features), schedule.batch, schedule.seed)
    model.content_head.requires_grad_(True)

    def losses(step: int, generator: Generator) -> dict[str, Tensor]:  # noqa: ARG001
        some = epochs.at(step)
        logits = model.content_head(model.standardised(features[some].float().to(device)))
        return {"cross-entropy": F.cross_entropy(logits, labels[some].to(device))}

    plan = ConstantRate("content", schedule.steps, schedule.rate, decay=schedule.decay, seed=schedule.seed)
    train(model.content_head, losses, plan, checkpoint=checkpoint, progress=progress)
    model.requires_grad_(False).eval()
    return labels


def attribute_table(data: RatedDataset, names: Sequence[str] = AADB_TEN) -> NDArray[np.float64]:
    """The attributes of `data` called `names`, `(P, A)`. `UsageError` where it has none of that name."""
    had = () if data.attributes is None else data.attributes.names
    missing = [name for name in names if name not in had]
    if data.attributes is None or missing:
        raise UsageError(
            f"expected a dataset with the attributes {', '.join(names)}, such as aadb; {data.name} has "
            f"{', '.join(had) or 'none'}"
        )
    return data.attributes.values[:, [had.index(name) for name in names]]
