"""PAM, residual-based personalised aesthetics (Ren et al., "Personalized Image Aesthetics", ICCV 2017).

    score = generic score + nu-SVR on [attributes, content], fitted to (the person's rating - generic score)

Parts are switched by the classes below. "Direct" is the paper's baseline, the same regressor on the ratings
themselves. "On deep features" is ours: the same on the backbone's features, which say far more than twenty
numbers. Ratings are on 1..10 here and .2..1 there; C and gamma, on which the paper is silent, are LIBSVM's.
"""

from typing import ClassVar

from retouch_aes.papers.common.inputs_method import InputsMethod
from retouch_aes.papers.common.rbf_machine import RBFMachine
from retouch_aes.papers.method import PersonEvidence, Study


class PAM(InputsMethod):
    """As in the paper."""

    name: str = "PAM (attributes + content)"
    c: ClassVar[float] = 1.0
    nu: ClassVar[float] = 0.5

    def learned(self, study: Study, evidence: PersonEvidence, seed: int) -> RBFMachine:  # noqa: ARG002
        """The regressor of the residual; it has no chance in it."""
        wanted = evidence.scores - study.score[evidence.photos] if self.residual else evidence.scores
        return RBFMachine.fit(self.inputs.values[evidence.photos], wanted, c=self.c, nu=self.nu)


class PAMAttributes(PAM):
    """The ablation without content."""

    name: str = "PAM (attributes only)"
    parts: ClassVar[tuple[str, ...]] = ("attributes",)


class PAMContent(PAM):
    """The ablation without attributes."""

    name: str = "PAM (content only)"
    parts: ClassVar[tuple[str, ...]] = ("content",)


class PAMFeatures(PAM):
    """On the backbone's features."""

    name: str = "PAM (deep features)"
    parts: ClassVar[tuple[str, ...]] = ("features",)


class PAMAll(PAM):
    """On all three."""

    name: str = "PAM (attributes + content + deep features)"
    parts: ClassVar[tuple[str, ...]] = ("attributes", "content", "features")


class DirectRegression(PAM):
    """The paper's baseline without a generic score."""

    name: str = "direct SVR (attributes + content)"
    residual: ClassVar[bool] = False


class DirectFeatureRegression(PAMFeatures):
    """The same on the backbone's features."""

    name: str = "direct SVR (deep features)"
    residual: ClassVar[bool] = False
