"""Before and after side by side, as a picture file."""

from pathlib import Path
from typing import TYPE_CHECKING

from retouch_aes.atomic_io import replacing
from retouch_aes.errors import PhotoError

if TYPE_CHECKING:
    from retouch_aes.photo import Photo

_SIDE = 1600


def save_comparison(
    path: Path, photos: tuple["Photo", "Photo"], labels: tuple[str, str], *, overwrite: bool = False
) -> None:
    """Write small copies of `photos` with `labels` below them to `path`."""
    from retouch_aes.export.side_by_side import side_by_side

    small = [photo.proxy(_SIDE) for photo in photos]
    sheet = side_by_side(small, labels, height=min(720, max(240, small[0].shape[-2])))
    with replacing(path, overwrite=overwrite) as temporary:
        try:
            sheet.save(temporary, quality=92)
        except (ValueError, OSError) as error:
            raise PhotoError(f"{path}: the comparison cannot be written ({error})") from error
