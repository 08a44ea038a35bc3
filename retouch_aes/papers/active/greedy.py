"""Greedy k-centre: the photo farthest from all rated ones (Yu and Kim, ICDM 2010, after Gonzalez 1985)."""

import numpy as np

from retouch_aes.papers.active.selector import RatedAlbum, Selector, distances, style_coordinates
from retouch_aes.papers.method import Floats, Study


class GreedySelector(Selector):
    """The largest distance to the nearest rated photo."""

    name: str = "Greedy (k-centre)"

    def __init__(self) -> None:
        self._places: Floats = np.zeros((0, 0))

    def prepare(self, study: Study) -> None:
        """See `Selector`."""
        self._places = style_coordinates(study)

    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:  # noqa: ARG002
        """See `Selector`."""
        away = distances(self._places[album.unrated], self._places[album.rated.photos])
        return int(album.unrated[away.min(1).argmax()])
