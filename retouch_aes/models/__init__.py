"""Aesthetic models, one file each, their backbones, and the files that hold their weights.

A new model is one file with a subclass of `AestheticModel` and its name in `catalogue.MODELS`.
"""

from retouch_aes.models.catalogue import MODELS, bundled, find_weights, load_model, models
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.nima import NIMA
from retouch_aes.models.weights import (
    ModelCard,
    ModelHeader,
    holds_model,
    load_network,
    read_card,
    read_header,
    save_model,
    verify,
)

__all__ = [
    "MODELS",
    "NIMA",
    "AestheticModel",
    "EMDAttention",
    "ModelCard",
    "ModelHeader",
    "bundled",
    "find_weights",
    "holds_model",
    "load_model",
    "load_network",
    "models",
    "read_card",
    "read_header",
    "save_model",
    "verify",
]
