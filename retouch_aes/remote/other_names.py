"""Names that files have elsewhere, and texts in which folders are called by them."""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ENDS = r"(?=$|[/\\\s:;,)'\"])"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_address(place: object) -> bool:
    """Whether `place` is an address (`s3://bucket/photos`) and not a path."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def renamed(text: str, names: Mapping[str, str]) -> str:
    """`text` with the folders that are keys of `names` called by their values, inner folders first."""
    if not any(folder in text for folder in names):
        return text
    keys = sorted(names, key=len, reverse=True)
    pattern = "|".join(map(re.escape, keys))
    return re.sub(f"(?:{pattern}){_ENDS}", lambda found: names[found.group()], text)


def renamed_in(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with `renamed` texts and paths, also those in its lists, tuples, dicts and dataclasses."""
    if isinstance(value, str):
        return renamed(value, names)
    if isinstance(value, Path):
        text = renamed(str(value), names)
        return value if text == str(value) else Path(text)
    if isinstance(value, list | tuple):
        return type(value)([renamed_in(part, names) for part in value])
    if isinstance(value, dict):
        return {key: renamed_in(part, names) for key, part in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.init}
        new = {name: renamed_in(part, names) for name, part in parts.items()}
        changed = {name: part for name, part in new.items() if part is not parts[name]}
        return dataclasses.replace(value, **changed) if changed else value
    return value
