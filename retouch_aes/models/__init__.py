"""Aesthetic models, one file each, their backbones, and the files that hold their weights.

A new model is one file with a subclass of `AestheticModel` and its name in `catalogue.MODELS`.
"""

from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import make_backbone, pretrained_backbone
from retouch_aes.models.callable_model import CallableModel, as_model
from retouch_aes.models.catalogue import MODELS, bundled, find_weights, load_model, models
from retouch_aes.models.emd_attention import EMDAttention
from retouch_aes.models.featured import FeatureModel
from retouch_aes.models.fetched import fetch_weights
from retouch_aes.models.hub import from_pretrained, save_pretrained
from retouch_aes.models.listing import list_models
from retouch_aes.models.model import AestheticModel
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled import PooledScorer
from retouch_aes.models.traits_scorer import TraitsScorer
from retouch_aes.models.trunk_score import TrunkScore
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
    "Backbone",
    "CallableModel",
    "EMDAttention",
    "FeatureModel",
    "ModelCard",
    "ModelHeader",
    "PooledScorer",
    "TraitsScorer",
    "TrunkScore",
    "as_model",
    "bundled",
    "fetch_weights",
    "find_weights",
    "from_pretrained",
    "holds_model",
    "list_models",
    "load_model",
    "load_network",
    "make_backbone",
    "models",
    "pretrained_backbone",
    "read_card",
    "read_header",
    "save_model",
    "save_pretrained",
    "verify",
]
