"""Where a retouch starts and what it is anchored to: a first guess of every parameter, and its spread.

Guesses are in *units* (`EditChain`): 0 is neutral, -1 and +1 the ends of a parameter's range.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from retouch_aes.color.difference import delta_e_2000
from retouch_aes.color.haze import dark_channel
from retouch_aes.color.luma import luma
from retouch_aes.color.resize import proxy
from retouch_aes.models.catalogue import find_weights
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.finished_guard import FinishedGuard
from retouch_aes.models.preprocessing import AspectResize
from retouch_aes.models.weights import load_network
from retouch_aes.operators import EditChain, select

_LEVELS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
_PLANES = 6
_BINS = 8
_SMALL = 64
LEAST_SPREAD = 0.02
UNKNOWN_SPREAD = 0.25
_TINY = 1e-12


class EditPrior(ABC):
    """A first guess for a photo."""

    @abstractmethod
    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """Units and their spread, `(B, P)` each, for the chain's parameters; `image` is a proxy."""


class NeutralPrior(EditPrior):
    """Start from the photo as it is."""

    def __init__(self, spread: float = UNKNOWN_SPREAD) -> None:
        self.spread = spread

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`."""
        neutral = image.new_zeros(len(image), len(chain))
        return neutral, torch.full_like(neutral, self.spread)


class EditHead(nn.Module):
    """Feature maps and the photo's colours -> units in (-1, 1) and spreads, `(B, P)` each.

    Beside the mean of every map stand quantiles of luma, the three channels, chroma and the dark channel,
    and a colour histogram: they say directly how a photo is exposed, cast, flat, pale or hazy, and the maps
    say what is in it.
    """

    def __init__(self, channels: Sequence[int], count: int, hidden: int) -> None:
        super().__init__()
        seen = sum(channels) + _PLANES * len(_LEVELS) + _BINS**3
        self.trunk = nn.Sequential(nn.BatchNorm1d(seen), *_layer(seen, hidden), *_layer(hidden, hidden))
        self.out = nn.Linear(hidden, 2 * count)
        nn.init.normal_(self.out.weight, std=0.01)
        nn.init.zeros_(self.out.bias)

    def see(self, maps: Sequence[Tensor], image: Tensor) -> Tensor:
        """The numbers it judges by, `(B, D)`; `maps` are the backbone's of `image` `(B, 3, H, W)`."""
        pooled = [m.mean((-2, -1)).float() for m in maps]
        return torch.cat([*pooled, colour_statistics(image), colour_histogram(image)], dim=1)

    @property
    def middle(self) -> Tensor:
        """The numbers `(D,)` of an average photo, as it saw them in training."""
        norm = self.trunk[0]
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_mean is not None
        return norm.running_mean

    def judge(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Units in (-1, 1) and spreads, `(B, P)` each, from what `see` saw."""
        mean, spread = self.out(self.trunk(seen)).chunk(2, dim=1)
        return torch.tanh(mean.float()), LEAST_SPREAD + nn.functional.softplus(spread.float() - 1.5)

    def forward(self, maps: Sequence[Tensor], image: Tensor) -> tuple[Tensor, Tensor]:
        """`maps` are the backbone's of `image` `(B, 3, H, W)`, sRGB [0, 1]."""
        return self.judge(self.see(maps, image))


class LearnedPrior(nn.Module, EditPrior):
    """Predicts the edit that undoes a random degradation, from what is seen and from the photo's colours.

    The backbone sees the whole frame at `side` px. Trained by `retouch_aes.training`. A parameter it does
    not know is guessed neutral. In doubt less is done: a guess `u` of spread `s` is weakened to
    `u^3 / (u^2 + (doubt s)^2)` (Wiener's filter for a guess of that noise); a `doubt` of 0 leaves it. A guess
    that moves a photo far which its `guard` takes for finished is weakened, too.
    """

    short_name: ClassVar[str] = "edit-prior"
    version: ClassVar[int] = 2

    def __init__(
        self,
        operators: Sequence[str],
        *,
        side: int = 160,
        backbone: CompactBackbone | None = None,
        hidden: int = 384,
        doubt: float = 0.0,
        guarded: bool = False,
    ) -> None:
        super().__init__()
        self.chain = EditChain(select(operators))
        self.hidden, self.doubt = hidden, doubt
        self.prepare = AspectResize(side)
        self.backbone = backbone or CompactBackbone()
        self.head = EditHead(self.backbone.channels, len(self.chain), hidden)
        self.guard = FinishedGuard(len(self.head.middle)) if guarded else None

    @property
    def config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "operators": [operator.name for operator in self.chain.operators],
            "side": self.prepare.side,
            "backbone": self.backbone.config,
            "hidden": self.hidden,
            "doubt": self.doubt,
            **({"guarded": True} if self.guard is not None else {}),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LearnedPrior":
        """The network that `config` describes, with random weights."""
        settings = dict(config)
        return cls(
            settings.pop("operators"), backbone=CompactBackbone(**settings.pop("backbone")), **settings
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """`(B, 3, H, W)` sRGB [0, 1] -> units in (-1, 1) and spreads, `(B, P)` each, for `self.chain`."""
        units, spread = self.head(self.maps(image), image)
        return units, spread

    def maps(self, image: Tensor) -> Sequence[Tensor]:
        """The backbone's feature maps of `image` `(B, 3, H, W)`, sRGB [0, 1], which the head sees."""
        found: Sequence[Tensor] = self.backbone(self.prepare(image))
        return found

    def guess(self, image: Tensor, chain: EditChain) -> tuple[Tensor, Tensor]:
        """See `EditPrior.guess`; the mean over the photo and its mirror image: edits know no sides."""
        with torch.no_grad():
            both = torch.cat([image, image.flip(-1)])
            seen = self.head.see(self.maps(both), both)
            guesses = self.head.judge(seen)
            units, spread = (torch.stack(some.chunk(2)).mean(dim=0) for some in guesses)
            units = sure(units, self.doubt * spread) if self.doubt else units
            if self.guard is not None:
                edited = self.chain.apply(image, self.chain.from_units(units))
                moved = delta_e_2000(edited, image).flatten(1).mean(dim=1)
                units = units * self.guard.share(torch.stack(seen.chunk(2)), moved)[:, None]
        return placed(units, spread, self.chain, chain)


def with_operators(base: LearnedPrior, operators: Sequence[str]) -> LearnedPrior:
    """`base` as a network for `operators`: what it knows of them it keeps, others begin at neutral.

    Its body is frozen, its head is not. Its guesses are not weakened in doubt until `doubt` is set; it
    keeps the guard.
    """
    body = copy.deepcopy(base.backbone).requires_grad_(False)
    network = LearnedPrior(operators, side=base.prepare.side, backbone=body, hidden=base.hidden)
    network.guard = copy.deepcopy(base.guard)
    network.head.trunk = copy.deepcopy(base.head.trunk).requires_grad_(True)
    known, wanted = base.chain.names, network.chain.names
    with torch.no_grad():
        for row, name in enumerate(wanted):
            if name in known:
                source = known.index(name)
                for half, first in ((row, source), (len(wanted) + row, len(known) + source)):
                    network.head.out.weight[half] = base.head.out.weight[first]
                    network.head.out.bias[half] = base.head.out.bias[first]
    return network


def sure(units: Tensor, noise: Tensor) -> Tensor:
    """Units `(B, P)` weakened where they are not larger than their `noise` `(B, P)`: Wiener's filter."""
    power = units.square()
    return units * power / (power + noise.square()).clamp(min=_TINY)


def placed(units: Tensor, spread: Tensor, known: EditChain, chain: EditChain) -> tuple[Tensor, Tensor]:
    """A guess `(B, P)` for the sliders `known` as one for those of `chain`; others are guessed neutral."""
    mine = {name: index for index, name in enumerate(known.names)}
    start = units.new_zeros(len(units), len(chain))
    width = torch.full_like(start, UNKNOWN_SPREAD)
    for index, name in enumerate(chain.names):
        if name in mine:
            start[:, index], width[:, index] = units[:, mine[name]], spread[:, mine[name]]
    return start, width


def _layer(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs), nn.ReLU(), nn.BatchNorm1d(outputs)]


def load_prior(path_or_name: str | Path) -> LearnedPrior:
    """The edit prior of a file or bundled name.

    Args:
        path_or_name: "edit-prior", or a weight file of this package.

    Returns:
        The prior: verified by its checksum, float32, in evaluation mode, on the CPU. Its `guess` gives units
        and spreads of sliders for a small copy of a photo.

    Raises:
        WeightsError: No such file or name, a damaged file, or one for another kind of network.

    Examples:
        >>> from retouch_aes import load_prior
        >>> load_prior("edit-prior").chain.names[:2]
        ('dehaze.strength', 'white_balance.temperature')
    """
    return load_network(find_weights(path_or_name), {LearnedPrior.short_name: LearnedPrior})


def colour_statistics(image: Tensor) -> Tensor:
    """Eleven quantiles each of luma, R, G, B, chroma and dark channel: `(B, 3, H, W)` -> `(B, 66)`."""
    with torch.no_grad():
        small = proxy(image.float(), _SMALL)
        grey = luma(small)
        chroma = (small - grey).square().sum(dim=1, keepdim=True).sqrt()
        planes = torch.cat([grey, small, 2 * chroma, dark_channel(small, 2)], dim=1).flatten(2)
        levels = torch.quantile(planes, planes.new_tensor(_LEVELS), dim=2)
        return 4 * (levels.permute(1, 2, 0).flatten(1) - 0.4)


def colour_histogram(image: Tensor) -> Tensor:
    """Shares of pixels in an 8 x 8 x 8 grid over the sRGB cube: `(B, 3, H, W)` -> square roots `(B, 512)`.

    Each pixel is shared among its eight grid points by trilinear weights, so that a small change of colour
    is a small change of the histogram.
    """
    with torch.no_grad():
        place = proxy(image.float(), _SMALL).flatten(2).clamp(0, 1) * (_BINS - 1)
        below = place.floor().clamp(max=_BINS - 2)
        part, below = place - below, below.long()
        counts = place.new_zeros(len(place), _BINS**3)
        for corner in product((0, 1), repeat=3):
            at = torch.tensor(corner, device=place.device)[:, None]
            weight = torch.where(at == 1, part, 1 - part).prod(dim=1)
            red, green, blue = (below + at).unbind(dim=1)
            counts.scatter_add_(1, (red * _BINS + green) * _BINS + blue, weight)
        return (counts / place.shape[2]).sqrt()
