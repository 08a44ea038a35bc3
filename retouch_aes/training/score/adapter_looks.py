"""What adapters of the trunk are taught on: the map at which they begin, of photos and of crops of them.

All before that map stays as it is, so it is computed once and kept in 16 bit; so are the numbers that the
frozen trunk gives, and NIMA's opinion. Photos are cut into parts, each its own file, so that a run can be
stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Generator, Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import WeightsError
from retouch_aes.models.files import read_tensors
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled_trunk import PooledTrunk, colour_numbers, moments
from retouch_aes.models.trunks import adaptable
from retouch_aes.photo import read
from retouch_aes.progress import Progress
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.score.photo_renditions import cropped

_LONGEST = 480
_PART = 32
_GAMMA = 1.2
"""From the darkest to the brightest crop, as an exponent of two."""


@dataclass(frozen=True)
class AdapterLooks:
    """N looks: the numbers of all `maps`, one after the other, and of each look a row.

    `sides` `(N, 2)` are height and width of its map, `pooled` `(N, D)` is what the frozen trunk gives,
    `photo` `(N,)` the photo's number, `whole` `(N,)` whether it is the photo as it is, `opinion` `(N,)`
    NIMA's score.
    """

    maps: Tensor
    sides: Tensor
    pooled: Tensor
    photo: Tensor
    whole: Tensor
    opinion: Tensor

    @staticmethod
    def joined(parts: Sequence["AdapterLooks"]) -> "AdapterLooks":
        """All `parts` as one."""
        return AdapterLooks(*(torch.cat([getattr(p, one.name) for p in parts]) for one in fields(parts[0])))

    @staticmethod
    def load(paths: Sequence[Path]) -> "AdapterLooks":
        """Those of all files, as one. `WeightsError` where one of them is damaged or another kind of file."""
        try:
            return AdapterLooks.joined([AdapterLooks(**read_tensors(path)) for path in paths])
        except TypeError as error:
            raise WeightsError(
                f"{paths[0].parent} holds files that are no looks ({error}); remove it"
            ) from None

    def save(self, path: Path) -> None:
        """Write them, whole or not at all."""
        with replacing(path) as temporary:
            save_tensors({name: value.contiguous() for name, value in vars(self).items()}, temporary)

    def maps_of(self, rows: Tensor) -> Tensor:
        """The maps `(B, C, h, w)` of `rows`, all of one size, in 32 bit."""
        places = self.sides.prod(dim=1)
        channels = len(self.maps) // int(places.sum())
        ends = channels * places.cumsum(dim=0)
        found = [self.maps[ends[row] - channels * places[row] : ends[row]] for row in rows]
        height, width = self.sides[rows[0]].tolist()
        shape = (len(rows), channels, height, width)
        return torch.stack(found).view(shape).float().contiguous(memory_format=torch.channels_last)

    def by_size(self, rows: Tensor) -> list[Tensor]:
        """`rows` in groups of one size of map each, largest first."""
        sizes, which = torch.unique(self.sides[rows], dim=0, return_inverse=True)
        return sorted((rows[which == one] for one in range(len(sizes))), key=len, reverse=True)


def gather_looks(
    photos: Mapping[int, Path],
    folder: Path,
    trunk: PooledTrunk,
    critic: NIMA,
    progress: Progress | None = None,
) -> list[Path]:
    """Look at all `photos`, given by their numbers, some a file in `folder`; what is there is not redone.

    Of each photo three looks: it as it is, a crop of another shape, and another crop, mirrored, brighter or
    darker. `trunk` is frozen, one of EfficientNet-Lite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbered = list(photos.items())
    parts = [numbered[start : start + _PART] for start in range(0, len(numbered), _PART)]
    files = [folder / f"part{index:03}.safetensors" for index in range(len(parts))]
    for done, (file, part) in enumerate(zip(files, parts, strict=True), start=1):
        if not file.exists():
            looks = [_looks(read(path).proxy(_LONGEST), number, trunk, critic) for number, path in part]
            AdapterLooks.joined(looks).save(file)
        if progress is not None:
            progress("looks", done, len(parts))
    return files


def _looks(photo: Tensor, number: int, trunk: PooledTrunk, critic: NIMA) -> AdapterLooks:
    """Three rows of the photo `(1, 3, H, W)`."""
    generator = Generator().manual_seed(50_000 + number)
    crop, other = cropped(photo, generator), cropped(photo, generator).flip(-1)
    exponent = 2 ** (_GAMMA * (torch.rand((), generator=generator) - 0.5))
    rows = [photo, crop, other.clamp(min=1e-4) ** exponent]
    with torch.no_grad():
        found = [seen_early(trunk, one) for one in rows]
        opinions = torch.cat([critic(one) for one in rows])
    return AdapterLooks(
        maps=torch.cat([one.half().contiguous().flatten() for one, _ in found]),
        sides=torch.tensor([one.shape[-2:] for one, _ in found]),
        pooled=torch.cat([pooled.half() for _, pooled in found]),
        photo=torch.full((len(rows),), number),
        whole=torch.arange(len(rows)) == 0,
        opinion=opinions,
    )


def seen_early(trunk: PooledTrunk, image: Tensor) -> tuple[Tensor, Tensor]:
    """The map of `image` `(1, 3, H, W)` at which adapters begin, and the pooled numbers `(1, D)`."""
    backbone = adaptable(trunk.backbone)
    seen = trunk.prepare.resized(image)
    early = backbone.early((seen - trunk.prepare.mean) / trunk.prepare.deviation)
    means, deviations = moments((*early, *backbone.late(early[-1])))
    return early[-1], torch.cat([means, deviations, colour_numbers(seen)], dim=1)
