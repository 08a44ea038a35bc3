"""A score or a taste as a metric of torchmetrics (the extra `[torchmetrics]`): the mean score of all images.

    from retouch_aes.pipeline.torchmetric import MeanScore

    metric = MeanScore("aesthetic")
    for images in loader:
        metric.update(images)
    metric.compute()

It adds up over batches and processes as torchmetrics' own do, goes into a `MetricCollection` and a
`LightningModule`, and `metric(images)` carries a gradient to the images.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from retouch_aes.errors import MissingExtraError, UsageError
from retouch_aes.losses.frozen import Frozen
from retouch_aes.models.model import AestheticModel
from retouch_aes.pipeline.score import Scorer
from retouch_aes.taste.contract import Taste

try:
    from torchmetrics import Metric
except ImportError:
    raise MissingExtraError("a metric of torchmetrics", "torchmetrics") from None


class MeanScore(Metric):
    """The mean score, in [1, 10], of all images that it was updated with.

    Args:
        model: A bundled name, a weight file, `pyiqa:NAME` or a model. A frozen copy is kept out of
            `state_dict()`, on the device of the metric.
        taste: A file of `learn` or a taste; None for anyone's.
        more: torchmetrics' own settings, such as `sync_on_compute`.

    Examples:
        >>> import torch
        >>> from retouch_aes.pipeline.torchmetric import MeanScore
        >>> metric = MeanScore("aesthetic")
        >>> metric.update(torch.full((2, 3, 64, 96), 0.5))
        >>> 1 < float(metric.compute()) < 10
        True
    """

    is_differentiable = True
    higher_is_better = True
    full_state_update = False
    plot_lower_bound = 1.0
    plot_upper_bound = 10.0
    total: Tensor
    count: Tensor

    def __init__(
        self,
        model: AestheticModel | str | Path = "aesthetic",
        *,
        taste: Taste | str | Path | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._scorer = Frozen(Scorer.load(model, taste, device="cpu").model)
        self.add_state("total", torch.zeros(()), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, images: Tensor | Sequence[Tensor]) -> None:
        """Add images.

        Args:
            images: `(B, 3, H, W)`, sRGB, float in [0, 1] or uint8; or a list of `(3, H, W)` of any sizes.

        Raises:
            UsageError: Images of another shape or kind.
        """
        for part in (images,) if isinstance(images, Tensor) else [image[None] for image in images]:
            if part.ndim != 4 or part.shape[1] != 3:
                raise UsageError(f"expected images (B, 3, H, W), got {tuple(part.shape)}")
            seen = part / 255 if part.dtype == torch.uint8 else part
            scores = self._scorer.on(seen.device)(self._scorer.fitting(seen))
            self.total = self.total + scores.to(self.total).sum()
            self.count = self.count + len(part)

    def compute(self) -> Tensor:
        """The mean score so far; not-a-number before any image."""
        return (self.total / self.count).float()
