"""CSRNet (He et al., ECCV 2020): three 1x1 convolutions, turned by a vector that sums up the photo.

    h <- relu((1 + s_i) h + t_i) after each 1x1 convolution (no relu after the last)
    s_i, t_i linear in c = mean over the frame of three 3x3 (the first 7x7) convolutions of stride 2

Every pixel is edited alone, all alike: 36,489 weights. Trained with pairs, mean absolute difference. In:
sRGB [0, 1]; out: about [0, 1]. The photo is measured at a long side of 768 px at most, near the size on which
the authors train.

The authors' `csrnet.pth` is read by `from_published`. Measured, not read: it was trained on values of
ProPhoto RGB (gamma 1.8), darker than usual; sRGB values as they are come out with cyan skies. So with
those weights photos are converted on their way in (`space`). On 11 FiveK pairs: 18.6 dB without the
conversion, 21.3 with it, 25.0 with it and the photo darkened by 1 EV first; published, on the authors'
inputs: 23.7.
"""

from pathlib import Path
from typing import Any, ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.color.transfer import srgb_to_linear
from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed
from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.errors import UsageError
from retouch_aes.models.files import load_into
from retouch_aes.operators import Stats

WIDTH, SUMMARY = 64, 32
OUTPUTS = (WIDTH, WIDTH, 3)
SRGB, PROPHOTO = "sRGB", "ProPhoto"
# linear sRGB to linear ProPhoto (ROMM) RGB, white to white (Bradford, D65 to D50)
_TO_PROPHOTO = ((0.5293, 0.3300, 0.1407), (0.0983, 0.8735, 0.0282), (0.0168, 0.1177, 0.8655))


class CSRNet(MeasuredEnhancer):
    """See the module; `space` is in which colour space the weights see a photo."""

    short_name: ClassVar[str] = "csrnet"
    doc: ClassVar[str] = "colour: one small function of the colour, turned by a summary of the photo"
    full_size = MeasuredFullSize(768)

    def __init__(self, space: str = SRGB) -> None:
        super().__init__()
        if space not in (SRGB, PROPHOTO):
            raise UsageError(f"expected the space {SRGB} or {PROPHOTO}, got {space!r}")
        self.space = space
        self.summary = nn.ModuleList(
            [
                nn.Conv2d(3, SUMMARY, 7, stride=2, padding=1),
                nn.Conv2d(SUMMARY, SUMMARY, 3, stride=2, padding=1),
                nn.Conv2d(SUMMARY, SUMMARY, 3, stride=2, padding=1),
            ]
        )
        self.colour = nn.ModuleList(nn.Conv2d(n, m, 1) for n, m in ((3, WIDTH), (WIDTH, WIDTH), (WIDTH, 3)))
        self.scales = nn.ModuleList(nn.Linear(SUMMARY, width) for width in OUTPUTS)
        self.shifts = nn.ModuleList(nn.Linear(SUMMARY, width) for width in OUTPUTS)

    @property
    def config(self) -> dict[str, Any]:
        """`space`."""
        return {"space": self.space}

    def _seen(self, image: Tensor) -> Tensor:
        return to_prophoto(image) if self.space == PROPHOTO else image

    def measure(self, image: Tensor) -> Stats:
        """See `MeasuredEnhancer.measure`."""
        x = self._seen(image)
        for layer in self.summary:
            x = F.relu(layer(x))
        c = x.mean((2, 3))
        found = {f"scale{i}": layer(c) for i, layer in enumerate(self.scales)}
        return Stats(found | {f"shift{i}": layer(c) for i, layer in enumerate(self.shifts)})

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        x = self._seen(image)
        for i, layer in enumerate(self.colour):
            x = layer(F.relu(x) if i else x)
            x = x + x * stats.of_frame(f"scale{i}") + stats.of_frame(f"shift{i}")
        return x

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the authors' checkpoint."""
        ours = {"cond_net.conv": "summary", "cond_scale": "scales", "cond_shift": "shifts", "conv": "colour"}
        names = {f"{them}{n + 1}": f"{us}.{n}" for them, us in ours.items() for n in range(3)}
        network = cls(PROPHOTO)
        load_into(network, renamed(read_checkpoint(path), names), path)
        return network


def to_prophoto(image: Tensor) -> Tensor:
    """`(B, 3, H, W)` sRGB [0, 1] -> the same colours as ProPhoto RGB values, gamma 1.8, in [0, 1]."""
    light = torch.einsum("ij,bjhw->bihw", image.new_tensor(_TO_PROPHOTO), srgb_to_linear(image))
    return light.clamp(min=1e-6) ** (1 / 1.8)
