"""The port, the browser, and a clean end."""

import asyncio
import secrets
import socket
import threading
import webbrowser
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from retouch_aes.errors import RetouchError

LOOPBACK = "127.0.0.1"
PATIENCE = 10.0
"""Seconds for the headers of a request."""


@dataclass(frozen=True)
class ServerSocket:
    """An open port on the loopback address, and the token without which nobody is let in.

    Where the page is shared, `shared` listens on the same port of the address `share`.
    """

    listener: socket.socket
    port: int
    token: str
    ticket: str = ""
    share: str = ""
    shared: socket.socket | None = None

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{LOOPBACK}:{self.port}/{self.token}/"

    @property
    def shared_url(self) -> str:
        """The address for other machines of the network; "" where it is not shared."""
        return f"http://{self.share}:{self.port}/{self.token}/" if self.share else ""

    @property
    def listeners(self) -> list[socket.socket]:
        """All that listens."""
        return [self.listener] if self.shared is None else [self.listener, self.shared]

    @property
    def ticket_url(self) -> str:
        """An address that leads to the page once: for command lines, which all users of a machine see."""
        return f"http://{LOOPBACK}:{self.port}/{self.ticket}/"


class _ImpatientProtocol(H11Protocol):
    """HTTP that hangs up on whoever does not finish the headers of a request in time."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._unwatch()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self.transport.abort)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def open_server_socket(port: int = 0, share: str = "") -> ServerSocket:
    """Listen on `port`, or on any that is free for 0, with a new random token.

    `share` is an address of this machine at which others on its network may ask, too.
    """
    listener = _listening(LOOPBACK, port)
    number = listener.getsockname()[1]
    shared = None
    try:
        shared = _listening(share, number) if share else None
    except RetouchError:
        listener.close()
        raise
    token, ticket = (secrets.token_urlsafe(24) for _ in range(2))
    return ServerSocket(listener, number, token, ticket, share, shared)


def network_address() -> str:
    """The address of this machine on its local network. Nothing is sent to find it.

    Raises `RetouchError` where it has none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("192.0.2.1", 9))  # an address for documentation: only the route is looked up
            found = str(line.getsockname()[0])
        except OSError:
            found = LOOPBACK
    if found.startswith("127.") or found == "0.0.0.0":
        raise RetouchError("this machine is on no network; give the address to share at: --share ADDRESS")
    return found


def _listening(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if address != LOOPBACK:
            raise RetouchError(
                f"the page cannot be shared at {address} ({error.strerror}); expected an address of this "
                "machine"
            ) from error
        raise RetouchError(
            f"port {port} cannot be used ({error.strerror}); choose another --port, or 0 for any that is free"
        ) from error
    return listener


def serve(door: ServerSocket, app: ASGIApp, stop: threading.Event) -> None:
    """Answer requests until Ctrl-C, a SIGTERM, or until `stop` is set."""
    config = uvicorn.Config(
        app,
        http=_ImpatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)

    def watch() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=watch, name="stop", daemon=True).start()
    try:
        server.run(sockets=door.listeners)
    except KeyboardInterrupt:  # uvicorn has ended cleanly, and says how
        pass
    finally:
        stop.set()
        for listener in door.listeners:
            listener.close()


def open_browser(url: str) -> None:
    """Show the page in the user's browser, where there is one with a window; never one in this terminal."""

    def work() -> None:
        try:
            browser = webbrowser.get()
            if type(browser) is not webbrowser.GenericBrowser:
                browser.open(url)
        except webbrowser.Error:
            pass

    threading.Thread(target=work, name="browser", daemon=True).start()
