"""Active-PAM (Ren et al., "Personalized Image Aesthetics", ICCV 2017, algorithm 1).

    q = argmax over unrated of  sum_j w_j |v_q - v_j|            j over rated photos, v = [w_a f, s]

The text wants photos with large residuals `r` (rating minus generic score) to count more, so `w_j = |r_j| /
sum |r|`; equation 2 as printed, `w_j = 1 - |r_j| / sum |r|`, lets them count less. Both are here.
"""

from typing import ClassVar

import numpy as np

from retouch_aes.papers.active.selector import RatedAlbum, Selector, distances, style_coordinates
from retouch_aes.papers.method import Floats, Study


class ActivePAM(Selector):
    """As the text says."""

    name: str = "Active-PAM"
    printed: ClassVar[bool] = False

    def __init__(self) -> None:
        self._places: Floats = np.zeros((0, 0))

    def prepare(self, study: Study) -> None:
        """See `Selector`."""
        self._places = style_coordinates(study)

    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:  # noqa: ARG002
        """See `Selector`."""
        residual = np.abs(album.rated.scores - album.study.score[album.rated.photos])
        share = residual / max(float(residual.sum()), 1e-12)
        weight = 1 - share if self.printed else share
        away = distances(self._places[album.unrated], self._places[album.rated.photos])
        return int(album.unrated[(away @ weight).argmax()])


class ActivePAMPrinted(ActivePAM):
    """As equation 2 is printed."""

    name: str = "Active-PAM (weights as printed)"
    printed: ClassVar[bool] = True
