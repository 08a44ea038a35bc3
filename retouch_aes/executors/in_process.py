"""No other process: jobs are done one after the other, here."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from retouch_aes.errors import UsageError
from retouch_aes.executors.executor import Executor, JobResult, error_line


@dataclass(frozen=True)
class InProcess(Executor):
    """Does jobs in this process, with `threads` PyTorch threads (None: as many as it has).

    One thread gives, bit for bit, what workers of `LocalExecutor` and Ray give, which have one each: sums in
    several threads round otherwise.

    Examples:
        >>> from retouch_aes.executors import InProcess
        >>> [result.value for result in InProcess().map(abs, [-2, 1])]
        [2, 1]
    """

    threads: int | None = None

    def __post_init__(self) -> None:
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"expected threads of 1 or more, got {self.threads}")

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`."""
        for job in jobs:
            with _torch_threads(self.threads):
                try:
                    result = JobResult(job, function(job))
                except Exception as error:
                    result = JobResult(job, error=error_line(error), cause=error)
            yield result


@contextmanager
def _torch_threads(threads: int | None) -> Iterator[None]:
    if threads is None:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
