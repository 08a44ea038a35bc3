"""`batch --watch`: a folder that photos come into, tethered or synced."""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.cli import show
from retouch_aes.cli.batch_progress import BatchProgress
from retouch_aes.cli.result_names import ResultNames
from retouch_aes.cli.run_jobs import Record
from retouch_aes.errors import RetouchError, UsageError

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
    with suppress(KeyboardInterrupt), _ended_by_services(), night.executor.standing() as crew:
        day = replace(night, executor=crew)
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


@contextmanager
def _ended_by_services() -> Iterator[None]:
    """What service managers send ends it as Ctrl-C does; that never reaches a program in the background."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
