"""Which photos of a dataset can be decoded: each file is opened once, damaged ones are left out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from retouch_aes.datasets.rated_dataset import RatedDataset
from retouch_aes.datasets.skipped import UNREADABLE, SkipLog
from retouch_aes.errors import DatasetError, RetouchError
from retouch_aes.photo import read
from retouch_aes.progress import Progress

_SMALL = 32


def readable_only(
    dataset: RatedDataset, *, workers: int = 2, progress: Progress | None = None
) -> RatedDataset:
    """`dataset` without photos that cannot be decoded; these are in its `skipped`.

    For training that opens photos one by one (`views`), where a damaged file would end an epoch. Decodes
    `workers` photos at a time. `DatasetError` where none can be read.
    """
    log, sound = SkipLog(), list[Path]()
    with ThreadPoolExecutor(workers) as pool:
        for done, (photo, problem) in enumerate(pool.map(_problem, dataset.photos), start=1):
            if problem is None:
                sound.append(photo)
            else:
                log.add(UNREADABLE, photo, problem)
            if progress is not None:
                progress("opening photos", done, len(dataset.photos))
    return without(dataset, sound, log)


def without(dataset: RatedDataset, sound: list[Path], log: SkipLog) -> RatedDataset:
    """`dataset` with the `sound` photos only, the others in `log`. `DatasetError` where none is left."""
    skipped = dataset.skipped + log.closed()
    if not sound:
        raise DatasetError("\n".join([f"no photo of {dataset.name} can be read", *skipped.summary()]))
    kept = dataset if len(sound) == len(dataset.photos) else dataset.subset(sound)
    return replace(kept, skipped=skipped)


def _problem(photo: Path) -> tuple[Path, str | None]:
    try:
        read(photo).proxy(_SMALL)
    except (RetouchError, OSError) as error:
        return photo, " ".join(str(error).removeprefix(f"{photo}: ").split())
    return photo, None
