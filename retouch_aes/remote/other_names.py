"""Names that files have elsewhere, and texts in which folders are called by them."""

import re
from collections.abc import Mapping

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
