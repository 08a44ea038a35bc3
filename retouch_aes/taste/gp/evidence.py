"""How sure a taste is of each slider, and how far a retouch may follow it there.

    g_k = sum_j J_kj (b_j - p_j o_j)        z_k = E g_k / sd g_k        s_k = max(0, 1 - (DOUBT / z_k)^2)

`J` `(S, 6)` says how far each number of the style moves as slider `k` goes by its reach, `o` the style where
it starts; `b` and `p` are weights of the score (`gp.model`), of which the answers leave a posterior
covariance. So `g_k` is what the person is thought to gain by slider `k`, and `z_k` whether the answers tell
it from nothing. What they do not tell is not followed, and what they tell clearly in full: Breiman's garrote
(Technometrics 1995). Two sliders that always moved together in what was asked are both in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from retouch_aes.taste.gp.covariance import CovarianceSettings, GPInputs, style_scales, style_terms
from retouch_aes.taste.gp.laplace import LaplacePosterior
from retouch_aes.taste.style_features import STYLE_FEATURES

DOUBT = 1.0
"""Deviations from nothing up to which a slider does not move."""
_SIZE = 3 * len(STYLE_FEATURES)
_LARGEST = 1e4


@dataclass(frozen=True, eq=False)
class StyleEvidence:
    """What the answers leave open about the style.

    Attributes:
        covariance: `(18, 18)`, of the weights `b`, `e` and `p` of the six numbers, in points of score.

    Examples:
        >>> import torch
        >>> from retouch_aes.taste.gp.evidence import StyleEvidence
        >>> known = StyleEvidence(0.01 * torch.eye(18))
        >>> known.deviation(torch.eye(6)[:1], torch.zeros(1, 6))
        tensor([[0.1000]])
    """

    covariance: Tensor

    @staticmethod
    def of(views: GPInputs, posterior: LaplacePosterior, settings: CovarianceSettings) -> "StyleEvidence":
        """What the posterior over `views` leaves of the weights' prior variance."""
        known = posterior.root @ (views.share[:, None] * style_terms(views.style, views.reference, settings))
        left = torch.eye(_SIZE, dtype=known.dtype) - known.T @ known
        scale = style_scales(settings).to(known)
        return StyleEvidence((scale[:, None] * left * scale).float())

    def deviation(self, slopes: Tensor, reference: Tensor) -> Tensor:
        """The deviation of `g`, `(B, S)`.

        Args:
            slopes: `J`, `(S, 6)` or `(B, S, 6)`.
            reference: `o`, `(B, 6)`.

        Returns:
            In points of score.
        """
        across = slopes * reference[:, None]
        seen = torch.cat([slopes.expand_as(across), torch.zeros_like(across), -across], dim=-1)
        left = self.covariance.to(seen)
        return (seen @ left * seen).sum(-1).clamp(min=1e-12).sqrt()

    def to_json(self) -> list[list[float]]:
        """The lower triangle, row by row."""
        rows: list[list[float]] = self.covariance.tolist()
        return [[float(f"{value:.6g}") for value in row[: i + 1]] for i, row in enumerate(rows)]

    @staticmethod
    def from_json(value: Any) -> "StyleEvidence":
        """Read `to_json`'s value.

        Args:
            value: What JSON gave.

        Returns:
            The evidence.

        Raises:
            ValueError: Another shape, or numbers that are no covariance.
        """
        if not isinstance(value, list) or [len(row) for row in value] != list(range(1, _SIZE + 1)):
            raise ValueError(f"expected the evidence as {_SIZE} rows of 1 to {_SIZE} numbers")
        lower = torch.zeros(_SIZE, _SIZE)
        for i, row in enumerate(value):
            lower[i, : i + 1] = torch.tensor([float(number) for number in row])
        if not float(lower.abs().max()) <= _LARGEST or float(lower.diagonal().min()) < -1e-4:
            raise ValueError("expected variances in the evidence, got others")
        return StyleEvidence(lower + lower.tril(-1).T)


def sureness(gain: Tensor, deviation: Tensor, doubt: float = DOUBT) -> Tensor:
    """How far to follow: 0 where `gain` is within `doubt` deviations of nothing, towards 1 beyond.

    Args:
        gain: Expected, of any shape.
        deviation: Of it.
        doubt: In deviations.

    Returns:
        In [0, 1].
    """
    return (1 - (doubt * deviation).square() / gain.square().clamp(min=1e-12)).clamp(min=0)


def blended_evidence(
    evidence: Sequence[StyleEvidence | None], shares: Sequence[float]
) -> StyleEvidence | None:
    """Of the blend of several people's tastes, who answered apart; None unless it is known of each.

    Args:
        evidence: Theirs.
        shares: Of each, one in sum.

    Returns:
        The covariance of the blended weights.
    """
    known = [one for one in evidence if one is not None]
    if not known or len(known) < len(evidence):
        return None
    parts = [share**2 * one.covariance for share, one in zip(shares, known, strict=True)]
    return StyleEvidence(torch.stack(parts).sum(0))
