"""Readers of rated photos, one file per published layout, and the splits."""

from retouch_aes.datasets.ava import AVA, RatedPhotos
from retouch_aes.datasets.ratings import Ratings
from retouch_aes.datasets.ratings_csv import RatingsCSV
from retouch_aes.datasets.splits import split_by_theme, theme

__all__ = ["AVA", "RatedPhotos", "Ratings", "RatingsCSV", "split_by_theme", "theme"]
