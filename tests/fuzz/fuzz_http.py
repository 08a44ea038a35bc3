"""The page's server, asked with requests that nobody's browser sends."""

import json
import os
import socket
import threading
from pathlib import Path
from random import Random

from mutating import mutated, spoilt
from PIL import Image

from retouch_aes.preferences import read_answers
from retouch_aes.web.album import Album
from retouch_aes.web.app import make_app
from retouch_aes.web.guard import Guard
from retouch_aes.web.rank import RankSettings, open_session
from retouch_aes.web.requests import Pending
from retouch_aes.web.server import open_server_socket, serve

BODIES = (
    ("answer", {"card": 0, "verdict": "left"}),
    ("rate", {"card": 1, "rating": 3}),
    ("change", {"place": 0, "verdict": "right"}),
    ("undo", {}),
)
PATHS = (
    "",
    "api/state?side=800",
    "api/state",
    "static/page.js",
    "static/%2e%2e/app.py",
    "image/0/800.jpg",
    "nothing",
)


class HttpFuzz:
    """A server on the loopback address with a session on three photos; one thread, until `close`."""

    def __init__(self, folder: Path) -> None:
        photos = folder / "album"
        photos.mkdir(exist_ok=True)
        for number in range(3):
            Image.new("RGB", (40, 40), (80 * number, 100, 50)).save(photos / f"{number}.png")
        os.environ["RETOUCH_AES_CACHE"] = str(folder / "cache")
        self.choices = folder / "served.jsonl"
        self.choices.unlink(missing_ok=True)
        self.waiting, self.stop, self.door = Pending(), threading.Event(), open_server_socket()
        self.waiting.session = open_session(Album(photos), self.choices, RankSettings())
        app = Guard(make_app(self.waiting), self.door.token, self.door.port, self.door.ticket)
        self._ended = False
        self.thread = threading.Thread(target=serve, args=(self.door, app, self.stop), daemon=True)
        self.thread.start()

    def make(self, random: Random) -> tuple[str, bytes]:
        """A request with an odd body, head or token."""
        if random.random() < 0.6:
            name, body = random.choice(BODIES)
            text = json.dumps(spoilt(body, random)).encode()
            whole = self._request("POST", f"api/{name}", text)
        else:
            whole = self._request("GET", random.choice(PATHS), b"")
        self._ended = random.random() < 0.5
        if self._ended:
            whole = mutated(whole, random)
        if random.random() < 0.1:
            whole = whole.replace(self.door.token.encode(), b"x" * random.randrange(60))
        return ".http", whole

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        head = (
            f"{method} /{self.door.token}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.door.port}\r\n"
            f"Origin: http://127.0.0.1:{self.door.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

    def check(self, data: bytes, _: Random) -> str:
        """Send it; the server goes on, never fails of itself, and lets nobody in without the token."""
        before = self.choices.read_bytes()
        answer = self._sent(data, self._ended)
        status = int(answer[9:12]) if answer[:9] == b"HTTP/1.1 " and answer[9:12].isdigit() else 0
        if self.door.token.encode() not in data and (status == 200 or self.choices.read_bytes() != before):
            return "server error"
        if status >= 500:
            return "server error"
        if self.choices.read_bytes() != before:
            read_answers(self.choices)
        if not self._sent(self._request("GET", "static/page.css", b"")).startswith(b"HTTP/1.1 200"):
            return "server error"
        return "fine" if status == 200 else "refused"

    def _sent(self, data: bytes, ended: bool = False) -> bytes:
        """The answer; `ended` says that nothing more will come, for what may be no whole request."""
        parts = []
        with socket.create_connection(("127.0.0.1", self.door.port), 20) as line:
            try:
                line.sendall(data)
                if ended:
                    line.shutdown(socket.SHUT_WR)
                while part := line.recv(65536):
                    parts.append(part)
            except OSError:  # it hung up
                pass
        return b"".join(parts)

    def close(self) -> None:
        """End the server and the session."""
        self.stop.set()
        self.thread.join(20)
        if self.waiting.session is not None:
            self.waiting.session.close(5)
