"""The jobs of a batch on a Ray cluster: the same function, the same results, more machines.

Every machine must see the photos and the output folder under the same paths (a network share), and have this
package installed. A job whose worker or machine was lost is tried again (`retries.py` says how often), by us
and not by Ray: Ray would send the same words once more and count the death of a machine as the job's own.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from retouch_aes.errors import MissingExtraError, RetouchError
from retouch_aes.executors.executor import Executor, JobResult, error_line
from retouch_aes.executors.retries import Attempt, Queue

_SLICE = 0.5  # seconds between looks at the clock


@dataclass(frozen=True)
class RayExecutor(Executor):
    """Tasks of one CPU each on the cluster at `address`, `workers` at a time (None: this machine; all CPUs).

    `time_limit` seconds count from the moment a worker begins the job: on a busy machine a worker may take
    longer to start than a photo takes.
    """

    address: str | None = None
    workers: int | None = None
    time_limit: float | None = None

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`."""
        ray = _connected(self.address)
        task = ray.remote(num_cpus=1, max_retries=0)(_run)
        clock = _clock(ray)
        shared = ray.put(function)
        queue = Queue(jobs, getattr(function, "again", None))
        places = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        numbers = count()
        running: dict[Any, tuple[Attempt, int]] = {}
        try:
            while True:
                while len(running) < places and (attempt := queue.next(alone=not running)):
                    number = next(numbers)
                    running[task.remote(shared, attempt.sent, clock, number)] = (attempt, number)
                if not running:
                    return
                ready, _ = ray.wait(list(running), timeout=_SLICE)
                for reference in ready:
                    attempt, _ = running.pop(reference)
                    if (result := _result(ray, reference, attempt, queue)) is not None:
                        yield result
                ages = ray.get(clock.ages.remote()) if self.time_limit is not None else {}
                for reference, (attempt, number) in list(running.items()):
                    if self.time_limit is not None and ages.get(number, 0.0) > self.time_limit:
                        ray.cancel(reference, force=True)
                        del running[reference]
                        reason = f"it took longer than the limit of {self.time_limit:g} s, and was stopped"
                        yield JobResult(attempt.job, error=reason, lost=True)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)


def _result(ray: Any, reference: Any, attempt: Attempt, queue: Queue) -> JobResult | None:
    """What became of the job; None where it is tried again."""
    told = ray.exceptions
    try:
        return JobResult(attempt.job, ray.get(reference))
    except told.RayTaskError as error:
        if not isinstance(error.cause, told.RayError):
            cause = error.cause if isinstance(error.cause, Exception) else None
            return JobResult(attempt.job, error=error_line(cause or error), cause=cause)
        reason, own = error.cause, False  # of the cluster, met by the job
    except told.RayError as error:
        reason, own = error, isinstance(error, told.WorkerCrashedError | told.OutOfMemoryError)
    if queue.tries_again(attempt, own=own):
        return None
    text = f"its worker was lost {attempt.losses} times ({error_line(reason).split('. ')[0]})"
    return JobResult(attempt.job, error=text, lost=True)


class _Clock:
    """How long each job has been worked on; a second attempt begins anew."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}

    def begin(self, number: int) -> None:
        self._began[number] = time.monotonic()

    def ages(self) -> dict[int, float]:
        now = time.monotonic()
        return {number: now - began for number, began in self._began.items()}


def _clock(ray: Any) -> Any:
    """A clock on the machine of the caller: others may go."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(_Clock).remote()


def _run(function: Callable[[Any], Any], job: Any, clock: Any, number: int) -> Any:
    import ray
    import torch

    torch.set_num_threads(1)
    ray.get(clock.begin.remote(number))
    return function(job)


def _connected(address: str | None) -> Any:
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("--engine ray", "ray") from error
    if not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing here reports to anyone unasked
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False, include_dashboard=False)
        except (ConnectionError, ValueError) as error:
            where = address or "this machine"
            raise RetouchError(f"no Ray cluster at {where}: {error_line(error)}") from error
    return ray
