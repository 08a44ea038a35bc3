"""MCAL (Demir and Bruzzone, "A multiple criteria active learning method for SVR", Pattern Recognition 2014).

All photos of the album are clustered. Clusters with rated photos that are support vectors of the current
regressor are known to be hard and are covered; of the others (diversity, relevancy) the largest (density) is
taken, and in it the unrated photo nearest the centre. Our reading: k-means on Active-PAM's `v`, with one
cluster more than there are rated photos, so that one without is always left; Euclidean, not in kernel space.
A method without support vectors counts every rated photo as one.
"""

import numpy as np
from torch import nn

from retouch_aes.papers.active.selector import RatedAlbum, Selector, distances, style_coordinates
from retouch_aes.papers.method import Floats, Indices, Study


class MCAL(Selector):
    """See the module."""

    name: str = "MCAL"

    def __init__(self) -> None:
        self._places: Floats = np.zeros((0, 0))

    def prepare(self, study: Study) -> None:
        """See `Selector`."""
        self._places = style_coordinates(study)

    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:
        """See `Selector`."""
        from sklearn.cluster import MiniBatchKMeans

        photos = np.concatenate([album.unrated, album.rated.photos])
        count = min(len(album.rated.photos) + 1, len(photos))
        seed = int(random.integers(2**31))
        clusters = MiniBatchKMeans(count, n_init=1, max_iter=10, random_state=seed)
        label = clusters.fit_predict(self._places[photos])
        taken = np.unique(label[len(album.unrated) + _support(album)])
        mine = label[: len(album.unrated)]
        free = np.bincount(mine, minlength=count)
        open_ones = free.copy()
        open_ones[taken] = 0
        chosen = (open_ones if open_ones.any() else free).argmax()
        inside = album.unrated[mine == chosen]
        away = distances(self._places[inside], clusters.cluster_centers_[chosen][None])
        return int(inside[away[:, 0].argmin()])


def _support(album: RatedAlbum) -> Indices:
    """Places of the support vectors among the rated photos."""
    function: nn.Module | None = getattr(album.method, "function", None)
    found = getattr(function, "support", None)
    return np.arange(len(album.rated.photos)) if found is None else np.asarray(found, np.intp)
