"""R-SVM: a ranking SVM on pairs (Joachims, "Optimizing search engines using clickthrough data", KDD 2002).

    min_w  |w|^2 / 2 + C sum_pairs max(0, 1 - w . (x_winner - x_loser))

Linear, on the backbone's standardised features, with no generic score: it knows the person's pairs alone.
"""

from typing import ClassVar

import numpy as np
import torch

from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.common.linear_function import LinearFunction
from retouch_aes.papers.method import PersonEvidence, Study


class RSVM(InputsMethod):
    """`c` weighs a pair, whose two differences are divided by the root of the number of inputs."""

    name: str = "R-SVM (deep features)"
    pairs: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ("features",)
    residual: ClassVar[bool] = False
    c: ClassVar[float] = 1.0

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> LinearFunction:
        """The direction that orders the pairs; as a score of the generic one's mean and deviation."""
        from sklearn.svm import LinearSVC

        values = self.inputs.values
        middle, spread = float(study.score.mean()), float(study.score.std())
        if not len(evidence.pairs):
            return LinearFunction(torch.zeros(values.shape[1], dtype=torch.float64), middle)
        winner, loser = evidence.pairs.T
        away = (values[winner] - values[loser]) / values.shape[1] ** 0.5
        rows = np.concatenate([away, -away])
        signs = np.repeat([1, -1], len(away))
        machine = LinearSVC(
            C=self.c / 2, loss="hinge", fit_intercept=False, random_state=seed, max_iter=20_000
        )
        weights = machine.fit(rows, signs).coef_[0]
        unit = weights * spread / max(float((values @ weights).std()), 1e-9)
        return LinearFunction(torch.from_numpy(unit), middle)
