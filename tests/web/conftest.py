"""A folder of small photos, a session on it, and a real server on the loopback address."""

import http.client
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chromium_browser import Browser
from made_pictures import picture
from PIL import Image

from retouch_aes.web.album import Album
from retouch_aes.web.app import make_app
from retouch_aes.web.guard import Guard
from retouch_aes.web.rank import RankSettings, open_session
from retouch_aes.web.requests import Pending
from retouch_aes.web.server import ServerSocket, open_server_socket, serve
from retouch_aes.web.session import Session


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """Nothing is written into the cache of whoever runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "retouch_aes"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Six photos as people have them, in two folders, one of them upright only by its EXIF."""
    photos = tmp_path / "my photos"
    (photos / "Größe 写真").mkdir(parents=True)
    for seed, name in enumerate(["a.jpg", "b.jpg", "c c.jpg", "Größe 写真/[d]é.png", "Größe 写真/e.webp"]):
        picture(seed).save(photos / name)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(5).save(photos / "turned.jpg", exif=exif)
    return photos


@pytest.fixture
def album(folder) -> Album:
    return Album(folder)


@pytest.fixture
def choices(tmp_path) -> Path:
    return tmp_path / "me.jsonl"


@dataclass
class Client:
    """A browser of few words."""

    door: ServerSocket
    session: Session | None
    origin: str = field(init=False)

    def __post_init__(self) -> None:
        self.origin = f"http://127.0.0.1:{self.door.port}"

    def send(self, method, path, body=None, headers=None, *, token=None):
        """(status, headers, content); the path is below the token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=60)
        prefix = f"/{self.door.token if token is None else token}/"
        try:
            connection.request(method, prefix + path, body, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def state(self, wait=True):
        status, _, content = self.send("GET", f"api/state?side=800{'&wait=1' if wait else ''}")
        assert status == 200
        return json.loads(content)

    def post(self, what, body):
        headers = {"Content-Type": "application/json", "Origin": self.origin}
        status, _, content = self.send("POST", f"api/{what}", json.dumps(body), headers)
        return status, json.loads(content)

    def ready(self):
        """The state, with two pairs ready."""
        for _ in range(600):
            state = self.state()
            if len(state["cards"]) == 2 or not state["more"]:
                return state
        raise AssertionError("no pair came")


@pytest.fixture
def served(album, choices):
    """Start servers; they end with the test."""
    running = []

    def start(*, loaded=True, **settings) -> Client:
        session = open_session(album, choices, RankSettings(**settings)) if loaded else None
        waiting, stop, door = Pending(), threading.Event(), open_server_socket()
        waiting.session = session
        app = Guard(make_app(waiting), door.token, door.port, door.ticket)
        thread = threading.Thread(target=serve, args=(door, app, stop))
        thread.start()
        running.append((session, stop, thread))
        return Client(door, session)

    yield start
    for session, stop, thread in running:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
        if session is not None:
            session.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture
def browser(chromium):
    chromium.window(1440, 900)
    chromium.complaints()
    yield chromium
    chromium.driver.get("about:blank")


@pytest.fixture
def keys():
    from selenium.webdriver.common.keys import Keys

    return Keys
