"""Weights of other libraries in the user's cache: fetched by name when asked, checked, listed.

    CACHE/weights/LIBRARY/NAME.TAG/FILE        and beside it `about.json` with address, hash and licence

Nothing is fetched unless `fetch_weights` (`retouch-aes weights fetch`) is called; everything else reads what
is there and says the line that fetches what is not.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retouch_aes.atomic_io import replacing, write_json
from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models.download import download, file_hash
from retouch_aes.models.published import (
    TORCHVISION,
    PublishedWeights,
    elsewhere,
    full_name,
    published,
    split_name,
    timm_weights,
)
from retouch_aes.progress import Progress
from retouch_aes.user_cache import user_cache

_ABOUT = "about.json"


@dataclass(frozen=True)
class FetchedWeights:
    """Weights in the cache: `name` with its tag, `path`, `sha256`, `size` in bytes, `url`, `licence`."""

    name: str
    path: Path
    sha256: str
    size: int
    url: str
    licence: str


def fetch_weights(name: str, *, progress: Progress | None = None) -> FetchedWeights:
    """Fetch the weights of `torchvision:NAME` or `timm:NAME` into the user's cache, unless they are there.

    Raises:
        UsageError: The library has no such model or no weights for it.
        MissingExtraError: timm is not installed.
        WeightsError: No network, or a file that is not the published one; an interrupted one is resumed next
            time.
    """
    whole = full_name(name)
    there = _look_up(whole)
    if there is not None and file_hash(there.path) == there.sha256:
        return there
    source = published(name)
    target = user_cache("weights", *split_name(whole)) / source.file
    download(
        source.url,
        target,
        sha256=source.sha256,
        size=source.size,
        hint=elsewhere(whole),
        progress=progress,
    )
    return _record(source, target)


def add_weights(name: str, file: str | Path) -> FetchedWeights:
    """Take the weights of `name` from a `file` that was fetched elsewhere; it is copied into the cache.

    torchvision's files carry the beginning of their hash in their name, which is checked. timm's hub cannot
    be asked, so of its files only the names and shapes of the tensors are checked, when they are loaded.
    """
    whole, file = full_name(name), Path(file)
    library, local = split_name(name)
    if not file.is_file():
        raise UsageError(f"{file} does not exist or is no file")
    if library == TORCHVISION:
        source = published(name)
        if not (found := file_hash(file)).startswith(source.sha256):
            raise WeightsError(
                f"{file} is not torchvision's {source.file}: its sha256 begins with {found[:8]}, not "
                f"{source.sha256}"
            )
    else:
        licence = timm_weights(local).license or "not stated"
        source = PublishedWeights(whole, f"file {file.name}", f"model{file.suffix}", "", None, licence)
    target = user_cache("weights", *split_name(whole)) / source.file
    with replacing(target) as temporary:
        shutil.copyfile(file, temporary)
    return _record(source, target)


def find_fetched(name: str) -> FetchedWeights:
    """The checked weights of `name` in the cache. `WeightsError` with the line that fetches them, else."""
    whole = full_name(name)
    found = _look_up(whole)
    if found is None:
        raise WeightsError(
            f"the weights of {whole} are not on this machine; fetch them: retouch-aes weights fetch {whole}"
        )
    check_fetched(found)
    return found


def fetched_weights() -> list[FetchedWeights]:
    """Everything in the cache, by name. Folders that do not tell what they hold are left out."""
    folder = user_cache("weights")
    names = (f"{about.parents[1].name}:{about.parent.name}" for about in sorted(folder.glob(f"*/*/{_ABOUT}")))
    return [found for found in map(_look_up, names) if found is not None]


def check_fetched(found: FetchedWeights) -> None:
    """`WeightsError` unless the file is there with the bytes that were fetched."""
    if not found.path.is_file() or file_hash(found.path) != found.sha256:
        raise WeightsError(
            f"{found.path} is missing or damaged; fetch it again with: retouch-aes weights fetch {found.name}"
        )


def _folder(whole: str) -> Path:
    return user_cache("weights").joinpath(*split_name(whole))


def _look_up(whole: str) -> FetchedWeights | None:
    try:
        folder = _folder(whole)
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        path = folder / Path(about.pop("file")).name
        return FetchedWeights(path=path, **about)
    except (OSError, ValueError, KeyError, TypeError, UsageError):
        return None


def _record(source: PublishedWeights, path: Path) -> FetchedWeights:
    size = path.stat().st_size
    found = FetchedWeights(source.name, path, file_hash(path), size, source.url, source.licence)
    about = {key: value for key, value in asdict(found).items() if key != "path"}
    write_json(path.with_name(_ABOUT), about | {"file": path.name})
    return found
