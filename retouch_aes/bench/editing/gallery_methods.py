"""What a gallery shows of a photo: as it is, ours, and what others make of it without being asked.

A method writes a picture of a photo, or says that it has none. All start from the same decoded pixels, but
darktable, which has an automatic edit for camera RAW alone: it is given the file itself.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from retouch_aes.bench.common.baselines import autocontrast_tone
from retouch_aes.bench.common.programs import darktable, rawtherapee, write_auto_exposure
from retouch_aes.errors import RetouchError
from retouch_aes.photo import Photo, write
from retouch_aes.pipeline import Retoucher

GalleryMethod = Callable[[Photo, Path], str | None]
"""Writes a JPEG to the path; returns what is to be told of it ("" for nothing), None where it made none."""

ORIGINAL, OURS, PERSONAL = "original", "ours", "ours, personal"
AUTOCONTRAST, RAWTHERAPEE, DARKTABLE = "autocontrast", "RawTherapee auto", "darktable auto"

_PATIENCE = 300.0
_QUALITY = 95


def gallery_methods(generic: Retoucher, personal: Retoucher | None = None) -> dict[str, GalleryMethod]:
    """The methods by the names that the sheet shows; programs only where they are installed."""
    found = {ORIGINAL: _original, OURS: _retouched(generic)}
    if personal is not None:
        found[PERSONAL] = _retouched(personal)
    found[AUTOCONTRAST] = _autocontrast
    for name, program, method in (
        (RAWTHERAPEE, "rawtherapee-cli", _rawtherapee),
        (DARKTABLE, "darktable-cli", _darktable),
    ):
        path = shutil.which(program)
        if path is not None:
            found[name] = method(path)
    return found


def _save(photo: Photo, path: Path) -> None:
    """A JPEG of quality 95 without the metadata: no file tells another story than its pixels."""
    write(Photo(photo.pixels, grey=photo.grey), path, quality=_QUALITY, overwrite=True)


def _original(photo: Photo, path: Path) -> str:
    _save(photo, path)
    return ""


def _retouched(retoucher: Retoucher) -> GalleryMethod:
    def made(photo: Photo, path: Path) -> str:
        done = retoucher(photo)
        _save(done.photo, path)
        found = done.solution
        return f"{found.outcome}{found.reason and f' ({found.reason})'}"

    return made


def _autocontrast(photo: Photo, path: Path) -> str:
    _save(photo.with_image(autocontrast_tone(photo.image)), path)
    return ""


def _rawtherapee(program: str) -> GalleryMethod:
    def made(photo: Photo, path: Path) -> str:
        with TemporaryDirectory() as folder:
            source, profile = Path(folder) / "photo.png", Path(folder) / "auto.pp3"
            write(Photo(photo.pixels), source)
            write_auto_exposure(profile)
            _run(rawtherapee(program, source, path, profile, _QUALITY), path)
        return ""

    return made


def _darktable(program: str) -> GalleryMethod:
    def made(photo: Photo, path: Path) -> str | None:
        if photo.format != "RAW" or photo.path is None:
            return None
        with TemporaryDirectory() as folder:
            source = Path(folder) / photo.path.name
            shutil.copyfile(photo.path, source)  # without a sidecar that lies beside it
            out = Path(folder) / "out.jpg"  # it renames rather than replaces
            _run(darktable(program, source, out, Path(folder)), out)
            shutil.move(out, path)
        return ""

    return made


def _run(command: list[str], made: Path) -> None:
    """Run a program that makes the file `made`. `RetouchError` with its last line where it does not."""
    name = Path(command[0]).name
    made.unlink(missing_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, errors="replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RetouchError(f"{name} could not be run: {error}") from None
    if not made.is_file():
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise RetouchError(f"{name} made no picture (exit code {done.returncode}); it said: {said[-1]}")
