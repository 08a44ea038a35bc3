"""The port, the browser, and a clean end."""

import secrets
import socket
import threading
import webbrowser
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from retouch_aes.errors import RetouchError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ServerSocket:
    """An open port on the loopback address, and the token without which nobody is let in."""

    listener: socket.socket
    port: int
    token: str

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{LOOPBACK}:{self.port}/{self.token}/"


def open_server_socket(port: int = 0) -> ServerSocket:
    """Listen on `port`, or on any that is free for 0, with a new random token."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise RetouchError(
            f"port {port} cannot be used ({error.strerror}); choose another --port, or 0 for any that is free"
        ) from error
    return ServerSocket(listener, listener.getsockname()[1], secrets.token_urlsafe(24))


def serve(door: ServerSocket, app: ASGIApp, stop: threading.Event) -> None:
    """Answer requests until Ctrl-C, a SIGTERM, or until `stop` is set."""
    config = uvicorn.Config(
        app,
        http="h11",
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
        server.run(sockets=[door.listener])
    except KeyboardInterrupt:  # uvicorn has ended cleanly, and says how
        pass
    finally:
        stop.set()
        door.listener.close()


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
