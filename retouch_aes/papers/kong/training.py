"""Training of Kong's network: regression, ranking and attributes, on features seen once or on photos.

    loss = regression + w_r ranking + w_a attributes

With `binary_above` the regression is a classification instead, good against bad: the paper's "AlexNet FT
Conf", whose confidence is the score. Categories of content are learned first, from labelled photos, and then
held (section 4.4).

The regression sees a batch of photos, the ranking a batch of pairs beside it, so that the ablations differ in
nothing but the terms that are left out. `AADB` and `AVA` hold the paper's weights and margins, with the
sampling that each allows; `PAPER_SCHEDULE` its optimiser (rate 1e-4, momentum .9, decay 1e-5, times .1 now
and then), which is meant for a whole pretrained network. The default schedule, width and dropout are for
fresh heads on a few hundred photos, chosen for regression alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from retouch_aes.datasets import Ratings
from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule, StepDecay, TrainingProgress, train
from retouch_aes.papers.kong.head import KongHead, KongOutput
from retouch_aes.papers.kong.losses import kong_attributes, kong_ranking, kong_regression
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.pairs import PairSampler, Sampling
from retouch_aes.training.photo_pool import CropSource

Judge = Callable[[Tensor, Generator], KongOutput]
PAPER_SCHEDULE = StepDecay("kong", steps=20_000, rate=1e-4, decay=1e-5, momentum=0.9, factor=0.1, every=8_000)
LEAST_CROP = (227 / 256) ** 2


@dataclass(frozen=True)
class KongSettings:
    """Weights of the terms, the margin on scores in [0, 1], and how much a step sees.

    `sampling` None leaves the ranking out, `attributes` 0 the attribute term. `listed` pairs are drawn before
    the training and no others; None: new ones at every step. `binary_above`, a score in [0, 1]: see the
    module.
    """

    sampling: Sampling | None = "both"
    ranking: float = 1.0
    attributes: float = 0.1
    margin: float = 0.02
    apart: float = 0.0
    listed: int | None = None
    binary_above: float | None = None
    batch: int = 64
    pairs: int = 64
    schedule: Schedule = field(
        default_factory=lambda: Schedule("kong", steps=200, rate=1e-2, warmup=20, decay=3.0)
    )


AADB = KongSettings()
AVA = KongSettings(sampling="cross", ranking=0.1, margin=0.15)


def kong_losses(
    judge: Judge,
    scores: Tensor,
    attributes: Tensor | None,
    sampler: PairSampler | None,
    settings: KongSettings,
    generator: Generator,
    *,
    styles: bool = False,
) -> dict[str, Tensor]:
    """The weighted terms of one step, of photos with `scores` `(P,)` in [0, 1] and `attributes` `(P, A)`.

    `judge` takes indices `(B,)` of photos. What is not-a-number among the attributes is unknown.
    """
    batch = torch.randint(len(scores), (min(settings.batch, len(scores)),), generator=generator)
    pairs = sampler.draw(settings.pairs, generator) if sampler else None
    asked = batch if pairs is None else torch.cat([batch, pairs.first, pairs.second])
    found = judge(asked, generator)
    own, wanted = found.score[: len(batch)], scores[batch.to(scores.device)]
    if settings.binary_above is None:
        parts = {"regression": kong_regression(own, wanted)}
    else:
        good = (wanted > settings.binary_above).to(own)
        parts = {"classification": F.binary_cross_entropy(own.clamp(1e-6, 1 - 1e-6), good)}
    if pairs is not None:
        first, second = found.score[len(batch) :].chunk(2)
        ratings = (pairs.first_rating.to(first), pairs.second_rating.to(first))
        parts["ranking"] = settings.ranking * kong_ranking((first, second), ratings, margin=settings.margin)
    if attributes is not None and settings.attributes:
        wanted = attributes[batch.to(attributes.device)]
        loss = kong_attributes(found.attributes[: len(batch)], wanted, styles=styles)
        parts["attributes"] = settings.attributes * loss
    return parts


def fit_head(
    features: Tensor,
    ratings: Ratings,
    settings: KongSettings = AADB,
    *,
    attributes: NDArray[np.float64] | None = None,
    styles: bool = False,
    contents: int = 0,
    categories: NDArray[np.intp] | None = None,
    hidden: int = 256,
    dropout: float = 0.8,
    seed: int = 0,
) -> KongHead:
    """A head trained on `features` `(P, D)` of `ratings.photos`, in evaluation mode; fast on a CPU.

    `attributes` `(P, A)` in [-1, 1], or one-hot `styles`, give it that branch, `contents` clusters the other,
    or as many `categories` `(P,)`, -1 where unknown.
    """
    _check(len(features), ratings, attributes)
    torch.manual_seed(seed)
    count = 0 if attributes is None else attributes.shape[1]
    head = KongHead(
        features.shape[1],
        attributes=count,
        contents=contents,
        hidden=hidden,
        dropout=dropout,
        styles=styles,
        categories=categories is not None,
    ).to(features.device)
    prepare_head(head, features, categories, seed)
    where = features.device
    _train(head, lambda indices, _: head(features[indices.to(where)]), ratings, attributes, settings, seed)
    return head.eval()


def prepare_head(
    head: KongHead, features: Tensor, categories: NDArray[np.intp] | None = None, seed: int = 0
) -> None:
    """What stands before the training: the spread of `features` `(P, D)`, and contents, then held.

    Those are clusters of the features, or the head's `categories`, learned from labels `(P,)`, -1 where
    unknown.
    """
    head.measure(features, seed)
    if head.content_classes is None:
        return
    labels = torch.from_numpy(categories if categories is not None else np.full(len(features), -1))
    if not (labels >= 0).any():
        raise UsageError("expected photos with a category of content, got none")
    seen, labels = features[(labels >= 0).to(features.device)], labels[labels >= 0].to(features.device)

    def losses(_: int, generator: Generator) -> dict[str, Tensor]:
        batch = torch.randint(len(labels), (min(256, len(labels)),), generator=generator).to(labels.device)
        return {"categories": F.cross_entropy(head.content_logits(seen[batch]), labels[batch])}

    train(head.content_classes, losses, Schedule("categories", 200, 1e-2, warmup=10, seed=seed))
    head.content_classes.requires_grad_(False)


def train_head(
    head: KongHead, features: Tensor, ratings: Ratings, settings: KongSettings, seed: int = 0
) -> None:
    """Train `head` in place, without attributes, on `features` `(P, D)` of `ratings.photos`."""
    _check(len(features), ratings, None)
    torch.manual_seed(seed)
    where = features.device
    _train(head, lambda indices, _: head(features[indices.to(where)]), ratings, None, settings, seed)
    head.eval()


def fine_tune(
    model: Kong,
    photos: CropSource,
    ratings: Ratings,
    settings: KongSettings = AADB,
    *,
    attributes: NDArray[np.float64] | None = None,
    size: tuple[int, int] = (224, 224),
    seed: int = 0,
    pace: dict[str, float] | None = None,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> None:
    """Train all of `model` on crops (`LEAST_CROP` of the area or more) of `photos`, those of `ratings`.

    Its head should have been prepared (`prepare_head`) before; `pace` slows the body, as in `loop.train`.
    """
    _check(len(photos), ratings, attributes)
    if attributes is not None and attributes.shape[1] != model.upper.settings["attributes"]:
        raise UsageError(
            f"expected {model.upper.settings['attributes']} attributes, got {attributes.shape[1]}"
        )
    torch.manual_seed(seed)
    device = device_of(model)

    def judge(indices: Tensor, generator: Generator) -> KongOutput:
        return model.outputs(photos.crops(indices, size, LEAST_CROP, generator).to(device))

    options: dict[str, Any] = {"pace": pace, "checkpoint": checkpoint, "progress": progress}
    _train(model, judge, ratings, attributes, settings, seed, **options)
    model.eval()


def _train(
    network: nn.Module,
    judge: Judge,
    ratings: Ratings,
    attributes: NDArray[np.float64] | None,
    settings: KongSettings,
    seed: int,
    **options: Any,
) -> None:
    device = device_of(network)
    scores = torch.from_numpy((ratings.mean_scores() - 1) / 9).float().to(device)
    table = None if attributes is None else torch.from_numpy(attributes).float().to(device)
    sampler = None
    if settings.sampling is not None:
        apart, listed = settings.apart, settings.listed
        sampler = PairSampler(ratings, settings.sampling, apart=apart, listed=listed, seed=seed)
    head = network.upper if isinstance(network, Kong) else network
    styles = isinstance(head, KongHead) and head.styles
    network.train()
    train(
        network,
        lambda _, generator: kong_losses(judge, scores, table, sampler, settings, generator, styles=styles),
        replace(settings.schedule, seed=seed),
        **options,
    )


def _check(count: int, ratings: Ratings, attributes: NDArray[np.float64] | None) -> None:
    if count != len(ratings.photos) or (attributes is not None and len(attributes) != count):
        got = f"{count} and {None if attributes is None else len(attributes)}"
        raise UsageError(f"expected features and attributes of {len(ratings.photos)} photos, got {got}")
