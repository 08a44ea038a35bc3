"""Nothing in the core needs Unix: it is imported, and files are written, where its modules are missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from retouch_aes.executors import capacity

ROOT = Path(__file__).parents[2]
HIDDEN = """
import os, signal, sys
for name in ("fcntl", "pwd", "grp", "resource", "termios", "tty", "readline", "syslog"):
    sys.modules[name] = None
for name in ("sched_getaffinity", "sysconf", "getuid", "geteuid", "getppid", "killpg", "setsid", "fork"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGALRM", "alarm", "setitimer", "pthread_sigmask"):
    if hasattr(signal, name):
        delattr(signal, name)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", HIDDEN + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_files_logs_and_manifests_without_the_modules_of_unix(tmp_path: Path) -> None:
    told = run(
        f"""
from pathlib import Path
from retouch_aes.atomic_io import write_json
from retouch_aes.batch import LocalExecutor, Manifest
from retouch_aes.executors.capacity import fitting_workers
from retouch_aes.cli import main
from retouch_aes.preferences import ChoiceLog
from retouch_aes.web import server
folder = Path({str(tmp_path)!r})
write_json(folder / "a.json", [1])
with Manifest(folder / "m.jsonl", "s") as manifest:
    manifest.add("a.jpg", "begun")
with ChoiceLog(folder / "c.jsonl"):
    pass
print(fitting_workers() >= 1)
main(["--version"])
"""
    )
    assert told.startswith("True\nretouch-aes ")
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "m.jsonl", "c.jsonl"}


def test_every_module_is_imported_without_the_modules_of_unix() -> None:
    told = run(
        """
import importlib, pkgutil
import retouch_aes
names = [one.name for one in pkgutil.walk_packages(retouch_aes.__path__, "retouch_aes.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names) > 300)
"""
    )
    assert told == "True\n"


def test_a_batch_runs_without_the_modules_of_unix(tmp_path: Path) -> None:
    """Its worker is a process of its own, in which they are hidden, too."""
    (tmp_path / "sitecustomize.py").write_text(
        HIDDEN.replace('"SIGKILL", ', "")
    )  # Python's own kill needs it
    (tmp_path / "in").mkdir()
    gradient = Image.linear_gradient("L").resize((96, 64))
    bands = [gradient.rotate(90 * band) for band in range(3)]
    Image.merge("RGB", bands).save(tmp_path / "in" / "a.jpg")
    hidden = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    probe = subprocess.run([sys.executable, "-c", "import fcntl"], env=hidden, capture_output=True)
    assert probe.returncode == 1
    done = subprocess.run(
        [sys.executable, "-m", "retouch_aes.cli", "batch", "in", "out", "--workers", "1", "--fast"],
        env=hidden,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert [path.name for path in (tmp_path / "out").glob("*.jpg")] == ["a.jpg"]


def test_memory_of_a_system_that_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity.os, "sysconf", None, raising=False)
    monkeypatch.delattr(capacity.os, "sysconf", raising=False)
    assert capacity._installed_memory() == 8e9
    assert capacity._windows_memory() == 8e9  # no Windows here
