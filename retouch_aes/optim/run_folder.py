"""A folder in which a training keeps what it needs to go on, and the settings it was begun with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retouch_aes.atomic_io import write_json
from retouch_aes.errors import UsageError

_SETTINGS = "run.json"


def begin_run(folder: Path, settings: Mapping[str, Any]) -> None:
    """Make `folder` for a run of these `settings`, or check that it holds one.

    `UsageError` where it holds one of others.
    """
    path, plain = folder / _SETTINGS, json.loads(json.dumps(dict(settings), default=str))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        write_json(path, plain)
        return
    except (OSError, ValueError):
        raise UsageError(f"{path} cannot be read; remove the folder, or choose another") from None
    if before != plain:
        known = before if isinstance(before, dict) else {}
        other = ", ".join(name for name in plain if known.get(name) != plain[name]) or "setting"
        raise UsageError(f"{folder} holds a run with another {other}; remove it, or choose another folder")


def end_run(folder: Path) -> None:
    """Remove the checkpoints and settings of a run whose result is stored, and the folder if empty."""
    for path in (*folder.glob("*.ckpt"), folder / _SETTINGS):
        path.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
