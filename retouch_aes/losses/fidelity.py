"""What keeps an edit near the photo: LPIPS where its trunk is on disk, else SSIM and Oklab.

Score-driven editing alone drifts to dark, over-saturated or patterned winners; a fidelity term holds it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from torch import Tensor, nn

from retouch_aes.losses.perceptual import LPIPS
from retouch_aes.losses.structure import StructureReference, structure_distance


class Fidelity(nn.Module):
    """`(B, 3, H, W)`, `(B, 3, H, W)`, sRGB [0, 1], from 32 px on -> distances `(B,)`, 0 for equal photos.

    With `trunk`, a local file for `net` (see `LPIPS`), the distance is LPIPS; without, `structure_distance`.
    Nothing is ever downloaded.
    """

    def __init__(self, trunk: str | Path | None = None, *, net: str = "squeeze") -> None:
        super().__init__()
        self.perceptual = None if trunk is None else LPIPS(trunk, net=net)

    def forward(self, image: Tensor, reference: Tensor) -> Tensor:
        """See the class."""
        if self.perceptual is None:
            return structure_distance(image, reference)
        distance: Tensor = self.perceptual(image, reference)
        return distance

    def around(self, reference: Tensor) -> Callable[[Tensor], Tensor]:
        """The distance from one `reference`, for many images: what depends on it alone is done once."""
        if self.perceptual is None:
            return StructureReference.of(reference).distance
        return partial(self.perceptual, reference=reference)
