"""Whether `torch.jit.trace` is watching: it would take shapes, and checks of values, for data."""

import torch


def is_tracing() -> bool:
    """True while `torch.jit.trace`, or an exporter that stands on it, records what is done."""
    return bool(torch.jit.is_tracing())  # type: ignore[attr-defined, no-untyped-call]
