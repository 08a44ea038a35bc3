"""Who is learned from: one network knows what is in a photo, the other what photographers like."""

from dataclasses import dataclass

import torch
from torch import Tensor

from retouch_aes.models.frozen import FrozenBackbone
from retouch_aes.models.nima import NIMA


@dataclass(frozen=True)
class Teachers:
    """`sees`, whose maps are imitated, and `critic`, which has its say in the opinion where there is one."""

    sees: FrozenBackbone
    critic: NIMA | None = None

    def outputs(self, photos: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """The first teacher's maps of `photos` `(B, 3, H, W)`, sRGB [0, 1], and pooled features `(B, D)`."""
        with torch.no_grad():
            maps = self.sees.maps(photos)
            pooled = [maps[-1].mean((-2, -1))]
            if self.critic is not None:
                pooled.append(self.critic.features(photos))
        return maps, torch.cat(pooled, dim=1)
