"""What every aesthetic model promises: whole photos in, scores in [1, 10] out, gradients to the pixels."""

import copy
import hashlib
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from retouch_aes.color.tracing import is_tracing
from retouch_aes.devices import check_device
from retouch_aes.errors import UsageError

SCORES = 10
SMALLEST_SIDE = 32


class AestheticModel(nn.Module, ABC):
    """A score of photos: the mean of a distribution over the scores 1..10, differentiable to the pixels.

        f(image) = sum_i i * p_i(image),   i = 1..10

    as of Talebi and Milanfar, "NIMA: Neural Image Assessment", 2018. A model owns its resizing and
    normalisation; the whole frame counts, at any size and shape from 32 px. A subclass defines
    `distribution` and `preprocessing`; `testing.check_model` says whether it keeps the contract.

    Examples:
        >>> import torch
        >>> from retouch_aes import AestheticModel
        >>> class Brightness(AestheticModel):
        ...     preprocessing = "none"
        ...     def distribution(self, image):
        ...         light = image.mean((1, 2, 3))[:, None]
        ...         return torch.cat([1 - light, light.new_zeros(len(image), 8), light], dim=1)
        >>> Brightness()(torch.full((2, 3, 32, 32), 0.5))
        tensor([5.5000, 5.5000])
    """

    @property
    @abstractmethod
    def preprocessing(self) -> str:
        """One line that names how a photo is prepared, settings and version; part of the fingerprint."""

    @abstractmethod
    def distribution(self, image: Tensor) -> Tensor:
        """Probabilities of the scores 1..10.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1].

        Returns:
            `(B, 10)`, each row a distribution.
        """

    def forward(self, image: Tensor) -> Tensor:
        """Scores of photos.

        Args:
            image: `(B, 3, H, W)`, sRGB [0, 1], at least 32 x 32 px.

        Returns:
            `(B,)` in [1, 10].

        Raises:
            UsageError: Images of another shape or kind.
        """
        self.check(image)
        return mean_score(self.distribution(image))

    def judgement(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and the distributions behind them, from one look.

        Args:
            image: As for `forward`.

        Returns:
            Scores `(B,)` in [1, 10], and probabilities `(B, 10)` of the scores 1..10.

        Raises:
            UsageError: As for `forward`.
        """
        self.check(image)
        distribution = self.distribution(image)
        return mean_score(distribution), distribution

    def check(self, image: Tensor) -> None:
        """Refuse images that this model does not take.

        Args:
            image: Should be `(B, 3, H, W)`, a float on the model's device.

        Raises:
            UsageError: It has another shape, kind or device.
        """
        if not is_tracing():  # it would take the shape for data
            check_image(image)
            check_device(image, self)

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits of the weights and the preprocessing: equal means equal scores."""
        state = sorted(self.state_dict().items())
        now = (self.preprocessing, *((name, tensor.data_ptr(), _changes(tensor)) for name, tensor in state))
        known: tuple[object, str] | None = self.__dict__.get("_fingerprint")
        if known is not None and known[0] == now:
            return known[1]
        digest = hashlib.sha256(self.preprocessing.encode())
        for name, tensor in state:
            digest.update(name.encode())
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
        self.__dict__["_fingerprint"] = (now, digest.hexdigest()[:12])
        return digest.hexdigest()[:12]


def _changes(tensor: Tensor) -> object:
    """How often the tensor was written to in place; one that does not count is never taken for unchanged."""
    return object() if tensor.is_inference() else tensor._version


def mean_score(distribution: Tensor) -> Tensor:
    """`(B, 10)` probabilities of the scores 1..10 -> their mean `(B,)`."""
    scores = torch.arange(1, SCORES + 1, device=distribution.device, dtype=distribution.dtype)
    return (distribution * scores).sum(-1)  # no matrix product: autocast would round that to 16 bit


def check_image(image: Tensor) -> None:
    """Raise `UsageError` unless `image` is a float `(B, 3, H, W)` of at least 32 x 32 pixels."""
    if image.ndim != 4 or image.shape[1] != 3 or not image.is_floating_point():
        got = f"{tuple(image.shape)} {image.dtype}"
        raise UsageError(f"expected a float tensor (B, 3, H, W) in sRGB [0, 1], got {got}")
    if min(image.shape[-2:]) < SMALLEST_SIDE:
        raise UsageError(
            f"expected at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, got {tuple(image.shape[-2:])}"
        )


def in_evaluation(model: nn.Module) -> nn.Module:
    """`model` itself where all of it is in evaluation mode, else a copy of it that is.

    The caller's is never switched, so that a training in progress, or another thread, sees nothing of it.
    """
    return copy.deepcopy(model).eval() if any(part.training for part in model.modules()) else model
