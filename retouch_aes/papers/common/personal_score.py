"""A fitted person as an `AestheticModel`: the generic score, and a function of what a photo is and shows."""

from typing import Any, ClassVar

from torch import Tensor, nn

from retouch_aes.models.calibration import bounded_score
from retouch_aes.models.featured import check_generic
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.moved_score import MovedScore
from retouch_aes.models.nested import nested_config, nested_model
from retouch_aes.papers.common.described import build, describe
from retouch_aes.papers.common.inputs import StandardisedInputs


class PersonalScore(MovedScore):
    """`generic(x) + function(inputs(x))`, or without `residual` the latter alone, squashed into (1, 10)."""

    short_name: ClassVar[str] = "personal-score"
    version: ClassVar[int] = 1

    def __init__(
        self,
        generic: AestheticModel,
        inputs: StandardisedInputs,
        function: nn.Module,
        *,
        residual: bool = True,
    ) -> None:
        super().__init__()
        check_generic(generic)
        inputs.bind(generic)
        self.generic, self.inputs, self.function, self.residual = generic, inputs, function, residual

    @property
    def preprocessing(self) -> str:
        """That of the generic model, and which inputs are read."""
        kind = "added" if self.residual else "alone"
        return f"{self.generic.preprocessing}; {', '.join(self.inputs.parts)} {kind}"

    @property
    def config(self) -> dict[str, Any]:
        """Arguments for `from_config`, ready for JSON. `UsageError` where a part has none."""
        return {
            "generic": nested_config(self.generic),
            "inputs": describe(self.inputs),
            "function": describe(self.function),
            "residual": self.residual,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PersonalScore":
        """The score that `config` describes; its numbers are empty."""
        generic, inputs = nested_model(config["generic"]), build(config["inputs"])
        return cls(generic, inputs, build(config["function"]), residual=bool(config["residual"]))

    @property
    def underlying(self) -> AestheticModel:
        """The generic score."""
        return self.generic

    def moved(self, image: Tensor, features: Tensor, generic: Tensor) -> Tensor:
        """The person's scores `(B,)`."""
        found: Tensor = self.function(self.inputs(image, features))
        return bounded_score(generic + found if self.residual else found)
