"""The baseline: any photo."""

from typing import ClassVar

import numpy as np

from retouch_aes.methods.active.selector import Album, Selector


class Random(Selector):
    """All unrated photos are equally likely."""

    name: ClassVar[str] = "random"

    def choose(self, album: Album, random: np.random.Generator) -> int:
        """See `Selector`."""
        return int(random.choice(album.unrated))
