"""How sure a taste is of the answer to a question, for choosing the next one."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from retouch_aes.errors import UsageError
from retouch_aes.preferences.acquisition import Question
from retouch_aes.preferences.renditions import Rendition
from retouch_aes.taste.feature_cache import FeatureCache
from retouch_aes.taste.gp.covariance import GPInputs, covariance, linear_terms, prior_mean
from retouch_aes.taste.gp.taste import GPTaste

Floats = NDArray[np.float64]


class GPPairPosterior:
    """The `PairPosterior` of a taste just learned; the feature cache sees what is asked about."""

    def __init__(self, taste: GPTaste, feature_cache: FeatureCache) -> None:
        if taste.knowledge is None:
            raise UsageError("expected a taste just learned: a stored one does not hold how sure it is")
        if feature_cache.model.fingerprint != taste.card.fingerprint:
            raise UsageError("expected the feature cache of the model that the taste was learned with")
        self.knowledge, self.adjustment, self.feature_cache = taste.knowledge, taste.adjustment, feature_cache

    def difference(self, questions: Sequence[Question]) -> tuple[Floats, Floats]:
        """See `PairPosterior.difference`."""
        sides = [side for question in questions for side in (question.first, question.second)]
        features, score, styles = self.feature_cache.see(sides)
        known, settings = self.knowledge, self.adjustment.settings
        same = np.array([q.first.photo == q.second.photo for q in questions])
        share = torch.from_numpy(np.repeat(np.where(same, 1.0, settings.ranking_share), 2))
        plain = [Rendition(side.photo) for side in sides]
        origin = self.feature_cache.see(plain)[2].double() * torch.from_numpy(np.repeat(same, 2))[:, None]
        content = self.adjustment.basis(features).double()
        views = GPInputs(content, score.double(), styles.double(), origin, share)
        cross = covariance(views, known.views, settings)
        utility = prior_mean(views, settings) + cross @ known.posterior.weights
        apart = (views.content[0::2] * views.content[1::2]).sum(1)
        spread = 2 * settings.content * (1 - ((apart - 1) / settings.length**2).exp())
        linear = linear_terms(views, settings)
        variance = spread + (linear[0::2] - linear[1::2]).square().sum(1)
        variance = variance - known.posterior.reduction(cross[0::2] - cross[1::2])
        noise = np.sqrt(2) * np.where(same, settings.style_noise, settings.noise)
        gap = (utility[0::2] - utility[1::2]).numpy()
        return gap / noise, variance.clamp(min=0).numpy() / noise**2
