"""The one append-only log: a JSON object a line, on the disk before `append` returns.

Choices, the manifest of a batch and the results of a long benchmark are kept in it. Nothing in it is ever
changed; one writer at a time holds a lock, and readers need none.

What can be wrong with such a file, after a crash, a power cut or a full disk, and what becomes of it:
* a last line without its end: left out by readers, cut off by the next writer, since nobody was told that it
  was saved;
* a piece of a line (its begin or its end is missing, or the next line stands right behind it, or zeros do):
  left out and listed in `fragments`; whole objects behind a piece are read;
* a line of something else: listed in `strangers`; whoever reads decides whether the file is his at all.
"""

import json
import os
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from retouch_aes.atomic_io import json_text, lock, sync_folder
from retouch_aes.errors import RetouchError

_SHOWN = 60
_INNER = '"answer":'
"""The one key under which an object as it begins a line stands inside another (a change of an answer)."""


@dataclass(frozen=True)
class LogContent:
    """What a log holds. A line is counted from 1.

    `objects` are `(line, value)`; `fragments` and `strangers` are `(line, text)`; `sound` is how many bytes
    stand before a torn last line, `size` all of them, and `ended` says whether the last line has its end.
    """

    objects: tuple[tuple[int, Any], ...] = ()
    fragments: tuple[tuple[int, str], ...] = ()
    strangers: tuple[tuple[int, str], ...] = ()
    sound: int = 0
    size: int = 0
    ended: bool = True

    def report(self, path: Path) -> str:
        """A sentence about the fragments; "" where there are none."""
        if not self.fragments:
            return ""
        number, text = self.fragments[0]
        more = f" and {len(self.fragments) - 1} more" if self.fragments[1:] else ""
        return (
            f"{path}:{number}: a piece of a line, as a full disk or a crash leaves it, was left out{more} "
            f"({text[:_SHOWN]!r}); the {len(self.objects)} whole lines were read"
        )


def parse_log(content: bytes, key: str) -> LogContent:
    """What `content` holds, where objects as they are written here begin with `key`."""
    objects: list[tuple[int, Any]] = []
    fragments: list[tuple[int, str]] = []
    strangers: list[tuple[int, str]] = []
    sound = 0
    lines = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        last = number == len(lines)
        text = line.strip(b" \t\r\0").decode("utf-8", "replace")
        values = _values(text, key)
        if values is not None:
            objects += [(number, value) for value in values[0]]
            if values[1]:
                fragments.append((number, values[1]))
        elif last and text.startswith("{"):
            break  # torn: nobody was told that it was saved
        elif text.startswith("{") or text.endswith("}") or '": ' in text:
            fragments.append((number, text))
        else:
            strangers.append((number, text))
        sound += len(line) + (not last)
    ended = not content[:sound] or content[:sound].endswith(b"\n")
    return LogContent(tuple(objects), tuple(fragments), tuple(strangers), sound, len(content), ended)


def _values(text: str, key: str) -> tuple[list[Any], str] | None:
    """The objects of a line and the piece before them; None where it holds no whole one."""
    if not text:
        return [], ""
    try:
        return [json.loads(text)], ""
    except ValueError:
        pass
    except RecursionError:
        return None
    begin = f'{{"{key}"'
    at = text.find(begin, 1)
    while at > 0:
        if not text[:at].rstrip().endswith(_INNER):  # the value of a torn line, no line of its own
            try:
                return [json.loads(text[at:])], text[:at]
            except ValueError:
                pass
        at = text.find(begin, at + 1)
    return None


def read_log(path: Path, key: str) -> LogContent:
    """What the log at `path` holds, also while somebody writes to it. `OSError` where it cannot be read."""
    return parse_log(path.read_bytes(), key)


def to_line(value: Mapping[str, Any]) -> bytes:
    """One line of a log, with its end. Not-a-number is refused."""
    return json_text(value).encode() + b"\n"


class AppendLog:
    """The log at `path`, open for appending; made where it is missing. Opening changes nothing in it.

    `key` is the first key of its objects. With `durable=False` nobody waits for the disk: for a copy of
    what is kept elsewhere. `RetouchError` where another process, or another log of this one, has it open.
    Close it, or use `with`.
    """

    def __init__(self, path: str | Path, key: str, *, durable: bool = True) -> None:
        self.path, self._durable = Path(path), durable
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.path, flags, 0o666)
        self._finish = weakref.finalize(self, os.close, self._handle)
        try:
            if not lock(self._handle):
                raise RetouchError(
                    f"{self.path} is in use: another program is writing to it; wait for it, or close it first"
                )
            self.content = parse_log(_all_of(self._handle), key)
            sync_folder(self.path.parent)
        except BaseException:
            self.close()
            raise
        self._clean = False

    def forget(self) -> None:
        """Let go of the objects that stood in the file when it was opened: `content` has none from now on."""
        self.content = replace(self.content, objects=())

    def append(self, value: Mapping[str, Any]) -> None:
        """Add one object; it is on the disk when this returns. `RetouchError`, and nothing added, if not."""
        if not self._finish.alive:
            raise RetouchError(f"{self.path} was closed; open it again")
        line = to_line(value)
        try:
            before = self._whole()
        except OSError as error:
            raise RetouchError(f"{self.path}: it cannot be written to ({error.strerror})") from error
        try:
            _write(self._handle, line)
            if self._durable:
                os.fsync(self._handle)
        except OSError as error:  # a full disk: leave no half line behind
            try:
                os.ftruncate(self._handle, before)
            except OSError:
                self._clean = False
            raise RetouchError(f"{self.path}: this could not be saved ({error.strerror})") from error

    def _whole(self) -> int:
        """Where the next line begins, after the file was made to end with a whole line."""
        end = os.fstat(self._handle).st_size
        if self._clean:
            return end
        if end == self.content.size and self.content.sound < end:
            os.ftruncate(self._handle, self.content.sound)
        elif end != self.content.size:
            _write(self._handle, b"\n")  # after what we could not take back
        if not self.content.ended:
            _write(self._handle, b"\n")
        self._clean = True
        return os.fstat(self._handle).st_size

    def close(self) -> None:
        """Close the file and let others write."""
        self._finish()

    def __enter__(self) -> "AppendLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _all_of(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    parts = []
    while part := os.read(handle, 1 << 20):
        parts.append(part)
    return b"".join(parts)
