"""A log survives what disks and crashes do to it."""

import errno
import json
import os
from pathlib import Path

import pytest

from retouch_aes.append_log import AppendLog, parse_log, read_log, to_line
from retouch_aes.errors import RetouchError


def line(number: int) -> bytes:
    return to_line({"kind": "choice", "number": number, "of": {"photo": "a.jpg"}})


def numbers(content: bytes) -> list[int]:
    return [value["number"] for _, value in parse_log(content, "kind").objects]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def test_what_is_appended_is_read(path: Path) -> None:
    with AppendLog(path, "kind") as log:
        log.append({"kind": "a", "name": "Größe"})
        log.append({"kind": "b", "name": "\udcff.jpg"})
        assert [value for _, value in read_log(path, "kind").objects] == [
            {"kind": "a", "name": "Größe"},
            {"kind": "b", "name": "\udcff.jpg"},
        ]
        with pytest.raises(RetouchError, match="another program"):
            AppendLog(path, "kind")
    with pytest.raises(RetouchError, match="closed"):
        log.append({"kind": "c"})
    AppendLog(path, "kind").close()


def test_opening_changes_nothing(path: Path) -> None:
    path.write_bytes(line(1) + b"not ours\n" + line(2)[:-9])
    before = path.read_bytes()
    AppendLog(path, "kind").close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", range(1, len(line(2)) - 1, 5))
def test_the_begin_of_a_line_without_its_end_goes_with_the_next_writer(path: Path, cut: int) -> None:
    path.write_bytes(line(1) + line(2)[:cut])
    assert numbers(path.read_bytes()) == [1]
    with AppendLog(path, "kind") as log:
        log.append({"kind": "choice", "number": 3})
    assert numbers(path.read_bytes()) == [1, 3]
    assert read_log(path, "kind").fragments == ()


def test_a_whole_line_that_lacks_its_end_is_kept(path: Path) -> None:
    path.write_bytes(line(1) + line(2)[:-1])
    with AppendLog(path, "kind") as log:
        log.append({"kind": "choice", "number": 3})
    assert numbers(path.read_bytes()) == [1, 2, 3]


@pytest.mark.parametrize("cut", range(1, len(line(2)) - 1))
def test_every_whole_line_around_a_piece_is_read(cut: int) -> None:
    """The end of a line alone, its begin alone, and a line right behind a begin."""
    for torn in (line(2)[cut:], line(2)[:cut] + b"\n", line(2)[:cut]):
        content = parse_log(line(1) + torn + line(3) + line(4), "kind")
        read = [value["number"] for _, value in content.objects]
        assert read == [1, 3, 4]
        assert len(content.fragments) + len(content.strangers) == 1
        assert content.strangers == () or not (b'"' in torn and b"{" in torn)


def test_zeros_of_a_power_cut_are_passed_over(path: Path) -> None:
    path.write_bytes(line(1) + bytes(4096))
    assert numbers(path.read_bytes()) == [1]
    with AppendLog(path, "kind") as log:
        log.append({"kind": "choice", "number": 2})
    assert numbers(path.read_bytes()) == [1, 2]
    assert numbers(line(1) + bytes(100) + line(3)) == [1, 3]


def test_an_object_inside_a_torn_line_is_no_line() -> None:
    change = {"kind": "change", "place": 0, "answer": {"kind": "choice", "number": 9}, "time": "now"}
    torn = to_line(change)[: to_line(change).index(b', "time"')]
    assert numbers(line(1) + torn + b"\n" + line(2)) == [1, 2]


def test_a_full_disk_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    space = [7, 0]

    def full(handle: int, data: bytes) -> int:
        room = space.pop(0) if space else 10**6
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data[:room])

    with AppendLog(path, "kind") as log:
        log.append({"kind": "choice", "number": 1})
        monkeypatch.setattr("retouch_aes.append_log.os.write", full)
        with pytest.raises(RetouchError, match="No space left"):
            log.append({"kind": "choice", "number": 2})
        assert numbers(path.read_bytes()) == [1]
        assert path.read_bytes().endswith(b"\n")
        log.append({"kind": "choice", "number": 3})
        space[:] = [3, 4, 5]  # short writes that go on are no failure
        log.append({"kind": "choice", "number": 4})
    assert numbers(path.read_bytes()) == [1, 3, 4]


def test_a_piece_that_cannot_be_taken_back_does_not_spoil_the_next_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, space = os.write, [20, 0]

    def full(handle: int, data: bytes) -> int:
        room = space.pop(0) if space else 10**6
        if not room:
            raise OSError(errno.EIO, "Input/output error")
        return real(handle, data[:room])

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with AppendLog(path, "kind") as log:
        log.append({"kind": "choice", "number": 1})
        monkeypatch.setattr("retouch_aes.append_log.os.write", full)
        monkeypatch.setattr("retouch_aes.append_log.os.ftruncate", refuse)
        with pytest.raises(RetouchError, match="Input/output"):
            log.append({"kind": "choice", "number": 2})
        log.append({"kind": "choice", "number": 3})
    content = read_log(path, "kind")
    assert [value["number"] for _, value in content.objects] == [1, 3]
    assert len(content.fragments) == 1
    assert ":2:" in content.report(path)


def test_deep_nesting_is_a_stranger_and_no_crash() -> None:
    content = parse_log(b"[" * 100_000 + b"\n" + line(1), "kind")
    assert len(content.objects) == 1
    assert len(content.strangers) == 1


def test_not_a_number_is_refused(path: Path) -> None:
    with AppendLog(path, "kind") as log, pytest.raises(ValueError):
        log.append({"kind": float("nan")})
    assert json.dumps({}) == "{}"
    assert path.read_bytes() == b""


def test_what_was_read_can_be_let_go_and_a_torn_end_is_still_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"key": 1}\n{"key": 2')
    with AppendLog(path, "key") as log:
        log.forget()
        assert log.content.objects == ()
        log.append({"key": 3})
    assert path.read_bytes() == b'{"key": 1}\n{"key": 3}\n'
