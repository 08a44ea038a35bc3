"""Query by committee (Abe and Mamitsuka, ICML 1998): where five bagged models disagree most."""

import copy
from typing import ClassVar

import numpy as np

from retouch_aes.methods.active.selector import Album, Selector
from retouch_aes.methods.method import Evidence


class Committee(Selector):
    """The largest variance of `members` copies of the method, each fitted to the ratings drawn anew."""

    name: ClassVar[str] = "query by committee"
    members: ClassVar[int] = 5

    def choose(self, album: Album, random: np.random.Generator) -> int:
        """See `Selector`."""
        said = []
        count = len(album.rated.photos)
        for _ in range(self.members):
            drawn = random.integers(count, size=count)
            photos = album.rated.photos[drawn]
            pairs = album.rated.pairs[np.isin(album.rated.pairs, photos).all(1)]
            member = copy.copy(album.method)
            member.fit(album.study, Evidence(photos, album.rated.scores[drawn], pairs))
            said.append(member.predict(album.study, album.unrated))
        return int(album.unrated[np.var(said, axis=0).argmax()])
