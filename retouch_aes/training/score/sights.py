"""What a frozen trunk sees of many photos and of renditions of them: computed once, kept, learned from often.

Rows are renditions (`photo_renditions`) and say where they come from: `base`, the row of the view, and
`below`, the row of the next milder rendition (the view itself for the mildest).

Features are stored in 16 bit. A run is cut into parts, each its own file, so that it can be stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Generator, Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.color.oklab import oklab_distance
from retouch_aes.models.nima import NIMA
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.photo import read
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.score.photo_renditions import SeenRendition, renditions_of, unchanged
from retouch_aes.training.score.technical_faults import TECHNICAL

FOUND = ("found-edit", "perturbed", "network")
KINDS = ("view", "mirror", "slider", "edited", "degraded", "plain", *TECHNICAL, *FOUND)
_LONGEST = 480


@dataclass(frozen=True)
class Sights:
    """N rows: features `(N, D)`, and vectors `(N,)`.

    `photo` is the photo's number, -1 for plain frames; `kind` indexes `KINDS`; `amount` is the severity or
    the size of the edit; `distance` the mean Oklab distance from the view; `opinion` NIMA's score, or NaN.
    """

    features: Tensor
    photo: Tensor
    kind: Tensor
    amount: Tensor
    base: Tensor
    below: Tensor
    distance: Tensor
    opinion: Tensor

    @staticmethod
    def joined(parts: Sequence["Sights"]) -> "Sights":
        """All `parts`, whose rows are numbered through already."""
        return Sights(*(torch.cat(column) for column in zip(*(vars(p).values() for p in parts), strict=True)))

    def and_also(self, more: "Sights") -> "Sights":
        """These rows and those of `more`, renumbered."""
        moved = {"base": more.base + len(self.photo), "below": more.below + len(self.photo)}
        return Sights.joined([self, replace(more, **moved)])

    @staticmethod
    def load(paths: Sequence[Path]) -> "Sights":
        """All parts as one; rows are renumbered."""
        found = Sights(**load_file(paths[0]))
        for path in paths[1:]:
            found = found.and_also(Sights(**load_file(path)))
        return found

    def save(self, path: Path) -> None:
        """Write one part, whole or not at all."""
        with replacing(path) as temporary:
            save_tensors({name: value.contiguous() for name, value in vars(self).items()}, temporary)

    def symmetric(self) -> "Sights":
        """The rows as two views see them, but for those of kind `mirror`: these as one view sees the photo.

        `(photo + mirror image) / 2` where the mirror image was seen; renditions of the photo are moved by as
        much as it, so that how they differ from it stays as it was seen.
        """
        mirrored = self.of_kind("mirror").nonzero()[:, 0]
        views = self.base[mirrored]
        once = self.features[views].float()
        moved = torch.zeros(self.features.shape)
        moved[views] = (self.features[mirrored].float() - once) / 2
        features = self.features.float() + moved[self.base]
        features[mirrored] = once
        return replace(self, features=features)

    def of_kind(self, *kinds: str) -> Tensor:
        """Rows `(N,)` that are of one of `kinds`."""
        return torch.isin(self.kind, torch.tensor([KINDS.index(kind) for kind in kinds]))


def look_at(
    paths: Sequence[Path],
    rated: Sequence[bool],
    numbers: Sequence[int],
    trunk: PooledTrunk,
    critic: NIMA | None,
    *,
    spoilt: bool = True,
) -> Sights:
    """Sights of `paths`, whose numbers are `numbers`; `rated` photos are seen whole first.

    Without `spoilt` their views and mirror images only.
    """
    rows: list[Sights] = []
    start = 0
    for path, whole, number in zip(paths, rated, numbers, strict=True):
        photo, generator = read(path).proxy(_LONGEST), Generator().manual_seed(number)
        for group in renditions_of(photo, whole, generator) if spoilt else [unchanged(photo)]:
            rows.append(seen_by(trunk, group, number, start, critic))
            start += len(group)
    return Sights.joined(rows)


def plain_frames(trunk: PooledTrunk, critic: NIMA | None, count: int = 60) -> Sights:
    """Frames of one colour: black, white, grey or any, some noisy, some with a gradient of light."""
    generator = Generator().manual_seed(0)
    rows = []
    for index in range(count):
        draw = torch.rand(8, generator=generator)
        level = (draw[0] < 0.5).float() if index % 2 else draw[0]
        frame = (level + (0.3 * (draw[1:4] - 0.5) if index % 4 > 1 else 0)) * torch.ones(1, 1, 1, 1)
        frame = frame.expand(1, 1, 1, 3).permute(0, 3, 1, 2).expand(1, 3, 288, 384).clone()
        if index % 3 == 1:
            frame = frame + 0.04 * draw[4] * torch.randn(frame.shape, generator=generator)
        if index % 3 == 2:
            frame = frame + 0.2 * draw[5] * torch.linspace(-1, 1, 384)
        group = [SeenRendition(frame.clamp(0, 1), "plain")]
        rows.append(seen_by(trunk, group, -1, index, critic))
    return Sights.joined(rows)


def seen_by(
    trunk: PooledTrunk, group: Sequence[SeenRendition], number: int, start: int, critic: NIMA | None = None
) -> Sights:
    """The rows of one photo's `group`, the first of which will be the row `start`."""
    images = torch.cat([one.image for one in group])
    opinions = torch.full((len(group),), float("nan"))
    asked = [i for i, one in enumerate(group) if one.kind != "mirror"]
    with torch.no_grad():
        features = trunk(images).half()
        small = F.interpolate(images, scale_factor=0.5, mode="bilinear", antialias=True)
        distance = oklab_distance(small, small[:1].expand_as(small))
        if critic is not None:
            opinions[asked] = critic(images[asked])
    count = len(group)
    return Sights(
        features=features,
        photo=torch.full((count,), number),
        kind=torch.tensor([KINDS.index(one.kind) for one in group]),
        amount=torch.tensor([one.amount for one in group]),
        base=torch.full((count,), start),
        below=torch.tensor([start + one.below for one in group]),
        distance=distance,
        opinion=opinions,
    )


