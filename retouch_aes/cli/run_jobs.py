"""Many photos, one after the other: a bad one is reported and the next one begins."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from retouch_aes.cli import failures, show

T = TypeVar("T")
Record = dict[str, Any]


def run_jobs(
    title: str, items: Sequence[T], path_of: Callable[[T], Path], work: Callable[[T], Record]
) -> list[Record]:
    """`work` on every item. Each record begins with `path`; that of a failed photo holds `error`.

    Failures are told on stderr as they come. With RETOUCH_AES_DEBUG=1 an unexpected one is raised.
    """
    records: list[Record] = []
    with show.progress(title, len(items)) as advance:
        for done, item in enumerate(items, start=1):
            path = path_of(item)
            record: Record = {"path": show.name(path)}
            try:
                record |= work(item)
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
