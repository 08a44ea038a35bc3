"""The contract of an executor: a function on many jobs, somewhere; a bad job is a result with a reason."""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from retouch_aes.errors import RetouchError


@dataclass(frozen=True)
class JobResult:
    """What became of a job: `value`, or `error` in one line. `lost` says that its worker ended with it.

    `cause` is what the job raised, where that could travel.
    """

    job: Any
    value: Any = None
    error: str = ""
    lost: bool = False
    cause: BaseException | None = None

    def got(self) -> Any:
        """`value`; raises what the job raised, or `RetouchError` where that is not known."""
        if self.cause is not None:
            raise self.cause
        if self.error:
            raise RetouchError(self.error)
        return self.value


class Executor(ABC):
    """Runs jobs on several workers."""

    @abstractmethod
    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """`function` on every job, results as they come, in any order; never raises for a job.

        `function` and jobs can be pickled. `function` is sent to each worker once, so that it may keep what
        it has loaded. Closing the iterator ends the workers. An executor that tries a job again whose worker
        was lost sends `function.again(job)` where there is such a method: the first attempt may have left its
        result behind.
        """


def in_order(
    executor: Executor, function: Callable[[Any], Any], jobs: Iterable[Any]
) -> Generator[JobResult, None, None]:
    """`function` on every job, results in the order of `jobs`.

    Args:
        executor: Where it is done.
        function: Can be pickled.
        jobs: Can be pickled; they are taken as workers become free.

    Returns:
        One result a job, each as soon as those before it are there. Closing it ends the workers.

    Examples:
        >>> from retouch_aes.executors import InProcess, in_order
        >>> [result.value for result in in_order(InProcess(), abs, [-2, 1])]
        [2, 1]
    """
    early: dict[int, JobResult] = {}
    following = 0
    with closing(executor.map(_Numbered(function), enumerate(jobs))) as results:
        for result in results:
            number, job = result.job
            early[number] = replace(result, job=job)
            while following in early:
                yield early.pop(following)
                following += 1


def error_line(error: BaseException) -> str:
    """An exception as one line; one of the system as the file and what is wrong, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = " ".join(str(error).split())
    return text or type(error).__name__


def portable(error: Exception) -> Exception | None:
    """`error` where it can be sent to another process and arrives as it is; else None."""
    try:
        arrived = pickle.loads(pickle.dumps(error))
    except Exception:
        return None
    return error if type(arrived) is type(error) and str(arrived) == str(error) else None


@dataclass(frozen=True)
class _Numbered:
    """`function` on jobs that carry their number."""

    function: Callable[[Any], Any]

    def __call__(self, numbered: tuple[int, Any]) -> Any:
        return self.function(numbered[1])

    def again(self, numbered: tuple[int, Any]) -> tuple[int, Any]:
        number, job = numbered
        again = getattr(self.function, "again", None)
        return number, job if again is None else again(job)
