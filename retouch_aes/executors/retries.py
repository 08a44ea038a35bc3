"""Which job comes next where workers and machines can be lost, and when a job is given up.

A job whose worker dies may be innocent: its machine went, or a neighbour took the memory. So it is tried
again, on a cluster `RETRIES` times among the others; then it is put off to the end, where it has the workers
to itself as far as this run is concerned. Only what loses its worker there is given up; a machine that goes
even then is forgiven `MACHINES` times.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

RETRIES = 2
MACHINES = 2


@dataclass
class Attempt:
    """One job, what is sent of it, and how often what it ran on was lost."""

    job: Any
    sent: Any
    losses: int = 0
    alone: bool = False
    machines_alone: int = 0


class Queue:
    """The jobs in the order in which they are tried; `again(job)` is what is sent after the first time.

    A lost job is tried `retries` times among the others before it is put off.
    """

    def __init__(
        self, jobs: Iterable[Any], again: Callable[[Any], Any] | None = None, *, retries: int = RETRIES
    ) -> None:
        self._jobs, self._again, self._retries = iter(jobs), again, retries
        self._lost: deque[Attempt] = deque()
        self._suspects: deque[Attempt] = deque()

    def next(self, *, alone: bool) -> Attempt | None:
        """The next attempt; None where there is none for now. `alone` says that no other is at work."""
        if self._lost:
            return self._lost.popleft()
        for job in self._jobs:
            return Attempt(job, job)
        return self._suspects.popleft() if self._suspects and alone else None

    def tries_again(self, attempt: Attempt, *, own: bool) -> bool:
        """Put the job of a lost worker back; False where it is given up.

        Args:
            attempt: The one that was lost.
            own: Whether its worker alone was lost, and not the whole machine.
        """
        attempt.losses += 1
        attempt.sent = self._again(attempt.job) if self._again else attempt.job
        if not attempt.alone and attempt.losses <= self._retries:
            self._lost.append(attempt)
            return True
        if attempt.alone:
            attempt.machines_alone += not own
            if own or attempt.machines_alone > MACHINES:
                return False
        attempt.alone = True
        self._suspects.append(attempt)
        return True
