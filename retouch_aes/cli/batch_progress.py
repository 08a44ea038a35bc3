"""What `batch` tells as it goes: a line a photo, the rate, the time left, and a summary."""

import time
from collections import Counter
from collections.abc import Generator, Iterable
from typing import Any

from retouch_aes.cli import show
from retouch_aes.cli.run_jobs import Record


class BatchProgress:
    """The tally of one run over `total` photos; None where it is not known how many will come."""

    def __init__(self, total: int | None, *, err: bool) -> None:
        self._total, self._err = total, err
        self._counts: Counter[str] = Counter()
        self._began, self._worked = time.monotonic(), 0

    def told(self, records: Iterable[Record]) -> Generator[Record, None, None]:
        """Pass `records` on, one line each, with the rate and the time left."""
        with show.progress("photos", self._total or 0, spoken=False) as advance:
            for record in records:
                outcome = record.get("outcome", "failed")
                self._counts[outcome] += 1
                self._worked += outcome != "done before"
                head = self._head()
                told: dict[str, Any] = {"path": show.readable(record.pop("photo")), **record}
                named = show.shown(told["path"])
                if "error" in record:
                    told["error"] = show.readable(record["error"]).removeprefix(f"{told['path']}: ")
                    show.line(f"{head} failed: {named}: {told['error']}", err=True)
                else:
                    show.line(f"{head} {named}: {outcome}", err=self._err)
                for text in record.get("warnings", ()):
                    show.line(f"Warning: {named}: {show.readable(text)}", err=True)
                advance(self._counts.total())
                yield told

    def end(self) -> None:
        """The summary."""
        minutes = (time.monotonic() - self._began) / 60
        parts = ", ".join(f"{count} {outcome}" for outcome, count in self._counts.items()) or "no photos"
        rate = self._worked / max(1e-3, minutes)
        show.line(f"{parts}; {minutes:.1f} minutes, {rate:.1f} photos a minute", err=self._err)

    def _head(self) -> str:
        done = self._counts.total()
        if self._total is None:
            return f"[{done}]"
        rate = 60 * self._worked / max(1e-3, time.monotonic() - self._began)
        left = (self._total - done) / rate if rate else 0.0
        return f"[{done}/{self._total}, {rate:.1f} a minute, {left:.0f} min left]"
