"""Files that are just being written: which of them are whole by now."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.batch.results import read_silently
from retouch_aes.errors import RetouchError


@dataclass
class _Seen:
    """A file with this size and time, since when it is so, and when to read it."""

    stamp: tuple[int, int]
    since: float
    read_at: float
    given: bool = False


class Arrivals:
    """Tells a photo that is whole from one that is still being written.

    A photo is whole when size and time have not changed for `settle` seconds and all of it can be read. One
    that stays as it is for `patience` seconds and still cannot be read will not get better: it is given out
    all the same, so that whoever reads it says why. Photos that have lain there that long when they are first
    looked for are not read beforehand.

    Args:
        settle: Seconds.
        patience: Seconds.
    """

    def __init__(self, settle: float = 2.0, patience: float = 60.0) -> None:
        self.settle, self.patience = settle, patience
        self._seen: dict[Path, _Seen] | None = None

    def whole(self, photos: Iterable[Path]) -> list[Path]:
        """Those of `photos`, all that are there, that are whole and were not given out as they are now."""
        now, before = time.monotonic(), self._seen
        seen: dict[Path, _Seen] = {}
        for path in photos:
            try:
                state = path.stat()
            except OSError:
                continue
            stamp = state.st_size, state.st_mtime_ns
            known = (before or {}).get(path)
            if known is None or known.stamp != stamp:
                age = max(0.0, time.time() - state.st_mtime) if before is None else 0.0
                known = _Seen(stamp, now - age, now - age + self.settle)
            seen[path] = known
        self._seen = seen
        ready = [path for path, one in seen.items() if not one.given and self._ready(path, one, now)]
        for path in ready:
            seen[path].given = True
        return ready

    def _ready(self, path: Path, one: _Seen, now: float) -> bool:
        if now - one.since >= self.patience:
            return True
        if now < one.read_at:
            return False
        one.read_at = now + 2 * (now - one.since)  # a file that cannot be read is tried ever more rarely
        return _readable(path)


def _readable(path: Path) -> bool:
    try:
        return not read_silently(path).warnings
    except (RetouchError, OSError):
        return False
