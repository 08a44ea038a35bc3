"""Commands on folders in an object store: files, and what the manifest says, are those of folders here."""

import json
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from retouch_aes.batch.manifest import NAME
from retouch_aes.batch.remote import PARTS
from retouch_aes.cli import main


def start(*words) -> subprocess.Popen:
    whole = [sys.executable, "-m", "retouch_aes.cli", *map(str, words)]
    return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*words) -> tuple[int, str, str]:
    process = start(*words)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def here(*words) -> tuple[int, str, str]:
    """The same in this process, which saves the start."""
    found = CliRunner().invoke(main, [str(word) for word in words])
    return found.exit_code, found.stdout, found.stderr


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.splitlines()]


def finished(content: bytes) -> dict[str, tuple]:
    return {
        line["result"]: (line["settings"], line["content"], line["made"], line["size"])
        for line in lines(content)
        if line["state"] == "done"
    }


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    """What `batch` makes of the photos in folders here: bytes by name."""
    out = tmp_path_factory.mktemp("here") / "out"
    code, _, _ = run("batch", photos, out, "--fast", "--workers", 1, "--recipes", "beside")
    assert code == 1  # the broken one
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*")}


def stored(s3, folder: str) -> dict[str, bytes]:
    return {path.removeprefix(f"{folder}/"): s3.cat_file(path) for path in s3.find(folder)}


def the_same(s3, folder, expected) -> None:
    found = stored(s3, folder)
    assert found.keys() == expected.keys()
    assert finished(found.pop(NAME)) == finished(expected[NAME])
    assert found == {name: content for name, content in expected.items() if name != NAME}


def test_a_run_that_was_killed_goes_on_and_ends_as_one_here(s3, bucket, expected):
    words = (
        "batch",
        f"s3://{bucket}/in",
        f"s3://{bucket}/out",
        "--fast",
        "--workers",
        1,
        "--recipes",
        "beside",
    )
    first = start(*words)
    until = time.monotonic() + 240
    while len([name for name in s3.find(f"{bucket}/out") if name.endswith(".png")]) < 4:
        assert time.monotonic() < until
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    left = stored(s3, f"{bucket}/out")
    for name, content in left.items():  # whole, or not there
        if not name.startswith(PARTS):
            assert content == expected[name]
    assert NAME not in left
    assert any(name.startswith(PARTS) for name in left)
    done = finished(b"".join(content for name, content in sorted(left.items()) if name.startswith(PARTS)))
    code, out, err = run(*words)
    assert code == 1
    assert err.count("failed: ") == 1
    assert f"failed: s3://{bucket}/in/broken.jpg: " in err
    assert "retouch_aes_" not in out + err  # no name of a folder that is only here
    assert out.count(": done before") == len(done)
    the_same(s3, f"{bucket}/out", expected)
    s3.pipe_file(f"{bucket}/out/day 0/00.png", expected["day 0/02.png"])  # somebody's own
    code, out, err = run(*words)
    assert out.count(": done before") == 12
    assert "00.png: it was changed by another program since" in err
    assert s3.cat_file(f"{bucket}/out/day 0/00.png") == expected["day 0/02.png"]


def test_only_one_side_in_the_store(s3, bucket, photos, expected, tmp_path):
    fast = ("--fast", "--workers", 1, "--recipes", "beside")
    assert run("batch", f"s3://{bucket}/in", tmp_path / "out", *fast)[0] == 1
    here = {p.relative_to(tmp_path / "out").as_posix(): p for p in (tmp_path / "out").rglob("*.*")}
    assert {name: path.read_bytes() for name, path in here.items() if name != NAME} == {
        name: content for name, content in expected.items() if name != NAME
    }
    assert run("batch", photos, f"s3://{bucket}/out", *fast, "--sidecar", "xmp")[0] == 1
    found = stored(s3, f"{bucket}/out")
    assert {name for name in found if name.endswith(".xmp")} == {
        name.replace(".png", ".xmp") for name in expected if name.endswith(".png")
    }
    assert {
        name: content for name, content in found.items() if not name.endswith(".xmp")
    }.keys() == expected.keys()
    assert finished(found[NAME]) == finished(expected[NAME])


