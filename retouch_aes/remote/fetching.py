"""Jobs on photos that have an address: whoever does one fetches its photos and puts its results there.

No pixels pass the machine that hands out the jobs. A job is done in a folder of its own, with the library's
guarantees; what is whole there is put into the store, and the folder goes.
"""

import dataclasses
import os
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from retouch_aes.errors import RetouchError
from retouch_aes.executors import Executor, JobResult
from retouch_aes.remote.other_names import renamed_in
from retouch_aes.remote.shadow import Shadow
from retouch_aes.remote.store import Store

Known = Callable[[Any], Any]
"""`job -> value` for one that need not be done; None for any other."""


@dataclass(frozen=True)
class _Place:
    """A folder as it is called in jobs, and where its files are; results go to those that are `written`.

    Of folders that lie in one another, the inner one is meant.
    """

    root: str
    store: Store
    written: bool


@dataclass(frozen=True)
class _Job:
    """What is done, which results lay there before, and whether a worker was lost with it."""

    job: Any
    there: frozenset[str]
    again: bool = False


@dataclass(frozen=True)
class _Answer:
    """What the function gave, and the store's stamps of the photos fetched and the results put."""

    value: Any
    stamps: dict[str, str]


class FetchingExecutor(Executor):
    """`executor`, for jobs that name photos in `sources` and results in `targets`, folders laid out here.

    Args:
        executor: Who does the jobs.
        sources: Photos are fetched from there.
        targets: Results are put there; one that lies there already is fetched first.
        known: What is known of a job before it is sent.
        stamps: Is filled, by path here, with the store's stamps of photos fetched and results put.
    """

    def __init__(
        self,
        executor: Executor,
        sources: Sequence[Shadow],
        targets: Sequence[Shadow] = (),
        known: Known = lambda _: None,
        stamps: dict[str, str] | None = None,
    ) -> None:
        self.executor, self.known = executor, known
        self.stamps = {} if stamps is None else stamps
        kinds = [(sources, False), (targets, True)]
        self._places = tuple(
            _Place(str(shadow.root), shadow.store, written)
            for shadows, written in kinds
            for shadow in shadows
        )
        self._there = [shadow.stamps for shadow in targets]

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[JobResult, None, None]:
        """See `Executor.map`."""
        rest, told = iter(jobs), deque[JobResult]()

        def unknown() -> Iterator[_Job]:
            for job in rest:
                if (value := self.known(job)) is not None:
                    told.append(JobResult(job, value))
                else:
                    yield _Job(
                        job, frozenset(path for path in _paths(job) if any(path in t for t in self._there))
                    )

        sent = unknown()
        first = next(sent, None)
        yield from _drained(told)
        if first is None:
            return
        with closing(self.executor.map(_Fetched(function, self._places), chain([first], sent))) as results:
            for result in results:
                value = result.value
                if isinstance(value, _Answer):
                    self.stamps.update(value.stamps)
                    value = value.value
                yield dataclasses.replace(result, job=result.job.job, value=value)
                yield from _drained(told)
        yield from _drained(told)


@dataclass(frozen=True)
class _Fetched:
    """`function`, on jobs whose files are elsewhere."""

    function: Callable[[Any], Any]
    places: tuple[_Place, ...]

    def __call__(self, sent: _Job) -> _Answer:
        with tempfile.TemporaryDirectory(prefix="retouch_aes_job_") as folder:
            own = Path(folder).resolve()
            here = {place.root: str(own / str(number)) for number, place in enumerate(self.places)}
            back = {local: root for root, local in here.items()}
            stamps: dict[str, str] = {}
            results: list[tuple[_Place, str, str, Path, object]] = []
            for path in sorted(_paths(sent.job)):
                place = self._place(path)
                if place is None:
                    continue
                name = Path(path).relative_to(place.root).as_posix()
                local = Path(here[place.root], name)
                local.parent.mkdir(parents=True, exist_ok=True)
                if not place.written:
                    stamps[path] = place.store.fetch(name, local).stamp
                    continue
                if path in sent.there:
                    place.store.fetch(name, local)
                results.append((place, path, name, local, _identity(local)))
            try:
                value = self.function(renamed_in(sent.job, here))
            except Exception as error:
                raise _told_as(error, back) from error
            for place, path, name, local, before in results:
                if local.exists() and _identity(local) != before:
                    overwrite = sent.again or path in sent.there
                    stamps[path] = place.store.put(local, name, overwrite=overwrite).stamp
            return _Answer(renamed_in(value, back), stamps)

    def _place(self, path: str) -> _Place | None:
        inside = [place for place in self.places if path.startswith(place.root + os.sep)]
        return max(inside, key=lambda place: len(place.root), default=None)

    def again(self, sent: _Job) -> _Job:
        """The job once more, whose worker was lost: a result that lies there by now is its own."""
        again = getattr(self.function, "again", None)
        return dataclasses.replace(sent, job=sent.job if again is None else again(sent.job), again=True)


def _drained(told: deque[JobResult]) -> Iterator[JobResult]:
    while told:
        yield told.popleft()


def _identity(path: Path) -> object:
    """Changes when a file is written anew; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


def _paths(value: Any) -> set[str]:
    """The absolute paths that a job names, anywhere in it."""
    if isinstance(value, str | Path):
        text = str(value)
        return {text} if os.path.isabs(text) else set()  # noqa: PTH117
    return {path for part in _parts(value) for path in _paths(part)}


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, dict):
        return value.values()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, one.name) for one in dataclasses.fields(value)]
    return ()


def _told_as(error: Exception, roots: dict[str, str]) -> Exception:
    """`error` with the names that the job has outside of its folder."""
    if isinstance(error, OSError) and error.errno is not None:
        name = error.filename
        return type(error)(
            error.errno, error.strerror, renamed_in(name, roots) if isinstance(name, str) else name
        )
    text = renamed_in(str(error), roots)
    if text == str(error):
        return error
    try:
        return type(error)(text)
    except TypeError:
        return RetouchError(text)
