"""A score that rests on another and moves it: by what one person adds, or by any function of its features.

    f(x) = moved(x, features(x), g(x))          g: the underlying score
    p(x) = g's distribution, tilted so that its mean is f(x)

One look at a photo gives all of it.
"""

from abc import abstractmethod

from torch import Tensor

from retouch_aes.models.calibration import shift_distribution
from retouch_aes.models.featured import features_and_judgement, features_and_score
from retouch_aes.models.model import AestheticModel


class MovedScore(AestheticModel):
    """See the module. A subclass says what it rests on and how it moves that."""

    @property
    @abstractmethod
    def underlying(self) -> AestheticModel:
        """The score that is moved; it has features."""

    @abstractmethod
    def moved(self, image: Tensor, features: Tensor, generic: Tensor) -> Tensor:
        """This model's scores.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].
            features: What the underlying score sees in it, `(B, D)`.
            generic: Its scores, `(B,)`.

        Returns:
            `(B,)` in (1, 10).
        """

    def forward(self, image: Tensor) -> Tensor:
        """See `AestheticModel`."""
        self.check(image)
        return self.moved(image, *features_and_score(self.underlying, image))

    def judgement(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """See `AestheticModel`."""
        self.check(image)
        features, generic, distribution = features_and_judgement(self.underlying, image)
        score = self.moved(image, features, generic)
        return score, shift_distribution(distribution, score)

    def distribution(self, image: Tensor) -> Tensor:
        """The underlying distribution `(B, 10)`, tilted so that its mean is this model's score."""
        return self.judgement(image)[1]
