"""How right a network's answers are about who thinks which photo good: by user, by tag, over all."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retouch_aes.bench.common.correlation import ranks
from retouch_aes.papers.cfan.training import Judgements

Floats = NDArray[np.float64]


def aucs(scores: Tensor, asked: Judgements) -> Floats:
    """`(U,)`: each user's area under the ROC curve; not-a-number where all judgements are equal."""
    values, good, users = _plain(scores.double()), _plain(asked.good) > 0.5, _plain(asked.users)
    found = np.full(asked.counts[0], np.nan)
    for user in np.unique(users):
        mine = users == user
        found[user] = auc(values[mine], good[mine])
    return found


def auc(scores: Floats, good: NDArray[np.bool_]) -> float:
    """The chance that a good one scores above a bad one, ties counted half."""
    positives, negatives = int(good.sum()), int((~good).sum())
    if not positives or not negatives:
        return float("nan")
    return float((ranks(scores)[good].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def auc_by_tag(scores: Tensor, asked: Judgements) -> Floats:
    """`(T,)`: the AUC over all judgements of photos of a tag; of all judgements where no photo has one."""
    values, good = _plain(scores.double()), _plain(asked.good) > 0.5
    tags = _plain(asked.tags[asked.photos])
    if not (tags >= 0).any():
        return np.array([auc(values, good)])
    return np.array([auc(values[tags == tag], good[tags == tag]) for tag in range(asked.counts[1])])


def accuracy(logits: Tensor, asked: Judgements) -> float | None:
    """The share of judgements that the sign of a logit tells right; None without any."""
    return float(((logits > 0) == (asked.good > 0.5)).float().mean()) if len(asked.users) else None


def accuracy_by_tag(logits: Tensor, asked: Judgements) -> Floats:
    """`(T,)`: of the photos asked about that have a tag, the share whose `liked` the sign of `(P,)` tells."""
    photos = torch.unique(asked.photos)
    right = _plain((logits[photos] > 0) == (asked.liked[photos] > 0.5))
    tags = _plain(asked.tags[photos])
    parts = [right[tags == tag] for tag in range(asked.counts[1])]
    return np.array([part.mean() if len(part) else np.nan for part in parts], np.float64)


def _plain(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.detach().cpu().numpy()
    return found
