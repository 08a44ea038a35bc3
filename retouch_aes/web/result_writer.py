"""Results made anew at full size, one after the other on a thread, while the review goes on."""

from collections.abc import Callable, Mapping
from pathlib import Path

from retouch_aes.batch.made import MadeResult
from retouch_aes.batch.manifest import Manifest
from retouch_aes.batch.results import CHANGED, sha256_of, state_of
from retouch_aes.errors import RetouchError
from retouch_aes.operators import Recipe
from retouch_aes.web.background import BackgroundThread
from retouch_aes.web.review_log import ReviewLog


class ResultWriter(BackgroundThread):
    """Makes results until they are what `wanted` says of them. `start` it, and `finish` it at the end.

    `results` are those that there are, by key; those of a batch stand in `manifest`.
    """

    def __init__(
        self,
        results: Mapping[str, MadeResult],
        wanted: Callable[[str], Recipe],
        log: ReviewLog,
        manifest: Path | None,
    ) -> None:
        super().__init__("results")
        self._results, self._wanted, self._log = results, wanted, log
        self._manifest = None if manifest is None else Manifest(manifest, "")
        self._lies = {key: self._found(made) for key, made in results.items()}
        self._waiting: dict[str, None] = {}
        self._busy = False
        self._failures: dict[str, str] = {}

    def _found(self, made: MadeResult) -> tuple[Recipe, str]:
        """The recipe of a result as it lies there, and its hash."""
        written = None if self._manifest is not None else self._log.written(made.key)
        if written is not None and written[1] == sha256_of(made.output):
            return written
        return made.recipe, made.made

    def want(self, key: str) -> None:
        """Make this result anew unless it is as it should be."""
        with self._changed:
            self._waiting[key] = None
            self._changed.notify_all()

    def state(self) -> tuple[int, dict[str, str]]:
        """How many are waiting or being written, and what went wrong, by key."""
        with self._changed:
            return len(self._waiting) + self._busy, dict(self._failures)

    def finish(self, seconds: float) -> int:
        """Write what is waiting, for `seconds` at most, and end; how many are left for the next start."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._waiting or self._busy), seconds)
            left = len(self._waiting) + self._busy
        self.stop()
        self.join(seconds)
        if self._manifest is not None:
            self._manifest.close()
        return left

    def _work(self) -> None:
        while (key := self._next()) is not None:
            failure = ""
            try:
                self._make(self._results[key])
            except (RetouchError, OSError) as error:  # told on the page; tried again at the next start
                failure = str(error)
            with self._changed:
                self._busy = False
                self._failures.pop(key, None)
                if failure:
                    self._failures[key] = failure
                self._changed.notify_all()

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._waiting)
            if self._stopped:
                return None
            self._busy = True
            key = next(iter(self._waiting))
            del self._waiting[key]
            return key

    def _make(self, made: MadeResult) -> None:
        recipe, (lies, digest) = self._wanted(made.key), self._lies[made.key]
        if not self._log.writing(made.key):  # else a kill came between the file and what is said of it
            if recipe.effective().steps == lies.effective().steps:
                return
            if state_of(made.output, digest) == "changed":
                raise RetouchError(f"{made.output}: {CHANGED}")
            self._log.write(made.key)
        digest, size = made.make(recipe)
        if self._manifest is not None:
            about = {"made": digest, "size": size, "recipe": recipe.to_json()}
            self._manifest.replaced(made.key, **about, proposed=made.proposed.to_json())
        self._log.wrote(made.key, recipe, digest)
        self._lies[made.key] = recipe, digest
