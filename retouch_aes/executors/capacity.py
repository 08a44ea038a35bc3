"""How many workers a machine carries: one per core, as many as fit into memory."""

import os
import sys
from pathlib import Path
from typing import Any

from retouch_aes.errors import UsageError

PER_WORKER = 1.2e9
"""Bytes a worker needs for photos of up to 45 megapixels, PyTorch included; 100 megapixels need 1.7e9."""

_USUAL_MEMORY = 8e9


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def free_memory() -> float:
    """Bytes that are free, or would be if caches gave way."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        [kilobytes] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
        return float(kilobytes) * 1024
    except (OSError, ValueError, IndexError):
        return _installed_memory() / 2


def _installed_memory() -> float:
    """Bytes of memory that this machine has; 8e9 where it does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return _USUAL_MEMORY


def _windows_memory() -> float:
    try:
        import ctypes

        kilobytes = ctypes.c_ulonglong()
        kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
        done = kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    except (ImportError, AttributeError, OSError):
        return _USUAL_MEMORY
    return kilobytes.value * 1024.0 if done else _USUAL_MEMORY


def fitting_workers(max_memory: float | None = None) -> int:
    """Workers for this machine, or for `max_memory` bytes of it; at least one must fit."""
    memory = free_memory() if max_memory is None else max_memory
    if max_memory is not None and max_memory < PER_WORKER:
        raise UsageError(
            f"expected room for one worker ({PER_WORKER / 1e9:g} GB) or more, got {max_memory / 1e9:g} GB"
        )
    return max(1, min(cores(), int(memory // PER_WORKER)))
