"""All that is wrong with a dataset, said at once."""

from collections.abc import Sequence
from pathlib import Path

from retouch_aes.errors import DatasetError

SHOWN = 20


def refuse(path: Path, problems: Sequence[str], advice: str) -> None:
    """Raise one `DatasetError` that lists `problems` of `path` (20 at most) and ends in `advice`."""
    if not problems:
        return
    lines = [f"{path} has {len(problems)} problem{'s' if problems[1:] else ''}:"]
    lines += [f"  {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  ... and {len(problems) - SHOWN} more")
    raise DatasetError("\n".join([*lines, advice]))
