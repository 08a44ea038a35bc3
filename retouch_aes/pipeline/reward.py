"""A score or a taste as a reward: pictures in, numbers in [0, 1] out, no gradient.

    r = (f - 1) / 9

For trainers that make pictures and ask how good they are (policy gradients on a diffusion model, a search
over prompts or settings). Where a gradient can pass, `AestheticLoss` says more.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from retouch_aes.devices import device_of
from retouch_aes.errors import UsageError
from retouch_aes.models.model import SMALLEST_SIDE, AestheticModel
from retouch_aes.photo import Photo
from retouch_aes.pipeline.score import SIDE, Scorer
from retouch_aes.taste.contract import Taste

Picture = Tensor | Image.Image | np.ndarray
"""`(3, H, W)` float in [0, 1] or uint8; a PIL image; an array `(H, W, 3)` of uint8."""


class Reward:
    """Rewards of pictures by `model`; made by `as_reward`."""

    def __init__(self, model: AestheticModel, side: int = SIDE) -> None:
        self.model, self.side = model, side

    def __call__(self, images: Tensor | Sequence[Picture]) -> Tensor:
        """Rewards of pictures.

        Args:
            images: `(B, 3, H, W)`, float in [0, 1] or uint8; or a list of pictures of any sizes, each a
                tensor `(3, H, W)`, a PIL image or an array `(H, W, 3)` of uint8. sRGB.

        Returns:
            `(B,)` in [0, 1], float32, on the CPU.

        Raises:
            UsageError: Pictures of another kind, shape or range.
        """
        return torch.cat([self._one(picture) for picture in images]) if len(images) else torch.zeros(0)

    def _one(self, picture: Picture) -> Tensor:
        image = Photo(pixels_of(picture)).proxy(self.side, least=SMALLEST_SIDE)
        with torch.no_grad():
            score: Tensor = self.model(image.to(device_of(self.model)))
        return ((score.float() - 1) / 9).cpu()


def as_reward(
    model: AestheticModel | str | Path = "aesthetic",
    *,
    taste: Taste | str | Path | None = None,
    side: int = SIDE,
    device: str | torch.device = "auto",
) -> Reward:
    """A score or a person's taste as a reward function of pictures.

    Args:
        model: A bundled name, a weight file, `pyiqa:NAME` or a model.
        taste: A file of `learn` or a taste; None for anyone's.
        side: Long side, in pixels, of the small copy that is judged.
        device: "auto", "cpu", "cuda", "mps" or a device.

    Returns:
        A function of pictures that gives `(B,)` in [0, 1].

    Raises:
        WeightsError: No such model or taste, or a taste of another model.

    Examples:
        >>> import torch
        >>> from retouch_aes import as_reward
        >>> reward = as_reward(device="cpu")
        >>> tuple(reward(torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8)).shape)
        (2,)
    """
    return Reward(Scorer.load(model, taste, side=side, device=device).model, side)


def pixels_of(picture: Picture) -> Tensor:
    """One picture as `(1, 3, H, W)`, sRGB [0, 1]. `UsageError` for another kind or shape."""
    if isinstance(picture, Image.Image):
        picture = np.asarray(picture.convert("RGB"))
    if isinstance(picture, np.ndarray):
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
            raise UsageError(f"expected an array (H, W, 3) of uint8, got {picture.shape} of {picture.dtype}")
        picture = torch.from_numpy(picture.copy()).permute(2, 0, 1)
    if not isinstance(picture, Tensor) or picture.ndim != 3 or picture.shape[0] != 3:
        got = tuple(picture.shape) if isinstance(picture, Tensor) else type(picture).__name__
        raise UsageError(f"expected pictures (3, H, W), got {got}")
    pixels = picture.detach()
    return (pixels / 255 if pixels.dtype == torch.uint8 else pixels.float())[None]
