"""`retouch-aes` as a process of its own: how it begins and how it ends.

It ends at once when all is written: Python takes half a second to take PyTorch down, and a fifth more memory
than the work itself; the system does it for nothing.

Its threads sleep while they wait for each other. By default OpenMP's spin, and where another program wants a
core as well, each of them spins away the time that the one it waits for would need: a retouch of 24 MP beside
two busy programs took 14 to 36 s so, and takes 6 to 8 s.
"""

import os

from retouch_aes.cli.failures import debugging
from retouch_aes.cli.group import main
from retouch_aes.deferred_imports import KORNIA, defer_imports
from retouch_aes.leaving import leave


def program() -> None:
    """Run the command of the line, do what was registered for the end, and leave.

    With RETOUCH_AES_DEBUG=1 Python ends as usual, so that profilers can write what they saw.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when PyTorch is imported, here and in workers
    defer_imports(KORNIA)
    try:
        main(prog_name="retouch-aes")
    except SystemExit as end:
        if debugging():
            raise
        leave(end.code if isinstance(end.code, int) else 0)
