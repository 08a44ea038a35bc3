"""After Distort-and-Recover (Park et al., CVPR 2018): an agent that moves our sliders, one step at a time.

State: the photo as edited so far (32 x 32 px) and its Lab histogram. Action: one parameter of our operators a
tenth of its range up or down. The agent estimates for every action the sum of rewards to come,

    Q(s, a) = r(s, a) + g max(0, max_b Q(s', b)),   r = what the step brings nearer to the target, g = 0.9

and takes the best while it promises a gain, twelve steps at most. The distance is the mean CIE76 Delta E over
ten; with a taste, what the step wins there is added. Trained by distorting good photos and recovering them.
The paper's agent applies fixed factors with a VGG16 and learns from one action at a time; here every action
of a state is tried, because trying costs a few milliseconds, and the outcome is an ordinary recipe.
In and out: sRGB [0, 1].
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.color.lab import srgb_to_lab
from retouch_aes.enhancers.enhancer import MeasuredEnhancer
from retouch_aes.enhancers.measured import MeasuredFullSize
from retouch_aes.operators import EditChain, Recipe, Stats, select

OPERATORS = ("white_balance", "exposure", "contrast", "saturation")
SEEN, BINS, HIDDEN = 32, 6, 128
STEP, STEPS, DISCOUNT = 0.1, 12, 0.9
JUDGED = 64
Judge = Callable[[Tensor], Tensor]


class DistortRecover(MeasuredEnhancer):
    """About 0.1 million weights; `recipes` tells what it did. See the module."""

    short_name: ClassVar[str] = "distort-recover"
    doc: ClassVar[str] = "colour: an agent that moves our sliders step by step"
    full_size = MeasuredFullSize(384)
    differentiable: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.chain = EditChain(select(OPERATORS))
        count = len(self.chain)
        moves = torch.cat([torch.eye(count), -torch.eye(count)]) * STEP
        self.register_buffer("moves", moves, persistent=False)
        pairs = ((3, 16), (16, 32), (32, 64))
        self.eye = nn.ModuleList(nn.Conv2d(n, m, 3, stride=2, padding=1) for n, m in pairs)
        seen = 64 + BINS**3 + count
        self.value = nn.Sequential(nn.Linear(seen, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * count))
        last: nn.Linear = self.value[-1]  # type: ignore[assignment]
        nn.init.normal_(last.weight, std=0.01)
        nn.init.constant_(last.bias, -0.01)  # at first: leave the photo alone

    def values(self, edited: Tensor, units: Tensor) -> Tensor:
        """What every action promises, `(B, 2 P)`, after the edit `units` `(B, P)` has made `edited`."""
        x = edited * 2 - 1
        for layer in self.eye:
            x = F.relu(layer(x))
        return self.value(torch.cat([x.mean((2, 3)), lab_histogram(edited), units], dim=1))  # type: ignore[no-any-return]

    def _edited(self, image: Tensor, units: Tensor) -> Tensor:
        return self.chain.apply(image, self.chain.from_units(units))

    def _moved(self, units: Tensor, action: Tensor) -> Tensor:
        moves: Tensor = self.moves  # type: ignore[assignment]
        return (units + moves[action]).clamp(-1, 1)

    def measure(self, image: Tensor) -> Stats:
        """The units at which the agent stops, `(B, P)`; see `MeasuredEnhancer.measure`."""
        with torch.no_grad():
            small = _seen(image)
            units = small.new_zeros(len(small), len(self.chain))
            going = torch.ones(len(small), dtype=torch.bool, device=small.device)
            for _ in range(STEPS):
                promise, action = self.values(self._edited(small, units), units).max(dim=1)
                going = going & (promise > 0)
                if not going.any():
                    break
                units = torch.where(going[:, None], self._moved(units, action), units)
        return Stats({"units": units})

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        """See `MeasuredEnhancer.edit`."""
        return self._edited(image, stats.values["units"])

    def recipes(self, image: Tensor) -> list[Recipe]:
        """What the agent does to each of `image` `(B, 3, H, W)`, as recipes."""
        params = self.chain.from_units(self.measure(image).values["units"])
        return [Recipe.of(self.chain, row).effective() for row in params.cpu()]

    def learn(
        self, image: Tensor, target: Tensor, judge: Judge | None = None
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """See `Enhancer.learn`. `judge` gives `(B,)`, less is better; its fall counts as reward."""
        small, goal = _seen(image), _seen(target)
        units = small.new_zeros(len(small), len(self.chain))
        losses = []
        for step in range(3):
            promise = self.values(self._edited(small, units), units)
            with torch.no_grad():
                truth = self._truth(small, goal, units)
                if judge is not None:
                    truth = truth + self._judged(image, units, judge)
                best = promise.argmax(dim=1)
                random = torch.randint(truth.shape[1], best.shape, device=best.device)
                action = torch.where(torch.rand(best.shape, device=best.device) < 0.5, random, best)
                for _ in range(1 + step):
                    units = self._moved(units, action)
            losses.append(F.smooth_l1_loss(promise, truth))
        return self(image), {"values": torch.stack(losses).mean()}

    def _judged(self, image: Tensor, units: Tensor, judge: Judge) -> Tensor:
        """What every action wins with `judge`, `(B, 2 P)`, on photos of 64 px."""
        size = (JUDGED, JUDGED)
        seen = F.interpolate(image, size=size, mode="bilinear", antialias=True).clamp(0, 1)
        count = 2 * len(self.chain)
        after = self._moved(units.repeat_interleave(count, 0), torch.arange(count).repeat(len(seen)))
        edited = self._edited(seen.repeat_interleave(count, 0), after)
        return judge(self._edited(seen, units))[:, None] - judge(edited).view(len(seen), count)

    def _truth(self, small: Tensor, goal: Tensor, units: Tensor) -> Tensor:
        """The target of `values`, `(B, 2 P)`: every action tried."""
        batch, count = len(small), 2 * len(self.chain)
        after = self._moved(units.repeat_interleave(count, 0), torch.arange(count).repeat(batch))
        edited = self._edited(small.repeat_interleave(count, 0), after)
        now = self._edited(small, units)
        goals = goal.repeat_interleave(count, 0)
        gain = _distance(now, goal)[:, None] - _distance(edited, goals).view(batch, count)
        stuck = (after == units.repeat_interleave(count, 0)).all(dim=1).view(batch, count)
        later = self.values(edited, after).amax(dim=1).clamp(min=0).view(batch, count)
        return torch.where(stuck, -STEP, gain + DISCOUNT * later)


def lab_histogram(image: Tensor) -> Tensor:
    """Shares of the cells of a 6 x 6 x 6 Lab histogram of `(B, 3, H, W)`, roots taken: `(B, 216)`."""
    with torch.no_grad():
        lab = srgb_to_lab(image.clamp(0, 1))
        low, high = (lab.new_tensor(ends)[:, None, None] for ends in ((0, -60, -60), (100, 60, 60)))
        cell = ((lab - low) / (high - low) * BINS).floor().clamp(0, BINS - 1).long()
        index = (cell[:, 0] * BINS + cell[:, 1]) * BINS + cell[:, 2]
        counts = lab.new_zeros(len(image), BINS**3)
        counts.scatter_add_(1, index.flatten(1), torch.ones_like(index.flatten(1), dtype=lab.dtype))
        return (counts / index[0].numel()).sqrt()


def _seen(image: Tensor) -> Tensor:
    return F.interpolate(image, size=(SEEN, SEEN), mode="bilinear", antialias=True).clamp(0, 1).detach()


def _distance(image: Tensor, goal: Tensor) -> Tensor:
    difference = (srgb_to_lab(image) - srgb_to_lab(goal)).square().sum(dim=1)
    return (difference + 1e-6).sqrt().mean((1, 2)) / 10
