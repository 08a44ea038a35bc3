"""Who is let in: nobody without the token, the right Host, the page's own origin and a small body."""

import random
import socket
import threading

import pytest

from retouch_aes.errors import RetouchError
from retouch_aes.web.app import make_app
from retouch_aes.web.guard import MAX_BODY, POLICY, Guard
from retouch_aes.web.requests import Pending
from retouch_aes.web.server import open_server_socket, serve

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(served):
    return served(loaded=False)


def raw(client, data: bytes, *, whole: bool = True) -> bytes:
    """What the server answers to these very bytes; after what is no whole request nothing more is sent."""
    with socket.create_connection(("127.0.0.1", client.door.port), 20) as line:
        line.sendall(data)
        if not whole:
            line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_the_page_is_served_with_headers_that_forbid_everything_else(client):
    for path in ("", "static/page.js", "static/page.css", "api/state", "image/no/800.jpg", "nothing"):
        _, headers, _ = client.send("GET", path)
        headers = {name.lower(): value for name, value in headers.items()}
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers
    assert "'unsafe" not in POLICY
    assert "http" not in POLICY


def test_only_the_loopback_address_listens(client):
    assert client.door.listener.getsockname()[0] == "127.0.0.1"


def test_wrong_tokens(client):
    token = client.door.token
    assert len(token) >= 32
    for wrong in ("", "x", token[:-1], token + "x", token.swapcase(), "%" + token, "..", f"%2e%2e/{token}"):
        for path in ("", "api/state", "static/page.js"):
            assert client.send("GET", path, token=wrong)[0] == 403, wrong
    assert client.send("GET", "", token=token)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "",
     "0.0.0.0:{port}", "[::1]:{port}", "localhost.:{port}", "127.0.0.1:{port}\r\nHost: evil.example"],
)  # fmt: skip
def test_wrong_hosts(client, host):
    name = host.format(port=client.door.port)
    request = f"GET /{client.door.token}/ HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
    assert status_of(raw(client, request.encode())) in (400, 403)


def test_right_hosts(client):
    for name in ("127.0.0.1", "localhost", "LocalHost"):
        request = f"GET /{client.door.token}/ HTTP/1.1\r\nHost: {name}:{client.door.port}\r\n"
        assert status_of(raw(client, f"{request}Connection: close\r\n\r\n".encode())) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_pages_are_refused(client, headers):
    headers = {name: value.format(port=client.door.port) for name, value in headers.items()}
    assert client.send("GET", "api/state", headers=headers)[0] == 403
    assert client.send("POST", "api/undo", "{}", {"Origin": client.origin, **JSON, **headers})[0] == 403


def test_what_changes_something_needs_origin_and_json_of_few_bytes(client):
    good = {"Origin": client.origin, **JSON}
    assert client.send("POST", "api/undo", "{}", good)[0] == 503  # let in; nothing is loaded here
    assert client.send("POST", "api/undo", "{}", JSON)[0] == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert client.send("POST", "api/undo", "{}", {**good, "Content-Type": kind})[0] == 415
    assert client.send("POST", "api/undo", "x" * (MAX_BODY + 1), good)[0] == 413
    assert client.send("POST", "api/undo", iter([b"{}"]), {**good, "Transfer-Encoding": "chunked"})[0] == 411
    for length in ("9" * 30, "-1", "1e3", "٣"):
        request = (
            f"POST /{client.door.token}/api/undo HTTP/1.1\r\nHost: 127.0.0.1:{client.door.port}\r\n"
            f"Origin: {client.origin}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        assert status_of(raw(client, request.encode(), whole=False)) in (0, 400, 411, 413)


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "CONNECT"]
)
def test_other_methods(client, method):
    request = f"{method} /{client.door.token}/api/state HTTP/1.1\r\nHost: 127.0.0.1:{client.door.port}\r\n"
    assert status_of(raw(client, f"{request}Connection: close\r\n\r\n".encode())) in (400, 405)


@pytest.mark.parametrize("path", ["api/answer", "api/undo", "api/rate", "api/change", "api/learn"])
def test_nothing_changes_by_get(client, path):
    assert client.send("GET", path)[0] == 405


