"""Kong's whole network, trained as the paper does it, in stages (sections 4 and 5).

    1  contents     clusters of unit features, or AVA's categories by softmax, on the network as it comes
    2  regression   the whole network by the Euclidean loss alone
    3  joint        regression, ranking and attributes; the content branch is held

Photos are squashed to 256 x 256 px and cropped to 227 x 227. Every stage has a checkpoint in a folder, and a
run that was stopped goes on from there. Any network of ours is the body: `torchvision:alexnet` as the paper
has it, or a score that was trained before.
"""

import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import Schedule, StepDecay, TrainingProgress, with_losses
from retouch_aes.papers.kong.data import Indices, KongData
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.training import AADB, PAPER_SCHEDULE, KongSettings, fine_tune, prepare_head
from retouch_aes.training.photo_pool import CropSource

SIDE, CROP = 256, 227
CLUSTERS = 10
_MEASURED = 20_000


@dataclass(frozen=True)
class KongTraining:
    """What is built and how long it is trained; the paper's by default, for a whole pretrained network.

    Args:
        attributes: Whether there is an attribute branch, where the data have attributes or styles.
        contents: Clusters of content; the number of categories takes their place; 0 for no such branch.
        hidden: Units of each branch.
        dropout: Of the upper layers.
        settings: Weights, margin, pairs of the joint stage; its schedule is the joint one.
        regression: Schedule of the first stage.
        pace: Share of the rate for the body.
        crop: Pixels that the network sees.
    """

    attributes: bool = True
    contents: int = CLUSTERS
    hidden: int = 256
    dropout: float = 0.5
    settings: KongSettings = field(default_factory=lambda: replace(AADB, schedule=PAPER_SCHEDULE))
    regression: Schedule = field(default_factory=lambda: replace(PAPER_SCHEDULE, name="kong regression"))
    pace: float = 1.0
    crop: int = CROP

    def steps(self, regression: int, joint: int) -> "KongTraining":
        """The same with other numbers of steps; the rate falls at the same shares of them."""
        return replace(
            self,
            regression=_scaled(self.regression, regression),
            settings=replace(self.settings, schedule=_scaled(self.settings.schedule, joint)),
        )


def _scaled(schedule: Schedule, steps: int) -> Schedule:
    if isinstance(schedule, StepDecay):
        every = max(1, round(schedule.every * steps / max(1, schedule.steps)))
        return replace(schedule, steps=steps, every=every)
    return replace(schedule, steps=steps)


def train_kong(
    body: nn.Module,
    photos: CropSource,
    data: KongData,
    training: KongTraining = KongTraining(),
    *,
    seed: int = 0,
    folder: Path | None = None,
    progress: TrainingProgress | None = None,
) -> Kong:
    """A copy of `body`, on its device, with Kong's branches, trained on `photos`, those of `data.ratings`.

    Args:
        body: A network with features (`FeatureBody`), in float32.
        photos: As `square_photos` gives them.
        data: What people said.
        training: What is built, and the schedules.
        seed: Of every draw.
        folder: For checkpoints; None keeps none.
        progress: Told after every step.

    Returns:
        The model in evaluation mode.

    Raises:
        UsageError: Data of other photos, or nothing to train the branches on.
    """
    if len(photos) != len(data.ratings.photos):
        raise UsageError(f"expected {len(data.ratings.photos)} photos, got {len(photos)}")
    torch.manual_seed(seed)
    with_attributes = training.attributes and data.attributes is not None
    categories = data.categories if training.contents else None
    model = Kong(
        copy.deepcopy(body),
        attributes=data.attributes.shape[1] if with_attributes and data.attributes is not None else 0,
        contents=training.contents if categories is None else len(data.category_names),
        hidden=training.hidden,
        dropout=training.dropout,
        styles=with_attributes and data.styles,
        categories=categories is not None,
    ).to(device_of(body))
    chosen = _measured(len(photos), categories, seed)
    features = photo_features(model, photos, chosen, training.crop, progress)
    prepare_head(model.upper, features, None if categories is None else categories[chosen], seed)
    alone = replace(training.settings, sampling=None, attributes=0.0, schedule=training.regression)
    model.body.requires_grad_(True)
    stages = (alone, training.settings)
    for settings in stages:
        if not settings.schedule.steps:
            continue
        name = settings.schedule.name.replace(" ", "-")
        options: dict[str, Any] = {
            "attributes": data.attributes if with_attributes else None,
            "size": (training.crop, training.crop),
            "seed": seed,
            "pace": {"body.": training.pace},
            "checkpoint": None if folder is None else folder / f"{name}.safetensors",
            "progress": progress,
        }
        fine_tune(model, photos, data.ratings, settings, **options)
    return model.requires_grad_(False).eval()


def photo_features(
    model: Kong, photos: CropSource, chosen: Indices, crop: int, progress: TrainingProgress | None = None
) -> Tensor:
    """Features `(len(chosen), D)` of whole photos, squashed to `crop` x `crop`, on the model's device."""
    device, told, rows = device_of(model), with_losses(progress), []
    model.eval()
    with torch.no_grad():
        for done, index in enumerate(chosen, start=1):
            rows.append(model.features(photos.whole(int(index), (crop, crop)).to(device)))
            if told is not None:
                told("seeing photos", done, len(chosen))
    return torch.cat(rows)


def photo_scores(model: Kong, photos: CropSource, chosen: Indices, crop: int) -> np.ndarray:
    """Scores `(len(chosen),)` in [1, 10] of whole photos, squashed to `crop` x `crop`."""
    device = device_of(model)
    with torch.no_grad():
        rows = [model(photos.whole(int(index), (crop, crop)).to(device)).cpu() for index in chosen]
    return torch.cat(rows).double().numpy()


def _measured(count: int, categories: Indices | None, seed: int) -> Indices:
    """The photos that the content is found on: those with a category where there are such."""
    known = np.arange(count) if categories is None else np.flatnonzero(categories >= 0)
    order = np.random.default_rng([seed, 11]).permutation(known)
    return np.sort(order[:_MEASURED])
