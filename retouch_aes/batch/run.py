"""A run over many photos: what is left to do, who does it, what became of it, and how to go on tomorrow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retouch_aes.atomic_io import sweep
from retouch_aes.batch.manifest import Manifest, place_from
from retouch_aes.batch.worker import BatchItem, Record, RetouchWorker
from retouch_aes.editing.solve import Outcome
from retouch_aes.executors.executor import Executor, JobResult

Group = Sequence[BatchItem]
_KEPT = ("content", "made", "size", "outcome", "reason", "score_before", "score_after", "recipe")
"""What the manifest holds of a record."""
_TOLD_AGAIN = ("score_before", "score_after", "recipe")
"""What a record of a photo that was done before says of then."""


@dataclass(frozen=True)
class BatchRun:
    """One run: `function` on groups of items by `executor`, with a manifest of what is done.

    An output that exists is replaced only where an earlier run of this manifest began it, or finished it with
    these settings from another photo, or with `overwrite`; otherwise its photo is reported.
    """

    executor: Executor
    function: RetouchWorker
    manifest: Manifest
    overwrite: bool = False

    def run(self, groups: Sequence[Group]) -> Iterator[Record]:
        """One record per photo, as they come. Closing the iterator ends the run; nothing is half written."""
        self.manifest.add("", "run", **self.function.making.to_json())
        blocked = {id(item): reason for group in groups for item in group if (reason := self._blocked(item))}
        for group in groups:
            for item in group:
                if id(item) in blocked:
                    yield {"photo": str(item.photo), "error": blocked[id(item)]}
        free = [[item for item in group if id(item) not in blocked] for group in groups]
        self.manifest.announce(self._key(item) for group in free for item in group)
        apart: list[BatchItem] = []
        for result in self.executor.map(self.function, self._jobs([group for group in free if group])):
            if result.error and result.job[1:] and not self.function.shared:
                apart += result.job  # one of them may be to blame
            else:
                yield from self._kept(result)
        if apart:
            for result in self.executor.map(self.function, ((one,) for one in self.function.again(apart))):
                yield from self._kept(result)

    def _blocked(self, item: BatchItem) -> str:
        """Why this item must not be done; "" where it may."""
        there = next((path for path in item.targets() if path.exists()), None)
        if there is None or self.overwrite:
            return ""
        key = self._key(item)
        if not self.manifest.ours(key):
            return f"{there} exists already; --overwrite replaces it"
        if self.manifest.finished_otherwise(key) is not None:
            return f"{there} was done before with other settings; --overwrite makes it anew"
        return ""

    def _key(self, item: BatchItem) -> str:
        """The place of the result below the manifest: the same from wherever the run is started."""
        return place_from(self.manifest.path.parent, item.output)

    def _jobs(self, groups: Sequence[Group]) -> Iterator[tuple[BatchItem, ...]]:
        swept: set[Path] = set()
        for group in groups:
            job = []
            for item in group:
                key = self._key(item)
                ours, done = self.manifest.ours(key), self.manifest.done(key)
                before, made = (str((done or {}).get(name, "")) for name in ("content", "made"))
                job.append(replace(item, replace=ours or self.overwrite, before=before, made=made))
                for target in item.targets() if ours else ():
                    if target.parent not in swept:
                        sweep(target.parent)  # what a killed run left
                        swept.add(target.parent)
                if not done:
                    self.manifest.add(key, "begun")
            yield tuple(job)

    def _kept(self, result: JobResult) -> Iterator[Record]:
        """The records of a result, each entered in the manifest before it is told."""
        if result.error:
            for item in result.job:
                yield {"photo": str(item.photo), "error": result.error}
            return
        for item, record in zip(result.job, result.value, strict=True):
            if record.get("outcome") not in (None, Outcome.DONE_BEFORE):
                about = {key: record[key] for key in _KEPT if key in record}
                about["photo"] = place_from(self.manifest.path.parent, item.photo)
                if item.recipe is not None:
                    about["recipe_file"] = place_from(self.manifest.path.parent, item.recipe)
                self.manifest.add(self._key(item), "done", **about)
            elif record.get("outcome") == Outcome.DONE_BEFORE:
                done = self.manifest.done(self._key(item)) or {}
                record = {**{key: done[key] for key in _TOLD_AGAIN if key in done}, **record}
            yield record
