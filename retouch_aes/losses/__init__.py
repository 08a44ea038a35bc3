"""What training and retouching minimise: EMD, ranking, aesthetic, fidelity.

Each file holds a public function that checks its arguments and a thin module that keeps the settings.
"""

from retouch_aes.losses.aesthetic import AestheticLoss, aesthetic_loss
from retouch_aes.losses.emd import EMDLoss, emd
from retouch_aes.losses.ranking import (
    ExponentialLoss,
    HingeLoss,
    LogisticLoss,
    exponential,
    hinge,
    logistic,
)

__all__ = [
    "AestheticLoss",
    "EMDLoss",
    "ExponentialLoss",
    "HingeLoss",
    "LogisticLoss",
    "aesthetic_loss",
    "emd",
    "exponential",
    "hinge",
    "logistic",
]
