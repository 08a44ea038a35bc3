"""Contact sheets of a run: before and after of every photo as thumbnails with names, page by page."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.export.html_report import ReportEntry
from retouch_aes.export.side_by_side import contact_sheet
from retouch_aes.export.thumbnails import thumbnail, thumbnail_tensor

ACROSS, DOWN = 3, 8
"""Photos of a page, each with its result beside it."""
_HEIGHT = 170
_GROUND = 119 / 255
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def contact_sheet_files(path: str | Path, photos: int) -> list[Path]:
    """The files of the sheets of so many photos: `path`, or, where that are several, `NAME-1.jpg` and so on.

    Raises:
        UsageError: `path` has an ending that no sheet has.
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{path}: a contact sheet ends in one of {' '.join(_SUFFIXES)}")
    pages = max(1, -(-photos // (ACROSS * DOWN)))
    digits = len(str(pages))
    if pages == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{page:0{digits}}{path.suffix}") for page in range(1, pages + 1)]


def write_contact_sheets(
    entries: Sequence[ReportEntry],
    path: str | Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """Write sheets of `entries`, those that have a result, in their order, and return their files.

    Args:
        entries: What was done.
        path: A `.jpg`, `.png` or `.webp`; numbered where there are several pages of 24 photos.
        overwrite: Whether existing files may be replaced.
        progress: Called with the number of photos done.

    Raises:
        UsageError: None of the entries has a result, or `path` has another ending.
        RetouchError: A file exists.
    """
    shown = [entry for entry in entries if entry.output is not None and not entry.error]
    if not shown:
        raise UsageError("none of these photos has a result; there is nothing to show on a contact sheet")
    files = contact_sheet_files(path, len(shown))
    for file in files:
        if file.exists() and not overwrite:
            raise RetouchError(f"{file} exists already; --overwrite replaces it")
    pages = range(0, len(shown), ACROSS * DOWN)
    for start, file in zip(pages, files, strict=True):
        page = shown[start : start + ACROSS * DOWN]
        _write(page, file, overwrite)
        if progress is not None:
            progress(start + len(page))
    return files


def _write(page: Sequence[ReportEntry], file: Path, overwrite: bool) -> None:
    """One sheet: as many photos across as there are, at most `ACROSS`."""
    across = min(ACROSS, len(page))
    pictures: list[Tensor] = []
    texts: list[str] = []
    for entry in page:
        pictures += [_picture(entry.photo), _picture(entry.output)]
        texts += [entry.photo.name, _told(entry)]
    missing = -len(pictures) % (2 * across)
    pictures += [_blank()] * missing
    texts += [""] * missing
    rows = [slice(start, start + 2 * across) for start in range(0, len(pictures), 2 * across)]
    sheet = contact_sheet(
        [pictures[row] for row in rows],
        ["before", "after"] * across,
        [""] * len(rows),
        height=_HEIGHT,
        captions=[texts[row] for row in rows],
    )
    with replacing(file, overwrite=overwrite) as temporary:
        sheet.save(temporary, quality=90)


def _picture(path: Path | None) -> Tensor:
    """A small copy; a file that is gone is an empty frame."""
    image = None if path is None else thumbnail(path, 2 * _HEIGHT)
    return _blank() if image is None else thumbnail_tensor(image)


def _blank() -> Tensor:
    return torch.full((1, 3, _HEIGHT, _HEIGHT), _GROUND)


def _told(entry: ReportEntry) -> str:
    before, after = entry.score_before, entry.score_after
    return entry.outcome if before is None or after is None else f"score {before:.2f}, then {after:.2f}"
