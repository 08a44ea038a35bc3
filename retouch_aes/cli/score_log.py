"""`score --log`: what was said of each photo, kept as it is said, so that a long run goes on where it was."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from retouch_aes.bench.common.resumable import ResumableResults
from retouch_aes.cli import show

if TYPE_CHECKING:
    from retouch_aes.culling import PhotoJudge, PhotoVerdict


class ScoreLog:
    """The file at `path`, for `judge`; None keeps nothing. A photo is known while its file stays as it is.

    `UsageError` where the file holds what another score said.
    """

    def __init__(self, path: Path | None, judge: "PhotoJudge", *, overwrite: bool = False) -> None:
        self.fingerprint = judge.load()
        what = {"score": self.fingerprint, "proxy": judge.side, "thumbnails": judge.thumbnails}
        self._kept = None if path is None else ResumableResults(path, what, overwrite=overwrite)

    def find(self, path: Path) -> "PhotoVerdict | None":
        """What was said of the photo at `path`; None where it is not known, or the file is another now."""
        if self._kept is None or (key := _key(path)) not in self._kept:
            return None
        from retouch_aes.culling import PhotoVerdict

        return PhotoVerdict.from_json(path, self._kept[key])

    def add(self, path: Path, said: "PhotoVerdict") -> None:
        """Keep it; it is on the disk when this returns."""
        if self._kept is not None and (key := _key(path)) not in self._kept:
            value: dict[str, Any] = said.to_json()
            self._kept.add(key, value)


def _key(path: Path) -> tuple[str, ...]:
    name = show.as_called(str(path.absolute()))
    try:
        state = path.stat()
    except OSError:
        return (name,)
    return name, str(state.st_size), str(state.st_mtime_ns)
