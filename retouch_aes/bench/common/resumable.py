"""Results kept as they are finished, so that a long run that was stopped goes on where it was.

An `append_log`: the settings first, then one line for each thing done. Lines cut short by a crash are left
out. A file of other settings is refused.
"""

import json
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from retouch_aes.append_log import AppendLog
from retouch_aes.errors import RetouchError, RetouchWarning, UsageError
from retouch_aes.executors import Executor, InProcess
from retouch_aes.progress import Progress


class ResumableResults:
    """The file at `path`, begun with `settings` or continued; None keeps results in memory alone."""

    def __init__(self, path: Path | None, settings: dict[str, Any], *, overwrite: bool = False) -> None:
        self._log: AppendLog | None = None
        self._found: dict[tuple[str, ...], Any] = {}
        if path is None:
            return
        if overwrite:
            path.unlink(missing_ok=True)
        self._log = AppendLog(path, "key")
        plain = json.loads(json.dumps(settings))
        if self._log.content.size:
            self._continue(self._log, plain)
        else:
            self._log.append(plain)

    def _continue(self, log: AppendLog, settings: dict[str, Any]) -> None:
        path, content = log.path, log.content
        if not content.objects or content.objects[0][0] != 1:
            raise RetouchError(f"{path} holds no results as they are kept here; choose another file")
        for number, text in content.strangers:
            raise RetouchError(f"{path}:{number}: expected a result, got {text[:40]!r}; remove it")
        before = content.objects[0][1]
        if before != settings:
            changed = [
                name
                for name in settings
                if not isinstance(before, dict) or before.get(name) != settings[name]
            ]
            raise UsageError(
                f"{path} holds results with another {', '.join(changed) or 'setting'}; choose another file, "
                "or --overwrite"
            )
        for number, value in content.objects[1:]:
            try:
                self._found[tuple(value["key"])] = value["result"]
            except (KeyError, TypeError):
                raise RetouchError(
                    f"{path}:{number}: expected a result, got {str(value)[:40]!r}; remove it"
                ) from None
        if content.fragments:
            warnings.warn(content.report(path), RetouchWarning, stacklevel=4)

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._found

    def __getitem__(self, key: tuple[str, ...]) -> Any:
        return self._found[key]

    def add(self, key: tuple[str, ...], result: Any) -> None:
        """Keep `result`, a plain value, under `key`; it is on the disk when this returns."""
        self._found[key] = result
        if self._log is not None:
            self._log.append({"key": list(key), "result": result})

    def complete(
        self,
        keys: Sequence[tuple[str, ...]],
        function: Callable[[int], Any],
        *,
        name: str,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Do what is missing of `keys`: `function` of its number, kept as it is finished.

        Args:
            keys: All that there is to be.
            function: Takes a place in `keys` and gives a plain value; can be pickled.
            name: Of the work, for `progress`.
            executor: Who does it; None does it here.
            progress: Told of what is done, of all `keys`.
        """
        missing = [number for number, key in enumerate(keys) if key not in self]
        done = len(keys) - len(missing)
        with closing((executor or InProcess()).map(function, missing)) as results:
            for result in results:
                self.add(keys[result.job], result.got())
                done += 1
                if progress is not None:
                    progress(name, done, len(keys))
