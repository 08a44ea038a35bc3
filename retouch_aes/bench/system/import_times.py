"""What a program's start goes into: the seconds of its imports, by package, as Python itself counts them."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

from retouch_aes.errors import RetouchError

PACKAGES = ("torch", "torchvision", "kornia", "numpy", "PIL", "retouch_aes")
OTHERS = "others, the standard library among them"
_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def import_times(program: Sequence[str], repeats: int) -> Mapping[str, float]:
    """Seconds by package, each without what it imports itself, of the quickest of `repeats` runs.

    Args:
        program: What stands behind `python`: `["-m", "retouch_aes.cli", "retouch", "a.jpg"]`.
        repeats: Runs.

    Returns:
        `PACKAGES` and `OTHERS`, the largest first.

    Raises:
        RetouchError: The program failed.
    """
    return min((_once(program) for _ in range(repeats)), key=lambda found: sum(found.values()))


def parse(text: str) -> Mapping[str, float]:
    """The same of what `python -X importtime` writes."""
    found = dict.fromkeys((*PACKAGES, OTHERS), 0.0)
    for microseconds, module in _LINE.findall(text):
        package = module.partition(".")[0]
        found[package if package in PACKAGES else OTHERS] += int(microseconds) / 1e6
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _once(program: Sequence[str]) -> Mapping[str, float]:
    done = subprocess.run([sys.executable, "-X", "importtime", *program], capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RetouchError(f"{' '.join(program[:4])} ... failed with {done.returncode}: {last}")
    return parse(done.stderr)
