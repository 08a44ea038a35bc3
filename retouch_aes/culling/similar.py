"""Near duplicates: the same scene from nearly the same place, whatever its exposure, sharpness and time.

Two looks at a photo, squashed to a square. Coarse: luma without its mean and two opponent colours on a grid
of 8 x 8, as one unit vector; its cosine with another's must be `ALIKE` or more. Fine: luma on 16 x 16, and
the largest correlation with another's among shifts of up to one cell (6 % of the frame) must be `SAME` or
more. Of 85,000 pairs of unrelated photos one passed both; of photos cropped to 96 % and shifted by 2 %, 95 %.

A photo belongs to the group of the earliest photo that it is alike, so that a slow pan does not become one
group from end to end. Candidates come from random hyperplanes (Charikar, "Similarity estimation techniques
from rounding algorithms", STOC 2002): in each of `_TABLES` tables photos with the same `_BITS` signs meet. So
the time goes with the number of photos, not with its square; a pair at the bound meets with a probability of
97 %, a closer one more surely.
"""

import base64
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from retouch_aes.color.luma import luma
from retouch_aes.photo import Photo

ALIKE = 0.87
SAME = 0.8
_COARSE, _FINE, _SHIFT = 8, 16, 1
_COLOUR = 0.5
_TABLES, _BITS = 32, 12
_MEETING = 200  # leaders of one table entry that are compared, the latest first
_SIDE = 224
_LEAST = 1e-3

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Thumbnail:
    """What near duplicates are told by: `coarse` a unit vector, `fine` luma `(16, 16)`."""

    coarse: Numbers
    fine: Numbers

    @classmethod
    def of(cls, photo: Photo) -> "Thumbnail":
        """That of a photo."""
        image = photo.proxy(_SIDE)
        grid = F.interpolate(image, (_COARSE, _COARSE), mode="area")[0]
        tone = luma(grid[None])[0, 0]
        opponents = torch.stack([grid[0] - grid[1], (grid[0] + grid[1]) / 2 - grid[2]])
        least = image.new_tensor([_LEAST])  # what a plain frame points to
        numbers = torch.cat([(tone - tone.mean()).flatten(), _COLOUR * opponents.flatten(), least])
        fine = F.interpolate(luma(image), (_FINE, _FINE), mode="area")[0, 0]
        return cls((numbers / numbers.norm()).numpy(), fine.numpy())

    def to_text(self) -> str:
        """Both looks, exactly, in letters."""
        numbers = np.concatenate([self.coarse, self.fine.ravel()]).astype("<f4")
        return base64.b64encode(numbers.tobytes()).decode()

    @classmethod
    def from_text(cls, text: str) -> "Thumbnail":
        """Read `to_text`'s value. `ValueError` for any other."""
        numbers = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
        fine = _FINE * _FINE
        if len(numbers) != 3 * _COARSE * _COARSE + 1 + fine:
            raise ValueError(f"expected the numbers of a thumbnail, got {len(numbers)}")
        return cls(numbers[:-fine], numbers[-fine:].reshape(_FINE, _FINE))


def group_similar(thumbnails: Sequence[Thumbnail]) -> list[list[int]]:
    """The places of near duplicates, in groups, each in order and by its first; alone is a group of one.

    Args:
        thumbnails: Of photos, in the order in which they were taken or are listed.

    Returns:
        Every place once.

    Examples:
        >>> import torch
        >>> from retouch_aes import Photo
        >>> from retouch_aes.culling.similar import Thumbnail, group_similar
        >>> across = torch.linspace(0, 1, 64).expand(1, 3, 48, 64)
        >>> photos = [Photo(across), Photo(across.flip(-1)), Photo(0.6 * across)]
        >>> group_similar([Thumbnail.of(photo) for photo in photos])
        [[0, 2], [1]]
    """
    if not thumbnails:
        return []
    coarse = np.stack([thumbnail.coarse for thumbnail in thumbnails])
    drawn = np.random.default_rng(0).standard_normal((coarse.shape[1], _TABLES * _BITS))
    planes = drawn.astype(np.float32)
    weights = 1 << np.arange(_BITS)
    leaders: dict[tuple[int, int], list[int]] = defaultdict(list)
    groups: dict[int, list[int]] = {}
    for place, thumbnail in enumerate(thumbnails):
        signs = (thumbnail.coarse @ planes > 0).reshape(_TABLES, _BITS)
        keys = list(enumerate((signs @ weights).tolist()))
        met = sorted({leader for key in keys for leader in leaders[key][-_MEETING:]})
        near = [
            leader
            for leader, cosine in zip(met, coarse[met] @ thumbnail.coarse, strict=True)
            if cosine >= ALIKE
        ]
        found = next((one for one in near if _shifted(thumbnail.fine, thumbnails[one].fine) >= SAME), None)
        if found is None:
            groups[place] = [place]
            for key in keys:
                leaders[key].append(place)
        else:
            groups[found].append(place)
    return list(groups.values())


def _shifted(one: Numbers, other: Numbers) -> float:
    """The largest correlation of two planes among small shifts; two plain ones are the same."""
    if max(one.std(), other.std()) < _LEAST:
        return 1.0 if abs(float(one.mean() - other.mean())) < 2 * _LEAST else 0.0
    return max(_correlation(a, b) for a, b in _overlaps(one, other))


def _overlaps(one: Numbers, other: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    side = one.shape[0]
    for down in range(-_SHIFT, _SHIFT + 1):
        for right in range(-_SHIFT, _SHIFT + 1):
            rows, columns = (
                slice(max(0, down), side + min(0, down)),
                slice(max(0, right), side + min(0, right)),
            )
            back = slice(max(0, -down), side + min(0, -down)), slice(max(0, -right), side + min(0, -right))
            yield one[rows, columns], other[back]


def _correlation(one: Numbers, other: Numbers) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-6))
