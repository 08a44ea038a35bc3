"""How far work is, in lines, where no terminal shows a bar: a log of a night's run tells it, too."""

import time
from collections.abc import Callable

EVERY = 30.0
"""Seconds between two lines; what is done sooner says nothing."""


class SpokenProgress:
    """A `Progress` that passes a line to `say` every `EVERY` seconds: what is done, how fast, what is left.

    The rate is that since the last line, so that what was done in an earlier run does not count.
    """

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._stage, self._since, self._before = "", clock(), 0

    def __call__(self, stage: str, done: int, of: int, /) -> None:
        """See `Progress`."""
        now = self._clock()
        if stage != self._stage or done < self._before:  # another, or the same once more
            self._stage, self._since, self._before = stage, now, done - 1
        taken = now - self._since
        if taken < EVERY or done >= of:
            return
        rate = (done - self._before) / taken
        left = f", {_time((of - done) / rate)} left" if rate > 0 else ""
        self._say(f"{stage}: {done:,} of {of:,}, {60 * rate:.1f} a minute{left}")
        self._since, self._before = now, done


def _time(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
