"""What a frozen trunk sees of many photos and of renditions of them: computed once, kept, learned from often.

Of every photo there is a *view* (the whole, or a crop in another shape), and renditions of it in rows that
say where they come from: `base`, the row of the view, and `below`, the row of the next milder rendition (the
view itself for the mildest). Kinds of renditions:

* `view`: whole or cropped; the first of a rated photo is the whole;
* `mirror`: the view mirrored;
* technical faults (`technical_faults`), one kind a view, mild and strong;
* `slider`: one parameter of one operator moved, part of the way and further;
* `edited`: a random chain of operators, mild and twice as strong, or `degraded`: faults of light and colour;
* `plain`: a frame of one colour, with or without a little noise or a gradient;
* what the score's own gradient has found (`free_pixels`): edits, perturbations, outputs of networks.

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
from retouch_aes.operators import OPERATORS, EditChain
from retouch_aes.photo import read
from retouch_aes.tensor_files import save_tensors
from retouch_aes.training.degrade import degrade
from retouch_aes.training.random_edits import random_chain
from retouch_aes.training.score.technical_faults import TECHNICAL, spoiled
from retouch_aes.training.shapes import SHAPES

FOUND = ("found-edit", "perturbed", "network")
KINDS = ("view", "mirror", "slider", "edited", "degraded", "plain", *TECHNICAL, *FOUND)
_LONGEST = 480


@dataclass(frozen=True)
class SeenRendition:
    """One picture `(1, 3, H, W)`; `below` counts from the view of its photo, which is 0."""

    image: Tensor
    kind: str
    amount: float = 0.0
    below: int = 0


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

    def of_kind(self, *kinds: str) -> Tensor:
        """Rows `(N,)` that are of one of `kinds`."""
        return torch.isin(self.kind, torch.tensor([KINDS.index(kind) for kind in kinds]))


def look_at(
    paths: Sequence[Path],
    rated: Sequence[bool],
    numbers: Sequence[int],
    trunk: PooledTrunk,
    critic: NIMA | None,
) -> Sights:
    """Sights of `paths`, whose numbers are `numbers`; `rated` photos are seen whole first."""
    rows: list[Sights] = []
    start = 0
    for path, whole, number in zip(paths, rated, numbers, strict=True):
        for group in renditions_of(read(path).proxy(_LONGEST), whole, Generator().manual_seed(number)):
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


def renditions_of(photo: Tensor, whole: bool, generator: Generator) -> list[list[SeenRendition]]:
    """The groups of one photo `(1, 3, H, W)`: each begins with its view and has one size."""
    draw = torch.rand(6, generator=generator).tolist()
    shaped = _crop(photo, generator)
    view = photo if whole or draw[0] < 0.5 else shaped
    group = [SeenRendition(view, "view")]
    group += _ladder_of(view, generator)
    group += _slider_of(view, generator)
    if draw[1] < 0.5:
        with torch.no_grad():
            group.append(SeenRendition(degrade(view, generator), "degraded"))
    else:
        group += _edited(view, generator)
    if draw[2] < 0.15:
        group.append(SeenRendition(view.flip(-1), "mirror"))
    return [group, [SeenRendition(shaped, "view")]] if whole else [group]


def _ladder_of(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """One technical fault, mild and strong."""
    draw = torch.rand(3, generator=generator).tolist()
    kind = tuple(TECHNICAL)[int(draw[0] * len(TECHNICAL))]
    mild = 0.05 + 0.5 * draw[1]
    strong = mild + 0.15 + (0.85 - mild) * draw[2]
    seed = int(torch.randint(2**31, (), generator=generator))
    rungs = [SeenRendition(spoiled(kind, view, mild, seed), kind, mild)]
    return [*rungs, SeenRendition(spoiled(kind, view, strong, seed), kind, strong, below=1)]


def _slider_of(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """One parameter moved, to one side, mildly and further; stands after view and ladder."""
    names = list(OPERATORS)
    chain = EditChain([OPERATORS[names[int(torch.randint(len(names), (), generator=generator))]]])
    draw = torch.rand(4, generator=generator).tolist()
    units = torch.zeros(2, len(chain))
    mild = 0.15 + 0.4 * draw[0]
    strong = mild + 0.15 + (0.85 - mild) * draw[1]
    column = int(draw[2] * len(chain))
    units[:, column] = torch.tensor([mild, strong]) * (1 if draw[3] < 0.5 else -1)
    with torch.no_grad():
        both = [chain.apply(view, chain.from_units(row[None])) for row in units]
    return [SeenRendition(both[0], "slider", mild), SeenRendition(both[1], "slider", strong, below=3)]


def _edited(view: Tensor, generator: Generator) -> list[SeenRendition]:
    """A random edit, mild and twice as strong; stands after view, ladder and slider."""
    chain = random_chain(generator)
    few = torch.rand(1, len(chain), generator=generator) < max(0.3, 1.5 / len(chain))
    units = (0.35 * torch.randn(1, len(chain), generator=generator) * few).clamp(-0.5, 0.5)
    with torch.no_grad():
        both = [chain.apply(view, chain.from_units(share * units)) for share in (1, 2)]
    return [SeenRendition(both[0], "edited", 0.5), SeenRendition(both[1], "edited", 1.0, below=5)]


def _crop(photo: Tensor, generator: Generator) -> Tensor:
    """A crop of another shape, .6 or more of the area that fits."""
    height, width = photo.shape[-2:]
    draw = torch.rand(4, generator=generator).tolist()
    tall, wide = SHAPES[int(draw[0] * len(SHAPES))]
    fit = min(height / tall, width / wide) * (0.6 + 0.4 * draw[1]) ** 0.5
    rows, columns = max(64, round(tall * fit)), max(64, round(wide * fit))
    top, left = (
        int(at * max(0, n - m + 1))
        for at, n, m in zip(draw[2:], (height, width), (rows, columns), strict=True)
    )
    return photo[..., top : top + rows, left : left + columns]


def seen_by(
    trunk: PooledTrunk, group: Sequence[SeenRendition], number: int, start: int, critic: NIMA | None = None
) -> Sights:
    """The rows of one photo's `group`, the first of which will be the row `start`."""
    images = torch.cat([one.image for one in group])
    opinions = torch.full((len(group),), float("nan"))
    asked = [i for i, one in enumerate(group) if one.kind in ("view", "degraded", "plain") or one.below == 1]
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
    tell: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Look at all `paths`, `part` photos a file in `folder`; what is there is not redone.

    The order is random, but all `rated` photos and as many others come first: a run that is stopped has them.

    `share` `(k, n)`: only every n-th part, from the k-th on, so that n processes can share the work. `most`
    parts are looked at; None for all.
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
            look_at([paths[i] for i in chosen], [rated[i] for i in chosen], chosen, trunk, critic).save(file)
        files.append(file)
        if tell is not None:
            tell(index + 1, count)
    return [plain, *files]
