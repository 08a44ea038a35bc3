"""`score`: how much photos suit a taste."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import torch
from torch import Tensor

from retouch_aes.devices import device_of, pick_device
from retouch_aes.errors import UsageError
from retouch_aes.models import AestheticModel, load_model
from retouch_aes.models.model import SMALLEST_SIDE
from retouch_aes.photo import Photo, read
from retouch_aes.taste.contract import Taste

SIDE = 224
Scorable = Photo | Tensor | str | Path


@dataclass(frozen=True)
class PhotoScore:
    """How much one photo suits.

    Attributes:
        score: In [1, 10].
        spread: Standard deviation of the distribution behind it, in points.
        warnings: Those of the photo (`Photo.warnings`).
    """

    score: float
    spread: float
    warnings: tuple[str, ...] = ()


class Scorer:
    """A score or a taste, ready to judge different photos; `fingerprint` names weights and preprocessing."""

    def __init__(
        self,
        model: AestheticModel,
        taste: Taste | None = None,
        *,
        side: int = SIDE,
        device: torch.device | None = None,
    ) -> None:
        self.model = model if taste is None else taste.ranking_model(model)
        self.side = side
        self.device = device or device_of(self.model)
        self.fingerprint = self.model.fingerprint

    @classmethod
    def load(
        cls,
        model: AestheticModel | str | Path = "aesthetic",
        taste: Taste | str | Path | None = None,
        *,
        side: int = SIDE,
        device: str | torch.device = "auto",
    ) -> "Scorer":
        """By bundled names and files; see `Retoucher.load`."""
        found = model if isinstance(model, AestheticModel) else load_model(model).requires_grad_(False)
        if isinstance(taste, str | Path):
            from retouch_aes.taste.files import load_taste  # what learns is imported only for a taste

            taste = load_taste(taste)
        where = pick_device(device)
        return cls(found.to(where), taste, side=side, device=where)

    def __call__(self, photo: Scorable) -> PhotoScore:
        """The score of a photo, of its path, or of an image `(1, 3, H, W)`, sRGB [0, 1]."""
        opened = read(photo) if isinstance(photo, str | Path) else photo
        if isinstance(opened, Photo):
            image = opened.proxy(self.side, least=SMALLEST_SIDE).to(self.device)
        else:
            image = Photo(opened).proxy(self.side).to(self.device)
        with torch.no_grad():
            score, distribution = self.model.judgement(image)
        distribution = distribution.cpu().double()  # MPS has no float64
        steps = torch.arange(1, distribution.shape[-1] + 1, dtype=torch.float64)
        mean = (distribution * steps).sum(-1, keepdim=True)
        spread = (distribution * (steps - mean).square()).sum(-1).sqrt()
        told = opened.warnings if isinstance(opened, Photo) else ()
        return PhotoScore(float(score), float(spread), told)


@overload
def score(  # type: ignore[overload-overlap]  # a path is a sequence of str
    photos: Scorable,
    model: AestheticModel | str | Path = ...,
    *,
    taste: Taste | str | Path | None = ...,
    side: int = ...,
    device: str | torch.device = ...,
) -> PhotoScore: ...
@overload
def score(
    photos: Sequence[Scorable],
    model: AestheticModel | str | Path = ...,
    *,
    taste: Taste | str | Path | None = ...,
    side: int = ...,
    device: str | torch.device = ...,
) -> list[PhotoScore]: ...
def score(
    photos: Scorable | Sequence[Scorable],
    model: AestheticModel | str | Path = "aesthetic",
    *,
    taste: Taste | str | Path | None = None,
    side: int = SIDE,
    device: str | torch.device = "auto",
) -> PhotoScore | list[PhotoScore]:
    """How much photos suit a score, or one person's taste.

    Args:
        photos: A photo, its path or an image `(1, 3, H, W)` in sRGB [0, 1]; or several of them.
        model: A bundled name, a weight file or a model.
        taste: A file of `learn` or a taste; None for anyone's.
        side: Long side, in pixels, of the small copy that is judged.
        device: "auto", "cpu", "cuda", "mps" or a device.

    Returns:
        One `PhotoScore` a photo: the score in [1, 10] and its spread.

    Raises:
        PhotoError: A file that is no photo.
        WeightsError: No such model or taste, or a taste of another model.
        UsageError: An image of another shape or range.

    Examples:
        >>> import torch
        >>> from retouch_aes import score
        >>> 1 < score(torch.full((1, 3, 64, 96), 0.5), device="cpu").score < 10
        True
    """
    scorer = Scorer.load(model, taste, side=side, device=device)
    if isinstance(photos, Photo | str | Path | Tensor):
        return scorer(photos)
    if not isinstance(photos, Sequence):
        raise UsageError(f"expected a photo, a path, an image or a list of them, got {type(photos).__name__}")
    return [scorer(photo) for photo in photos]
