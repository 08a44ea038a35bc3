"""What test workers do; a module of its own, since worker processes import it by name."""

import os
import pickle
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from retouch_aes.executors import Executor, InProcess


@dataclass(frozen=True)
class Work:
    """Square a number; some jobs are words and go wrong."""

    folder: str = ""

    def __call__(self, job):
        if job == "raise":
            raise ValueError("no such\nnumber")
        if job == "hang":
            time.sleep(60)
        if job == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "die once":
            mark = Path(self.folder, "died")
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return "lived"
        return job * job


class Backwards(Executor):
    """As if every job were done in another process, the last one first."""

    def __init__(self):
        self.closed = 0

    def map(self, function, jobs):
        there = pickle.loads(pickle.dumps(function))
        try:
            for result in InProcess(threads=1).map(there, reversed(list(jobs))):
                yield pickle.loads(pickle.dumps(result))
        finally:
            self.closed += 1


@dataclass(frozen=True)
class Deaths:
    """Jobs `(name, deaths, replace)`: die so often, each time with the result already there, then say so."""

    folder: str

    def __call__(self, job):
        name, deaths, replace = job
        result, counter = Path(self.folder, name), Path(self.folder, name + ".deaths")
        if result.exists() and not replace:
            raise ValueError("exists already")
        result.write_text("whole")
        died = len(counter.read_text()) if counter.exists() else 0
        if died < deaths:
            counter.write_text("x" * (died + 1))
            os.kill(os.getpid(), signal.SIGKILL)
        return "lived"

    def again(self, job):
        return (*job[:2], True)
