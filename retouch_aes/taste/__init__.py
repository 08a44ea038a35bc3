"""One person's taste: a score learned from their answers, in several ways behind one contract.

The names below are fetched when first used: a retouch needs no learning, and learning no pool.
"""

from typing import TYPE_CHECKING

from retouch_aes.lazy_names import fetcher

if TYPE_CHECKING:
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

_HOMES = {
    "METHODS": "retouch_aes.taste.learning",
    "FeatureCache": "retouch_aes.taste.feature_cache",
    "FinetunedTaste": "retouch_aes.taste.finetune.taste",
    "GPPairPosterior": "retouch_aes.taste.gp.pair_posterior",
    "GPTaste": "retouch_aes.taste.gp.taste",
    "RatedPool": "retouch_aes.taste.rated_pool",
    "Taste": "retouch_aes.taste.contract",
    "TasteCard": "retouch_aes.taste.card",
    "default_cache_folder": "retouch_aes.taste.feature_cache",
    "learn": "retouch_aes.taste.learning",
    "load_taste": "retouch_aes.taste.files",
    "merge_tastes": "retouch_aes.taste.gp.taste",
    "taste_from_pretrained": "retouch_aes.taste.files",
}


__getattr__ = fetcher(__name__, globals(), _HOMES)
