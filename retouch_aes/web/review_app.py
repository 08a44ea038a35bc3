"""URLs -> the session of `review`. Every handler reads little, answers JSON or JPEG, and touches no path."""

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from retouch_aes.errors import RetouchError
from retouch_aes.web.guard import problem
from retouch_aes.web.pictures import FULL, SIDES
from retouch_aes.web.requests import Pending, answered, common_routes, number, posted, whole, word

if TYPE_CHECKING:
    from retouch_aes.web.review_session import ReviewSession


def make_app(waiting: "Pending[ReviewSession]") -> Starlette:
    """The application; `waiting.session` is asked once it is there."""

    def state(_: Request) -> Response:
        return answered(waiting.state() if waiting.session is None else waiting.session.state())

    def item(request: Request) -> Response:
        if waiting.session is None:
            return problem(503, "still loading")
        try:
            return answered(waiting.session.item(number(request.path_params["place"])))
        except (RetouchError, OSError) as error:
            return problem(422, str(error))

    routes = {"try": _try, "why": _why, "judge": _judge, "undo": _undo, "learn": _learn}
    app = Starlette(
        routes=[
            *common_routes(waiting, "review.html"),
            Route("/api/state", state),
            Route("/api/item/{place}", item),
            *(
                Route(f"/api/{name}", posted(waiting, work), methods=["POST"])
                for name, work in routes.items()
            ),
        ]
    )
    app.router.redirect_slashes = False  # a redirect would name an address without the token
    return app


def _try(session: "ReviewSession", body: dict[str, Any]) -> Response:
    side = whole(body["side"])
    if side not in (*SIDES[1:], FULL):
        return problem(400, f"expected a side among {SIDES[1:]} or {FULL}")
    jpeg = session.render(whole(body["place"]), _values(body), side)
    return Response(jpeg, media_type="image/jpeg")


def _why(session: "ReviewSession", body: dict[str, Any]) -> Response:
    return answered(session.why(whole(body["place"]), _values(body), body.get("wish") is True))


def _judge(session: "ReviewSession", body: dict[str, Any]) -> Response:
    values = _values(body) if "values" in body else None
    session.judge(whole(body["place"]), word(body["verdict"]), values)
    return answered(session.state())


def _undo(session: "ReviewSession", _: dict[str, Any]) -> Response:
    place = session.undo()
    return answered({**session.state(), "place": place})


def _learn(session: "ReviewSession", _: dict[str, Any]) -> Response:
    session.learning.start()
    return answered(session.state())


def _values(body: dict[str, Any]) -> dict[str, Any]:
    values = body["values"]
    if not isinstance(values, dict):
        raise TypeError(f"sliders by name, got {values!r}")
    return values
