"""What a regressor reads of a photo: attributes, content, deep features, side by side, each standardised."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.papers.method import Floats, Study

PARTS = ("attributes", "content", "features")
Function = Callable[[Tensor], Tensor]


def inputs_table(study: Study, parts: Sequence[str]) -> Floats:
    """`(P, sum of widths)`: the `parts` of a study as they are."""
    if not parts or set(parts) - set(PARTS):
        raise UsageError(f"expected parts out of {', '.join(PARTS)}, got {list(parts)}")
    return np.concatenate([getattr(study, part) for part in parts], 1)


class StandardisedInputs(nn.Module):
    """`forward(image (B, 3, H, W), features (B, D)) -> (B, width)`, of mean 0 and deviation 1 in the study.

    `values` `(P, width)` are those of the study's photos.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, study: Study, parts: Sequence[str]) -> None:
        super().__init__()
        raw = inputs_table(study, parts)
        mean, deviation = raw.mean(0), np.maximum(raw.std(0), 1e-6)
        self.parts = tuple(parts)
        self.values = (raw - mean) / deviation
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("deviation", torch.from_numpy(deviation))
        self.measure, self.cluster = study.measure, study.cluster

    def forward(self, image: Tensor, features: Tensor) -> Tensor:
        """See the class. `UsageError` where the study does not say how a part is computed."""
        found = {"features": features}
        if "attributes" in self.parts:
            found["attributes"] = _known("measure", self.measure)(image)
        if "content" in self.parts:
            found["content"] = _known("cluster", self.cluster)(features)
        raw = torch.cat([found[part] for part in self.parts], 1)
        return (raw - self.mean.to(raw)) / self.deviation.to(raw)


def _known(name: str, function: Function | None) -> Function:
    if function is None:
        raise UsageError(f"expected a study with `{name}` to score new photos, got one with tables only")
    return function
