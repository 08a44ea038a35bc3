"""A program run to its end, and what it took: time by the clock and by the processor, and peak memory.

The kernel counts as a new process's peak memory that of the process it was split from, until it has become
its own program. So a small interpreter stands between this one, which may hold gigabytes, and the program.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from retouch_aes.errors import RetouchError

_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
_MEASURE = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
wall = time.perf_counter() - began
print(json.dumps([os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@dataclass(frozen=True)
class ProcessCost:
    """Seconds by the clock, seconds of processor time, and the most memory held at once, in bytes.

    The memory is that of the largest single process: of a batch, that of one worker.
    """

    wall: float
    cpu: float
    memory: int


def process_cost(program: Sequence[str]) -> ProcessCost:
    """Run `program` and measure it. `RetouchError` with its last words where it fails, and on Windows."""
    if not hasattr(os, "wait4"):
        raise RetouchError("this benchmark counts what a process took as Unix does; run it on Linux or macOS")
    done = subprocess.run([sys.executable, "-SEc", _MEASURE, *program], capture_output=True, text=True)
    if done.returncode:
        raise RetouchError(f"{program[0]} cannot be started: {_last(done.stderr)}")
    code, wall, cpu, memory = json.loads(done.stdout)
    if code:
        raise RetouchError(f"{' '.join(program[:4])} ... failed with {code}: {_last(done.stderr)}")
    return ProcessCost(wall, cpu, memory * _UNIT)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


def least(program: Sequence[str], repeats: int) -> ProcessCost:
    """The least of each over `repeats` runs: what disturbs a measurement only ever adds."""
    costs = [process_cost(program) for _ in range(repeats)]
    return ProcessCost(min(c.wall for c in costs), min(c.cpu for c in costs), min(c.memory for c in costs))
