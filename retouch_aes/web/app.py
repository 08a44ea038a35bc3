"""URLs -> the session of `rank`. Every handler reads little, answers JSON or JPEG, and touches no path."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from retouch_aes.web.requests import Pending, answered, common_routes, number, posted, whole, word

if TYPE_CHECKING:
    from retouch_aes.web.session import Session


def make_app(waiting: "Pending[Session]") -> Starlette:
    """The application; `waiting.session` is asked once it is there."""

    def state(request: Request) -> Response:
        if waiting.session is None:
            return answered(waiting.state())
        waiting.session.look(number(request.query_params.get("side", "")))
        if request.query_params.get("wait"):
            waiting.session.questions.wait(2)
        return answered(waiting.session.state())

    def act(work: Callable[["Session", dict[str, Any]], bool]) -> Callable[[Request], Any]:
        def done(session: "Session", body: dict[str, Any]) -> Response:
            current = work(session, body)
            return answered(session.state(), 200 if current else 409)

        return posted(waiting, done)

    app = Starlette(
        routes=[
            *common_routes(waiting, "index.html"),
            Route("/api/state", state),
            Route("/api/answer", act(_answer), methods=["POST"]),
            Route("/api/rate", act(_rate), methods=["POST"]),
            Route("/api/undo", act(_undo), methods=["POST"]),
            Route("/api/change", act(_change), methods=["POST"]),
            Route("/api/learn", act(_learn), methods=["POST"]),
        ]
    )
    app.router.redirect_slashes = False  # a redirect would name an address without the token
    return app


def _answer(session: "Session", body: dict[str, Any]) -> bool:
    return session.answer(whole(body["card"]), word(body["verdict"]))


def _rate(session: "Session", body: dict[str, Any]) -> bool:
    return session.rate(whole(body["card"]), whole(body["rating"]))


def _undo(session: "Session", _: dict[str, Any]) -> bool:
    session.undo()
    return True


def _change(session: "Session", body: dict[str, Any]) -> bool:
    verdict = body["verdict"]
    session.change(whole(body["place"]), verdict if isinstance(verdict, int) else word(verdict))
    return True


def _learn(session: "Session", _: dict[str, Any]) -> bool:
    session.learning.start()
    return True
