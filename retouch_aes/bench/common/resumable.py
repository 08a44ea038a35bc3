"""Results kept as they are finished, so that a long run that was stopped goes on where it was.

A text file of JSON lines: the settings first, then one line for each thing done. A last line cut short by a
crash is dropped. A file of other settings is refused.
"""

import json
from pathlib import Path
from typing import Any

from retouch_aes.errors import RetouchError, UsageError


class ResumableResults:
    """The file at `path`, begun with `settings` or continued; None keeps results in memory alone."""

    def __init__(self, path: Path | None, settings: dict[str, Any], *, overwrite: bool = False) -> None:
        self._path = path
        self._found: dict[tuple[str, ...], Any] = {}
        if path is None:
            return
        if path.is_file() and not overwrite:
            self._continue(path, json.loads(json.dumps(settings)))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings) + "\n", encoding="utf-8")

    def _continue(self, path: Path, settings: dict[str, Any]) -> None:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        try:
            before = json.loads(lines[0])
        except (IndexError, ValueError):
            raise RetouchError(f"{path} holds no results of a benchmark; choose another file") from None
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
        whole = [line for line in lines if line.endswith("\n")]
        for number, line in enumerate(whole[1:], start=2):
            try:
                value = json.loads(line)
                self._found[tuple(value["key"])] = value["result"]
            except (ValueError, KeyError, TypeError):
                raise RetouchError(
                    f"{path}:{number}: expected a result, got {line[:40]!r}; remove it"
                ) from None
        if len(whole) < len(lines):
            path.write_text("".join(whole), encoding="utf-8")

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._found

    def __getitem__(self, key: tuple[str, ...]) -> Any:
        return self._found[key]

    def add(self, key: tuple[str, ...], result: Any) -> None:
        """Keep `result`, a plain value, under `key`."""
        self._found[key] = result
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": list(key), "result": result}) + "\n")
