"""The jobs of a batch on a Ray cluster: the same function, the same results, more machines.

Every machine must see the photos and the output folder under the same paths (a network share), and have this
package installed. A job whose worker was killed is tried again, `RETRIES` times.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from retouch_aes.batch.executor import Executor, Result, told
from retouch_aes.errors import MissingExtraError, RetouchError

RETRIES = 2
_SLICE = 0.5  # seconds between looks at the clock


@dataclass(frozen=True)
class OnRay(Executor):
    """Tasks of one CPU each on the cluster at `address`, `workers` at a time (None: this machine; all CPUs).

    `time_limit` seconds count from the moment the job is handed to Ray with a free place for it.
    """

    address: str | None = None
    workers: int | None = None
    time_limit: float | None = None

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[Result]:
        """See `Executor.map`."""
        ray = _connected(self.address)
        task = ray.remote(num_cpus=1, max_retries=RETRIES)(_run)
        shared = ray.put(function)
        waiting = iter(jobs)
        places = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        running: dict[Any, tuple[Any, float]] = {}
        try:
            while True:
                for job in islice(waiting, places - len(running)):
                    running[task.remote(shared, job)] = (job, time.monotonic())
                if not running:
                    return
                ready, _ = ray.wait(list(running), timeout=_SLICE)
                for reference in ready:
                    job, _since = running.pop(reference)
                    yield _result(ray, reference, job)
                for reference, (job, since) in list(running.items()):
                    if self.time_limit is not None and time.monotonic() - since > self.time_limit:
                        ray.cancel(reference, force=True)
                        del running[reference]
                        reason = f"it took longer than the limit of {self.time_limit:g} s, and was stopped"
                        yield Result(job, error=reason, lost=True)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)


def _result(ray: Any, reference: Any, job: Any) -> Result:
    try:
        return Result(job, ray.get(reference))
    except ray.exceptions.RayTaskError as error:
        return Result(job, error=told(error.cause or error))
    except ray.exceptions.RayError as error:
        reason = told(error).split(". ")[0]
        return Result(job, error=f"its worker was lost {RETRIES + 1} times ({reason})", lost=True)


def _run(function: Callable[[Any], Any], job: Any) -> Any:
    import torch

    torch.set_num_threads(1)
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
            raise RetouchError(f"no Ray cluster at {where}: {told(error)}") from error
    return ray
