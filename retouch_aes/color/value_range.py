"""Are these photos sRGB in [0, 1]? One cheap look that catches NaN, 0..255 and -1..1."""

import math

import torch
from torch import Tensor

from retouch_aes.errors import UsageError

OVERSHOOT = 0.5


def check_range(image: Tensor) -> None:
    """Raise `UsageError` unless `image` `(B, 3, H, W)` is finite and in [0, 1], give or take `OVERSHOOT`.

    Networks that end without a clamp overshoot, so half the range is forgiven on either side; 0..255, -1..1
    and standardised photos are not. On an accelerator the answer waits for the device.
    """
    if not image.numel():
        return
    low, high = torch.stack(image.detach().aminmax()).tolist()
    if math.isfinite(low) and math.isfinite(high) and low >= -OVERSHOOT and high <= 1 + OVERSHOOT:
        return
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = (~image.detach().isfinite()).flatten(1).any(1).nonzero().flatten().tolist()
        which = f"photo{'s' if len(bad) > 1 else ''} {', '.join(str(n + 1) for n in bad[:8])}"
        raise UsageError(
            f"expected finite photos in sRGB [0, 1], got NaN or infinity in {which} of {len(image)}"
        )
    hint = "clamp them, or end the network in a sigmoid"
    if low >= 0 and high > 10:
        hint = "they look like 0..255; divide by 255"
    elif low >= -1.01 and high <= 1.01:
        hint = "they look like -1..1; give (image + 1) / 2"
    raise UsageError(f"expected photos in sRGB [0, 1], got values from {low:.4g} to {high:.4g}: {hint}")
