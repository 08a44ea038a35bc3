"""The datasets by short name, `list_datasets` and `load_dataset`.

Another package adds a dataset by an entry point: group `retouch_aes.datasets`, name = its short name, value =
the `DatasetReader` class. One that cannot be imported is named in a warning and left out.
"""

from dataclasses import fields
from pathlib import Path

from retouch_aes.datasets.aadb import AADB
from retouch_aes.datasets.ava import AVA
from retouch_aes.datasets.eva import EVA
from retouch_aes.datasets.flickr_aes import FlickrAES
from retouch_aes.datasets.para import PARA
from retouch_aes.datasets.rated_dataset import RatedDataset
from retouch_aes.datasets.reader import DatasetReader
from retouch_aes.datasets.real_cur import RealCUR
from retouch_aes.datasets.review_ava import ReviewAVA
from retouch_aes.errors import DatasetError, UsageError
from retouch_aes.plugins import load_plugins, subclass_of

DATASETS: dict[str, type[DatasetReader]] = {
    reader.short_name: reader for reader in (AVA, AADB, FlickrAES, RealCUR, PARA, EVA, ReviewAVA)
}


def datasets() -> dict[str, type[DatasetReader]]:
    """Our readers and those of other installed packages, by short name. Ours cannot be replaced."""
    return DATASETS | load_plugins("datasets", subclass_of(DatasetReader), DATASETS)  # type: ignore[type-abstract]


def list_datasets() -> tuple[str, ...]:
    """The short names that `load_dataset` knows."""
    return tuple(datasets())


def find_reader(name: str) -> type[DatasetReader]:
    """The reader called `name`; case does not matter, nor do `_` for `-`. `UsageError` with all otherwise."""
    known = datasets()
    short = name.strip().lower().replace("_", "-")
    if short not in known:
        raise UsageError(f"expected a dataset out of {', '.join(known)}, got {name!r}")
    return known[short]


def load_dataset(name: str, folder: str | Path, **options: object) -> RatedDataset:
    """Read the dataset `name` in the layout in which its authors publish it.

    Args:
        name: Short name, out of `list_datasets()`.
        folder: Where its files lie.
        options: Those of the reader, such as `doubled=True` of `real-cur` or `size="original"` of `aadb`.

    Returns:
        Photos, scores and all else that the dataset holds; what did not fit is in its `skipped`.

    Raises:
        UsageError: For an unknown name or option.
        DatasetError: Where nothing can be read from the folder.
    """
    reader = find_reader(name)
    known = [field.name for field in fields(reader) if field.name != "folder"]  # type: ignore[arg-type]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise UsageError(
            f"expected options of {name} out of {', '.join(known) or 'none'}, got {unknown[0]!r}"
        )
    if not Path(folder).is_dir():
        raise DatasetError(f"{folder} is no folder; expected {reader.title} in the layout\n{reader.layout}")
    return reader(folder, **options).read()  # type: ignore[call-arg]
