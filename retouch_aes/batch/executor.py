"""The contract of an executor: a function on many jobs, somewhere; a bad job is a result with a reason."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JobResult:
    """What became of a job: `value`, or `error` in one line. `lost` says that its worker ended with it."""

    job: Any
    value: Any = None
    error: str = ""
    lost: bool = False


class Executor(ABC):
    """Runs jobs on several workers."""

    @abstractmethod
    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[JobResult]:
        """`function` on every job, results as they come, in any order; never raises for a job.

        `function` and jobs can be pickled. `function` is sent to each worker once, so that it may keep what
        it has loaded. Closing the iterator ends the workers. An executor that tries a job again whose worker
        was lost sends `function.again(job)` where there is such a method: the first attempt may have left its
        result behind.
        """


def error_line(error: BaseException) -> str:
    """An exception as one line."""
    text = " ".join(str(error).split())
    return text or type(error).__name__
