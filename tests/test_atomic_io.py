"""Files that are whole or not there."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from retouch_aes import atomic_io
from retouch_aes.atomic_io import TEMPORARY, replacing, sweep, write_in_full, write_json
from retouch_aes.errors import RetouchError


def test_nothing_is_left_of_a_failed_write(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_exists_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RetouchError, match="exists already"), replacing(target, overwrite=False):
        pytest.fail("the block must not run")
    assert target.read_text() == "old"


@pytest.mark.parametrize(
    ("name", "why"), [("12:30.jpg", "holds a control"), ("aux.jpg", "a device"), ("a.jpg", "")]
)
def test_a_name_that_a_stick_refuses_is_explained(name, why, tmp_path, monkeypatch) -> None:
    def refuse(self: Path, _: Path) -> Path:
        raise OSError(errno.EINVAL, "Invalid argument", str(self))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="Invalid argument") as told, replacing(tmp_path / name) as temporary:
        temporary.write_text("new")
    assert why in str(told.value)
    assert ("; the name" in str(told.value)) == bool(why)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_kept(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(PermissionError()))
    target = tmp_path / "a.txt"
    with (
        pytest.raises(RetouchError, match="appeared"),
        replacing(target, overwrite=False) as temporary,
    ):
        temporary.write_text("mine")
        target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_system_without_links_gets_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(PermissionError()))
    with replacing(tmp_path / "a.txt", overwrite=False) as temporary:
        temporary.write_text("mine")
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_json_refuses_what_is_not_a_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"score": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_names_of_255_bytes_are_written(tmp_path: Path) -> None:
    for name in ("x" * 251 + ".jpg", "日" * 83 + "xx.jpg", "a." + "b" * 253):
        assert len(name.encode()) == 255
        with replacing(tmp_path / name) as temporary:
            temporary.write_text("whole")
        assert (tmp_path / name).read_text() == "whole"


def test_files_have_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with replacing(tmp_path / "ours") as temporary:
        temporary.write_text("")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_what_a_killed_run_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom retouch_aes.atomic_io import replacing\n"
        "with replacing(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.txt")], check=False)
    [left] = tmp_path.iterdir()
    assert left.name.startswith(TEMPORARY)
    (tmp_path / ".mine").write_text("kept")
    foreign = tmp_path / f"{TEMPORARY}00000000-aa.txt"  # of another machine, just now
    foreign.write_text("")
    atomic_io._swept.clear()
    with replacing(tmp_path / "b.txt") as temporary:
        temporary.write_text("whole")
        sweep(tmp_path)  # not what is being written
        assert temporary.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine", foreign.name, "b.txt"]
    os.utime(foreign, (0, 0))
    sweep(tmp_path)
    assert not foreign.exists()


def test_many_writers_of_one_folder_do_not_sweep_each_other(tmp_path: Path) -> None:
    def write(number: int) -> None:
        for round_ in range(20):
            sweep(tmp_path)
            with replacing(tmp_path / f"{number}.txt") as temporary:
                temporary.write_text(str(round_))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads meet between any two lines
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(often)
    assert [(tmp_path / f"{number}.txt").read_text() for number in range(8)] == ["19"] * 8


def test_the_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append((tmp_path / "a.txt").exists())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    assert synced == ([False, True] if sys.platform != "win32" else [False])
    with replacing(tmp_path / "b.txt", durable=False) as temporary:
        temporary.write_text("a cache")
    assert len(synced) <= 2


def test_a_write_that_takes_less_is_gone_on_with_or_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short:
        def __init__(self, file: object, sizes: list[int]) -> None:
            self.file, self.sizes = file, sizes

        def __enter__(self) -> "Short":
            return self

        def __exit__(self, *rest: object) -> None:
            self.file.close()  # type: ignore[attr-defined]

        def write(self, data: memoryview) -> int:
            size = self.sizes.pop(0)
            return self.file.write(data[:size]) if size else 0  # type: ignore[attr-defined]

        def fileno(self) -> int:
            return self.file.fileno()  # type: ignore[attr-defined,no-any-return]

    real = Path.open
    sizes: list[int] = []
    monkeypatch.setattr(Path, "open", lambda *args, **options: Short(real(*args, **options), sizes))
    sizes[:] = [3, 1, 6]
    write_in_full(tmp_path / "a", b"0123456789")
    assert (tmp_path / "a").stat().st_size == 10
    sizes[:] = [3, 0]
    with pytest.raises(OSError) as caught:
        write_in_full(tmp_path / "b", b"0123456789")
    assert caught.value.errno == errno.ENOSPC


def test_tensors_stay_in_the_file_that_is_locked(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    from retouch_aes.tensor_files import save_tensors

    path = tmp_path / "a.safetensors"
    path.touch(mode=0o644)
    before = path.stat()
    save_tensors({"a": torch.ones(3)}, path, {"text": "x"})
    assert (path.stat().st_ino, path.stat().st_mode) == (before.st_ino, before.st_mode)
    assert load_file(path)["a"].tolist() == [1, 1, 1]


def test_a_file_that_a_library_put_in_the_place_is_the_one_that_is_flushed(tmp_path, monkeypatch):
    flushed = []
    plain = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (flushed.append(os.fstat(handle).st_ino), plain(handle)))
    with replacing(tmp_path / "a.txt") as temporary:
        other = tmp_path / "other"
        other.write_text("new")
        other.replace(temporary)
    assert (tmp_path / "a.txt").stat().st_ino in flushed
    assert (tmp_path / "a.txt").read_text() == "new"
