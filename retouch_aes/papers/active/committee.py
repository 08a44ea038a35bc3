"""Query by committee (Abe and Mamitsuka, ICML 1998): where five bagged models disagree most."""

import copy
from typing import ClassVar

import numpy as np

from retouch_aes.papers.active.selector import RatedAlbum, Selector
from retouch_aes.papers.method import PersonEvidence


class CommitteeSelector(Selector):
    """The largest variance of `members` copies of the method, each fitted to the ratings drawn anew."""

    name: str = "query by committee"
    members: ClassVar[int] = 5

    def choose(self, album: RatedAlbum, random: np.random.Generator) -> int:
        """See `Selector`."""
        said = []
        count = len(album.rated.photos)
        for _ in range(self.members):
            drawn = random.integers(count, size=count)
            photos = album.rated.photos[drawn]
            pairs = album.rated.pairs[np.isin(album.rated.pairs, photos).all(1)]
            member = copy.copy(album.method)
            member.fit(album.study, PersonEvidence(photos, album.rated.scores[drawn], pairs))
            said.append(member.predict(album.study, album.unrated))
        return int(album.unrated[np.var(said, axis=0).argmax()])
