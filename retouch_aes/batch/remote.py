"""The manifest of a batch whose photos or results have an address.

Its lines hold the store's stamps of photo and result as well, so that the next run knows both without
fetching them. In a store nothing can be appended to: new lines are put there about once a second, as a part
that is put anew until it has `PART_SIZE` bytes, and in the end all of them as one file, the manifest as it
lies in a folder. What a killed run told last may be missing there: those photos are done once more. So that
it may replace what it has made of them, all results to be made are entered before the first one is.
"""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from retouch_aes.batch.manifest import NAME, Manifest, place_from
from retouch_aes.batch.results import sha256_of, state_of
from retouch_aes.batch.worker import BatchItem, Record
from retouch_aes.editing.outcome import Outcome
from retouch_aes.remote.store import Store

PARTS = "retouch_aes_batch.parts/"
PART_SIZE = 1_000_000
INTERVAL = 1.0
"""Seconds between two puts."""


class RemoteManifest(Manifest):
    """A manifest with stamps; where `store` holds the results, it is kept there.

    Args:
        path: Where it lies here, beside the results or in the folder that stands for them.
        settings: See `Manifest`.
        listed: Stamps by path here, as they were listed.
        store: Where results are put; None where they lie here.

    Attributes:
        made: Stamps by path here, of photos fetched and results put since; whoever does that fills it.
    """

    def __init__(
        self,
        path: Path,
        settings: str,
        listed: Mapping[str, str],
        store: Store | None,
    ) -> None:
        self.made: dict[str, str] = {}
        self._listed, self._store = listed, store
        self._run, self._full = f"{time.time_ns():020}", 0
        self._parts: set[str] = set()
        self._last_put = time.monotonic()
        if store is not None:
            _gather(path, store)
        super().__init__(path, settings, durable=store is None)
        self._from = path.stat().st_size

    def announce(self, results: Iterable[str]) -> None:
        """See `Manifest.announce`; nothing is put in their places before all of them stand in the store."""
        if self._store is None:
            return
        for result in results:
            if not self.done(result):
                super().add(result, "begun")
        self._put()

    def add(self, result: str, state: str, **about: Any) -> None:
        """Add a line; it is in the store within about a second."""
        if state == "begun" and self._store is not None:
            return  # announced
        if state == "done":
            about["stamps"] = self._stamps(result, about["photo"])
        super().add(result, state, **about)
        if self._store is not None and time.monotonic() - self._last_put > INTERVAL:
            self._put()

    def close(self) -> None:
        """See `Manifest.close`; what was kept in parts becomes one file."""
        super().close()
        if self._store is not None:
            self._put()
            self._store.write(NAME, self.path.read_bytes())
            self._store.remove(self._parts)
            self._store = None

    def known(self, items: Sequence[BatchItem]) -> list[Record] | None:
        """The records of a group that was done before and lies there as it was made; None of any other."""
        records = [self._known(item) for item in items]
        return None if None in records else [record for record in records if record is not None]

    def _known(self, item: BatchItem) -> Record | None:
        done = self.done(place_from(self.path.parent, item.output)) if item.before else None
        stamps = (done or {}).get("stamps")
        if not isinstance(stamps, dict) or not all(path.exists() for path in item.targets()):
            return None
        photo, result = self._listed.get(str(item.photo)), self._listed.get(str(item.output))
        same = stamps.get("photo") == photo if photo else sha256_of(item.photo) == item.before
        whole = stamps.get("result") == result if result else state_of(item.output, item.made) == "as made"
        if not (same and whole):
            return None
        return {
            "photo": str(item.photo),
            "content": item.before,
            "outcome": Outcome.DONE_BEFORE,
            "output": str(item.output),
        }

    def _stamps(self, result: str, photo: str) -> dict[str, str]:
        places = {"photo": self._place(photo), "result": self._place(result)}
        every = {name: self.made.get(place, self._listed.get(place)) for name, place in places.items()}
        return {name: stamp for name, stamp in every.items() if stamp is not None}

    def _place(self, name: str) -> str:
        return os.path.normpath(self.path.parent / name)

    def _put(self) -> None:
        """Put the lines that are new, with those of a part that is not full."""
        if self._store is None:
            return
        with self.path.open("rb") as file:
            file.seek(self._from)
            lines = file.read()
        if lines:
            name = f"{PARTS}{self._run}-{self._full:06}.jsonl"
            self._store.write(name, lines)
            self._parts.add(name)
        if len(lines) >= PART_SIZE:
            self._full += 1
            self._from += len(lines)
        self._last_put = time.monotonic()


def _gather(path: Path, store: Store) -> None:
    """All that earlier runs told, as one file here and in the store."""
    names = store.files()
    parts = sorted(name for name in names if name.startswith(PARTS))
    content = b"".join(store.read(name) for name in ([NAME] if NAME in names else []) + parts)
    path.write_bytes(content)
    if parts:
        store.write(NAME, content)
        store.remove(parts)
