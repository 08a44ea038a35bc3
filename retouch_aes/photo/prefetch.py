"""Photos read one ahead: the next is decoded while one is worked on, and the first while PyTorch starts."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from retouch_aes.photo.photo import Photo
from retouch_aes.photo.reading import read


class Prefetcher(Iterator[Photo]):
    """The photos at `paths`, in order; the first is being read from now on, and never more than one waits.

    `next` raises what `read` raised for that photo, and goes on with the one after it when called again.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths, self._pool = iter(paths), ThreadPoolExecutor(1)
        self._waiting = self._begun()

    def __next__(self) -> Photo:
        """The next photo."""
        if self._waiting is None:
            raise StopIteration
        present, self._waiting = self._waiting, self._begun()
        return present.result()

    def _begun(self) -> "Future[Photo] | None":
        path = next(self._paths, None)
        return None if path is None else self._pool.submit(read, path)
