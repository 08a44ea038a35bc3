"""Work beside the page: a thread that waits for changes, and ends when told."""

import threading
from abc import ABC, abstractmethod


class BackgroundThread(ABC):
    """`start` it, and `stop` and `join` it at the end. What it shares is guarded by `_changed`."""

    def __init__(self, name: str) -> None:
        self._stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, at the next chance."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for the end of the thread, `seconds` at most."""
        self._thread.join(seconds)

    @abstractmethod
    def _work(self) -> None:
        """What the thread does, until `_stopped`."""
