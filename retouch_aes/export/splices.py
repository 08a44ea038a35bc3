"""A file changed in a few places, whole or not at all, and changed back.

A splice says what stands at a place and what is to stand there. The new file is written beside the old one,
brought to the disk, and renamed; the old one's permissions stay.
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import PhotoError


@dataclass(frozen=True)
class Splice:
    """At byte `at` of the old file, `old` gives way to `new`."""

    at: int
    old: bytes
    new: bytes

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        old, new = (base64.b64encode(part).decode() for part in (self.old, self.new))
        return {"at": self.at, "old": old, "new": new}

    @staticmethod
    def from_json(value: Any) -> "Splice":
        """Read `to_json`'s value."""
        old, new = (base64.b64decode(value[key], validate=True) for key in ("old", "new"))
        return Splice(int(value["at"]), old, new)


def spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    """`data` with all splices made. Raises `PhotoError` where it is not what they expect."""
    parts, at = [], 0
    for splice in sorted(splices, key=lambda one: one.at):
        if splice.at < at or data[splice.at : splice.at + len(splice.old)] != splice.old:
            raise PhotoError("the file is not as it was when the change was planned")
        parts += [data[at : splice.at], splice.new]
        at = splice.at + len(splice.old)
    return b"".join([*parts, data[at:]])


def reversed_splices(splices: Sequence[Splice]) -> tuple[Splice, ...]:
    """The splices that undo `splices`."""
    result, shift = [], 0
    for splice in sorted(splices, key=lambda one: one.at):
        result.append(Splice(splice.at + shift, splice.new, splice.old))
        shift += len(splice.new) - len(splice.old)
    return tuple(result)


def digest(data: bytes) -> str:
    """What names the content of a file: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`, or make it, whole or not at all, on the disk when this returns."""
    known = path.exists()
    with replacing(path, overwrite=True) as temporary:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode if known else None
    if mode is not None:
        path.chmod(mode & 0o7777)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
