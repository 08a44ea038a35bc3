"""The end of a process that has done its work: at once, since Python takes PyTorch down slowly."""

import atexit
import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int = 0) -> NoReturn:
    """Do what was registered for the end, flush what was printed, and end this process with `code`."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):  # its reader is gone, or it is closed: said where it matters
                stream.flush()
    os._exit(code)
