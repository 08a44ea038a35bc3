"""Photos read one ahead: the next is decoded while one is worked on, and the first while PyTorch starts."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from retouch_aes.photo.photo import Photo
from retouch_aes.photo.reading import read
from retouch_aes.photo.small import small_levels
from retouch_aes.photo.source import LevelsSource


class Prefetcher(Iterator[Photo]):
    """The photos at `paths`, in order; the first is being read from now on, and never more than one waits.

    `next` raises what `read` raised for that photo, and goes on with the one after it when called again.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths, self._pool = iter(paths), ThreadPoolExecutor(1)
        self._side: int | None = None
        self._waiting = self._begun()

    def small_copies_too(self, side: int) -> None:
        """From now on small copies of that long side are made ahead as well, of decoded pixels."""
        self._side = side
        waiting = self._waiting
        if waiting is not None:
            self._waiting = self._pool.submit(lambda: self._made_small(waiting.result()))

    def __next__(self) -> Photo:
        """The next photo."""
        if self._waiting is None:
            raise StopIteration
        present, self._waiting = self._waiting, self._begun()
        return present.result()

    def _begun(self) -> "Future[Photo] | None":
        path = next(self._paths, None)
        return None if path is None else self._pool.submit(lambda: self._made_small(read(path)))

    def _made_small(self, photo: Photo) -> Photo:
        if self._side is not None and isinstance(photo.source, LevelsSource):
            small_levels(photo.source, self._side)
        return photo
