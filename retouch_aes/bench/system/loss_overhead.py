"""`bench loss-overhead`: what `AestheticLoss` adds to a step beyond the model's own forward and backward.

Both ways score the same images, looking once, and take the gradient to them, the model frozen. They take
turns, so that what else the machine does meets both; the overhead is the median over turns of the difference.
Other losses may take turns with them: scores, and LPIPS to another image.
"""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Generator, Tensor, nn

from retouch_aes.bench.common.report import Report
from retouch_aes.bench.common.table import ReportTable, number
from retouch_aes.errors import UsageError
from retouch_aes.losses import LPIPS, AestheticLoss, looking_once


@dataclass(frozen=True)
class LossOverhead(Report):
    """Median milliseconds a step: the model alone, with the loss, and the difference, with its quartiles.

    `beside` has those of the other losses.
    """

    name: ClassVar[str] = "loss-overhead"

    device: str
    batch: int
    side: int
    turns: int
    model: float
    loss: float
    overhead: float
    low: float
    high: float
    beside: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**super().to_json(), "unit": "ms"}

    def tables(self) -> list[ReportTable]:
        """See `Report.tables`."""
        cells = [number(self.model), number(self.loss), number(self.overhead, 3)]
        spread = f"{number(self.low, 3)} to {number(self.high, 3)}"
        others = [[name, number(value), "", "", ""] for name, value in self.beside.items()]
        return [
            ReportTable(
                f"A step of {self.batch} images of {self.side} px, ms",
                ["", "model alone", "with AestheticLoss", "overhead", "quartiles"],
                [[self.device, *cells, spread], *others],
                f"Forward and backward to the images; medians of {self.turns} turns.",
            )
        ]


def loss_overhead(
    model: nn.Module,
    device: torch.device,
    *,
    batch: int = 8,
    side: int = 224,
    turns: int = 30,
    beside: Mapping[str, nn.Module] | None = None,
    lpips: LPIPS | None = None,
) -> LossOverhead:
    """Measure `model` on `device`, with random images `(batch, 3, side, side)`.

    `beside` are other scores, by name; `lpips` compares the images with others of their size.
    """
    if min(batch, side, turns) < 1:
        raise UsageError(f"expected a batch, a side and turns of 1 or more, got {batch}, {side}, {turns}")
    frozen = copy.deepcopy(looking_once(model)).requires_grad_(False).eval().to(device)
    loss = AestheticLoss(model).to(device)
    image = torch.rand(batch, 3, side, side, generator=Generator().manual_seed(0)).to(device)

    others = {name: AestheticLoss(one).to(device) for name, one in (beside or {}).items()}
    ways: dict[str, Callable[[Tensor], Tensor]] = {"alone": lambda seen: frozen(seen).sum(), "loss": loss}
    ways |= others
    if lpips is not None:
        distance, reference = lpips.to(device), image.flip(0, -1)
        ways["LPIPS"] = lambda seen: distance(seen, reference).mean()
    taken = np.array([[_step(way, image) for way in ways.values()] for _ in range(turns + 2)])[2:] * 1000
    low, middle, high = np.quantile(taken[:, 1] - taken[:, 0], (0.25, 0.5, 0.75)).tolist()
    plain, with_loss, *more = np.median(taken, axis=0).tolist()
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"CPU, {torch.get_num_threads()} thread(s)"
    )
    return LossOverhead(
        name,
        batch,
        side,
        turns,
        plain,
        with_loss,
        middle,
        low,
        high,
        dict(zip(list(ways)[2:], more, strict=True)),
    )


def _step(way: Callable[[Tensor], Tensor], image: Tensor) -> float:
    seen = image.clone().requires_grad_(True)
    _wait(image)
    began = time.perf_counter()
    way(seen).backward()  # type: ignore[no-untyped-call]
    _wait(image)
    return time.perf_counter() - began


def _wait(image: Tensor) -> None:
    if image.is_cuda:
        torch.cuda.synchronize(image.device)