def gather(
    paths: Sequence[Path],
    rated: Sequence[bool],
    folder: Path,
    trunk: PooledTrunk,
    critic: NIMA | None,
    *,
    part: int = 32,
    share: tuple[int, int] = (0, 1),
    most: int | None = None,
    spoilt: int | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Look at all `paths`, `part` photos a file in `folder`; what is there is not redone.

    The order is random, but all `rated` photos and as many others come first: a run that is stopped has them.

    `share` `(k, n)`: only every n-th part, from the k-th on, so that n processes can share the work. `most`
    parts are looked at, of the first `spoilt` of them all renditions, then only the photos; None for all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = torch.randperm(len(paths), generator=Generator().manual_seed(0)).tolist()
    few = [i for i in drawn if not rated[i]][: sum(rated)]
    soon = {i for i in drawn if rated[i]} | set(few)
    order = sorted(drawn, key=lambda i: i not in soon)  # stable: both halves stay in random order
    files = []
    plain = folder / "plain.safetensors"
    if not plain.exists():
        plain_frames(trunk, critic).save(plain)
    count = min(-(-len(order) // part), most or len(order))
    for index in range(share[0], count, share[1]):
        chosen = order[index * part : (index + 1) * part]
        file = folder / f"part{index:03}.safetensors"
        if not file.exists():
            full = spoilt is None or index < spoilt
            whole = [rated[i] for i in chosen]
            look_at([paths[i] for i in chosen], whole, chosen, trunk, critic, spoilt=full).save(file)
        files.append(file)
        if tell is not None:
            tell(index + 1, count)
    return [plain, *files]
