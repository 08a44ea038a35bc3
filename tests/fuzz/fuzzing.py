"""The loop: cases drawn in turn from all targets, each in the ending it names, until time or number is up.

`python fuzzing.py FOLDER SEED SECONDS` runs it by itself: before each case its bytes lie in FOLDER/case.*, so
that whoever watches the process knows what killed it, and FOLDER/counts.json grows.
"""

import contextlib
import faulthandler
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz_targets import FAILURES, Target, targets

SLOW = 20.0
"""Seconds of computing after which a case counts as a hang."""


@dataclass
class Found:
    """How many cases ended how, by target, and the failures: `(target, outcome, what, file)`."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[tuple[str, str, str, str]] = field(default_factory=list)
    slowest: float = 0.0

    def to_json(self) -> str:
        """As text."""
        return json.dumps(
            {"counts": self.counts, "failures": self.failures, "slowest": round(self.slowest, 2)}, indent=1
        )


def fuzz(
    folder: Path, seed: int, *, cases: int = 0, seconds: float = 0, judge: bool = False, save: bool = False
) -> Found:
    """Run `cases` cases, or as many as fit into `seconds`; with `save` the state lies in `folder`."""
    found, random = Found(), Random(seed)
    kinds = targets(folder / "seeds", judge)
    began, number = time.monotonic(), 0
    try:
        while (number < cases) if cases else (time.monotonic() - began < seconds):
            target = kinds[number % len(kinds)]
            _one(target, random, folder, found, save)
            number += 1
            if save and number % 50 == 0:
                (folder / "counts.json").write_text(found.to_json())
    finally:
        for kind in kinds:
            kind.close()
    if save:
        (folder / "counts.json").write_text(found.to_json())
    return found


def _one(target: Target, random: Random, folder: Path, found: Found, save: bool) -> None:
    suffix, data = target.make(random)
    path = folder / f"case{suffix}"
    path.write_bytes(data)
    if save:
        (folder / "now.txt").write_text(f"{target.name}\n{path}\n")
        faulthandler.dump_traceback_later(300, exit=True, file=sys.__stderr__)
    began, what = time.process_time(), ""
    with _stray() as lines:
        try:
            outcome = target.check(path, random)
        except Exception:
            outcome, what = "traceback", traceback.format_exc()[-1500:]
    took = time.process_time() - began
    found.slowest = max(found.slowest, took)
    if took > SLOW:
        outcome = "hang"
    if lines and outcome not in FAILURES:
        outcome, what = "stray", lines[0][:500]
    found.counts.setdefault(target.name, Counter())[outcome] += 1
    if outcome in FAILURES:
        kept = folder / f"failure{len(found.failures)}{suffix}"
        kept.write_bytes(data)
        found.failures.append((target.name, outcome, what, str(kept)))


@contextlib.contextmanager
def _stray() -> Iterator[list[str]]:
    """What is written to stdout and stderr meanwhile, by anybody in this process."""
    lines: list[str] = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(handle) for handle in (1, 2)]
        sys.stdout.flush()
        sys.stderr.flush()
        for handle in (1, 2):
            os.dup2(file.fileno(), handle)
        try:
            yield lines
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for handle, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, handle)
                os.close(copy)
            file.seek(0)
            text = file.read().decode("utf-8", "replace")
            if text.strip():
                lines.append(text)


if __name__ == "__main__":
    fuzz(Path(sys.argv[1]), int(sys.argv[2]), seconds=float(sys.argv[3]), judge=True, save=True)
    os._exit(0)  # threads of the page may be in the midst of something
