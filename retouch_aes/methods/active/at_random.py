"""The baseline: any photo."""

import numpy as np

from retouch_aes.methods.active.selector import Album, Selector


class Random(Selector):
    """All unrated photos are equally likely."""

    name: str = "random"

    def choose(self, album: Album, random: np.random.Generator) -> int:
        """See `Selector`."""
        return int(random.choice(album.unrated))
