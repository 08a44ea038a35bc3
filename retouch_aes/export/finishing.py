"""What happens to a result between the render and the end: its size, its time, what comes along."""

from dataclasses import dataclass
from pathlib import Path

from retouch_aes.export.sizing import resized
from retouch_aes.photo import Photo


@dataclass(frozen=True)
class Finishing:
    """`resize` is the long side of the result in pixels, None for the photo's own."""

    resize: int | None = None
    keep_time: bool = False
    copy_sidecars: bool = False

    @property
    def signature(self) -> str:
        """What decides the result; "" where nothing is asked for."""
        return "" if self.resize is None else f"resize {self.resize}"

    def photo(self, photo: Photo) -> Photo:
        """The photo as it is to be written."""
        return photo if self.resize is None else resized(photo, self.resize)

    def after(self, original: Path, result: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Call it once `result` is written. Returns sidecars that were left because they hold an edit."""
        if not (self.copy_sidecars or self.keep_time):
            return ()
        from retouch_aes.export.companions import copy_sidecars, keep_time  # reads XMP: only where asked for

        left: tuple[Path, ...] = ()
        if self.copy_sidecars:
            left = tuple(copy_sidecars(original, result, overwrite=overwrite)[1])
        if self.keep_time:
            keep_time(original, result)
        return left
