"""Who may talk to the server: this machine, this page, with the token of this run.

Every request must carry the token as the first part of its path, a Host that is the loopback address, or the
one address at which the page is shared (or a foreign name could be pointed at it: DNS rebinding), and, where
a browser says so, come from the page itself.
What changes something must be JSON of a few kilobytes from the page's own origin. Every answer forbids
loading anything from elsewhere, being framed, and telling others the address.
"""

import hmac
import json
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4096
HOSTS = ("127.0.0.1", "localhost")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def problem(status: int, message: str) -> Response:
    """An answer that says what is wrong, as JSON."""
    return Response(json.dumps({"error": message}), status, media_type="application/json")


class Guard:
    """ASGI middleware around `app`; sees paths as `/TOKEN/...` and hands on `/...`.

    `/TICKET/` leads to `/TOKEN/`, once. `share` is the address at which others are let in; "" for none.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, ticket: str = "", share: str = "") -> None:
        self.app = app
        self.ticket = ticket.encode()
        self.token = token.encode()
        self.hosts = frozenset(f"{name}:{port}" for name in (*HOSTS, *filter(None, (share,))))
        self.origins = frozenset(f"http://{host}" for host in self.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on to the application."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        _, _, rest = scope["path"][1:].partition("/")
        inner = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode(), "root_path": ""}
        await self.app(inner, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = _only(headers.getlist("host"))
        if host not in self.hosts:
            return problem(403, "this server answers to its own address only")
        raw = scope.get("raw_path") or scope["path"].encode()
        first = raw[1:].partition(b"/")[0]
        if self.ticket and scope["method"] == "GET" and hmac.compare_digest(raw, b"/" + self.ticket + b"/"):
            self.ticket = b""
            return Response(status_code=303, headers={"Location": f"/{self.token.decode()}/"})
        if not hmac.compare_digest(first, self.token):
            return problem(
                403, "this address is not valid, or no longer: open the one that the terminal shows"
            )
        if b"%" in raw or b"\\" in raw or b"//" in raw or b".." in raw:
            return problem(404, "there is nothing here")
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            return problem(405, "expected GET or POST")
        origins = headers.getlist("origin")
        if origins and _only(origins) not in self.origins:
            return problem(403, "this server answers to its own page only")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return problem(403, "this server answers to its own page only")
        return self._refused_body(headers, bool(origins)) if method == "POST" else None

    def _refused_body(self, headers: Headers, from_page: bool) -> Response | None:
        if not from_page:
            return problem(403, "this server answers to its own page only")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return problem(415, "expected JSON")
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or "transfer-encoding" in headers:
            return problem(411, "expected a Content-Length")
        if int(length[:9]) > MAX_BODY or len(length) > 8:
            return problem(413, f"expected {MAX_BODY} bytes at most")
        return None


def _only(values: Iterable[str]) -> str:
    """The one value; "" where there is none or several."""
    found = list(values)
    return found[0].lower() if len(found) == 1 else ""
