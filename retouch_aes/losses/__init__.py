"""What training and retouching minimise: EMD, ranking, aesthetic, fidelity.

Each file holds a public function that checks its arguments and a thin module that keeps the settings.
"""

from retouch_aes.losses.aesthetic import AestheticLoss, aesthetic_loss
from retouch_aes.losses.emd import EMDLoss, emd
from retouch_aes.losses.fidelity import Fidelity
from retouch_aes.losses.looking_once import looking_once
from retouch_aes.losses.perceptual import LPIPS
from retouch_aes.losses.ranking import (
    ExponentialLoss,
    HingeLoss,
    LogisticLoss,
    exponential,
    hinge,
    logistic,
)
from retouch_aes.losses.structure import structure_distance

__all__ = [
    "LPIPS",
    "AestheticLoss",
    "EMDLoss",
    "ExponentialLoss",
    "Fidelity",
    "HingeLoss",
    "LogisticLoss",
    "aesthetic_loss",
    "emd",
    "exponential",
    "hinge",
    "logistic",
    "looking_once",
    "structure_distance",
]
