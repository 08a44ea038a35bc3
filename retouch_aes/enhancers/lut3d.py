"""Image-adaptive 3D LUT (Zeng et al., TPAMI 2020): a small network mixes three learned colour cubes.

    out(x) = trilinear(sum_k w_k(photo) LUT_k, x),   LUT_k (3, 33, 33, 33),   w from the photo at 256 x 256

The first cube starts as the identity, the others at zero. A cube is indexed [channel, blue, green, red].
Losses: mean squared error + 1e-4 smoothness (squared steps of the cubes and of the weights) + 10 monotony
(only steps downwards). In: sRGB [0, 1]; out: about [0, 1]. The authors' checkpoint is two files in one
folder, `LUTs.pth` and `classifier.pth`; `from_published` takes the folder or the first. A photo is first
reduced to a long side of 768 px, near the 480p on which the authors train.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers.checkpoint import read_checkpoint, renamed, tensors_of
from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.errors import WeightsError
from retouch_aes.models.files import load_into, read_plain
from retouch_aes.operators import Stats

CUBES, POINTS, SEEN = 3, 33, 256
WIDTHS = (16, 32, 64, 128, 128)
SMOOTHNESS, MONOTONY = 1e-4, 10.0


class AdaptiveLUT(MeasuredEnhancer):
    """593,516 weights; see the module."""

    short_name: ClassVar[str] = "lut3d"
    doc: ClassVar[str] = "colour: a mix of three learned colour cubes, chosen by the photo"
    full_size = MeasuredFullSize(768)

    def __init__(self) -> None:
        super().__init__()
        self.cubes = nn.Parameter(torch.stack([identity_cube(), *[torch.zeros(3, *[POINTS] * 3)] * 2]))
        self.judge = nn.Sequential(*_judge_layers())
        for layer in self.judge:
            if isinstance(layer, nn.Conv2d):
                nn.init.xavier_normal_(layer.weight)
        last: Any = self.judge[-1]
        nn.init.ones_(last.bias)

    def weights(self, image: Tensor) -> Tensor:
        """How much of each cube the photos `(B, 3, H, W)` get: `(B, 3)`."""
        seen = F.interpolate(image, size=(SEEN, SEEN), mode="bilinear")
        found: Tensor = self.judge(seen)
        return found.flatten(1)

    def measure(self, image: Tensor) -> Stats:
        """See `MeasuredEnhancer.measure`."""
        mixed = torch.einsum("bk,kcxyz->bcxyz", self.weights(image), self.cubes)
        return Stats({"cube": mixed})

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        return trilinear(stats.values["cube"], image)

    def learn(self, image: Tensor, target: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """See `Enhancer.learn`."""
        weights = self.weights(image)
        cube = torch.einsum("bk,kcxyz->bcxyz", weights, self.cubes)
        enhanced = trilinear(cube, image)
        smooth, falling = cube_steps(self.cubes)
        return enhanced, {
            "pairs": F.mse_loss(enhanced, target),
            "smoothness": SMOOTHNESS * (smooth + weights.square().mean()),
            "monotony": MONOTONY * falling,
        }

    @classmethod
    def from_published(cls, path: Path) -> Self:
        """From the authors' two files."""
        folder = path if path.is_dir() else path.parent
        cubes_file, judge_file = folder / "LUTs.pth", folder / "classifier.pth"
        stored = read_plain(cubes_file)
        if not isinstance(stored, Mapping) or {str(key) for key in stored} != {"0", "1", "2"}:
            raise WeightsError(f"{cubes_file}: expected three cubes, 0 to 2")
        cubes = [tensors_of(stored[key], cubes_file).get("LUT") for key in sorted(stored, key=str)]
        shape = (3, POINTS, POINTS, POINTS)
        if any(cube is None or tuple(cube.shape) != shape for cube in cubes):
            raise WeightsError(f"{cubes_file}: expected cubes {shape}")
        network = cls()
        # their classifier begins with a resizing layer without weights, at place 0
        theirs = {f"model.{n + 1}": f"judge.{n}" for n in range(len(network.judge))}
        tensors = renamed(read_checkpoint(judge_file), theirs)
        tensors["cubes"] = torch.stack([cube for cube in cubes if cube is not None])
        load_into(network, tensors, judge_file)
        return network


def identity_cube() -> Tensor:
    """The cube `(3, 33, 33, 33)` that gives every colour back."""
    steps = torch.linspace(0, 1, POINTS)
    blue, green, red = torch.meshgrid(steps, steps, steps, indexing="ij")
    return torch.stack([red, green, blue])


def trilinear(cube: Tensor, image: Tensor) -> Tensor:
    """Colours `image` `(B, 3, H, W)`, clamped to [0, 1], looked up in `cube` `(B, 3, D, D, D)`."""
    place = image.clamp(0, 1).permute(0, 2, 3, 1)[:, None] * 2 - 1
    found = F.grid_sample(cube, place, mode="bilinear", padding_mode="border", align_corners=True)
    return found[:, :, 0]


def cube_steps(cubes: Tensor) -> tuple[Tensor, Tensor]:
    """Of `(K, 3, D, D, D)`: mean squared step, edges doubled, and mean step downwards; over axes and cubes
    summed.
    """
    smooth, falling = cubes.new_zeros(()), cubes.new_zeros(())
    for axis in (2, 3, 4):
        step = cubes.diff(dim=axis)
        weight = torch.ones(step.shape[axis], device=cubes.device)
        weight[0] = weight[-1] = 2.0
        shape = [1] * 5
        shape[axis] = -1
        smooth = smooth + (step.square() * weight.reshape(shape)).mean((1, 2, 3, 4)).sum()
        falling = falling + F.relu(-step).mean((1, 2, 3, 4)).sum()
    return smooth, falling


def _judge_layers() -> list[nn.Module]:
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False)):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
        if index < len(WIDTHS) - 1:
            layers.append(nn.InstanceNorm2d(outputs, affine=True))
    return [*layers, nn.Dropout(0.5), nn.Conv2d(WIDTHS[-1], CUBES, SEEN // 2 ** len(WIDTHS))]
