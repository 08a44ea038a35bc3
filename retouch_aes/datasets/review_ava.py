"""AVA with its users' reviews, as CFAN needs it.

Wang et al., "Collaborative and Attentive Learning for Personalized Image Aesthetic Assessment" (IJCAI 2018),
gathered the reviews of AVA's photos with their writers. That set was not released, so its layout is ours:

    reviews.csv     columns `user,photo,review`, photo an id of AVA.txt
    AVA.txt, tags.txt, images/ID.jpg     as AVA's authors publish them

(`AVA_Comments_Full.txt`, the well-known set of AVA's comments, does not say who wrote them.) As in the paper
a photo's first tag is its tag, people like it on the whole where its mean rating is above 5, and reviews that
judge nothing are left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retouch_aes.datasets.ava import AVA
from retouch_aes.datasets.ava_labels import AVALabels
from retouch_aes.datasets.problems import refuse
from retouch_aes.datasets.reviews import Reviews, judged
from retouch_aes.datasets.rows import read_table
from retouch_aes.errors import DatasetError

COLUMNS = ("user", "photo", "review")
LIKED_ABOVE = 5.0


@dataclass(frozen=True)
class ReviewAVA:
    """Reader of the folder with `reviews.csv` beside `AVA.txt`; `missing_allowed` as for `AVA`."""

    folder: Path | str
    missing_allowed: bool = False

    def read(self) -> Reviews:
        """Every review that judges. All problems of `reviews.csv` are reported in one `DatasetError`."""
        rated = AVA(self.folder, missing_allowed=self.missing_allowed).read()
        labels = AVALabels(self.folder)
        tags, names = labels.tags(), labels.tag_names()
        means = dict(zip((p.stem for p in rated.photos), rated.histograms @ np.arange(1, 11), strict=True))
        paths = {photo.stem: photo for photo in rated.photos}
        path, problems, rows = Path(self.folder) / "reviews.csv", list[str](), []
        for line, (user, photo, text) in read_table(path, COLUMNS, problems):
            if not user or not text:
                problems.append(f"{path}:{line}: expected a user and a review, got {user!r} and {text!r}")
            elif photo in paths:
                rows.append((user, photo, text))
            elif photo not in tags:
                problems.append(f"{path}:{line}: AVA.txt does not rate the photo {photo!r}")
            elif not self.missing_allowed:
                problems.append(f"{path}:{line}: photo not found: {photo}.jpg")
        refuse(path, problems, "expected rows `user,photo,review`; correct or remove these")
        places, good = judged([text for _, _, text in rows])
        if not places:
            raise DatasetError(f"{path} has no review that judges a photo which is there")
        users, user_index = np.unique(np.array([rows[i][0] for i in places], object), return_inverse=True)
        ids, photo_index = np.unique(np.array([rows[i][1] for i in places], object), return_inverse=True)
        numbers = sorted(names)
        first = [numbers.index(tags[photo][0]) if tags[photo] else -1 for photo in ids]
        return Reviews(
            users=tuple(users),
            photos=tuple(paths[photo] for photo in ids),
            user_index=user_index,
            photo_index=photo_index,
            texts=tuple(rows[i][2] for i in places),
            good=good,
            tag_names=tuple(names[number] for number in numbers),
            tags=np.array(first, np.intp),
            liked=np.array([means[photo] > LIKED_ABOVE for photo in ids], bool),
        )
