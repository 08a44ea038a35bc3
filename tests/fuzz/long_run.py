"""`make fuzz`: FUZZ_MINUTES of fuzzing and FUZZ_KILLS kills, and a table of what came of them.

The fuzzing runs in a process of its own, begun anew with another seed where what it reads kills it, which
counts as a failure. Everything that failed stays in the folder, with its input.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "photo" / "metadata"
BARS = ("traceback", "hang", "silent", "stray", "wrong size", "lost", "server error", "killed")


def fuzzed(folder: Path, minutes: float, seed: int) -> tuple[dict[str, Counter[str]], list[object]]:
    """The counts of all processes together, and what failed."""
    counts: dict[str, Counter[str]] = {}
    failures: list[object] = []
    end, number = time.monotonic() + 60 * minutes, 0
    while (left := end - time.monotonic()) > 5:
        place = folder / f"{number}"
        place.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(HERE / "fuzzing.py"), str(place), str(seed + number), str(left)]
        paths = os.pathsep.join([str(SAMPLES), *filter(None, [os.environ.get("PYTHONPATH")])])
        code = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": paths}).returncode
        if (place / "counts.json").exists():
            found = json.loads((place / "counts.json").read_text())
            failures += found["failures"]
            for name, outcomes in found["counts"].items():
                counts.setdefault(name, Counter()).update(outcomes)
        if code:
            now = (place / "now.txt").read_text().split("\n")[0] if (place / "now.txt").exists() else "start"
            counts.setdefault(now, Counter())["killed"] += 1
            failures.append([now, "killed", f"exit code {code}", str(place)])
        number += 1
    return counts, failures


def table(counts: dict[str, Counter[str]]) -> str:
    """Markdown."""
    heads = ("fine", "told", "refused", *BARS)
    lines = ["| input | cases | " + " | ".join(heads) + " |", "| --- " * (len(heads) + 2) + "|"]
    total: Counter[str] = Counter()
    for name, outcomes in counts.items():
        total.update(outcomes)
        lines.append(_row(name, outcomes, heads))
    return "\n".join([*lines, _row("all", total, heads)])


def _row(name: str, outcomes: Counter[str], heads: tuple[str, ...]) -> str:
    return f"| {name} | {outcomes.total():,} | " + " | ".join(f"{outcomes[head]:,}" for head in heads) + " |"


def main() -> int:
    """Run both, print the table; 1 where anything failed."""
    folder = Path(os.environ.get("FUZZ_FOLDER", "fuzz_output"))
    minutes, kills = (float(os.environ.get(name, 0)) for name in ("FUZZ_MINUTES", "FUZZ_KILLS"))
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    counts, failures = fuzzed(folder / "cases", minutes, seed) if minutes else ({}, [])
    print(table(counts))
    for failure in failures:
        print("failed:", failure)
    code = 0
    if kills:
        command = [
            sys.executable,
            str(HERE / "killing.py"),
            str(folder / "kills"),
            str(seed),
            str(int(kills)),
        ]
        code = subprocess.run(command, check=False).returncode
    return 1 if failures or code else 0


if __name__ == "__main__":
    sys.exit(main())
