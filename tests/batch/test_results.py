"""Whether a result is still what was written."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from retouch_aes.batch.results import read_silently, sha256_of, state_of


@pytest.fixture
def result(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    path = tmp_path / "a.jpg"
    Image.fromarray(noise).save(path, quality=95)
    return path


def test_the_states(result: Path) -> None:
    made = sha256_of(result)
    whole = result.read_bytes()
    assert state_of(result, made) == state_of(result, "") == "as made"
    result.write_bytes(whole[: len(whole) // 2])
    assert state_of(result, made) == "damaged"
    result.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    assert state_of(result, made) == "damaged"
    result.write_bytes(whole[:-2])
    assert state_of(result, made) == "damaged"
    result.write_bytes(b"")
    assert state_of(result, made) == "damaged"
    result.write_bytes(whole[:2] + b"\xff\xfe\x00\x06mine" + whole[2:])  # somebody's comment
    assert state_of(result, made) == "changed"
    result.unlink()
    assert state_of(result, made) == "gone"


def test_what_is_wrong_with_a_photo_is_kept_for_its_record(result: Path) -> None:
    os.truncate(result, result.stat().st_size - 2)
    assert "end marker" in read_silently(result).warnings[0]
