"""What the methods on a table of inputs share: each ends in a function of a photo's inputs.

A fitted one is differentiable to the pixels, and so drives `AestheticLoss` and `retouch`.
"""

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np
import torch
from torch import nn

from retouch_aes.errors import UsageError
from retouch_aes.models.model import AestheticModel
from retouch_aes.papers.common.inputs import StandardisedInputs
from retouch_aes.papers.common.personal_score import PersonalScore
from retouch_aes.papers.method import Floats, Indices, Method, PersonEvidence, Study


class InputsMethod(Method):
    """Reads `parts`; its function is added to the generic score, or with `residual` False stands alone."""

    parts: ClassVar[tuple[str, ...]] = ("attributes", "content")
    residual: ClassVar[bool] = True

    def __init__(self) -> None:
        self._study: Study | None = None
        self._inputs: StandardisedInputs | None = None
        self._function: nn.Module | None = None

    def prepare(self, study: Study) -> None:
        """Standardise the inputs of the study's photos."""
        self._study, self._inputs, self._function = study, StandardisedInputs.of(study, self.parts), None

    def fit(self, study: Study, evidence: PersonEvidence, seed: int = 0) -> Self:
        """See `Method`."""
        if self._study is not study:
            self.prepare(study)
        self._function = self.learned(study, evidence, seed)
        return self

    @abstractmethod
    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> nn.Module:
        """The function of `inputs` `(B, D)` that `evidence` teaches."""

    def predict(self, study: Study, photos: Indices) -> Floats:
        """See `Method`."""
        found = self.function(torch.from_numpy(self.inputs.values[photos])).numpy()
        return np.asarray(study.score[photos] + found if self.residual else found, np.float64)

    def model(self, generic: AestheticModel) -> AestheticModel:
        """See `Method`; `generic` must have the features that the study was made with."""
        return PersonalScore(generic, self.inputs, self.function, residual=self.residual).eval()

    @property
    def inputs(self) -> StandardisedInputs:
        """Those of the study that was prepared for."""
        if self._inputs is None:
            raise UsageError(f"{self.name} has not been prepared; call prepare or fit first")
        return self._inputs

    @property
    def function(self) -> nn.Module:
        """What was learned: inputs `(B, D)` -> `(B,)`. `UsageError` before `fit`."""
        if self._function is None:
            raise UsageError(f"{self.name} has not been fitted; call fit with a person's evidence first")
        return self._function
