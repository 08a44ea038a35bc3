"""Models in folders and hub repositories: written, read, and refused in plain words."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from retouch_aes.errors import MissingExtraError, RetouchError, WeightsError
from retouch_aes.models import EMDAttention, ModelCard, from_pretrained, save_pretrained
from retouch_aes.models.compact import CompactBackbone

CARD = ModelCard("Apache-2.0", "Made by a test.", ("no data",), {"rho": 0.5}, "2026-01-31")


@pytest.fixture
def model() -> EMDAttention:
    torch.manual_seed(0)
    return EMDAttention(CompactBackbone((4, 8, 12, 16), (1, 1, 1, 1)), side=64).eval()


def test_a_folder_gives_the_model_back(model: EMDAttention, tmp_path: Path) -> None:
    path = save_pretrained(model, tmp_path / "mine", CARD)
    assert sorted(one.name for one in path.parent.iterdir()) == ["README.md", "model.safetensors"]
    again = from_pretrained(tmp_path / "mine")
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(again(image), model(image))
    page = (tmp_path / "mine" / "README.md").read_text()
    assert page.startswith("---\nlibrary_name: retouch_aes\nlicense: apache-2.0\n")
    assert "| rho | 0.5 |" in page
    with pytest.raises(RetouchError, match="exists already"):
        save_pretrained(model, tmp_path / "mine", CARD)
    save_pretrained(model, tmp_path / "mine", CARD, overwrite=True)


def test_a_page_that_is_there_is_refused_before_weights_are_written(
    model: EMDAttention, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(RetouchError, match="exists already"):
        save_pretrained(model, tmp_path, CARD)
    assert [one.name for one in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"holds no model\.safetensors"):
        from_pretrained(tmp_path)
    for name in (tmp_path / "absent", "../x/y", "a/b/c", ""):
        with pytest.raises(WeightsError, match=r"neither a folder nor a repository|holds no"):
            from_pretrained(name)


def test_a_repository_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'retouch_aes\[hub\]'"):
        from_pretrained("someone/something")


class _Hub(BaseHTTPRequestHandler):
    """A hub with one file, as huggingface_hub asks for it; `asked` tells what came."""

    data: ClassVar[bytes] = b""
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        if self._head():
            self.wfile.write(self.data)

    def _head(self) -> bool:
        self.asked.append(self.path)
        there = self.path == "/someone/something/resolve/v1/model.safetensors" or "/resolve/1234" in self.path
        self.send_response(200 if there else 404)
        self.send_header("ETag", '"5678"')
        self.send_header("X-Repo-Commit", "1234" * 10)
        self.send_header("Content-Length", str(len(self.data) if there else 0))
        self.end_headers()
        return there

    def log_message(self, *_: object) -> None:
        pass


_ASK = """
import sys
from retouch_aes import RetouchError, from_pretrained
for line in iter(sys.stdin.readline, ""):
    name, revision = line.split()
    try:
        print(from_pretrained(name, revision=revision).fingerprint, flush=True)
    except RetouchError as error:
        print(error, flush=True)
"""


def test_a_repository_is_fetched_once_and_found_without_a_network(model, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    _Hub.data, _Hub.asked = save_pretrained(model, tmp_path / "mine", CARD).read_bytes(), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    # a Python of its own, since huggingface_hub reads its settings where it is imported
    settings = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1"}
    command, pipe = [sys.executable, "-c", _ASK], subprocess.PIPE
    with subprocess.Popen(
        command, env={**os.environ, **settings}, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as child:

        def ask(name: str, revision: str) -> str:
            child.stdin.write(f"{name} {revision}\n")
            child.stdin.flush()
            return child.stdout.readline().strip()

        assert ask("someone/something", "v1") == model.fingerprint
        assert "404" in ask("someone/nothing", "v1")
        server.shutdown()
        server.server_close()
        assert ask("someone/something", "v1") == model.fingerprint
        said = ask("someone/something", "v2")
        child.stdin.close()
        assert said.startswith("cannot fetch model.safetensors of someone/something from the hub: ")
        assert child.stderr.read() == ""
