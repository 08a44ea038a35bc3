"""Tensors into a safetensors file that stays the file it is.

`safetensors.torch.save_file` puts another file, which its owner alone may read, into the place of the one
that it is given: a lock on that one is lost, and flushing it to the disk flushes nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.atomic_io import write_in_full

if TYPE_CHECKING:
    from torch import Tensor


def save_tensors(
    tensors: "Mapping[str, Tensor]", path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write contiguous `tensors` and texts into the file at `path`, in full.

    Args:
        tensors: By name; none may share memory with another.
        path: A file, such as the temporary one that `atomic_io.replacing` gives.
        metadata: Texts beside them.

    Raises:
        OSError: The disk takes less than all of it.
    """
    from safetensors.torch import save

    write_in_full(path, save(dict(tensors), None if metadata is None else dict(metadata)))
