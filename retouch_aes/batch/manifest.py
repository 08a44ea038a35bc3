"""What a run has begun and finished, one line of JSON each, so that the next one goes on where it ended.

    {"settings": "3f0c...", "result": "", "state": "run", "quality": 95, "taste": "/home/anna/me.taste", ...}
    {"settings": "3f0c...", "result": "day 1/a.jpg", "state": "begun"}
    {"settings": "3f0c...", "result": "day 1/a.jpg", "state": "done", "content": "9b2e...", "made": "77aa...",
     "size": 123456, "photo": "../in/day 1/a.jpg", "recipe": {...}, "outcome": "edited", ...}

`content` is the hash of the photo, `made` and `size` are hash and size of the result, so that one that was
damaged since is known again; `photo` and `recipe` are what `review` shows and corrects, and a `run` says how
results are written (`ResultSettings`). The file is an `append_log`: each line is on the disk before the run
goes on, so a kill at any moment loses at most the photo in hand; a line that was cut short is not counted.
`begun` without `done` means that an output at that place is ours to replace. One that was finished with other
settings, or by another version, is the user's: nothing but `--overwrite` replaces it.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from retouch_aes.append_log import AppendLog

NAME = "retouch_aes_batch.jsonl"


def place_from(folder: Path, path: Path) -> str:
    """`path` relative to `folder`, with forward slashes; absolute where they lie on two drives."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.absolute().as_posix()


class Manifest:
    """The open manifest of one run. `settings` names everything but the photo that decides a result.

    With `durable=False` it is the copy of one that is kept elsewhere.
    """

    def __init__(self, path: str | Path, settings: str, *, durable: bool = True) -> None:
        self.path, self.settings = Path(path), settings
        self._log = AppendLog(self.path, "settings", durable=durable)
        self._last: dict[str, Mapping[str, Any]] = {}
        self._finished: dict[str, Mapping[str, Any]] = {}
        self._ours: set[str] = set()
        for _, line in self._log.content.objects:
            if isinstance(line, dict) and all(
                isinstance(line.get(key), str) for key in ("result", "state", "settings")
            ):
                self._count(line)
        self._log.forget()  # of a result only its last lines count

    def done(self, result: str) -> Mapping[str, Any] | None:
        """The line of a result that was finished with these settings; None where there is none."""
        line = self._last.get(result)
        matches = line is not None and line["state"] == "done" and line["settings"] == self.settings
        return line if matches else None

    def finished_otherwise(self, result: str) -> Mapping[str, Any] | None:
        """The line of a result that was finished with other settings, and not begun anew with these since.

        Begun anew it was by `--overwrite`, so that what lies there may be replaced.
        """
        line, last = self._finished.get(result), self._last.get(result)
        if line is None or last is None or self.settings in (line["settings"], last["settings"]):
            return None
        return line

    def ours(self, result: str) -> bool:
        """Whether this result was begun by a run before, and may be replaced."""
        return result in self._ours

    def announce(self, results: Iterable[str]) -> None:
        """These are about to be made, sooner or later; here each is entered when its turn comes."""

    def replaced(self, result: str, **about: Any) -> None:
        """A finished result was made anew, by hand: its last line again, with other facts in it."""
        line = {**self._finished[result], **about}
        self._log.append(line)
        self._count(line)

    def add(self, result: str, state: str, **about: Any) -> None:
        """Add a line, and wait until it is on the disk."""
        line = {"settings": self.settings, "result": result, "state": state, **about}
        self._log.append(line)
        self._count(line)

    def close(self) -> None:
        """Close the file and let others write."""
        self._log.close()

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _count(self, line: Mapping[str, Any]) -> None:
        self._last[line["result"]] = line
        if line["state"] == "done":
            self._finished[line["result"]] = line
        if line["state"] in ("begun", "done"):
            self._ours.add(line["result"])
