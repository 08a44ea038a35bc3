"""Folders given by address (`s3://bucket/photos`) where a command takes folders.

Such a folder is laid out among the temporary files (`remote.Shadow`), so that everything that plans sees
paths; what is told and reported has the address in their place.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retouch_aes.cli import show
from retouch_aes.errors import UsageError
from retouch_aes.remote.other_names import is_address
from retouch_aes.remote.store import local_path

if TYPE_CHECKING:
    from retouch_aes.batch import Manifest
    from retouch_aes.executors import Executor
    from retouch_aes.remote.shadow import Shadow
    from retouch_aes.remote.store import Store

_MOST_NAMED = 3


class PathOrAddress(click.Path):
    """A path, as `click.Path`, or an address, which stays text. `file://` is a path."""

    def __init__(self, **kinds: Any) -> None:
        super().__init__(path_type=Path, **kinds)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType`."""
        if is_address(value):
            if (path := local_path(value)) is None:
                return str(value)
            value = str(path)
        return super().convert(value, param, ctx)


class RemoteFolders:
    """The folders of one command that were given by address, laid out until the command ends."""

    def __init__(self) -> None:
        self.sources: list[Shadow] = []
        self.targets: list[Shadow] = []
        self._folder: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.sources or self.targets)

    def source(self, place: Path | str, wanted: Callable[[str], bool] = lambda _: False) -> Path:
        """The path of a folder (or file) of photos; files that are `wanted` by name come with contents."""
        return place if isinstance(place, Path) else self._laid_out(place, self.sources, wanted)

    def target(self, place: Path | str) -> Path:
        """The path of a folder for results."""
        return place if isinstance(place, Path) else self._laid_out(place, self.targets, lambda _: False)

    def executor(self, executor: "Executor", manifest: "Manifest | None" = None) -> "Executor":
        """`executor`, whose jobs fetch and put what lies elsewhere; itself where nothing does.

        A `manifest` knows what was done before, and learns the stamps.
        """
        if not self:
            return executor
        from retouch_aes.batch.remote import RemoteManifest
        from retouch_aes.remote.fetching import FetchingExecutor

        if isinstance(manifest, RemoteManifest):
            return FetchingExecutor(executor, self.sources, self.targets, manifest.known, manifest.made)
        return FetchingExecutor(executor, self.sources, self.targets)

    @staticmethod
    def refuse(places: Sequence[Path | str], options: Mapping[str, object]) -> None:
        """`UsageError` for an option that was given and needs files that lie here."""
        given = [name for name, value in options.items() if value]
        remote = [place for place in places if isinstance(place, str)]
        if remote and given:
            raise UsageError(
                f"{given[0]} needs files that lie here, and {remote[0]} is an address; leave {given[0]} out, "
                "or mount or copy that folder first"
            )

    def store(self, target: Path) -> "Store | None":
        """Where the results in `target` are put; None where they lie here."""
        return next((shadow.store for shadow in self.targets if shadow.root == target), None)

    def stamps(self) -> dict[str, str]:
        """The stores' stamps of all that was listed, by path here."""
        every = [*self.sources, *self.targets]
        return {path: stamp for shadow in every for path, stamp in shadow.stamps.items()}

    def put(self, paths: Iterable[str]) -> None:
        """Put files that were made here in the place of results into their store."""
        for path in map(Path, paths):
            for shadow in self.targets:
                if path.is_relative_to(shadow.root):
                    shadow.store.put(path, path.relative_to(shadow.root).as_posix(), overwrite=True)

    def _laid_out(self, address: str, among: "list[Shadow]", wanted: Callable[[str], bool]) -> Path:
        from retouch_aes.remote.shadow import Shadow
        from retouch_aes.remote.store import Store

        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="retouch_aes_addresses_")).resolve()
            folder = self._folder
            click.get_current_context().call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
        store = Store(address)
        scheme, _, rest = store.address.partition("://")
        inner = self._folder.joinpath(scheme, *(part for part in rest.split("/") if part not in ("", "..")))
        if any(inner == shadow.root for shadow in self.sources):
            raise UsageError(f"{address}: results would lie among the originals; give another address")
        inner.mkdir(parents=True, exist_ok=True)
        shadow = Shadow(store, inner)
        place = shadow.lay_out(wanted)
        show.called[str(shadow.root)] = shadow.store.address
        among.append(shadow)
        if shadow.left_out:
            named = ", ".join(shadow.left_out[:_MOST_NAMED])
            more = f" and {len(shadow.left_out) - _MOST_NAMED} more" if shadow.left_out[_MOST_NAMED:] else ""
            show.line(f"{address}: left out, since no file here can be called that: {named}{more}", err=True)
        return place


def working_folder(address: str) -> Path:
    """Where what will lie at `address` is made; the same for a run that goes on."""
    from hashlib import sha256

    from retouch_aes.user_cache import user_cache

    return user_cache("addresses", sha256(address.rstrip("/").encode()).hexdigest()[:16])


def put_folder(folder: Path, address: str) -> None:
    """Put the files of `folder` to `address`, and remove it when all of them are there."""
    from retouch_aes.remote.store import Store

    store = Store(address)
    for path in sorted(folder.iterdir()):
        store.put(path, path.name, overwrite=True)
    shutil.rmtree(folder)


photos = click.argument(
    "paths",
    metavar="PHOTO_OR_FOLDER...",
    nargs=-1,
    required=True,
    type=PathOrAddress(exists=True, readable=False),
)
