"""A short run of the fuzzing; `make fuzz` is the long one (FUZZ_MINUTES, FUZZ_KILLS)."""

import fuzz_images
import pytest
from fuzzing import fuzz
from mutating import mutated, spoilt_json
from structures import parts

pytest.importorskip("starlette")


def test_cases_of_every_kind_end_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    found = fuzz(tmp_path, seed=20, cases=280)
    assert found.failures == []
    assert len(found.counts) >= 13
    assert sum(counts.total() for counts in found.counts.values()) == 280
    assert sum(counts["refused"] for counts in found.counts.values()) > 100


def test_mutation_is_repeatable_and_changes_something():
    from random import Random

    for harm, data in ((mutated, b"abcdefgh" * 50), (spoilt_json, b'{"a": [1, 2, {"b": "c"}]}')):
        made = [harm(data, Random(seed)) for seed in range(30)]
        assert made == [harm(data, Random(seed)) for seed in range(30)]
        assert sum(one != data for one in made) > 20


def test_the_parts_of_every_kind_of_file_are_found():
    for suffix, seeds in fuzz_images.seeds().items():
        for data in seeds:
            found = parts(data)
            assert len(found) > 1, suffix
            assert any(part.size for part in found), suffix
    assert len(parts(b"a,b\n1,2\n3,4")) == 3
