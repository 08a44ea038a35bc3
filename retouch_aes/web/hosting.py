"""A page from the first request to Ctrl-C: served at once, while what it shows is still being loaded."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from starlette.types import ASGIApp

from retouch_aes.atomic_io import lock
from retouch_aes.errors import RetouchError
from retouch_aes.web.guard import Guard
from retouch_aes.web.requests import Pending
from retouch_aes.web.server import ServerSocket, open_server_socket, serve

_FAREWELL = 1.5
"""Seconds for which a page that was opened in vain can still be told why."""

_HEAD_START = 1.0
"""Seconds for which loading waits for the first look at the page, which it would slow down."""

_PATIENCE = 3.0
"""Seconds for which the end waits for threads that are in the midst of something."""


class PageBackend(Protocol):
    """What is behind a page."""

    def close(self, patience: float = ...) -> None:
        """End its threads."""


Session = TypeVar("Session", bound=PageBackend)


@dataclass(frozen=True)
class Address:
    """Where a page is served: on `port` of this machine (0: any that is free), and at `share` for others."""

    port: int = 0
    share: str = ""


def host(
    make_app: Callable[[Pending[Session]], ASGIApp],
    load: Callable[[], Session],
    address: Address,
    *,
    waiting: str,
    announce: Callable[[ServerSocket], None],
) -> Session | None:
    """Serve `make_app` until Ctrl-C; what `load` gave, closed, or None where the end came first.

    `waiting` is shown meanwhile, `announce` tells where the page is. Raises what `load` raises.
    """
    door = open_server_socket(address.port, address.share)
    pending: Pending[Session] = Pending(waiting)
    stop = threading.Event()
    failures: list[Exception] = []

    def work() -> None:
        pending.shown.wait(_HEAD_START)
        if stop.is_set():
            return
        try:
            pending.session = load()
        except Exception as error:
            failures.append(error)
            pending.failure = str(error)
            time.sleep(_FAREWELL)
            stop.set()

    loader = threading.Thread(target=work, name="load", daemon=True)
    loader.start()
    announce(door)
    try:
        serve(door, Guard(make_app(pending), door.token, door.port, door.ticket, door.share), stop)
    finally:
        pending.shown.set()
        loader.join(_PATIENCE)
        if pending.session is not None:
            pending.session.close(_PATIENCE)
    if failures:
        raise failures[0]
    return pending.session


def check_free(choices: Path) -> None:
    """Refuse at once what opening a log at `choices` would refuse seconds later."""
    try:
        with choices.open("rb") as file:
            free = lock(file.fileno())
    except FileNotFoundError:
        return
    if not free:
        raise RetouchError(f"{choices} is being written by another program; close that one first")
