"""Progress of a training: a line now and then with mean losses and the time left."""

import time
from collections.abc import Mapping

from retouch_aes.cli import show

_EVERY = 10.0  # seconds


class ProgressPrinter:
    """A progress callback for `optim.training_loop.train`; speaks every few seconds, on stderr."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = self._spoken = 0.0
        self._first = self._count = 0
        self._sums: dict[str, float] = {}

    def __call__(self, stage: str, step: int, steps: int, losses: Mapping[str, float]) -> None:
        """Take one step's losses."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun, self._spoken, self._first = stage, now, now, step - 1
            self._sums, self._count = {}, 0
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        if now - self._spoken < _EVERY and step < steps:
            return
        pace = (now - self._begun) / max(1, step - self._first)
        means = "  ".join(f"{name} {total / self._count:.3f}" for name, total in self._sums.items())
        left = pace * (steps - step) / 60
        show.line(f"{stage} {step}/{steps}  {means}  {pace:.2f} s a step, {left:.0f} min left", err=True)
        self._spoken, self._sums, self._count = now, {}, 0
