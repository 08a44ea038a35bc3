"""Readers of rated photos and of pairs, one file per published layout, their splits, and views for torch.

By name: `load_dataset("flickr-aes", folder)` -> `RatedDataset`; `list_datasets()` says which there are.
"""

from retouch_aes.datasets.aadb import AADB, AADB_ATTRIBUTES
from retouch_aes.datasets.ava import AVA
from retouch_aes.datasets.ava_labels import AVALabels, Styles
from retouch_aes.datasets.catalogue import DATASETS, datasets, find_reader, list_datasets, load_dataset
from retouch_aes.datasets.eva import EVA, EVA_ATTRIBUTES
from retouch_aes.datasets.flickr_aes import FlickrAES, split_workers
from retouch_aes.datasets.pairs import read_pairs
from retouch_aes.datasets.para import PARA, PARA_ATTRIBUTES
from retouch_aes.datasets.rated_dataset import PhotoAttributes, PhotoTags, PublishedSplit, RatedDataset
from retouch_aes.datasets.rating_pairs import rating_pairs
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.ratings_csv import RatingsCSV
from retouch_aes.datasets.readable import readable_only
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.real_cur import RealCUR
from retouch_aes.datasets.review_ava import ReviewAVA
from retouch_aes.datasets.reviews import Reviews, Vocabulary
from retouch_aes.datasets.rows import RatingRows, read_table
from retouch_aes.datasets.skipped import SkipLog, Skipped
from retouch_aes.datasets.splits import split_by_theme, theme
from retouch_aes.datasets.user_traits import UserTraits
from retouch_aes.datasets.views import HistogramView, MeanScoreView, PairView, UserRatingView

__all__ = [
    "AADB",
    "AADB_ATTRIBUTES",
    "AVA",
    "DATASETS",
    "EVA",
    "EVA_ATTRIBUTES",
    "PARA",
    "PARA_ATTRIBUTES",
    "AVALabels",
    "DatasetReader",
    "FlickrAES",
    "HistogramView",
    "MeanScoreView",
    "PairView",
    "PhotoAttributes",
    "PhotoTags",
    "PublishedSplit",
    "RatedDataset",
    "RatingRows",
    "Ratings",
    "RatingsCSV",
    "RealCUR",
    "ReviewAVA",
    "Reviews",
    "SkipLog",
    "Skipped",
    "Styles",
    "UserRatingView",
    "UserTraits",
    "Vocabulary",
    "datasets",
    "find_reader",
    "list_datasets",
    "load_dataset",
    "rating_pairs",
    "read_pairs",
    "read_table",
    "readable_only",
    "split_by_theme",
    "split_workers",
    "theme",
]
