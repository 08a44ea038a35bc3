"""Any function that judges images as an aesthetic model: a network, a quality metric, a reward of one's own.

    z = 1 + 9 (v - low) / (high - low)                          v: what the function says
    f = z for 2 <= z <= 9;   1 + exp(z - 2) below;   10 - exp(9 - z) above

so `low` is the value that counts as bad and `high` the one that counts as good, whichever is larger. The bent
ends keep the order, and a gradient, of values beyond the range.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from retouch_aes.devices import check_device
from retouch_aes.errors import UsageError
from retouch_aes.models.heads import between_bins
from retouch_aes.models.model import AestheticModel, check_image

Judge = Callable[[Tensor], Tensor]
"""Images `(B, 3, H, W)`, sRGB [0, 1] -> values `(B,)` or `(B, 1)`; for one image a number will do."""


class CallableModel(AestheticModel):
    """`judge` as an aesthetic model; see the module, and `as_model`, which makes one."""

    def __init__(self, judge: Judge, low: float, high: float, *, name: str, one_by_one: bool = False) -> None:
        super().__init__()
        self.judge, self.low, self.high = judge, float(low), float(high)
        self.name, self.one_by_one = name, one_by_one

    @property
    def preprocessing(self) -> str:
        """The name and the range."""
        return f"{self.name} of the photo as it is, 1 at {self.low:g}, 10 at {self.high:g}"

    def forward(self, image: Tensor) -> Tensor:
        """Scores `(B,)` in (1, 10) of `image` `(B, 3, H, W)`, sRGB [0, 1].

        `UsageError` where the function fails, says something else, or has no gradient and one is asked for.
        """
        check_image(image)
        check_device(image, self)
        if not len(image):
            return image.new_zeros(0)
        values = self._values(image)
        return bent_to_scores(1 + 9 * (values - self.low) / (self.high - self.low))

    def distribution(self, image: Tensor) -> Tensor:
        """All mass `(B, 10)` on the two scores beside the score: the function says no more than a number."""
        return between_bins(self.forward(image))

    def _values(self, image: Tensor) -> Tensor:
        parts = [one[None] for one in image] if self.one_by_one else [image]
        values = torch.cat([self._asked(part) for part in parts])
        if not bool(torch.isfinite(values).all()):
            raise UsageError(f"{self.name} says {values.detach().tolist()}; expected finite numbers")
        if not torch.is_grad_enabled():
            return values.detach()
        if image.requires_grad and not values.requires_grad:
            raise UsageError(
                f"{self.name} has no gradient to the pixels: it can score and rank photos, but no edit can "
                "climb it and no network be trained by it"
            )
        return values

    def _asked(self, image: Tensor) -> Tensor:
        try:
            found = torch.as_tensor(self.judge(image))
        except Exception as error:  # whatever someone else's function does
            size = f"{image.shape[-1]} x {image.shape[-2]} px"
            text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise UsageError(f"{self.name} failed on {len(image)} image(s) of {size}: {text}") from error
        if found.numel() != len(image):
            raise UsageError(
                f"expected {self.name} to give {len(image)} numbers for {len(image)} images, got "
                f"{tuple(found.shape)}; for one that takes single images: as_model(..., one_by_one=True)"
            )
        return found.reshape(-1).to(image)


def bent_to_scores(z: Tensor) -> Tensor:
    """Any numbers `(B,)` -> scores in (1, 10): the same from 2 to 9, bent beyond, in the same order."""
    below, above = 1 + torch.exp(z.clamp(max=2) - 2), 10 - torch.exp(9 - z.clamp(min=9))
    return torch.where(z < 2, below, torch.where(z > 9, above, z))


def as_model(
    judge: Judge, *, low: float, high: float, name: str | None = None, one_by_one: bool = False
) -> CallableModel:
    """Any function that judges images as a model: to score, rank and retouch by, and as a loss.

    Args:
        judge: Images `(B, 3, H, W)`, sRGB [0, 1] -> values `(B,)`; a module keeps its weights and moves to
            other devices with the model.
        low: The value that counts as bad, score 1.
        high: The value that counts as good, score 10; below `low` where less is better.
        name: What it is called, part of the fingerprint: a changed function should have another.
        one_by_one: It takes single images `(1, 3, H, W)` only.

    Returns:
        A model in evaluation mode. Without a gradient to the pixels it scores and ranks, but drives no edit.

    Raises:
        UsageError: Nothing to call, or no range.

    Examples:
        >>> import torch
        >>> from retouch_aes import as_model, score
        >>> model = as_model(lambda image: image.mean((1, 2, 3)), low=0, high=1, name="brightness")
        >>> round(score(torch.full((1, 3, 64, 96), 0.5), model).score, 2)
        5.5
    """
    if not callable(judge):
        raise UsageError(f"expected a function of images, got {type(judge).__name__}")
    if not (torch.isfinite(torch.tensor([low, high])).all() and low != high):
        raise UsageError(f"expected two different finite numbers as low and high, got {low} and {high}")
    if name is None:
        kind = judge if hasattr(judge, "__qualname__") else type(judge)
        name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(judge, nn.Module):
        judge = judge.eval()
    return CallableModel(judge, low, high, name=name, one_by_one=one_by_one).eval()
