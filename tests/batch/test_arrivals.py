"""Photos that are being written: given out when they are whole, once, and again when they change."""

import os

import pytest
from PIL import Image

from retouch_aes.batch.arrivals import Arrivals


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is moved."""
    now = [1000.0]
    monkeypatch.setattr("retouch_aes.batch.arrivals.time.monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


@pytest.fixture
def whole(tmp_path):
    Image.radial_gradient("L").resize((64, 48)).convert("RGB").save(tmp_path / "whole.jpg")
    return (tmp_path / "whole.jpg").read_bytes()


def test_a_photo_comes_once_when_it_has_settled(tmp_path, clock, whole):
    path, arrivals = tmp_path / "a.jpg", Arrivals(settle=2, patience=60)
    assert arrivals.whole([]) == []
    path.write_bytes(whole[:200])
    assert arrivals.whole([path]) == []
    clock(5)
    assert arrivals.whole([path]) == [], "half of it can be read"
    path.write_bytes(whole)
    assert arrivals.whole([path]) == []
    clock(1)
    assert arrivals.whole([path]) == [], "it has not settled"
    clock(1.5)
    assert arrivals.whole([path]) == [path]
    clock(100)
    assert arrivals.whole([path]) == []
    path.write_bytes(whole + b"\0")
    assert arrivals.whole([path]) == []
    clock(61)
    assert arrivals.whole([path]) == [path], "it changed"
    assert arrivals.whole([]) == []
    assert arrivals.whole([tmp_path / "gone.jpg"]) == []


def test_what_stays_damaged_is_given_out_after_a_while(tmp_path, clock, whole):
    path, arrivals = tmp_path / "a.jpg", Arrivals(settle=2, patience=60)
    arrivals.whole([])
    path.write_bytes(whole[:200])
    given = []
    for _ in range(62):
        given += arrivals.whole([path])
        clock(1)
    assert given == [path]


def test_what_lies_there_for_long_is_not_waited_for(tmp_path, clock, whole):
    old, new = tmp_path / "old.jpg", tmp_path / "new.jpg"
    for path in (old, new):
        path.write_bytes(whole)
    os.utime(old, (1e9, 1e9))
    arrivals = Arrivals(settle=2, patience=60)
    assert arrivals.whole([old, new]) == [old]
    clock(3)
    assert arrivals.whole([old, new]) == [new]
    late = tmp_path / "late.jpg"  # copied with its old time: still being written, for all that is known
    late.write_bytes(whole[:200])
    os.utime(late, (1e9, 1e9))
    assert arrivals.whole([old, new, late]) == []
