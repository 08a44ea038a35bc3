"""How a frozen backbone looks while an edit is sought on a GPU: in 16 bit, recorded once and replayed.

A search asks one network again and again about batches of few shapes, and wants a gradient to the pixels.
Only that is answered in 16 bit. Whether a score falls, and every score that is told, is asked without a
gradient and stays in the precision of the weights.

Recording costs as much as several looks, so it is done for a shape that was looked at `OFTEN` times.
"""

from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor, nn

from retouch_aes.models.backbone import Backbone

OFTEN = 8
_MOST = 16  # shapes that are recorded: each keeps its maps on the GPU
_HALF = torch.float16  # with it gradients are truer than with bfloat16: cosine .999 and .994, compact network

Look = Callable[[Tensor], tuple[Tensor, ...]]


class QuickLooks:
    """The looks of `backbone`, whose weights are frozen, at normalised `(B, 3, H, W)` that want a gradient.

    A copy of a backbone looks by the same: it shares what is recorded.
    """

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        self._times: Counter[torch.Size] = Counter()
        self._replays: dict[torch.Size, Look] = {}

    def __call__(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps, float32, finest first. What was got before is not kept by a replay."""
        shape = image.shape
        self._times[shape] += 1
        if self._times[shape] > OFTEN and shape not in self._replays and len(self._replays) < _MOST:
            self._replays[shape] = recorded(self._half, image)
        return self._replays.get(shape, self._half)(image)

    def __deepcopy__(self, memo: object) -> "QuickLooks":
        return self

    def _half(self, image: Tensor) -> tuple[Tensor, ...]:
        return self._backbone.look(image, _HALF)


def recorded(look: Look, image: Tensor) -> Look:
    """`look` as a CUDA graph, forward and backward, for images like `image`; `look` itself elsewhere."""
    if not image.is_cuda:
        return look
    like = torch.zeros_like(image).requires_grad_()
    replay: Look = torch.cuda.make_graphed_callables(look, (like,))  # type: ignore
    return replay


def look_quickly(model: nn.Module) -> None:
    """Let the backbones of `model`, whose weights are frozen, look quickly where gradients are asked for.

    Args:
        model: A score; it is changed.
    """
    for part in model.modules():
        if isinstance(part, Backbone):
            part.quick = QuickLooks(part)
