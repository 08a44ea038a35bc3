"""The baseline: any photo."""

import numpy as np

from retouch_aes.papers.active.selector import RatedAlbum, Selector


class RandomSelector(Selector):
    """All unrated photos are equally likely."""

    name: str = "random"

    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:
        """See `Selector`."""
        return int(random.choice(album.unrated))
