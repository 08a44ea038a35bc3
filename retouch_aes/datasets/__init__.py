"""Readers of rated photos and of pairs, one file per published layout, and the splits."""

from retouch_aes.datasets.aadb import AADB, AttributedPhotos
from retouch_aes.datasets.ava import AVA, RatedPhotos
from retouch_aes.datasets.ava_labels import AVALabels, Styles
from retouch_aes.datasets.flickr_aes import FlickrAES, split_workers
from retouch_aes.datasets.pairs import read_pairs
from retouch_aes.datasets.para import PARA
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.ratings_csv import RatingsCSV
from retouch_aes.datasets.real_cur import RealCUR
from retouch_aes.datasets.review_ava import ReviewAVA
from retouch_aes.datasets.reviews import Reviews, Vocabulary
from retouch_aes.datasets.splits import split_by_theme, theme

__all__ = [
    "AADB",
    "AVA",
    "PARA",
    "AVALabels",
    "AttributedPhotos",
    "FlickrAES",
    "RatedPhotos",
    "Ratings",
    "RatingsCSV",
    "RealCUR",
    "ReviewAVA",
    "Reviews",
    "Styles",
    "Vocabulary",
    "read_pairs",
    "split_by_theme",
    "split_workers",
    "theme",
]
