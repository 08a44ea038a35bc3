"""Which photos to keep: technical quality, bursts, near duplicates, the best of each."""

from retouch_aes.culling.best import Judged, best_stars, groups_of
from retouch_aes.culling.judge import PhotoJudge, PhotoVerdict
from retouch_aes.culling.similar import Thumbnail
from retouch_aes.culling.technical import TechnicalQuality, technical_quality

__all__ = [
    "Judged",
    "PhotoJudge",
    "PhotoVerdict",
    "TechnicalQuality",
    "Thumbnail",
    "best_stars",
    "groups_of",
    "technical_quality",
]
