"""An object store that speaks S3, in this process, by moto's server."""

import hashlib
import logging
import os
import socket

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def s3():
    """fsspec's file system of it; programs that are started find it by their environment."""
    pytest.importorskip("moto.server", reason="moto is not installed (extra dev)")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed (extra cloud)")
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    about = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "anna",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in about}
    os.environ.update(about)
    yield s3fs.S3FileSystem(use_listings_cache=False)
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    server.stop()


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of twelve small photos in two days, one that is broken, and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    down, along = np.mgrid[0:48, 0:64] / 64
    for number in range(12):
        waves = np.sin((down * random.uniform(2, 9) + along * random.uniform(2, 9))[..., None] + np.arange(3))
        pixels = 128 + 90 * waves * random.uniform(0.3, 1) + random.normal(0, 4, (48, 64, 3))
        path = folder / f"day {number % 2}" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    (folder / "notes.txt").write_text("sunny\n")
    return folder


@pytest.fixture
def bucket(s3, photos, request):
    """A new bucket with the photos in `in`; its name."""
    digest = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    name = f"photos-{digest}"
    s3.mkdir(name)
    for path in photos.rglob("*.*"):
        s3.pipe_file(f"{name}/in/{path.relative_to(photos).as_posix()}", path.read_bytes())
    s3.pipe_file(f"{name}/in2/another.png", b"")  # no part of `in`
    yield name
    s3.rm(name, recursive=True)
