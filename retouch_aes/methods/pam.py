"""PAM, residual-based personalised aesthetics (Ren et al., "Personalized Image Aesthetics", ICCV 2017).

    score = generic score + nu-SVR on [attributes, content], fitted to (the person's rating - generic score)

Parts are switched by the classes below. "Direct" is the paper's baseline, the same regressor on the ratings
themselves. "On deep features" is ours: the same on the backbone's features, which say far more than twenty
numbers. Ratings are on 1..10 here and .2..1 there; C and gamma, on which the paper is silent, are LIBSVM's.
"""

from typing import ClassVar

from retouch_aes.methods.method import Evidence, Study
from retouch_aes.methods.on_inputs import OnInputs
from retouch_aes.methods.rbf import RBFMachine


class PAM(OnInputs):
    """As in the paper."""

    name: ClassVar[str] = "PAM (attributes + content)"
    c: ClassVar[float] = 1.0
    nu: ClassVar[float] = 0.5

    def learned(self, study: Study, evidence: Evidence, seed: int) -> RBFMachine:  # noqa: ARG002
        """The regressor of the residual; it has no chance in it."""
        wanted = evidence.scores - study.score[evidence.photos] if self.residual else evidence.scores
        return RBFMachine.fit(self.inputs.values[evidence.photos], wanted, c=self.c, nu=self.nu)


class PAMAttributes(PAM):
    """The ablation without content."""

    name: ClassVar[str] = "PAM (attributes only)"
    parts: ClassVar[tuple[str, ...]] = ("attributes",)


class PAMContent(PAM):
    """The ablation without attributes."""

    name: ClassVar[str] = "PAM (content only)"
    parts: ClassVar[tuple[str, ...]] = ("content",)


class PAMFeatures(PAM):
    """On the backbone's features."""

    name: ClassVar[str] = "PAM (deep features)"
    parts: ClassVar[tuple[str, ...]] = ("features",)


class PAMAll(PAM):
    """On all three."""

    name: ClassVar[str] = "PAM (attributes + content + deep features)"
    parts: ClassVar[tuple[str, ...]] = ("attributes", "content", "features")


class Direct(PAM):
    """The paper's baseline without a generic score."""

    name: ClassVar[str] = "direct SVR (attributes + content)"
    residual: ClassVar[bool] = False


class DirectFeatures(PAMFeatures):
    """The same on the backbone's features."""

    name: ClassVar[str] = "direct SVR (deep features)"
    residual: ClassVar[bool] = False
