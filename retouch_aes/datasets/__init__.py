"""Readers of rated photos and of pairs, one file per published layout, and the splits.

Another package adds a reader by an entry point `retouch_aes.datasets`: something that is called with a folder
or file and gives an object with `read`. `datasets` lists ours and theirs by short name.
"""

from collections.abc import Callable
from typing import Any

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
from retouch_aes.plugins import callable_value, load_plugins

DATASETS: dict[str, Callable[..., Any]] = {
    "aadb": AADB,
    "ava": AVA,
    "flickr-aes": FlickrAES,
    "para": PARA,
    "ratings-csv": RatingsCSV,
    "real-cur": RealCUR,
    "review-ava": ReviewAVA,
}


def datasets() -> dict[str, Callable[..., Any]]:
    """Our readers and those of other installed packages, by short name. Ours cannot be replaced."""
    return DATASETS | load_plugins("datasets", callable_value, DATASETS)


__all__ = [
    "AADB",
    "AVA",
    "DATASETS",
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
    "datasets",
    "read_pairs",
    "split_by_theme",
    "split_workers",
    "theme",
]
