"""Attention over patches in training, after MPada (Sheng et al., "Attention-based Multi-Patch Aggregation").

    loss = mean_n sum_p a_np EMD(p_np, q_n),   a_np = EMD_np^beta / sum_p EMD_np^beta,   held constant

Every position of the deepest map is a patch with a judgement of its own. In training a photo's worst judged
patches weigh more; a photo's distribution is the plain mean over its patches. The paper classifies high
against low and weighs by the probability of the right class; here EMD takes that place. Trained on the
ratings of others, then fine-tuned on the person's own.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from retouch_aes.losses import emd
from retouch_aes.models.heads import rating_distribution, rating_head
from retouch_aes.papers.common.described import described
from retouch_aes.papers.common.full_batch import TrainingStage
from retouch_aes.papers.common.rated_method import RatedMethod

FIRST = TrainingStage(150, 1e-2, 1e-3)
OWN = TrainingStage(60, 2e-3, 0.1)


@described
class PatchNetwork(nn.Module):
    """Condensed maps -> distributions `(B, 10)`: the mean of those of the patches."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.config: dict[str, Any] = {"widths": list(widths)}
        self.head = rating_head(widths[-1])

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PatchNetwork":
        """The network that `config` describes, with random weights."""
        return cls(**config)

    def patches(self, maps: tuple[Tensor, ...]) -> Tensor:
        """Distributions of all patches, `(B, g * g, 10)`."""
        return rating_distribution(self.head(maps[-1].flatten(2).transpose(1, 2)))

    def forward(self, maps: tuple[Tensor, ...]) -> Tensor:
        """See the class."""
        return self.patches(maps).mean(1)


class MPADA(RatedMethod):
    """See the module. `beta` 0 weighs all patches alike; `own` is the stage on the person's ratings."""

    name: str = "MPADA"

    def __init__(
        self,
        *,
        beta: float = 1.0,
        channels: int = 64,
        grid: int = 3,
        first: TrainingStage = FIRST,
        own: TrainingStage = OWN,
    ) -> None:
        super().__init__(channels, grid, first, own)
        self.beta = beta

    def build(self, widths: Sequence[int]) -> PatchNetwork:
        """See `PatchNetwork`."""
        return PatchNetwork(widths)

    def photo_loss(self, network: Any, maps: tuple[Tensor, ...], wanted: Tensor) -> Tensor:
        """The weighted loss of the patches."""
        judged: Tensor = network.patches(maps)
        target = wanted[:, None].expand_as(judged)
        losses = emd(judged.flatten(0, 1), target.flatten(0, 1), reduction="none").view(judged.shape[:2])
        weights = losses.detach().clamp(min=1e-6) ** self.beta
        return (weights / weights.sum(1, keepdim=True) * losses).sum(1).mean()
