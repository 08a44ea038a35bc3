"""The command: what it refuses at once, before any page is shown."""

import socket
import subprocess
import sys

import pytest

from retouch_aes.errors import PhotoError, RetouchError, UsageError
from retouch_aes.preferences.choice_log import ChoiceLog
from retouch_aes.web.rank import RankSettings, rank
from retouch_aes.web.requests import static_files
from retouch_aes.web.server import open_server_socket

WITHOUT_TORCH = """
import sys
from retouch_aes.web.album import Album
from retouch_aes.web.rank import RankSettings, rank
heavy = {"torch", "sklearn", "torchvision"} & set(sys.modules)
assert not heavy, heavy
"""


def never(*_):
    raise AssertionError("a page was announced")


def test_refused_at_once(folder, choices, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhotoError, match="expected 2 photos or more, found 0"):
        rank(tmp_path / "empty", choices, RankSettings(), announce=never)
    with ChoiceLog(choices), pytest.raises(RetouchError, match="another program"):
        rank(folder, choices, RankSettings(), announce=never)
    for taste, answers in (("a.jpg", choices), (None, tmp_path / "me.taste")):
        settings = RankSettings(taste=taste and folder / taste)
        with pytest.raises(UsageError, match=r"\.taste"):
            rank(folder, answers, settings, announce=never)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RetouchError, match=f"port {port} cannot be used"):
            rank(folder, choices, RankSettings(port=port), announce=never)


def test_every_door_has_a_token_of_its_own():
    doors = [open_server_socket() for _ in range(3)]
    assert len({door.token for door in doors}) == 3
    assert all(door.url == f"http://127.0.0.1:{door.port}/{door.token}/" for door in doors)
    for door in doors:
        door.listener.close()


def test_the_page_is_served_before_pytorch_is_loaded():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_names_no_address_but_its_own():
    page = static_files()
    assert {"index.html", "page.js", "page.css", "icon.svg"} <= page.keys()
    for name, content in page.items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        for word in ("http:", "https:", "//cdn", "@import", "eval(", "innerHTML"):
            assert word not in text, (name, word)
    for word in ("style=", "onclick", "<script>"):
        assert word not in page["index.html"].decode()
