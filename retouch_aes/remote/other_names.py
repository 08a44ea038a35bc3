"""Texts in which folders are called otherwise."""

import re
from collections.abc import Mapping

_ENDS = r"(?=$|[/\\\s:;,)'\"])"


def renamed(text: str, names: Mapping[str, str]) -> str:
    """`text` with the folders that are keys of `names` called by their values, inner folders first."""
    if not any(folder in text for folder in names):
        return text
    keys = sorted(names, key=len, reverse=True)
    pattern = "|".join(map(re.escape, keys))
    return re.sub(f"(?:{pattern}){_ENDS}", lambda found: names[found.group()], text)
