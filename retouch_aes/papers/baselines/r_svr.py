"""R-SVR: regression and ranking in one machine (Park et al., "Personalized image aesthetic quality assessment
by joint regression and ranking", WACV 2017).

A support vector regressor keeps to what everybody thinks while the person's pairs bend it:

    min_w  |w|^2 / 2 + C_r sum_photos max(0, |w . x| - epsilon)^2
                     + C_p sum_pairs  max(0, 1 - (f(winner) - f(loser)))^2,      f(x) = generic(x) + w . x

Our reading: the regression targets are the generic scores of all P photos, so the machine is written as an
offset to them; losses are squared, for a smooth problem of one answer; linear in the standardised features.
"""

from typing import ClassVar

import numpy as np
import torch

from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.common.linear_function import LinearFunction
from retouch_aes.papers.method import Floats, PersonEvidence, Study


class RSVR(InputsMethod):
    """`regression` is C_r times P, `ranking` C_p; inputs are divided by the root of their number."""

    name: str = "R-SVR (deep features)"
    pairs: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ("features",)
    regression: ClassVar[float] = 10.0
    ranking: ClassVar[float] = 0.3
    epsilon: ClassVar[float] = 0.1

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> LinearFunction:  # noqa: ARG002
        """The one minimum, by L-BFGS."""
        from scipy.optimize import minimize  # comes with scikit-learn

        scale = self.inputs.values.shape[1] ** -0.5
        photos = self.inputs.values * scale
        winner, loser = evidence.pairs.T
        ahead = study.score[winner] - study.score[loser]
        away = photos[winner] - photos[loser]
        per_photo = self.regression / len(photos)

        def objective(weights: Floats) -> tuple[float, Floats]:
            moved = photos @ weights
            beyond = np.sign(moved) * np.maximum(0, np.abs(moved) - self.epsilon)
            short = np.maximum(0, 1 - ahead - away @ weights)
            value = 0.5 * weights @ weights + per_photo * beyond @ beyond + self.ranking * short @ short
            slope = weights + 2 * per_photo * beyond @ photos - 2 * self.ranking * short @ away
            return float(value), slope

        found = minimize(objective, np.zeros(photos.shape[1]), jac=True, method="L-BFGS-B")
        return LinearFunction(torch.from_numpy(np.asarray(found.x * scale, np.float64)), 0.0)
