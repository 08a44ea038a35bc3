"""What a regressor reads of a photo: attributes, content, deep features, side by side, each standardised."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from retouch_aes.errors import UsageError
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.papers.common.described import (
    build,
    describe,
    described,
    function_name,
    function_named,
)
from retouch_aes.papers.method import Floats, Study

PARTS = ("attributes", "content", "features")
TRAITS = "the generic model"
Function = Callable[[Tensor], Tensor]


def inputs_table(study: Study, parts: Sequence[str]) -> Floats:
    """`(P, sum of widths)`: the `parts` of a study as they are."""
    if not parts or set(parts) - set(PARTS):
        raise UsageError(f"expected parts out of {', '.join(PARTS)}, got {list(parts)}")
    return np.concatenate([getattr(study, part) for part in parts], 1)


@described
class StandardisedInputs(nn.Module):
    """`forward(image (B, 3, H, W), features (B, D)) -> (B, width)`, of mean 0 and deviation 1 in the study.

    `values` `(P, width)` are those of the study's photos. `measure` gives attributes of images, `cluster`
    content of features.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        parts: Sequence[str],
        mean: Tensor,
        deviation: Tensor,
        *,
        measure: Function | None = None,
        cluster: Function | None = None,
    ) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.values = np.zeros((0, len(mean)))
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.measure, self.cluster = measure, cluster

    @staticmethod
    def of(study: Study, parts: Sequence[str]) -> "StandardisedInputs":
        """Those of the photos of `study`."""
        raw = inputs_table(study, parts)
        mean, deviation = raw.mean(0), np.maximum(raw.std(0), 1e-6)
        found = StandardisedInputs(
            parts,
            torch.from_numpy(mean),
            torch.from_numpy(deviation),
            measure=study.measure if "attributes" in parts else None,
            cluster=study.cluster if "content" in parts else None,
        )
        found.values = (raw - mean) / deviation
        return found

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON. `UsageError` for inputs made by foreign functions."""
        measure, cluster = None, None
        if "attributes" in self.parts:
            measure = TRAITS if _of_traits(self.measure) else function_name(self.measure)
        if "content" in self.parts and not _of_traits(self.cluster):
            if not isinstance(self.cluster, nn.Module):
                raise UsageError("expected content by a module, got a function, which cannot be stored")
            cluster = describe(self.cluster)
        return {"parts": list(self.parts), "width": len(self.mean), "measure": measure, "cluster": cluster}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "StandardisedInputs":
        """The part that `config` describes, without its numbers."""
        width, measure, cluster = int(config["width"]), config["measure"], config["cluster"]
        return cls(
            config["parts"],
            torch.zeros(width),
            torch.ones(width),
            measure=None if measure in (None, TRAITS) else function_named(measure),
            cluster=None if cluster is None else build(cluster),
        )

    def bind(self, generic: nn.Module) -> None:
        """Let `generic` tell what another such network told: attributes and content of a `TraitsScorer`."""
        if not isinstance(generic, TraitsScorer):
            return
        if "attributes" in self.parts and (self.measure is None or _of_traits(self.measure)):
            self.measure = generic.attributes_of
        if "content" in self.parts and (self.cluster is None or _of_traits(self.cluster)):
            self.cluster = generic.content

    def forward(self, image: Tensor, features: Tensor) -> Tensor:
        """See the class. `UsageError` where the study does not say how a part is computed."""
        found = {"features": features}
        if "attributes" in self.parts:
            found["attributes"] = _known("measure", self.measure)(image)
        if "content" in self.parts:
            found["content"] = _known("cluster", self.cluster)(features)
        raw = torch.cat([found[part] for part in self.parts], 1)
        return (raw - self.mean.to(raw)) / self.deviation.to(raw)


def _of_traits(function: Function | None) -> bool:
    return isinstance(getattr(function, "__self__", None), TraitsScorer)


def _known(name: str, function: Function | None) -> Function:
    if function is None:
        raise UsageError(f"expected a study with `{name}` to score new photos, got one with tables only")
    return function
