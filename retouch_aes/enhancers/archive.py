"""What an ExportedProgram's archive may hold before torch is let at it: tensors as bytes, no pickled objects.

`torch.export.load` reads weights, constants and sample inputs by `torch.load(weights_only=False)` where the
archive asks for it, custom objects by `pickle.loads`, and compiled libraries. None of that is needed for an
enhancement network that `torch.export.save` wrote, so an archive with any of it is refused. Pickles of plain
tensors (the sample inputs) are let through after they were read without running code.
"""

import io
import json
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from retouch_aes.errors import WeightsError

_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin")
_OBJECTS = ("custom_obj", "opaque_obj")
_COMPILED = ("aotinductor", "executorch", "mtia")


def check_archive(path: str | Path) -> None:
    """Raise `WeightsError` where the zip at `path` holds what could run code when it is unpickled."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            folded = [posixpath.normpath(name.replace("\\", "/")).lower() for name in names]
            if len(set(folded)) != len(folded):
                raise WeightsError(f"{path} names an entry twice, so it cannot be checked; it was not read")
            for name in names:
                _check(path, archive, name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise WeightsError(f"{path} is damaged: {error}") from None


def _check(path: str | Path, archive: zipfile.ZipFile, name: str) -> None:
    parts = name.lower().split("/")
    if parts[-1].startswith(_OBJECTS):
        raise _refused(path, name, "a pickled object")
    if any(part.startswith(_COMPILED) for part in parts[:-1]):
        raise _refused(path, name, "a compiled program")
    if parts[-1].endswith(".json"):
        if any(_asks_for_pickle(json.loads(archive.read(name).decode("utf-8", "replace")))):
            raise _refused(path, name, "pickled tensors")
    elif parts[-1].endswith(_PICKLES) or (len(parts) > 1 and parts[-2] == "sample_inputs"):
        content = archive.read(name)
        try:
            if content:
                torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception:
            raise _refused(path, name, "more than tensors, pickled") from None


def _asks_for_pickle(value: Any) -> Iterator[bool]:
    """Whether a list of tensors says of one that it is pickled, at any depth."""
    found = [value]
    while found:
        one = found.pop()
        if isinstance(one, dict):
            if one.get("use_pickle"):
                yield True
            found += one.values()
        elif isinstance(one, list):
            found += one


def _refused(path: str | Path, name: str, what: str) -> WeightsError:
    return WeightsError(
        f"{path} holds {what} ({name}), which could run code; it was not read. Export the network again from "
        "plain tensors, or give its class as pkg.module:Class"
    )
