"""Readers of rated photos and of pairs, one file per published layout, and the splits."""

from retouch_aes.datasets.ava import AVA, RatedPhotos
from retouch_aes.datasets.pairs import read_pairs
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.ratings_csv import RatingsCSV
from retouch_aes.datasets.splits import split_by_theme, theme

__all__ = ["AVA", "RatedPhotos", "Ratings", "RatingsCSV", "read_pairs", "split_by_theme", "theme"]
