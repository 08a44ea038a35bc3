"""The one way a photo takes: through a taste, a prior and a solver to its recipe and its render."""

from retouch_aes.pipeline.certificate import BeforeAfter, Certificate, certify
from retouch_aes.pipeline.framing_choice import FramingChoice
from retouch_aes.pipeline.retouched import Retouched
from retouch_aes.pipeline.retoucher import Retoucher
from retouch_aes.pipeline.reward import Reward, as_reward
from retouch_aes.pipeline.score import PhotoScore, Scorer, score
from retouch_aes.pipeline.spec import RetoucherSpec

__all__ = [
    "BeforeAfter",
    "Certificate",
    "FramingChoice",
    "PhotoScore",
    "Retouched",
    "Retoucher",
    "RetoucherSpec",
    "Reward",
    "Scorer",
    "as_reward",
    "certify",
    "score",
]
