"""What every page of this package asks alike: its files, pictures by key, JSON in and out."""

import json
import threading
from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import Any, Generic, Protocol, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from retouch_aes.errors import RetouchError
from retouch_aes.web.album import Album
from retouch_aes.web.guard import problem
from retouch_aes.web.pictures import FULL, SIDES, Pictures

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_KEEP = {"Cache-Control": "private, max-age=86400"}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageSession(Protocol):
    """What a page is about: photos, their pictures, and a state."""

    album: Album
    pictures: Pictures

    def state(self) -> dict[str, Any]:
        """Everything that the page shows, as plain values."""


Session = TypeVar("Session")
Shown = TypeVar("Shown", bound=PageSession)


class Pending(Generic[Session]):
    """A session that comes later: the page is served while the library is still loading."""

    def __init__(self, text: str = "Looking for photos") -> None:
        self.session: Session | None = None
        self.shown = threading.Event()
        self.text = text
        self.failure = ""

    def state(self) -> dict[str, Any]:
        """What the page shows meanwhile."""
        return {"phase": "failed" if self.failure else "loading", "text": self.failure or self.text}


def static_files() -> dict[str, bytes]:
    """Every file of the pages, by name, read once."""
    folder = files("retouch_aes.web") / "static"
    return {
        item.name: item.read_bytes()
        for item in folder.iterdir()
        if item.is_file() and item.name.rpartition(".")[2] in TYPES
    }


def common_routes(pending: Pending[Shown], index: str) -> list[Route]:
    """The page `index`, its files, and pictures by key."""
    page = static_files()

    def show(_: Request) -> Response:
        pending.shown.set()
        return Response(page[index], media_type=TYPES["html"])

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in page:
            return problem(404, "there is nothing here")
        return Response(page[name], media_type=TYPES[name.rpartition(".")[2]])

    def image(request: Request) -> Response:
        session = pending.session
        key, side = request.path_params["key"], number(request.path_params["side"])
        rendition = None if session is None else session.album.find(key)
        if session is None or rendition is None or side not in (*SIDES, FULL):
            return problem(404, "there is nothing here")
        try:
            picture = session.pictures.get(rendition, side)
        except (RetouchError, OSError) as error:
            return problem(422, str(error))
        size = {"X-Photo-Size": f"{picture.width}x{picture.height}"}
        return Response(picture.jpeg, media_type="image/jpeg", headers=_KEEP | size)

    return [Route("/", show), Route("/static/{name}", static), Route("/image/{key}/{side}.jpg", image)]


def posted(pending: Pending[Shown], work: Callable[[Shown, dict[str, Any]], Response]) -> Handler:
    """A handler for JSON from the page: `work` on a thread, and what it refuses as an answer."""

    async def handle(request: Request) -> Response:
        session = pending.session
        if session is None:
            return problem(503, "still loading")
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            return problem(400, "expected a JSON object")
        except ClientDisconnect:  # there is nobody left to tell
            return Response(status_code=400)
        if not isinstance(body, dict):
            return problem(400, "expected a JSON object")
        try:
            return await run_in_threadpool(work, session, body)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            return problem(400, f"expected other values: {error}")
        except (RetouchError, OSError) as error:
            return problem(500, str(error))

    return handle


def whole(value: Any) -> int:
    """`value`, which must be a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number, got {value!r}")
    return value


def word(value: Any) -> str:
    """`value`, which must be a text."""
    if not isinstance(value, str):
        raise TypeError(f"a word, got {value!r}")
    return value


def number(text: str) -> int:
    """The whole number that `text` says in up to five digits; else 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def answered(value: Any, status: int = 200) -> Response:
    """`value` as JSON."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Response(text, status, media_type="application/json")
