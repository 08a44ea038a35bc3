"""After DMMF (Deng et al., "Deep Multi-Model Fusion for Single-Image Dehazing", ICCV 2019).

Five models of haze are inverted side by side, and attention picks among them at every pixel:

    J0 = (I - A (1 - T)) / T      the scattering model: airlight A (3 numbers), transmission T in [0.1, 1]
    J1 = I R1      J2 = I + R2      J3 = I^R3      J4 = log(1 + I R4)      layer separations, R of 3 channels
    out = sum_k W_k J_k,   W = softmax over the five

One small encoder and decoder predicts A and coarse maps of T, the R and W from the frame at 512 px; the
formulas act on every pixel of the photo. The paper's backbone is a ResNeXt-101, which has no place on a CPU.
Losses: mean absolute error of `out`, and a fifth of that of every J (the paper supervises them too). In: sRGB
[0, 1]; out: about [0, 1]. There are no published weights in this form.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.operators import Stats

WIDTHS = (16, 32, 64, 64)
MODELS, COLOURS = 5, 3
CLEAREST, DARKEST = 1.0, 0.1  # of the transmission
ALONE = 0.2


class MultiModelFusion(MeasuredEnhancer):
    """About 0.2 million weights; begins near the identity. See the module."""

    short_name: ClassVar[str] = "dmmf"
    doc: ClassVar[str] = "dehazing: five models of haze inverted, the best one at every pixel"
    full_size = MeasuredFullSize(512)

    def __init__(self) -> None:
        super().__init__()
        pairs = list(zip((3, *WIDTHS), WIDTHS, strict=False))
        self.down = nn.ModuleList(nn.Conv2d(n, m, 3, stride=2, padding=1) for n, m in pairs)
        self.across = nn.ModuleList(nn.Conv2d(m, WIDTHS[1], 1) for _, m in pairs)
        self.mix = nn.Conv2d(WIDTHS[1], WIDTHS[1], 3, padding=1)
        self.maps = nn.Conv2d(WIDTHS[1], 1 + 4 * COLOURS + MODELS, 3, padding=1)
        self.air = nn.Linear(WIDTHS[-1], COLOURS)
        for head in (self.maps, self.air):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.maps.bias[0] = 3.0  # type: ignore[index]  # clear air
            self.air.bias.fill_(2.0)

    def measure(self, image: Tensor) -> Stats:
        """See `MeasuredEnhancer.measure`."""
        x, levels = image * 2 - 1, []
        for layer in self.down:
            x = F.relu(layer(x))
            levels.append(x)
        air = torch.sigmoid(self.air(x.mean((2, 3))))
        size = levels[0].shape[-2:]
        joined = [
            F.interpolate(conv(level), size=size, mode="bilinear")
            for conv, level in zip(self.across, levels, strict=True)
        ]
        features = torch.stack(joined).sum(0)
        return Stats({"air": air, "maps": self.maps(features + F.relu(self.mix(F.relu(features))))})

    def clear(self, image: Tensor, stats: Stats) -> tuple[Tensor, Tensor]:
        """The five answers `(B, 5, 3, H, W)` and their weights `(B, 5, 1, H, W)`."""
        maps, air = stats.on("maps", image), stats.of_frame("air")
        t, r1, r2, r3, r4, w = torch.split(maps, [1, *[COLOURS] * 4, MODELS], dim=1)
        t = DARKEST + (CLEAREST - DARKEST) * torch.sigmoid(t)
        answers = [
            (image - air * (1 - t)) / t,
            image * torch.exp(r1),
            image + r2,
            image.clamp(min=1e-3) ** torch.exp(r3),
            torch.log1p(image * (torch.e - 1) * torch.exp(r4)),
        ]
        return torch.stack(answers, dim=1), torch.softmax(w, dim=1)[:, :, None]

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        answers, weights = self.clear(image, stats)
        return (answers * weights).sum(dim=1)

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """See `Enhancer.learn`."""
        answers, weights = self.clear(image, self.measure(image))
        fused = (answers * weights).sum(dim=1)
        alone = (answers - target[:, None]).abs().mean()
        return fused, {"pairs": F.l1_loss(fused, target), "alone": ALONE * alone}
