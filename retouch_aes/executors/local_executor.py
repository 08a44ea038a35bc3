"""Processes of this machine, one job each at a time; a worker that hangs or dies is replaced.

Workers are fresh interpreters, not forks: PyTorch's threads do not survive a fork. A worker whose parent is
gone, by kill -9 or a crash, ends by itself within a second. A job whose worker died is tried once more, at
the end and alone: the system may have ended the worker because others had taken the memory.
"""

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from retouch_aes.deferred_imports import KORNIA, defer_imports
from retouch_aes.errors import UsageError
from retouch_aes.executors.executor import Executor, JobResult, error_line, portable
from retouch_aes.executors.retries import Attempt, Queue
from retouch_aes.leaving import leave

_PATIENCE = 5.0  # seconds a worker has to clean up when it is told to end
_CONTEXT = get_context("spawn")


@dataclass(frozen=True)
class LocalExecutor(Executor):
    """`workers` processes with `threads` PyTorch threads each; a job may take `time_limit` seconds.

    The limit counts from the moment a worker takes the job; its own start does not count.
    """

    workers: int = 1
    threads: int = 1
    time_limit: float | None = None

    def __post_init__(self) -> None:
        if self.workers < 1 or self.threads < 1:
            raise UsageError(f"expected workers and threads of 1 or more, got {self.workers}, {self.threads}")

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`. A job that took too long is not tried again."""
        crew = _Crew(self, stays=False)
        try:
            yield from crew.map(function, jobs)
        finally:
            crew.end()

    @contextmanager
    def standing(self) -> Iterator[Executor]:
        """An executor whose workers stay between one `map` and the next, all with the same function."""
        crew = _Crew(self, stays=True)
        try:
            yield crew
        finally:
            crew.end()


class _Crew(Executor):
    """The workers of an executor; without `stays`, one for whom there is no job ends."""

    def __init__(self, size: LocalExecutor, *, stays: bool) -> None:
        self._size, self._stays = size, stays
        self._workers: list[_Worker] = []

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`. A job that took too long is not tried again."""
        queue = Queue(jobs, getattr(function, "again", None), retries=0)
        packed = pickle.dumps(function)  # unpacked there, when it is known what need not be imported
        while True:
            for worker in self._workers:
                if worker.idle and not worker.ended and not self._taken(worker, queue) and not self._stays:
                    worker.end()
                    worker.join()
            self._workers = [worker for worker in self._workers if not worker.ended]
            while len(self._workers) < self._size.workers:
                fresh = _Worker(packed, self._size.threads)
                if not self._taken(fresh, queue):
                    break
                fresh.start()
                self._workers.append(fresh)
            busy = [worker for worker in self._workers if not worker.idle]
            if not busy:
                return
            for worker in busy:
                yield from worker.listen(self._size.time_limit, queue)
            if not any(worker.idle or worker.ended for worker in busy):
                wait([worker.pipe for worker in busy], timeout=0.5)

    def _taken(self, worker: "_Worker", queue: Queue) -> bool:
        """Whether there is a job for `worker`."""
        attempt = queue.next(alone=all(one.idle or one.ended for one in self._workers))
        if attempt is not None:
            worker.take(attempt)
        return attempt is not None

    def end(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.join()
        self._workers = []


class _Worker:
    """One process, the job it has, and since when."""

    def __init__(self, packed: bytes, threads: int) -> None:
        self.pipe, self._far = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(self._far, packed, threads), daemon=True)
        self._attempt = Attempt(None, None)
        self._since: float | None = None
        self.idle, self.ended = True, False

    def start(self) -> None:
        with _ctrl_c_ignored():
            self._process.start()
        self._far.close()
        self._send()

    def take(self, attempt: Attempt) -> None:
        """Take a job."""
        self._attempt, self.idle, self._since = attempt, False, None
        if self._process.pid is not None:
            self._send()

    def _send(self) -> None:
        with suppress(OSError):  # where the process is gone, `listen` will say so
            self.pipe.send(self._attempt.sent)

    def listen(self, time_limit: float | None, queue: Queue) -> Iterator[JobResult]:
        """The result of the job, where there is one by now; a lost one goes back into the `queue` once."""
        job = self._attempt.job
        if self.ended or self.idle:
            return
        try:
            while self.pipe.poll():
                kind, value = self.pipe.recv()
                if kind == "begun":
                    self._since = time.monotonic()
                    continue
                self.idle = True
                if kind == "done":
                    yield JobResult(job, value)
                else:
                    yield JobResult(job, error=value[0], cause=value[1])
                return
        except (EOFError, OSError):
            self.end()
            self.join()
            code = self._process.exitcode
            if not queue.tries_again(self._attempt, own=True):
                reason = (
                    f"its worker process ended (exit code {code}), and did so again with nothing beside it"
                )
                yield JobResult(job, error=reason, lost=True)
            return
        if time_limit is not None and self._since is not None:
            taken = time.monotonic() - self._since
            if taken > time_limit:
                self.end()
                self.join()
                reason = f"it took longer than the limit of {time_limit:g} s, and was stopped"
                yield JobResult(job, error=reason, lost=True)

    def end(self) -> None:
        """Ask the process to end: it removes its temporary files."""
        self.ended = True
        self._process.terminate()

    def join(self) -> None:
        """Wait until it has ended, and end it where it does not."""
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.pipe.close()


def _work(pipe: Connection, packed: bytes, threads: int) -> None:
    """The life of a worker process. Like the command it ends at once: Python takes PyTorch down slowly."""
    with suppress(SystemExit):
        _serve(pipe, packed, threads)
    leave()


def _serve(pipe: Connection, packed: bytes, threads: int) -> None:
    """Do jobs until there are no more."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # where that is not inherited: the parent hears Ctrl-C, and ends us
    threading.Thread(target=_follow, daemon=True).start()
    defer_imports(KORNIA)
    function: Callable[[Any], Any] = pickle.loads(packed)
    import torch

    torch.set_num_threads(threads)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(("begun", None))
            answer: tuple[str, Any] = ("done", function(job))
        except Exception as error:
            answer = ("failed", (error_line(error), portable(error)))
        try:
            pipe.send(answer)
        except OSError:
            return


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Processes begun here never hear Ctrl-C, from their first moment on: their parent ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _follow() -> None:
    """End with the parent. Its sentinel says so on every system; a parent's number stays on Windows."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)
