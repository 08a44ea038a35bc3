"""Batch normalisation for training only: put into a compact backbone, and folded away again.

    folded:  w' = w * gamma / sqrt(var + eps),   b' = (b - mean) * gamma / sqrt(var + eps) + beta

With batch normalisation a backbone learns from random weights in clearly fewer steps; without it, it is
faster, and no photo's score depends on its batch. So: `with_batch_norm` before a long first training,
`folded` after it, and all fine-tuning on the plain backbone that comes out.
"""

import copy
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn

from retouch_aes.models.compact import CompactBackbone, ResidualBlock


class NormalisedConv2d(nn.Conv2d):
    """A convolution followed by batch normalisation, `(B, C, H, W) -> (B, D, h, w)`."""

    def __init__(self, plain: nn.Conv2d) -> None:
        geometry: Any = {"stride": plain.stride, "padding": plain.padding}
        super().__init__(plain.in_channels, plain.out_channels, plain.kernel_size, **geometry)  # type: ignore[arg-type]
        self.load_state_dict(plain.state_dict())
        self.norm = nn.BatchNorm2d(plain.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        normalised: Tensor = self.norm(super().forward(x))
        return normalised

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the plain convolution that does the same in evaluation mode."""
        mean, variance = cast(Tensor, self.norm.running_mean), cast(Tensor, self.norm.running_var)
        scale = self.norm.weight * torch.rsqrt(variance + self.norm.eps)
        return self.weight * scale.view(-1, 1, 1, 1), (
            cast(Tensor, self.bias) - mean
        ) * scale + self.norm.bias


def with_batch_norm(backbone: CompactBackbone, sample: Tensor | None = None) -> CompactBackbone:
    """A copy of `backbone` whose residual branches are normalised over the batch; for training.

    A backbone that has learned already should go on from what it is: with a `sample` of prepared photos
    `(B, 3, H, W)` the norms start at the mean and deviation that they will take out.
    """
    normalised = copy.deepcopy(backbone)
    for block in _blocks(normalised):
        block.first, block.second = NormalisedConv2d(block.first), NormalisedConv2d(block.second)
    if sample is not None:
        _undo_norms(backbone, normalised, sample)
    return normalised.to(memory_format=torch.channels_last)


def _undo_norms(plain: CompactBackbone, normalised: CompactBackbone, sample: Tensor) -> None:
    outputs: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        return lambda _module, _inputs, output: outputs.update({name: output})

    norms = {n: m.norm for n, m in normalised.named_modules() if isinstance(m, NormalisedConv2d)}
    hooks = [m.register_forward_hook(keep(n)) for n, m in plain.named_modules() if n in norms]
    with torch.no_grad():
        plain(sample)
        for name, norm in norms.items():
            variance, mean = torch.var_mean(outputs[name], dim=(0, 2, 3), correction=0)
            cast(Tensor, norm.running_mean).copy_(mean)
            cast(Tensor, norm.running_var).copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(mean)
    for hook in hooks:
        hook.remove()


def folded(backbone: CompactBackbone) -> CompactBackbone:
    """The plain backbone that does what `backbone`, from `with_batch_norm`, does in evaluation mode."""
    plain = CompactBackbone(backbone.widths, backbone.blocks)
    with torch.no_grad():
        state = {k: v for k, v in backbone.state_dict().items() if ".norm." not in k}
        for name, module in backbone.named_modules():
            if isinstance(module, NormalisedConv2d):
                state[f"{name}.weight"], state[f"{name}.bias"] = module.folded()
        plain.load_state_dict(state)
    plain.autocast = backbone.autocast
    return plain.to(next(backbone.parameters()).device)


def _blocks(backbone: CompactBackbone) -> list[ResidualBlock]:
    return [module for module in backbone.modules() if isinstance(module, ResidualBlock)]
