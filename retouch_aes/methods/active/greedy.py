"""Greedy k-centre: the photo farthest from all rated ones (Yu and Kim, ICDM 2010, after Gonzalez 1985)."""

from typing import ClassVar

import numpy as np

from retouch_aes.methods.active.selector import Album, Selector, distances, places
from retouch_aes.methods.method import Floats, Study


class Greedy(Selector):
    """The largest distance to the nearest rated photo."""

    name: ClassVar[str] = "Greedy (k-centre)"

    def __init__(self) -> None:
        self._places: Floats = np.zeros((0, 0))

    def prepare(self, study: Study) -> None:
        """See `Selector`."""
        self._places = places(study)

    def choose(self, album: Album, random: np.random.Generator) -> int:  # noqa: ARG002
        """See `Selector`."""
        away = distances(self._places[album.unrated], self._places[album.rated.photos])
        return int(album.unrated[away.min(1).argmax()])
