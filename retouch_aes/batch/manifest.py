"""What a run has begun and finished, one line of JSON each, so that the next one goes on where it ended.

    {"settings": "3f0c...", "result": "day 1/a.jpg", "state": "begun"}
    {"settings": "3f0c...", "result": "day 1/a.jpg", "state": "done", "content": "9b2e..."}

Lines are only added, and each is on the disk before the run goes on, so a kill at any moment loses at most
the photo in hand; a last line that was cut short is not counted. The file is locked while a run has it.
`begun` without `done` means that an output at that place is ours to replace.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from retouch_aes.errors import RetouchError

NAME = "retouch_aes_batch.jsonl"


class Manifest:
    """The open manifest of one run. `settings` names everything but the photo that decides a result."""

    def __init__(self, path: str | Path, settings: str) -> None:
        self.path, self.settings = Path(path), settings
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self.path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise RetouchError(
                f"{self.path} is in use by another run; wait for it, or choose another folder"
            ) from None
        self._last: dict[str, Mapping[str, Any]] = {}
        self._ours: set[str] = set()
        self._read()

    def done(self, result: str) -> Mapping[str, Any] | None:
        """The line of a result that was finished with these settings; None where there is none."""
        line = self._last.get(result)
        matches = line is not None and line["state"] == "done" and line["settings"] == self.settings
        return line if matches else None

    def ours(self, result: str) -> bool:
        """Whether this result was begun by a run before, and may be replaced."""
        return result in self._ours

    def add(self, result: str, state: str, **about: Any) -> None:
        """Add a line, and wait until it is on the disk."""
        line = {"settings": self.settings, "result": result, "state": state, **about}
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._count(line)

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        for text in content.split(b"\n"):
            try:
                line = json.loads(text)
                self._count({key: line[key] for key in ("result", "state", "settings")} | line)
            except (ValueError, KeyError, TypeError):
                continue  # cut short, or not ours
        if content and not content.endswith(b"\n"):
            self._file.write(b"\n")

    def _count(self, line: Mapping[str, Any]) -> None:
        self._last[line["result"]] = line
        if line["state"] in ("begun", "done"):
            self._ours.add(line["result"])
