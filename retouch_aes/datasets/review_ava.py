"""AVA with its users' reviews, as CFAN needs it.

Wang et al., "Collaborative and Attentive Learning for Personalized Image Aesthetic Assessment" (IJCAI 2018),
gathered the reviews of AVA's photos with their writers. That set was not released, so its layout is ours:

    reviews.csv     columns `user,photo,review`, photo an id of AVA.txt
    AVA.txt, tags.txt, images/ID.jpg     as AVA's authors publish them

(`AVA_Comments_Full.txt`, the well-known set of AVA's comments, does not say who wrote them.) As in the paper
a photo's first tag is its tag, people like it on the whole where its mean rating is above 5, and reviews that
judge nothing are left out.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from retouch_aes.datasets.ava import AVA
from retouch_aes.datasets.rated_dataset import RatedDataset
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.reviews import Reviews, judged
from retouch_aes.datasets.rows import nothing, read_table
from retouch_aes.datasets.skipped import DUPLICATED, INCOMPLETE, UNLISTED, SkipLog

COLUMNS = ("user", "photo", "review")
LIKED_ABOVE = 5.0


@dataclass(frozen=True)
class ReviewAVA(DatasetReader):
    """Reader of the folder with `reviews.csv` beside `AVA.txt`; `images` as for `AVA`."""

    folder: Path | str
    images: Path | str | None = None

    short_name: ClassVar[str] = "review-ava"
    title: ClassVar[str] = "AVA with reviews"
    layout: ClassVar[str] = "reviews.csv (columns user, photo, review)\nAVA.txt\ntags.txt\nimages/ID.jpg"
    source: ClassVar[str] = "https://github.com/imfing/ava_downloader, reviews of your own"

    def read(self) -> RatedDataset:
        """AVA with every review that judges a photo which is there."""
        rated, log = AVA(self.folder, self.images).read(), SkipLog()
        path, place = Path(self.folder) / "reviews.csv", {p.stem: i for i, p in enumerate(rated.photos)}
        rows, seen = list[tuple[str, int, str]](), set[tuple[str, int, str]]()
        for line, (user, photo, text) in read_table(path, COLUMNS, log):
            where, stem = f"{path}:{line}", photo.removesuffix(".jpg")
            if not user or not text:
                log.add(INCOMPLETE, where, f"expected a user and a review, got {user!r} and {text!r}")
            elif stem not in place:
                log.add(UNLISTED, where, f"photo {photo!r} is not in AVA.txt, or its file is missing")
            elif (user, place[stem], text) in seen:
                log.add(DUPLICATED, where, f"{user!r} wrote this of {photo} already")
            else:
                seen.add((user, place[stem], text))
                rows.append((user, place[stem], text))
        places, good = judged([text for _, _, text in rows])
        if not places:
            raise nothing(path, "has no review that judges a photo which is there", self.layout, log)
        users, user_index = np.unique(np.array([rows[i][0] for i in places], object), return_inverse=True)
        reviewed, photo_index = np.unique(np.array([rows[i][1] for i in places]), return_inverse=True)
        reviews = Reviews(
            users=tuple(users),
            photos=tuple(rated.photos[index] for index in reviewed),
            user_index=user_index,
            photo_index=photo_index,
            texts=tuple(rows[i][2] for i in places),
            good=good,
            tag_names=() if rated.tags is None else rated.tags.names,
            tags=np.full(len(reviewed), -1) if rated.tags is None else rated.tags.index[reviewed, 0],
            liked=rated.mean_scores[reviewed] > LIKED_ABOVE,
        )
        return replace(rated, name=self.short_name, reviews=reviews, skipped=rated.skipped + log.closed())
