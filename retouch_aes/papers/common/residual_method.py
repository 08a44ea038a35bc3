"""What the methods share that learn small residual networks from a population of raters, then one person.

The population's answers are what each rater adds to what all of them say of a photo, so that nothing is
learned again that the generic score should know: on OASIS a start that was to learn that too lost .13 in rho
on photos it had not seen. A rater's level, the mean of that, is no taste and is taken off; so is the
person's, and put back at the end. Where the study has folds there is a network for each, which has not seen
anybody's rating of its fold's photos and predicts those; one more is for new photos.
"""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.models.anchored_score import UnitComponents
from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.common.residual_network import ResidualNetwork, Tensors, added
from retouch_aes.papers.method import Floats, Indices, PersonEvidence, Study

COMPONENTS = 64


@dataclass(frozen=True, eq=False)
class RaterResiduals:
    """N answers of a population: `raters` and `photos` `(N,)`, and `values` `(F, N)` over the mean of all.

    The generic score counts as one more rater in that mean: it says all where nobody else rated a photo.
    `seen` `(F, N)` is 1 where the network of a fold may learn from an answer; the values of each rater that
    it may learn from have the mean 0. There are `count` raters.
    """

    raters: Tensor
    photos: Tensor
    values: Tensor
    seen: Tensor
    count: int

    @staticmethod
    def of(study: Study, folds: Indices) -> "RaterResiduals":
        """Those of the population of `study`; `folds` `(F,)` are the networks', -1 for new photos."""
        ratings = study.population
        photos = np.asarray(study.population_index)[ratings.photo_index].astype(np.intp)
        total = np.bincount(ratings.photo_index, ratings.scores, len(ratings.photos))
        mean = (total + study.score[study.population_index]) / (ratings.counts() + 1)
        values = ratings.scores - mean[ratings.photo_index]
        of_photo = np.full(len(study), -2) if study.folds is None else study.folds
        raters, count = torch.from_numpy(np.asarray(ratings.user_index)), len(ratings.users)
        seen = torch.from_numpy(of_photo[photos][None] != folds[:, None]).float()
        said = torch.from_numpy(np.asarray(values)).float()
        answers = torch.zeros(len(seen), count).index_add_(1, raters, seen)
        levels = torch.zeros(len(seen), count).index_add_(1, raters, seen * said) / answers.clamp(min=1)
        return RaterResiduals(raters, torch.from_numpy(photos), said - levels[:, raters], seen, count)

    def means(self, group: Tensor, groups: int, photos: int) -> tuple[Tensor, Tensor]:
        """Mean values `(F, G, P)` of the raters in each group, and weights `(F, G, P)`: answers seen.

        `group` `(F, U)` is the group of each rater, as a fold's network has it.
        """
        folds = len(self.seen)
        total = torch.zeros(folds, groups * photos)
        weight = torch.zeros(folds, groups * photos)
        for fold in range(folds):
            place = group[fold, self.raters] * photos + self.photos
            weight[fold].index_add_(0, place, self.seen[fold])
            total[fold].index_add_(0, place, self.seen[fold] * self.values[fold])
        shape = (folds, groups, photos)
        return (total / weight.clamp(min=1e-9)).view(shape), weight.view(shape)


class ResidualMethod(InputsMethod):
    """See the module. `trained` learns from the population once, `personal` from a person's answers."""

    def __init__(self) -> None:
        super().__init__()
        self._folds: Indices = np.array([-1])
        self._table = torch.zeros(0, 0)
        self._known = UnitComponents(torch.zeros(0), torch.zeros(0, 0))
        self._fitted: Tensors = {}

    def prepare(self, study: Study) -> None:
        """Find the components of the inputs; learn from the population."""
        super().prepare(study)
        inputs = torch.from_numpy(self.inputs.values)
        self._known = UnitComponents.of(inputs, min(COMPONENTS, *inputs.shape))
        self._table = self._known(inputs).float() * self._known.basis.shape[1] ** 0.5
        self._folds = np.array([-1, *(() if study.folds is None else np.unique(study.folds))])
        self._fitted = {}
        self.trained(study, RaterResiduals.of(study, self._folds))

    @property
    def table(self) -> Tensor:
        """The components of all photos of the study, `(P, C)`, of mean square 1."""
        return self._table

    @property
    def networks(self) -> int:
        """F: how many folds have a network of their own, and one for new photos."""
        return len(self._folds)

    @abstractmethod
    def trained(self, study: Study, residuals: RaterResiduals) -> None:
        """Learn from the population, F networks at once."""

    @abstractmethod
    def personal(self, z: Tensor, wanted: Tensor, evidence: PersonEvidence) -> Tensors:
        """F networks of the person who adds `wanted` `(k,)`, of mean 0, to photos with `z` `(k, C)`."""

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> nn.Module:  # noqa: ARG002
        """The person's network for new photos; those of the study have one each fold."""
        photos = torch.from_numpy(np.asarray(evidence.photos))
        wanted = torch.from_numpy(evidence.scores - study.score[evidence.photos]).float()
        found = self.personal(self._table[photos], wanted - wanted.mean(), evidence)
        self._fitted = {**found, "level": found["level"] + wanted.mean()}
        own = {name: tensor[0].clone() for name, tensor in self._fitted.items()}
        own["first"] = own["first"] * self._known.basis.shape[1] ** 0.5
        return ResidualNetwork(self._known, own)

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`; what is said of a fold's photos rests on the population's ratings of the others."""
        if study.folds is None or not self._fitted:
            return super().predict(study, photos)
        places = torch.from_numpy(np.searchsorted(self._folds, study.folds[photos]))
        with torch.no_grad():
            every = added(self._fitted, self._table[torch.from_numpy(np.asarray(photos))])
        found = every[places, torch.arange(len(places))].double().numpy()
        return np.asarray(study.score[photos] + found, np.float64)
