"""What comes with a result: the time of its original, and the original's sidecars.

A sidecar tells of stars, keywords and captions, which hold for the result, too; one that holds an edit, of
Camera Raw or darktable, would be applied to the result a second time, so it is left where it is.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import PhotoError
from retouch_aes.export.star_reading import existing_sidecars, xmp_sidecars
from retouch_aes.export.xmp_packet import read_properties

_EDITS = (
    "http://ns.adobe.com/camera-raw-settings/1.0/",
    "http://darktable.sf.net/",
)


def keep_time(original: str | Path, result: str | Path) -> None:
    """Give `result` the times of access and change of `original`, to the nanosecond."""
    known = Path(original).stat()
    os.utime(result, ns=(known.st_atime_ns, known.st_mtime_ns))


def copy_sidecars(
    original: str | Path, result: str | Path, *, overwrite: bool = False
) -> tuple[list[Path], list[Path]]:
    """Copy the XMP sidecars of `original` to `result`, under its name.

    Returns the new files, and the sidecars that were left because they hold an edit.
    """
    original, result = Path(original), Path(result)
    copied, left = [], []
    for source, target in _pairs(original, result):
        if _holds_edit(source):
            left.append(source)
            continue
        with replacing(target, overwrite=overwrite) as temporary:
            shutil.copyfile(source, temporary)
        copied.append(target)
    return copied, left


def _pairs(original: Path, result: Path) -> Iterator[tuple[Path, Path]]:
    """Each XMP sidecar and where it goes: `NAME.xmp` and `NAME.EXT.xmp` keep their kind of name."""
    found = existing_sidecars(original)
    for source, target in zip(xmp_sidecars(original), xmp_sidecars(result), strict=True):
        if source in found and source != target:
            yield source, target


def _holds_edit(sidecar: Path) -> bool:
    try:
        return any(namespace in _EDITS for namespace, _ in read_properties(sidecar.read_bytes()))
    except PhotoError:
        return True  # what is in it cannot be told