def test_two_workers_of_ray(s3, bucket, expected):
    pytest.importorskip("ray")
    ends = (f"s3://{bucket}/in", f"s3://{bucket}/out")
    code, _, err = run("batch", *ends, "--fast", "--recipes", "beside", "--engine", "ray", "--workers", 2)
    assert code == 1, err
    the_same(s3, f"{bucket}/out", expected)


def test_scores_and_pools(s3, bucket, photos, tmp_path, monkeypatch):
    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    expected, log = tmp_path / "scores.json", tmp_path / "log.jsonl"
    assert here("score", photos, "--json", expected)[0] == 1
    there = f"s3://{bucket}/scores.json"
    code, out, err = here("score", f"s3://{bucket}/in", "--json", there, "--log", log)
    assert code == 1
    assert "retouch_aes_" not in out + err + log.read_text()
    found = s3.cat_file(f"{bucket}/scores.json").decode()
    assert json.loads(found.replace(f"s3://{bucket}/in", str(photos))) == json.loads(expected.read_text())
    table = "user,photo,rating\n" + "".join(f"anna,day {n % 2}/{n:02}.png,{1 + n % 5}\n" for n in range(12))
    s3.pipe_file(f"{bucket}/ratings.csv", table.encode())
    (tmp_path / "ratings.csv").write_text(table)
    assert (
        here("pool", "build", tmp_path / "ratings.csv", "--photos", photos, "-o", tmp_path / "pool")[0] == 0
    )
    words = (f"s3://{bucket}/ratings.csv", "--photos", f"s3://{bucket}/in", "-o", f"s3://{bucket}/pool")
    code, out, err = here("pool", "build", *words)
    assert (code, out) == (0, f"s3://{bucket}/pool: 12 photos\n"), err
    made = stored(s3, f"{bucket}/pool")
    assert made.keys() == {path.name for path in (tmp_path / "pool").iterdir()}
    assert made["features.npy"] == (tmp_path / "pool" / "features.npy").read_bytes()
    assert json.loads(made["pool.json"])["names"][0].startswith(f"s3://{bucket}/in/day ")


@pytest.mark.parametrize(
    ("source", "target", "options", "code", "says"),
    [
        ("s3://nobodys-bucket/in", "out", (), 1, "s3://nobodys-bucket/in: there is no such bucket"),
        ("{photos}", "s3://nobodys-bucket/out", (), 1, "there is no such bucket"),
        ("s3://{bucket}/empty", "out", (), 1, "no photos in s3://{bucket}/empty"),
        ("s3://{bucket}/in", "s3://{bucket}/in", (), 2, "would lie among the originals"),
        ("s3://{bucket}/in", "out", ("--group",), 2, "--group needs files that lie here"),
        ("s3://{bucket}/in", "out", ("--recipes", "s3://{bucket}/r"), 2, "expected a path here"),
        ("s3://", "out", (), 2, "expected the address of a folder"),
        ("nothing://in", "out", (), 2, "nothing://in: Protocol not known"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    s3, bucket, photos, tmp_path, monkeypatch, source, target, options, code, says
):
    names = {"bucket": bucket, "photos": photos}
    monkeypatch.chdir(tmp_path)
    words = [word.format(**names) for word in (source, target, *options)]
    found, out, err = here("batch", *words, "--fast", "--workers", 1)
    assert (found, "Traceback" in out + err) == (code, False), err
    assert says.format(**names) in err


def test_no_credentials(s3, bucket, monkeypatch, tmp_path):
    type(s3).clear_instance_cache()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    code, out, err = here("score", f"s3://{bucket}/in")
    assert (code, "Traceback" in out + err) == (1, False)
    assert "credentials" in err
    assert "AWS_PROFILE" in err
    type(s3).clear_instance_cache()


def test_a_package_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    code, _, err = here("batch", "s3://bucket/in", tmp_path / "out")
    assert code == 1
    assert "pip install 'retouch_aes[cloud]'" in err
