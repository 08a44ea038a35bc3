"""A folder with an address, laid out here: the same names, sizes and times, and no contents."""

import os
from collections.abc import Callable
from pathlib import Path

from retouch_aes.remote.store import Store, StoredFile


class Shadow:
    """The folder at `store` as the folder `root` here, in which nothing lies yet.

    Whoever lists it sees what lies there; whoever wants to read a file has it fetched (`FetchingExecutor`).

    Attributes:
        stamps: What the store said of each file when it was laid out, by its path here.
        left_out: Names that no file here can have.
    """

    def __init__(self, store: Store, root: Path) -> None:
        self.store, self.root = store, root.resolve()
        self.stamps: dict[str, str] = {}
        self.left_out: list[str] = []

    def lay_out(self, wanted: Callable[[str], bool] = lambda _: False) -> Path:
        """Lay out what lies there; files that are `wanted` by name come with their contents.

        Returns:
            `root`; for the address of a single file, that file.

        Raises:
            RetouchError: The folder cannot be listed, or a file not fetched.
        """
        found = self.store.files()
        if list(found) == [""]:
            folder, _, name = self.store.address.rpartition("/")
            self.store, self.root = Store(folder), self.root.parent
            self._place(name, found[""], wanted(name))
            return self.root / name
        for name, about in found.items():
            self._place(name, about, wanted(name))
        return self.root

    def _place(self, name: str, about: StoredFile, whole: bool) -> None:
        parts = name.split("/")
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            self.left_out.append(name)
            return
        path = self.root.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()  # the address is of this one file
            if whole:
                self.store.fetch(name, path)
            else:
                with path.open("wb") as file:
                    file.truncate(about.size)  # a hole: it takes no room
            os.utime(path, (about.time, about.time))
        except (OSError, ValueError):  # a name that is too long here, or a file and a folder of one name
            self.left_out.append(name)
            return
        self.stamps[str(path)] = about.stamp
