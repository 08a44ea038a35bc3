"""Downloads: whole, resumed after broken connections, checked, and refused in one polite line."""

import hashlib
import os
from pathlib import Path

import pytest

from retouch_aes.errors import WeightsError
from retouch_aes.models import download as module
from retouch_aes.models.download import download

CONTENT = os.urandom(300_000)
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)


def test_a_file_comes_whole_and_only_once(shelf, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    url, target = shelf.put("a.bin", CONTENT), tmp_path / "a.bin"
    assert download(url, target, sha256=HASH, progress=lambda _, *p: seen.append(p)) == target
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    download(url, target, sha256=HASH[:8])
    assert len(shelf.asked) == 1
    if os.name == "posix":
        assert target.stat().st_mode & 0o077 == 0


def test_broken_connections_go_on_where_they_broke(shelf, tmp_path: Path) -> None:
    shelf.breaks_after = [100_000, 70_000]
    download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert [asked for _, asked in shelf.asked] == [None, "bytes=100000-", "bytes=170000-"]


def test_a_stopped_program_goes_on_where_it_was(shelf, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:12345])
    download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH, size=len(CONTENT))
    assert shelf.asked == [("/a.bin", "bytes=12345-")]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("left", [CONTENT + b"more", b"x" * 999, b"x" * len(CONTENT)])
def test_what_was_left_and_is_wrong_is_fetched_anew(shelf, tmp_path: Path, left: bytes) -> None:
    (tmp_path / "a.bin.part").write_bytes(left)
    download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_server_without_ranges_begins_again(shelf, tmp_path: Path) -> None:
    shelf.ranges = False
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:100])
    download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_another_file_is_not_kept(shelf, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not the file that was published"):
        download(shelf.put("a.bin", CONTENT[:-1] + b"?"), tmp_path / "a.bin", sha256=HASH)
    with pytest.raises(WeightsError, match="longer than"):
        download(shelf.put("b.bin", CONTENT), tmp_path / "b.bin", sha256=HASH, size=1000)
    assert not (tmp_path / "a.bin").exists()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 0


def test_what_cannot_be_had_ends_in_one_line(shelf, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="HTTP 404") as caught:
        download(f"{shelf.url}/nothing", tmp_path / "a.bin", sha256=HASH)
    assert "\n" not in str(caught.value)
    for url in ("http://127.0.0.1:9/a.bin", "https://nowhere.invalid/a.bin"):
        with pytest.raises(WeightsError, match="cannot fetch") as caught:
            download(url, tmp_path / "a.bin", sha256=HASH)
        assert "\n" not in str(caught.value)


def test_a_connection_that_gives_nothing_ends_and_keeps_what_came(shelf, tmp_path: Path) -> None:
    shelf.breaks_after = [5000, 0]
    with pytest.raises(WeightsError, match="5,000 bytes are kept"):
        download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH)
    assert (tmp_path / "a.bin.part").read_bytes() == CONTENT[:5000]
    download(f"{shelf.url}/a.bin", tmp_path / "a.bin", sha256=HASH)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_two_programs_do_not_write_one_file(shelf, tmp_path: Path) -> None:
    from retouch_aes.atomic_io import lock

    with (tmp_path / "a.bin.part").open("ab") as other:
        assert lock(other.fileno())
        with pytest.raises(WeightsError, match="another program"):
            download(shelf.put("a.bin", CONTENT), tmp_path / "a.bin", sha256=HASH)
