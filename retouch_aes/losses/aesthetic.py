"""A taste as a loss: `mean(10 - f(image))`, in [0, 9], for anything that makes images.

Zhang et al. add it to the training of enhancement networks; `retouch` adds it to a solver's objective. Any
module that maps `(B, 3, H, W)`, sRGB [0, 1], to scores `(B,)` in [1, 10] can stand as `model`. Alone, the
score is maximised by nonsense. `AestheticLoss` therefore takes a fidelity term, and a `balance` that says how
hard the score may pull beside it (see `retouch_aes.losses.balance` for the rule, its sources and its reason).
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from retouch_aes.color.tracing import is_tracing
from retouch_aes.color.value_range import check_range
from retouch_aes.errors import UsageError
from retouch_aes.losses.balance import balanced
from retouch_aes.losses.fidelity import Fidelity
from retouch_aes.losses.frozen import Frozen
from retouch_aes.losses.looking_once import looking_once
from retouch_aes.losses.reduction import Reduction, check_reduction, reduced

HIGHEST_SCORE = 10.0

Distance = Callable[[Tensor, Tensor], Tensor]
"""Image and reference, `(B, 3, H, W)` each -> a scalar, or distances `(B,)`."""


def aesthetic_loss(image: Tensor, model: nn.Module, *, reduction: Reduction = "mean") -> Tensor:
    """`10 - model(image)` of `image` `(B, 3, H, W)`, sRGB [0, 1]: a scalar, or `(B,)` with `"none"`.

    The model is used as it stands: in its own mode, and with gradients to its weights if they ask for them.
    An empty batch has the loss 0.
    """
    check_reduction(reduction)
    if is_tracing():  # it would take the shape for data
        return reduced(HIGHEST_SCORE - model(image), reduction)
    _check_kind(image)
    if not image.shape[0]:  # len() would fix the size of an exported batch
        return reduced(image.sum((1, 2, 3)), reduction)
    return reduced(HIGHEST_SCORE - model(image), reduction)


class AestheticLoss(nn.Module):
    """`mean(10 - f(image))` under a frozen copy of `model`, with a fidelity term where one is asked for.

        plain                      10 - f(image)
        fidelity                   D(image, reference) + 10 - f(image)
        fidelity and balance       D(image, reference) + w * (10 - f(image))
        balance alone              own + w * (10 - f(image))

    with `w = balance * ||d D / d image|| / ||d f / d image||`, photo by photo: the score pulls at the pixels
    `balance` times as hard as fidelity does. Below 1 it can never outvote fidelity, only choose among images
    that are about equally faithful (`retouch_aes.losses.balance`).

    Args:
        model: scores `(B,)` in [1, 10] of images `(B, 3, H, W)`, sRGB [0, 1]. It is copied here: the caller's
            keeps its mode, its gradients and its freedom to be trained further.
        fidelity: a weight for `losses.Fidelity`, or any distance: a function or module of image and reference
            that gives a scalar or `(B,)`, such as `torch.nn.functional.l1_loss`. Then `reference` is needed.
        balance: the ratio of gradients; None adds the score as it is.
        reduction: `"mean"`, `"sum"` or `"none"` (`(B,)`).
        views: how the copy looks: 1, at the photo, which halves the time of a step where the score is the
            mean of a photo and its mirror image (the bundled `aesthetic`); None, as `model` does, so that the
            loss is `10 - model(image)` to the last digit.

    The copy is no submodule: it has no place in `parameters()`, `state_dict()` or checkpoints, nothing done
    to a holder (`train()`, `requires_grad_()`, `half()`) changes it, and it is there on the device of the
    images, whichever that is. Images in 16 bit are scored in the precision of the weights. Every image on the
    CPU, and the first one on an accelerator, is checked for NaN and range. With `balance` a loss can be
    differentiated once, and runs in eager mode; without it also twice, and under `torch.compile`,
    `torch.jit.trace` and `torch.export`. `weights` `(B,)` are those of the last balanced call, for a log.

    Examples:
        >>> import torch
        >>> from torch.nn.functional import l1_loss
        >>> from retouch_aes import AestheticLoss, load_model
        >>> aesthetic = AestheticLoss(load_model("aesthetic"), fidelity=l1_loss, balance=0.3)
        >>> images, targets = torch.rand(2, 2, 3, 64, 64).requires_grad_()
        >>> aesthetic(images, targets).backward()
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        fidelity: float | Distance | None = None,
        balance: float | None = None,
        reduction: Reduction = "mean",
        views: Literal[1] | None = 1,
    ) -> None:
        super().__init__()
        check_reduction(reduction)
        if views not in (1, None):
            raise UsageError(f"expected views=1, or None for as many as the score has, got {views!r}")
        if balance is not None and not (math.isfinite(balance) and balance >= 0):
            raise UsageError(f"expected a balance of 0 or more, such as 0.3, got {balance}")
        self.balance, self.reduction = balance, reduction
        self.weights: Tensor | None = None
        self._scorer = Frozen(looking_once(model) if views == 1 else model)
        self._distance = None if fidelity is None else _distance(fidelity)
        self._checked = False

    @property
    def model(self) -> nn.Module:
        """The frozen copy."""
        return self._scorer.module

    def forward(self, image: Tensor, reference: Tensor | None = None, own: Tensor | None = None) -> Tensor:
        """The loss of `image` `(B, 3, H, W)`, sRGB [0, 1], with its gradient: see the class.

        Args:
            image: what a network made.
            reference: what it should be, of the same shape; for `fidelity` only.
            own: the caller's own loss, a scalar made from `image`; for `balance` only. It is part of the sum.

        Returns:
            A scalar, or `(B,)` with the reduction `"none"`. Without a gradient (`torch.no_grad`) the weight
            of an `own` loss cannot be measured; then those of the last call hold on the average.

        Raises:
            UsageError: images of another shape, range or kind, or arguments that do not go together.
        """
        self._check(image, reference, own)
        if self.balance is None:
            losses = self._losses(image)
            return losses if reference is None else losses + self._faithful(image, reference)
        if not len(image):
            return self._losses(image)
        if not (torch.is_grad_enabled() and image.requires_grad):
            return self._measured(image, reference, own)
        faithful = self._faithful(image, reference)
        kept = faithful if own is None else own + faithful
        share = len(image) if self.reduction == "mean" else 1
        terms, self.weights = balanced(
            image, kept.sum(), lambda seen: self._losses(seen, "none") / share, self.balance
        )
        return kept + (terms if self.reduction == "none" else terms.sum())

    def _measured(self, image: Tensor, reference: Tensor | None, own: Tensor | None) -> Tensor:
        """The value of a balanced loss where no gradient is asked for."""
        if own is None:
            with torch.inference_mode(False), torch.enable_grad():
                seen, wanted = (x.detach().clone() for x in (image, reference) if x is not None)
                return self.forward(seen.requires_grad_(), wanted).detach()
        weight = 0.0 if self.weights is None else self.weights.mean()
        return own + self._faithful(image, reference) + weight * self._losses(image)

    def _losses(self, image: Tensor, reduction: Reduction | None = None) -> Tensor:
        model = self._scorer.on(image.device)
        return aesthetic_loss(self._scorer.fitting(image), model, reduction=reduction or self.reduction)

    def _faithful(self, image: Tensor, reference: Tensor | None) -> Tensor:
        if self._distance is None or reference is None or not len(image):
            return image.new_zeros(())
        found = self._distance(image, reference.to(image))
        if found.ndim == 1:
            return reduced(found, self.reduction)
        if self.reduction == "none" or found.ndim:
            raise UsageError(
                f"expected distances ({len(image)},), or a scalar where the reduction is not 'none', "
                f"got {tuple(found.shape)} with the reduction {self.reduction!r}"
            )
        return found

    def _check(self, image: Tensor, reference: Tensor | None, own: Tensor | None) -> None:
        if not is_tracing():
            _check_kind(image)
        if (reference is None) != (self._distance is None):
            raise UsageError(
                "expected a reference beside the image: this loss has a fidelity term"
                if reference is None
                else "this loss has no fidelity term for a reference; give AestheticLoss(model, fidelity=...)"
            )
        if reference is not None and reference.shape != image.shape:
            got = f"{tuple(image.shape)} and {tuple(reference.shape)}"
            raise UsageError(f"expected an image and a reference of one shape, got {got}")
        if own is not None and (self.balance is None or own.ndim):
            raise UsageError(
                "expected an own loss only with AestheticLoss(model, balance=...); without, add it yourself"
                if self.balance is None
                else f"expected an own loss that is a scalar, got {tuple(own.shape)}"
            )
        if self.balance is not None and own is None and self._distance is None:
            raise UsageError(
                "expected own=, your own loss of the image: a balance needs one, or fidelity=..."
            )
        if torch.compiler.is_compiling() or is_tracing():
            return
        if image.device.type == "cpu" or not self._checked:
            for seen in (image, reference):
                if seen is not None:
                    check_range(seen)
            self._checked = True

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "AestheticLoss":
        """Follow a holder to its device, and in nothing else."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._scorer.move(fn(torch.empty(0, device=self._scorer.device)).device)
        return self

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *rest: object) -> None:
        """Pass by the scorer's weights, which checkpoints of version 0.1 hold."""
        for name in [name for name in state_dict if name.startswith(f"{prefix}model.")]:
            del state_dict[name]
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def extra_repr(self) -> str:
        """The settings, as `print` shows them."""
        return f"{type(self.model).__name__}, balance={self.balance}, reduction={self.reduction!r}"


def _check_kind(image: Tensor) -> None:
    if image.ndim != 4 or image.shape[1] != 3 or not image.is_floating_point():
        got = f"{tuple(image.shape)} {str(image.dtype).removeprefix('torch.')}"
        raise UsageError(f"expected a float image (B, 3, H, W) in sRGB [0, 1], got {got}")


def _distance(fidelity: float | Distance) -> Distance:
    if isinstance(fidelity, nn.Module):
        return partial(_frozen_distance, Frozen(fidelity))
    if callable(fidelity):
        return fidelity
    if not (math.isfinite(fidelity) and fidelity > 0):
        raise UsageError(f"expected a fidelity above 0, or a distance to be called, got {fidelity}")
    return partial(_frozen_distance, Frozen(Fidelity()), weight=float(fidelity))


def _frozen_distance(distance: Frozen, image: Tensor, reference: Tensor, *, weight: float = 1.0) -> Tensor:
    found: Tensor = distance.on(image.device)(image, reference)
    return weight * found
