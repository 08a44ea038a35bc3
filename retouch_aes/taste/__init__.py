"""One person's taste: a score learned from their answers, in several ways behind one contract."""

from retouch_aes.taste.card import TasteCard
from retouch_aes.taste.contract import Taste
from retouch_aes.taste.feature_cache import FeatureCache, default_cache_folder
from retouch_aes.taste.files import load_taste, taste_from_pretrained
from retouch_aes.taste.finetune.taste import FinetunedTaste
from retouch_aes.taste.gp.pair_posterior import GPPairPosterior
from retouch_aes.taste.gp.taste import GPTaste, merge_tastes
from retouch_aes.taste.learning import METHODS, learn
from retouch_aes.taste.rated_pool import RatedPool

__all__ = [
    "METHODS",
    "FeatureCache",
    "FinetunedTaste",
    "GPPairPosterior",
    "GPTaste",
    "RatedPool",
    "Taste",
    "TasteCard",
    "default_cache_folder",
    "learn",
    "load_taste",
    "merge_tastes",
    "taste_from_pretrained",
]
