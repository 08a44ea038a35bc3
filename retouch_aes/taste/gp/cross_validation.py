"""Do the answers tell this person from anyone? Some are left out, and predicted from the rest."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from retouch_aes.progress import Progress
from retouch_aes.taste.gp.covariance import CovarianceSettings, GPInputs, covariance, prior_mean
from retouch_aes.taste.gp.laplace import laplace_posterior
from retouch_aes.taste.gp.likelihood import CHOICE, RATING, Observations
from retouch_aes.taste.gp.low_rank import mode, partial_cholesky

FOLDS = 5
FEW = 10
SURE = 1.6
MANY = 1500


@dataclass(frozen=True)
class GatheredAnswers:
    """Answers ready for the posterior: what they are about, as it is seen, and what was said."""

    views: GPInputs
    observations: Observations

    @property
    def large(self) -> bool:
        """Whether there is too much for matrices over all answers."""
        return len(self.views) > MANY or len(self.observations) > MANY


@dataclass(frozen=True)
class CrossValidation:
    """What cross-validation found: metrics by name, a learning curve, and whether the answers say little."""

    metrics: dict[str, float]
    curve: tuple[tuple[int, float], ...]
    says_little: bool


def cross_validate(
    evidence: GatheredAnswers, settings: CovarianceSettings, progress: Progress | None = None
) -> CrossValidation:
    """Leave out a fifth of the answers in turn: how many does the rest predict, and how many does `f` alone?

    For choices, the share put in the right order; where only ratings were given, the share of pairs of them.
    The curve does the same with a quarter and half of the rest. The answers say little when the personal
    score does not predict more of them than the generic one by 1.6 standard errors, or when they are few.
    """
    observations, views = evidence.observations, evidence.views
    scores_from = _predictor(evidence, settings)
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(observations)))
    shares = (0.25, 0.5, 1.0)
    right: dict[float, list[Tensor]] = {share: [] for share in shares}
    generic: list[Tensor] = []
    weights: list[Tensor] = []
    folds = min(FOLDS, len(observations))
    if folds < 2:
        return CrossValidation({}, (), says_little=True)
    for fold in range(folds):
        held, rest = order[fold::folds], torch.cat([order[i::folds] for i in range(folds) if i != fold])
        test = observations.part(held)
        generic.append(_right(views.score, test))
        weights.append(_weights(test))
        for share in shares:
            part = observations.part(rest[: max(1, round(share * len(rest)))])
            right[share].append(_right(scores_from(part), test))
        if progress is not None:
            progress("checking", fold + 1, folds)
    before, after = torch.cat(generic), torch.cat(right[1.0])
    if not len(before):
        return CrossValidation({}, (), says_little=True)
    gain, weight = after - before, torch.cat(weights) / torch.cat(weights).sum()
    mean = float(weight @ gain)
    spread = float(weight @ (gain - mean).square()) ** 0.5  # rows that repeat are one piece of evidence
    error = spread / math.sqrt(len(gain) - 1) if len(gain) > 1 else math.inf
    metrics = {"agreement": float(weight @ after), "generic_agreement": float(weight @ before)}
    size = observations.count - math.ceil(observations.count / folds)
    curve = tuple((max(1, round(share * size)), float(weight @ torch.cat(right[share]))) for share in shares)
    little = observations.count < FEW or mean <= SURE * error
    return CrossValidation(metrics, curve, little)


def _predictor(evidence: GatheredAnswers, settings: CovarianceSettings) -> Callable[[Observations], Tensor]:
    """From some of the observations to the scores `(M,)` of all views."""
    views, expected = evidence.views, prior_mean(evidence.views, settings)
    if evidence.large:
        factor, _ = partial_cholesky(views, settings)
        return lambda part: expected + factor @ mode(part, factor, expected)[0]
    kernel = covariance(views, views, settings)
    return lambda part: expected + kernel @ laplace_posterior(part, kernel, expected).weights


def _weights(test: Observations) -> Tensor:
    """How much each of the entries of `_right` counts."""
    times = torch.ones_like(test.value) if test.times is None else test.times
    rated = test.kind == RATING
    value, often = test.value[rated], times[rated]
    i, j = torch.triu_indices(len(value), len(value), 1).unbind(0)
    return torch.cat([times[test.kind == CHOICE], (often[i] * often[j])[value[i] != value[j]]])


def _right(scores: Tensor, test: Observations) -> Tensor:
    """1 for each answer that `scores` predict, one half where they are equal."""
    choices = test.kind == CHOICE
    gaps = scores[test.first[choices]] - scores[test.second[choices]]
    rated = test.kind == RATING
    here, value = scores[test.first[rated]], test.value[rated]
    i, j = torch.triu_indices(len(value), len(value), 1).unbind(0)
    wanted = torch.sign(value[i] - value[j])
    pairs = ((here[i] - here[j]) * wanted)[wanted != 0]
    return torch.cat([(1 + torch.sign(gaps)) / 2, (1 + torch.sign(pairs)) / 2])
