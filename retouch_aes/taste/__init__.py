"""One person's taste: a score learned from their answers, in several ways behind one contract."""

from retouch_aes.taste.feature_cache import FeatureCache, default_cache_folder
from retouch_aes.taste.gp.learn import learn_gp
from retouch_aes.taste.gp.model import PersonalModel
from retouch_aes.taste.gp.pair_posterior import GPPairPosterior
from retouch_aes.taste.gp.prior import PersonalPrior
from retouch_aes.taste.gp.taste import GPTaste, TasteCard, merge_tastes

__all__ = [
    "FeatureCache",
    "GPPairPosterior",
    "GPTaste",
    "PersonalModel",
    "PersonalPrior",
    "TasteCard",
    "default_cache_folder",
    "learn_gp",
    "merge_tastes",
]
