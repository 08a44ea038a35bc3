"""'Learn now': one job at a time, on a thread of its own, with progress; and examples of what was learned."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from retouch_aes.errors import RetouchError
from retouch_aes.preferences.answers import Answer

Say = Callable[[float, str], None]
"""Tells the page how much is done, 0 to 1, and what is going on."""


@dataclass(frozen=True)
class Example:
    """A photo in three versions, before, generic and personal: keys of the pictures, and a line of text."""

    name: str
    width: int
    height: int
    keys: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "keys": dict(self.keys),
            "texts": dict(self.texts),
        }


@dataclass(frozen=True)
class LearnedTaste:
    """What to tell about a taste, and examples of it."""

    text: str
    examples: tuple[Example, ...] = ()


class Stopped(Exception):  # noqa: N818  (no failure: the server ends)
    """Raised inside the job when the server ends."""


class Learning:
    """Runs `learn(answers, say)` when told to, on the answers of that moment."""

    def __init__(
        self,
        learn: Callable[[Sequence[Answer], Say], LearnedTaste],
        answers: Callable[[], tuple[Answer, ...]],
    ) -> None:
        self._learn, self._answers = learn, answers
        self._lock = threading.Lock()
        self._phase, self._done, self._text = "idle", 0.0, ""
        self._learned: LearnedTaste | None = None
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it is under way."""
        with self._lock:
            if self._phase == "running" or self._ending:
                return
            self._phase, self._done, self._text = "running", 0.0, "Getting ready"
            self._thread = threading.Thread(target=self._work, name="learning", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the job at its next step."""
        with self._lock:
            self._ending = True

    def join(self, seconds: float) -> None:
        """Wait for the end of the job."""
        if self._thread is not None:
            self._thread.join(seconds)

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        with self._lock:
            examples = () if self._learned is None else self._learned.examples
            return {
                "phase": self._phase,
                "done": round(self._done, 3),
                "text": self._text,
                "examples": [example.to_json() for example in examples],
            }

    def _work(self) -> None:
        try:
            learned = self._learn(self._answers(), self._say)
        except Stopped:
            return
        except Exception as error:
            expected = isinstance(error, RetouchError | OSError)
            with self._lock:
                self._phase = "failed"
                self._text = str(error) if expected else f"unexpected error ({type(error).__name__}: {error})"
            return
        with self._lock:
            self._phase, self._done, self._text, self._learned = "done", 1.0, learned.text, learned

    def _say(self, done: float, text: str) -> None:
        with self._lock:
            if self._ending:
                raise Stopped
            self._done, self._text = min(1.0, max(0.0, done)), text
