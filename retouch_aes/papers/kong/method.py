"""Kong's network as one person's: its head learns what everybody thinks, then this person's ratings.

    1. regression on the generic scores of all photos of the study
    2. regression on the person's ratings, and ranking within this one rater, with the paper's weights

The paper has no personal model; ranking within a rater is its idea of what one person's ratings are good for.
On frozen features, with attributes and content clusters; nobody else's ratings are read.
"""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from retouch_aes.datasets import Ratings
from retouch_aes.errors import UsageError
from retouch_aes.models.model import SCORES, AestheticModel
from retouch_aes.optim.training_loop import Schedule
from retouch_aes.papers.kong.data import to_range
from retouch_aes.papers.kong.head import KongHead
from retouch_aes.papers.kong.model import Kong
from retouch_aes.papers.kong.training import AADB, KongSettings, fit_head, train_head
from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study

FIRST = replace(AADB, sampling=None, schedule=Schedule("kong", 150, 1e-2, warmup=10, decay=0.1))
OWN = replace(AADB, sampling="within", schedule=Schedule("kong person", 40, 1e-3, warmup=5, decay=0.1))
_CLUSTERS, _HIDDEN, _DROPOUT = 10, 64, 0.5


class KongMethod(Method):
    """See the module. `own` are the settings of the second stage; without ranking it is the ablation."""

    name: str = "Kong (one rater)"

    def __init__(self, own: KongSettings = OWN) -> None:
        self.own = own
        self._start: KongHead | None = None
        self._head: KongHead | None = None

    def prepare(self, study: Study) -> None:
        """Learn the generic score of the study's photos."""
        self._start = fit_head(
            _features(study, np.arange(len(study))),
            _ratings(np.arange(len(study)), study.score),
            FIRST,
            attributes=to_range(study.attributes),
            contents=min(_CLUSTERS, len(study) // 4),
            hidden=_HIDDEN,
            dropout=_DROPOUT,
        )
        self._head = None

    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:
        """See `Method`; the pairs are those of the ratings."""
        if self._start is None:
            self.prepare(study)
        head = copy.deepcopy(self._start)
        if head is None:
            raise UsageError(f"{self.name} has not been prepared; call prepare first")
        photos, own = np.asarray(evidence.photos), self.own
        if len(np.unique(evidence.scores)) < 2:
            own = replace(own, sampling=None)  # equal ratings have no order
        train_head(head, _features(study, photos), _ratings(photos, evidence.scores), own, seed)
        self._head = head
        return self

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`."""
        with torch.no_grad():
            found = self._fitted()(_features(study, np.asarray(photos))).score
        return np.asarray(1 + (SCORES - 1) * found.double().numpy(), np.float64)

    def model(self, generic: AestheticModel) -> AestheticModel:
        """See `Method`; `generic` must have the features that the study was made with."""
        head = self._fitted()
        model = Kong(copy.deepcopy(generic), **head.settings)
        model.upper.load_state_dict(head.state_dict())
        return model.requires_grad_(False).eval()

    def _fitted(self) -> KongHead:
        if self._head is None:
            raise UsageError(f"{self.name} has not been fitted; call fit with a person's evidence first")
        return self._head


def _features(study: Study, photos: Indices) -> Tensor:
    return torch.from_numpy(study.features[photos].astype(np.float32))


def _ratings(photos: Indices, scores: Floats) -> Ratings:
    """Scores of photos as ratings of one user, in the order of `photos`."""
    order = np.arange(len(photos))
    names = tuple(Path(f"{place:09d}") for place in order)
    return Ratings(("one",), names, np.zeros(len(order), np.intp), order, np.asarray(scores), (1.0, 10.0))
