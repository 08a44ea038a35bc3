"""CFAN from photos and reviews: maps seen once, or the network that makes them trained along."""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.datasets.reviews import Reviews, Vocabulary
from retouch_aes.devices import device_of
from retouch_aes.models.model import AestheticModel
from retouch_aes.optim.training_loop import TrainingProgress, with_losses
from retouch_aes.papers.cfan.score import SquaredMaps
from retouch_aes.papers.cfan.trained import LENGTH, TrainedCFAN
from retouch_aes.papers.cfan.training import CFANSettings, Judgements, fit_cfan
from retouch_aes.papers.stored_maps import StoredMaps
from retouch_aes.training.photo_pool import square_photos
from retouch_aes.user_cache import user_cache


def train_cfan(
    body: AestheticModel,
    reviews: Reviews,
    settings: CFANSettings = CFANSettings(),  # noqa: B008 - frozen
    *,
    side: int = 320,
    whole: bool = False,
    seed: int = 0,
    checkpoint: Path | None = None,
    progress: TrainingProgress | None = None,
) -> TrainedCFAN:
    """A network trained on all of `reviews`, in evaluation mode, on the device of `body`.

    Args:
        body: A model with maps; with `whole` a copy of it is trained as well.
        reviews: Who wrote what of which photos, which can all be read.
        settings: Tasks, and the schedule.
        side: Pixels to which photos are squashed.
        whole: Whether the body is trained; photos are then read at every step, else seen once.
        seed: Of every draw.
        checkpoint: From which a run that was stopped goes on; None keeps none.
        progress: Told after every step.

    Raises:
        UsageError: A body without maps.
        PhotoError: A photo that cannot be read.
    """
    device = device_of(body)
    sight = SquaredMaps(copy.deepcopy(body).eval(), side)
    photos = square_photos(reviews.photos, side)
    vocabulary = Vocabulary(reviews.texts)

    def seen(indices: Tensor) -> Tensor:
        images = [photos.whole(index, (side, side)) for index in indices.tolist()]
        return sight.maps(torch.cat(images).to(device))

    told, stored = with_losses(progress), StoredMaps(user_cache("maps"))
    every = torch.arange(len(reviews.photos))
    with torch.no_grad():
        for part in torch.split(every[:1] if whole else every, 16):
            stored.append(seen(part))
            if told is not None and not whole:
                told("seeing photos", int(part[-1]) + 1, len(every))
    examples = Judgements(
        users=torch.from_numpy(reviews.user_index).to(device),
        photos=torch.from_numpy(reviews.photo_index).to(device),
        good=torch.from_numpy(reviews.good.astype(np.float32)).to(device),
        tokens=torch.from_numpy(vocabulary.encode(reviews.texts, LENGTH)).to(device),
        maps=stored.rows(every[:1]).expand(len(every), *stored.shape[1:]) if whole else stored,
        tags=torch.from_numpy(reviews.tags).to(device),
        liked=torch.from_numpy(reviews.liked.astype(np.float32)).to(device),
        counts=(len(reviews.users), len(reviews.tag_names), len(vocabulary)),
    )
    trained: nn.Module | None = sight.body.requires_grad_(True) if whole else None
    network = fit_cfan(
        examples,
        settings,
        seed,
        body=trained,
        maps_of=seen if whole else None,
        checkpoint=checkpoint,
        progress=progress,
    )
    return TrainedCFAN.of(sight, network, vocabulary).requires_grad_(False).eval()
