"""URLs -> the session. Every handler reads little, answers JSON or JPEG, and touches no path."""

import json
import threading
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from retouch_aes.errors import RetouchError
from retouch_aes.web.guard import problem

if TYPE_CHECKING:
    from retouch_aes.web.session import Session

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_KEEP = {"Cache-Control": "private, max-age=86400"}


class PendingSession:
    """A session that comes later: the page is served while the library is still loading."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.shown = threading.Event()
        self.text = "Looking for photos"
        self.failure = ""

    def state(self) -> dict[str, Any]:
        """What the page shows meanwhile."""
        return {"phase": "failed" if self.failure else "loading", "text": self.failure or self.text}


def make_app(waiting: PendingSession) -> Starlette:
    """The application; `waiting.session` is asked once it is there."""
    page = static_files()

    def show(_: Request) -> Response:
        waiting.shown.set()
        return Response(page["index.html"], media_type=_TYPES["html"])

    def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in page:
            return problem(404, "there is nothing here")
        return Response(page[name], media_type=_TYPES[name.rpartition(".")[2]])

    def state(request: Request) -> Response:
        if waiting.session is None:
            return _json(waiting.state())
        waiting.session.look(_number(request.query_params.get("side", "")))
        if request.query_params.get("wait"):
            waiting.session.questions.wait(2)
        return _json(waiting.session.state())

    def image(request: Request) -> Response:
        from retouch_aes.web.pictures import FULL, SIDES

        session = waiting.session
        key, side = request.path_params["key"], _number(request.path_params["side"])
        rendition = None if session is None else session.album.find(key)
        if session is None or rendition is None or side not in (*SIDES, FULL):
            return problem(404, "there is nothing here")
        try:
            picture = session.pictures.get(rendition, side)
        except (RetouchError, OSError) as error:
            return problem(422, str(error))
        size = {"X-Photo-Size": f"{picture.width}x{picture.height}"}
        return Response(picture.jpeg, media_type="image/jpeg", headers=_KEEP | size)

    def act(work: Callable[["Session", dict[str, Any]], bool]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            session = waiting.session
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
                current = await run_in_threadpool(work, session, body)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                return problem(400, f"expected other values: {error}")
            except (RetouchError, OSError) as error:
                return problem(500, str(error))
            return _json(await run_in_threadpool(session.state), 200 if current else 409)

        return handle

    app = Starlette(
        routes=[
            Route("/", show),
            Route("/static/{name}", static),
            Route("/api/state", state),
            Route("/image/{key}/{side}.jpg", image),
            Route("/api/answer", act(_answer), methods=["POST"]),
            Route("/api/rate", act(_rate), methods=["POST"]),
            Route("/api/undo", act(_undo), methods=["POST"]),
            Route("/api/change", act(_change), methods=["POST"]),
            Route("/api/learn", act(_learn), methods=["POST"]),
        ]
    )
    app.router.redirect_slashes = False  # a redirect would name an address without the token
    return app


def static_files() -> dict[str, bytes]:
    """Every file of the page, by name, read once."""
    folder = files("retouch_aes.web") / "static"
    return {
        item.name: item.read_bytes()
        for item in folder.iterdir()
        if item.is_file() and item.name.rpartition(".")[2] in _TYPES
    }


def _answer(session: "Session", body: dict[str, Any]) -> bool:
    return session.answer(_whole(body["card"]), _word(body["verdict"]))


def _rate(session: "Session", body: dict[str, Any]) -> bool:
    return session.rate(_whole(body["card"]), _whole(body["rating"]))


def _undo(session: "Session", _: dict[str, Any]) -> bool:
    session.undo()
    return True


def _change(session: "Session", body: dict[str, Any]) -> bool:
    verdict = body["verdict"]
    session.change(_whole(body["place"]), verdict if isinstance(verdict, int) else _word(verdict))
    return True


def _learn(session: "Session", _: dict[str, Any]) -> bool:
    session.learning.start()
    return True


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number, got {value!r}")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a word, got {value!r}")
    return value


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _json(value: Any, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Response(text, status, media_type="application/json")
