"""Kong's network from a rated dataset to what its test photos say of it: settings, training, measures."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import nn

from retouch_aes.datasets import RatedDataset
from retouch_aes.errors import UsageError
from retouch_aes.optim.training_loop import TrainingProgress
from retouch_aes.papers.kong.accuracy import best_threshold
from retouch_aes.papers.kong.data import KongData, kong_data
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.training import AADB, AVA
from retouch_aes.papers.kong.whole import SIDE, KongTraining, photo_scores, train_kong
from retouch_aes.training.photo_pool import square_photos
from retouch_aes.training.score.pooled_head import rank_correlation

PRESETS = {"aadb": AADB, "ava": AVA}
_MOST_VALIDATION = 1000


@dataclass(frozen=True, eq=False)
class TrainedKong:
    """The model in evaluation mode, how many `photos` it learned from, and `metrics` of the test photos."""

    model: Kong
    photos: int
    metrics: dict[str, float]


def suited(training: KongTraining, data: KongData, preset: str | None = None) -> KongTraining:
    """`training` with the weights and the margin of a preset, and pairs of means where nobody is known.

    Args:
        training: Whose schedules stay.
        data: What is learned from.
        preset: `aadb` or `ava`; None: that of the dataset, `aadb` for any other.

    Raises:
        UsageError: Another preset.
    """
    name = preset or ("ava" if data.paper == "ava" else "aadb")
    if name not in PRESETS:
        raise UsageError(f"expected a preset out of {', '.join(PRESETS)}, got {name!r}")
    chosen = replace(PRESETS[name], schedule=training.settings.schedule)
    if not data.has_raters:
        chosen = replace(chosen, sampling="cross")
    return replace(training, settings=chosen)


def train_on_dataset(
    body: nn.Module,
    dataset: RatedDataset,
    training: KongTraining = KongTraining(),  # noqa: B008 - frozen
    *,
    preset: str | None = None,
    seed: int = 0,
    folder: Path | None = None,
    progress: TrainingProgress | None = None,
) -> TrainedKong:
    """Train on the authors' training photos of `dataset`, else on all; test on their test photos.

    Args:
        body: A network with features (`FeatureBody`); a copy is trained.
        dataset: All of whose photos can be read (`readable_only`).
        training: What is built, and the schedules.
        preset: See `suited`.
        seed: Of every draw.
        folder: For checkpoints; None keeps none.
        progress: Told after every step.

    Returns:
        The model; of the test photos, where there are such, Spearman's rho with the mean rating, and the
        accuracy by a cut that the validation photos choose, or a thousand training photos.

    Raises:
        UsageError: A dataset without anything to train the branches on, or another preset.
    """
    data = kong_data(dataset)
    every = np.arange(len(data.ratings.photos))
    train, validation, test = data.split or (every, every[:0], every[:0])
    pool = square_photos(data.ratings.photos, SIDE)
    model = train_kong(
        body,
        pool.some(train.tolist()),
        data.some(train),
        suited(training, data, preset),
        seed=seed,
        folder=folder,
        progress=progress,
    )
    if not len(test):
        return TrainedKong(model, len(train), {})
    means = data.ratings.mean_scores()
    good = means > data.liked_above
    if not len(validation):
        validation = np.random.default_rng([seed, 13]).permutation(train)[:_MOST_VALIDATION]
    cut = best_threshold(photo_scores(model, pool, validation, training.crop), good[validation])
    said = photo_scores(model, pool, test, training.crop)
    metrics = {
        "rho with the mean rating, test photos": rank_correlation(said, means[test]),
        "accuracy, test photos": float(((said > cut) == good[test]).mean()),
    }
    found = {name: value for name, value in metrics.items() if np.isfinite(value)}
    return TrainedKong(model, len(train), found)
