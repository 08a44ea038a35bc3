"""`batch --watch`: a folder that photos come into, tethered or synced."""

import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retouch_aes.cli import show
from retouch_aes.cli.batch_progress import BatchProgress
from retouch_aes.cli.result_names import ResultNames
from retouch_aes.cli.run_jobs import Record
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.executors import Executor, JobResult

if TYPE_CHECKING:
    from retouch_aes.batch import BatchItem, BatchRun
    from retouch_aes.cli.output_paths import FoundPhoto

INTERVAL = 1.0
"""Seconds between two looks at the folder."""


def check(engine: str, group: float | None, lut: Path | None, names: ResultNames) -> None:
    """`UsageError` where an option needs to know all photos beforehand."""
    if engine != "local":
        raise UsageError(f"--watch works on this machine alone; leave --engine {engine} out")
    if group is not None:
        raise UsageError("--watch and --group: nobody knows when a group is complete; leave one out")
    if lut is not None and lut.suffix.lower() == ".cube":
        raise UsageError(f"--watch: several photos may come, and {lut} is one file; name a folder for --lut")
    if names.template is not None and "n" in names.template.fields:
        raise UsageError("--watch and {n} in --name: numbers change as photos come; use {stem}")


def rounds(
    photos: "Callable[[], Sequence[FoundPhoto]]",
    plan: "Callable[[Sequence[FoundPhoto]], Sequence[BatchItem]]",
) -> "Iterator[list[BatchItem]]":
    """What can be done now, again and again, without an end. What cannot be planned is told and waited for.

    A photo comes again where it has changed, or where another one has taken the name of its result.
    """
    from retouch_aes.batch.arrivals import Arrivals

    arrivals = Arrivals()
    known: Sequence[FoundPhoto] = []
    items: Sequence[BatchItem] = []
    placed: dict[Path, Path] = {}
    trouble = ""
    while True:
        try:
            there = photos()
            if there != known:
                items, known = plan(there), there
            trouble = ""
        except (RetouchError, OSError) as error:
            if str(error) != trouble:
                trouble = str(error)
                show.line(f"waiting: {show.readable(trouble)}", err=True)
            time.sleep(INTERVAL)
            continue
        whole = set(arrivals.whole(item.photo for item in items))
        new = [
            item
            for item in items
            if item.photo in whole or placed.get(item.photo, item.output) != item.output
        ]
        placed |= {item.photo: item.output for item in new}
        if new:
            yield new
        else:
            time.sleep(INTERVAL)


def run(
    night: "BatchRun",
    coming: "Iterable[Sequence[BatchItem]]",
    telling: BatchProgress,
    prepare: "Callable[[Sequence[BatchItem]], None]",
    edits: Callable[[Record], Record],
) -> list[Record]:
    """Do what comes until Ctrl-C; the last record of each photo. The workers stay from one to the next."""
    from retouch_aes.batch import LocalExecutor

    records: dict[str, Record] = {}
    if not isinstance(night.executor, LocalExecutor):
        raise UsageError("--watch works on this machine alone")
    show.line("watching; Ctrl-C ends", err=True)
    ending = _Ending()
    with suppress(KeyboardInterrupt), ending.heard(), night.executor.standing() as crew:
        day = replace(night, executor=ending.over(crew))
        for items in coming:
            try:
                prepare(items)
                made: Iterator[Record] = day.run([[item] for item in items])
            except RetouchError as error:
                made = iter([{"photo": str(item.photo), "error": str(error)} for item in items])
            with closing(telling.told(made)) as running:
                for record in running:
                    records[record["path"]] = record | edits(record)
    return list(records.values())


class _Ending:
    """Ctrl-C, and what service managers send in its place, between one photo and the next.

    A photo that the manifest calls done is in the report and told as well: from the moment at which a worker
    has handed it in until all of that is written, an end is put off. Elsewhere it ends at once. What service
    managers send is heard alike: Ctrl-C never reaches a program in the background.
    """

    def __init__(self) -> None:
        self._busy = self._asked = False

    def over(self, executor: Executor) -> Executor:
        """`executor`, whose results are not parted from what is written about them."""
        return _Whole(executor, self)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """While it lasts, raise `KeyboardInterrupt` when it is time to end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._hear) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def busy(self, busy: bool) -> None:
        """Put an end off, or let one that was put off come."""
        self._busy = busy
        if self._asked and not busy:
            raise KeyboardInterrupt

    def _hear(self, *_: object) -> None:
        self._asked = True
        if not self._busy:
            raise KeyboardInterrupt


@dataclass(frozen=True)
class _Whole(Executor):
    executor: Executor
    ending: _Ending

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`."""
        with closing(self.executor.map(function, jobs)) as results:
            for result in results:
                self.ending.busy(True)
                yield result
                self.ending.busy(False)
