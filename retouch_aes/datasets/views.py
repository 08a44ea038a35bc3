"""Datasets as torch sees them: one photo tensor and what people said of it.

Photos are squashed to a square of `side` pixels by antialiased bilinear interpolation, sRGB in [0, 1], so
that they make batches; with `square` off they keep their shape, the long side at most `side`. A photo that
cannot be decoded raises `PhotoError` with its name: take `readable_only(dataset)` first.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from retouch_aes.datasets.rated_dataset import RatedDataset
from retouch_aes.datasets.rating_pairs import rating_pairs
from retouch_aes.errors import UsageError
from retouch_aes.photo import read

SIDE = 224


def photo_tensor(path: Path, side: int = SIDE, *, square: bool = True) -> Tensor:
    """The photo at `path`, `(3, side, side)`, or `(3, h, w)` with the long side at most `side`."""
    image = read(path).proxy(2 * side if square else side)
    if square:
        image = F.interpolate(image, (side, side), mode="bilinear", antialias=True, align_corners=False)
    return image[0]


class MeanScoreView(Dataset[tuple[Tensor, Tensor]]):
    """P items: photo `(3, side, side)` and its mean score `()` in [1, 10]."""

    def __init__(self, dataset: RatedDataset, side: int = SIDE, *, square: bool = True) -> None:
        self.photos, self.side, self.square = dataset.photos, side, square
        self.targets = torch.from_numpy(dataset.mean_scores).float()

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return photo_tensor(self.photos[index], self.side, square=self.square), self.targets[index]


class HistogramView(MeanScoreView):
    """P items: photo `(3, side, side)` and the distribution `(10,)` of its scores over 1..10."""

    def __init__(self, dataset: RatedDataset, side: int = SIDE, *, square: bool = True) -> None:
        super().__init__(dataset, side, square=square)
        self.targets = torch.from_numpy(dataset.histograms()).float()


class UserRatingView(Dataset[tuple[Tensor, int, Tensor]]):
    """N items: photo `(3, side, side)`, index of the user in `users`, and the rating `()` in [1, 10]."""

    def __init__(self, dataset: RatedDataset, side: int = SIDE, *, square: bool = True) -> None:
        ratings = dataset.ratings
        if ratings is None:
            raise UsageError(f"expected a dataset with single ratings, {dataset.name} has none")
        self.ratings, self.users, self.side, self.square = ratings, ratings.users, side, square
        self.targets = torch.from_numpy(ratings.scores).float()

    def __len__(self) -> int:
        return len(self.ratings)

    def __getitem__(self, index: int) -> tuple[Tensor, int, Tensor]:
        photo = self.ratings.photos[self.ratings.photo_index[index]]
        image = photo_tensor(photo, self.side, square=self.square)
        return image, int(self.ratings.user_index[index]), self.targets[index]


class PairView(Dataset[tuple[Tensor, Tensor, int]]):
    """M items: the photo that a user rated higher, the one rated lower, and the index of the user.

    Up to `per_user` pairs of each user, drawn by `seed`; see `rating_pairs`.
    """

    def __init__(
        self,
        dataset: RatedDataset,
        side: int = SIDE,
        *,
        per_user: int = 100,
        seed: int = 0,
        square: bool = True,
    ) -> None:
        if dataset.ratings is None:
            raise UsageError(f"expected a dataset with single ratings, {dataset.name} has none")
        self.photos, self.users = dataset.ratings.photos, dataset.ratings.users
        self.side, self.square = side, square
        self.pairs = rating_pairs(dataset.ratings, per_user, seed)

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, int]:
        user, winner, loser = (int(value) for value in self.pairs[index])
        images = [photo_tensor(self.photos[i], self.side, square=self.square) for i in (winner, loser)]
        return images[0], images[1], user
