"""A score on any backbone from rated photos: features seen once, a head in closed form (`ridge_head`).

The penalty is chosen, and the agreement measured, on themes apart (file names without their number), and
neither on what the other saw: of five folds of themes each is predicted by a head whose penalty was chosen
within the other four. The head that is kept learns from all photos, with the penalty that serves best over
all five.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.datasets.splits import theme
from retouch_aes.errors import UsageError
from retouch_aes.models.heads import rating_distribution
from retouch_aes.models.model import mean_score
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.ridge_head import ridge_head
from retouch_aes.photo import read

Indices = NDArray[np.intp]
Progress = Callable[[int, int], None]
"""Called with the photos seen and all of them."""

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FOLDS = 5
_SIDE = 384


@dataclass(frozen=True)
class PooledFit:
    """What `fit_pooled` found: `rho` with the mean ratings on themes apart, the `penalty`, how much data."""

    rho: float
    penalty: float
    photos: int
    themes: int


def fit_pooled(
    model: PooledScorer,
    ratings: Ratings,
    *,
    device: torch.device | str = "cpu",
    seed: int = 0,
    progress: Progress | None = None,
) -> PooledFit:
    """Give `model` the head that predicts the mean `ratings`, and say how well that goes on unseen themes.

    Args:
        model: On any backbone; changed in place, its backbone as it was.
        ratings: Of ten themes or more; each photo is seen with its long side at most 384 px.
        device: Where the backbone runs; `model` stays there.
        seed: Of the folds.
        progress: Told after each photo.

    Raises:
        UsageError: Fewer than ten themes.
        PhotoError: A photo cannot be read.
    """
    themes = [theme(photo) for photo in ratings.photos]
    if len(set(themes)) < 2 * FOLDS:
        raise UsageError(
            f"expected photos of {2 * FOLDS} themes or more (file names without number), "
            f"got {len(set(themes))}"
        )
    features = _seen(model.to(device).eval(), ratings.photos, device, progress)
    scores = torch.from_numpy(ratings.mean_scores())
    folds = theme_folds(themes, FOLDS, seed)
    predicted = np.zeros(len(scores))
    for fold in range(FOLDS):
        inside = folds == fold
        there = features[~inside], scores[~inside]
        inner = theme_folds(
            [name for name, out in zip(themes, inside, strict=True) if not out], FOLDS - 1, seed
        )
        predicted[inside] = _predicted(*there, features[inside], _best_penalty(*there, inner))
    penalty = _best_penalty(features, scores, folds)
    model.fit(features.to(device), scores.to(device), penalty=penalty)
    return PooledFit(rank_correlation(predicted, scores.numpy()), penalty, len(scores), len(set(themes)))


def theme_folds(themes: Sequence[str], count: int, seed: int) -> Indices:
    """A fold in `0 .. count - 1` for each photo, `(N,)`: a theme's photos in one, themes evenly spread."""
    names = sorted(set(themes))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: rank % count for rank, place in enumerate(order)}
    return np.array([fold[name] for name in themes], np.intp)


def _seen(
    model: PooledScorer, photos: Sequence[Path], device: torch.device | str, progress: Progress | None
) -> Tensor:
    rows = []
    with torch.no_grad():
        for done, photo in enumerate(photos, start=1):
            rows.append(model.features(read(photo).proxy(_SIDE).to(device)).cpu())
            if progress is not None:
                progress(done, len(photos))
    return torch.cat(rows)


def _best_penalty(features: Tensor, scores: Tensor, folds: Indices) -> float:
    """The penalty whose predictions of left-out folds agree best with `scores`."""

    def agreement(penalty: float) -> float:
        predicted = np.zeros(len(scores))
        for fold in np.unique(folds):
            inside = folds == fold
            predicted[inside] = _predicted(features[~inside], scores[~inside], features[inside], penalty)
        return rank_correlation(predicted, scores.numpy())

    return max(PENALTIES, key=agreement)


def _predicted(features: Tensor, scores: Tensor, unseen: Tensor, penalty: float) -> "NDArray[np.float64]":
    head = ridge_head(features, scores, penalty=penalty)
    with torch.no_grad():
        return mean_score(rating_distribution(head(unseen))).double().numpy()


def rank_correlation(x: "NDArray[np.float64]", y: "NDArray[np.float64]") -> float:
    """Spearman's rank correlation of what is finite in both; 0 where one of them does not vary."""
    from scipy.stats import rankdata  # comes with scikit-learn

    known = np.isfinite(x) & np.isfinite(y)
    ranks = rankdata(x[known]), rankdata(y[known])
    if not known.any() or min(rank.std() for rank in ranks) == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