CLIMBERS = [
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cwindows",
    "..\\..\\etc\\passwd", "static/../page.js", "static/..%2fapp.py", "static/%2e%2e%2fapp.py",
    "static//etc/passwd", "static/%2fetc%2fpasswd", "/etc/passwd", "//etc/passwd", "static/app.py",
    "static/page.js%00.css", "static/", "static/.", "static/page.js/", "image/../800.jpg",
    "image/..%2f..%2fetc%2fpasswd/800.jpg", "image//etc/passwd/800.jpg", "image/a.jpg/800.jpg",
    "image/%2fetc%2fpasswd/800.jpg", "file:///etc/passwd", "image/x/999999999999999999.jpg", "image/x/-1.jpg",
]  # fmt: skip


@pytest.mark.parametrize("loaded", [False, True])
def test_nothing_outside_is_reachable(served, loaded):
    client = served(loaded=loaded)
    for path in CLIMBERS:
        request = f"GET /{client.door.token}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{client.door.port}\r\n"
        answer = raw(client, f"{request}Connection: close\r\n\r\n".encode())
        assert status_of(answer) in (400, 403, 404), path
        assert b"root:" not in answer
        assert b"import " not in answer


def test_noise_never_ends_the_server(client):
    random_bytes = random.Random(0)
    start = f"GET /{client.door.token}/".encode()
    for _ in range(60):
        noise = random_bytes.randbytes(random_bytes.randrange(1, 300))
        for data in (noise, start + noise, start + b" HTTP/1.1\r\n" + noise + b"\r\n\r\n"):
            assert status_of(raw(client, data, whole=False)) in (0, 400, 403, 404, 405)
    assert client.send("GET", "")[0] == 200


def test_the_address_of_a_command_line_leads_to_the_page_once(client):
    ticket = client.door.ticket
    assert client.door.token not in client.door.ticket_url
    assert client.send("HEAD", "", token=ticket)[0] == 403
    assert client.send("GET", "api/state", token=ticket)[0] == 403
    status, headers, _ = client.send("GET", "", token=ticket)
    assert (status, headers["location"]) == (303, f"/{client.door.token}/")
    assert client.send("GET", "", token=ticket)[0] == 403


def test_whoever_does_not_finish_the_headers_is_hung_up_on(client, monkeypatch):
    monkeypatch.setattr("retouch_aes.web.server.PATIENCE", 0.3)
    for begun in (b"", b"GET / HTTP/1.1\r\nHost: "):
        with socket.create_connection(("127.0.0.1", client.door.port), 20) as line:
            line.sendall(begun)
            with pytest.raises(ConnectionError):
                if line.recv(1) == b"":
                    raise ConnectionError
    assert client.send("GET", "")[0] == 200


def test_whoever_leaves_in_the_midst_of_a_body_leaves_no_traceback(served, capfd):
    client = served()
    request = (
        f"POST /{client.door.token}/api/undo HTTP/1.1\r\nHost: 127.0.0.1:{client.door.port}\r\n"
        f"Origin: {client.origin}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    with socket.create_connection(("127.0.0.1", client.door.port), 20) as line:
        line.sendall(request.encode())
    assert client.send("GET", "")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


def test_a_shared_page_answers_at_its_one_address_with_the_token_only():
    door = open_server_socket(share="127.0.0.2")
    pending, stop = Pending(), threading.Event()
    app = Guard(make_app(pending), door.token, door.port, door.ticket, door.share)
    thread = threading.Thread(target=serve, args=(door, app, stop))
    thread.start()
    try:
        assert door.shared_url == f"http://127.0.0.2:{door.port}/{door.token}/"

        def ask(address, host, token):
            with socket.create_connection((address, door.port), 20) as line:
                line.sendall(f"GET /{token}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                return status_of(line.recv(65536))

        shared, own = f"127.0.0.2:{door.port}", f"127.0.0.1:{door.port}"
        assert ask("127.0.0.2", shared, door.token) == ask("127.0.0.1", own, door.token) == 200
        assert ask("127.0.0.2", shared, "guess") == 403
        assert ask("127.0.0.2", f"evil.example:{door.port}", door.token) == 403
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.3", door.port), 5)
    finally:
        stop.set()
        thread.join(20)


def test_sharing_at_an_address_of_another_machine_is_refused():
    with pytest.raises(RetouchError, match=r"cannot be shared at 192\.0\.2\.7"):
        open_server_socket(share="192.0.2.7")
