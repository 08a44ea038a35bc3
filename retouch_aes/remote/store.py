"""The one door to files that have an address, such as `s3://bucket/photos`: through fsspec (extra `cloud`).

An object store puts an object whole or not at all, so what a kill leaves there is the old object, or the new
one, or none. It has no rename, no lock, and no append.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from retouch_aes.errors import MissingExtraError, RetouchError, UsageError
from retouch_aes.remote.other_names import is_address

_VERSION = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "created")
"""What stores call that by which another version of a file is known, the surest first."""
_TIME = ("LastModified", "last_modified", "mtime", "updated", "created")


def local_path(address: str) -> Path | None:
    """The path that `file://` names; None for any other address. `UsageError` where it names none."""
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in ("file", "local"):
        return None
    host, root, path = rest.partition("/")
    if host.lower() not in ("", "localhost") or not root:
        raise UsageError(
            f"{address}: expected a whole path behind {scheme}://, such as {scheme}:///home/anna"
        )
    return Path(unquote(f"/{path}"))


@dataclass(frozen=True)
class StoredFile:
    """What a store says of a file: bytes, seconds since 1970, and a text that another version changes."""

    size: int
    time: float
    stamp: str


@dataclass(frozen=True)
class Store:
    """The files below `address`, each named by its place there, with forward slashes.

    It can be sent to other processes and machines. Everything raises `RetouchError` where the store does not
    do what it is asked: the bucket is not there, access is denied, the network is down.
    """

    address: str

    def __post_init__(self) -> None:
        address = self.address.rstrip("/")
        if not is_address(address):
            raise UsageError(f"{self.address}: expected the address of a folder, such as s3://bucket/photos")
        object.__setattr__(self, "address", address)

    def at(self, name: str) -> str:
        """The address of a file."""
        return f"{self.address}/{name}" if name else self.address

    def files(self) -> dict[str, StoredFile]:
        """What lies there, in all folders, by name; a single file at the address itself has the name ""."""
        with self._told():
            system, root = self._system()
            found = system.find(root, withdirs=False, detail=True)
            bucket = root.partition("/")[0]
            if not found and bucket and not system.exists(bucket):
                raise FileNotFoundError
        root = root.rstrip("/")
        return {
            path[len(root) :].lstrip("/"): _stored(about)
            for path, about in found.items()
            if about.get("type") != "directory"
            and not path.endswith("/")
            and (path == root or path.startswith(f"{root}/"))
        }

    def fetch(self, name: str, place: Path) -> StoredFile:
        """Copy a file to `place`, all of it; what was fetched."""
        with self._told(name):
            system, root = self._system()
            path = f"{root}/{name}" if name else root
            about = _stored(system.info(path))
            system.get_file(path, str(place))
        if place.stat().st_size != about.size:
            raise RetouchError(f"{self.at(name)}: it changed while it was fetched, or came cut short")
        return about

    def put(self, place: Path, name: str, *, overwrite: bool) -> StoredFile:
        """Put the file at `place` there, whole or not at all. Without `overwrite`, only where none is."""
        with self._told(name):
            system, root = self._system()
            path = f"{root}/{name}"
            self._check_free(system, name, overwrite)
            system.put_file(str(place), path)
            return _stored(system.info(path))

    def read(self, name: str) -> bytes:
        """All of a file."""
        with self._told(name):
            system, root = self._system()
            content: bytes = system.cat_file(f"{root}/{name}")
        return content

    def write(self, name: str, content: bytes, *, overwrite: bool = True) -> None:
        """Make a file of `content`, whole or not at all. Without `overwrite`, only where none is."""
        with self._told(name):
            system, root = self._system()
            self._check_free(system, name, overwrite)
            system.pipe_file(f"{root}/{name}", content)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        with self._told():
            system, root = self._system()
            for name in names:
                system.rm_file(f"{root}/{name}")

    def _check_free(self, system: Any, name: str, overwrite: bool) -> None:
        if not overwrite and system.exists(self.at(name)):
            raise RetouchError(f"{self.at(name)} exists already, and was left as it is")

    def _system(self) -> tuple[Any, str]:
        """fsspec's file system and the root there; it keeps one of each kind a process."""
        try:
            import fsspec

            system, root = fsspec.core.url_to_fs(self.address, use_listings_cache=False)
        except ImportError as error:
            kind = urlsplit(self.address).scheme
            if kind in ("s3", "s3a") or error.name == "fsspec":
                raise MissingExtraError(f"{kind}:// addresses", "cloud") from error
            raise RetouchError(f"{self.address}: {_line(error)}") from error
        except ValueError as error:
            raise UsageError(f"{self.address}: {_line(error)}") from error
        return system, str(root)

    @contextmanager
    def _told(self, name: str = "") -> Iterator[None]:
        """Whatever a store raises (each library has errors of its own) as one of ours."""
        try:
            yield
        except RetouchError:
            raise
        except FileNotFoundError as error:
            raise RetouchError(f"{self.at(name)}: there is no such bucket, folder or file") from error
        except PermissionError as error:
            raise RetouchError(f"{self.at(name)}: access denied ({_line(error)})") from error
        except Exception as error:
            if "credentials" in type(error).__name__.lower():
                hint = "for s3: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws"
                raise RetouchError(f"{self.at(name)}: {_line(error)} ({hint})") from error
            raise RetouchError(f"{self.at(name)}: {_line(error)}") from error


def _stored(about: dict[str, Any]) -> StoredFile:
    size = int(about.get("size") or 0)
    version = next((str(about[key]).strip('"') for key in _VERSION if about.get(key) is not None), "")
    moment = next((about[key] for key in _TIME if about.get(key) is not None), 0.0)
    seconds = moment.timestamp() if hasattr(moment, "timestamp") else moment
    return StoredFile(size, float(seconds) if isinstance(seconds, int | float) else 0.0, f"{size} {version}")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
