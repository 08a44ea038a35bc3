"""Many photos: a bad one is reported and the next one begins."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from retouch_aes.cli import failures, show
from retouch_aes.executors import Executor, InProcess, in_order

T = TypeVar("T")
Record = dict[str, Any]


def run_jobs(
    title: str,
    items: Sequence[T],
    path_of: Callable[[T], Path],
    work: Callable[[T], Any],
    *,
    executor: Executor | None = None,
    told: Callable[[T, Any], Record] | None = None,
    known: Callable[[T], Any] = lambda _: None,
) -> list[Record]:
    """`work` on every item, by `executor` (None: here). Each record begins with `path`.

    `told` makes what `work` gives a record, here, in the order of `items`; without, it is one. What is
    `known` of an item is not worked out again. The record of a failed photo holds `error`. Failures are told
    on stderr as they come. With RETOUCH_AES_DEBUG=1 an unexpected one is raised.
    """
    records: list[Record] = []
    before = [known(item) for item in items]
    left = (item for item, value in zip(items, before, strict=True) if value is None)
    new = in_order(executor or InProcess(), work, left)
    with show.progress(title, len(items)) as advance, closing(new):
        for done, (item, value) in enumerate(zip(items, before, strict=True), start=1):
            path = path_of(item)
            record: Record = {"path": show.name(path)}
            try:
                value = next(new).got() if value is None else value
                record |= value if told is None else told(item, value)
            except Exception as error:
                if failures.debugging() and not failures.expected(error):
                    raise
                record["error"] = show.readable(failures.about(path, error))
                show.line(f"failed: {record['error']}", err=True)
            records.append(record)
            advance(done)
    return records


def failed(records: Iterable[Record]) -> int:
    """The exit code of a run: 1 where a photo failed."""
    return failures.FAILED if any("error" in record for record in records) else 0
