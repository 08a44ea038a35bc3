"""The same score everywhere: other thread counts and CPU capabilities, within a hundredth of a point."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from recorded_scores import COUNT, MODELS, RECORD, scores

from retouch_aes.models import load_model

WITHIN = 0.01
CODE = "import json, recorded_scores as r; print(json.dumps([r.scores(name) for name in r.MODELS]))"


def assert_recorded(name: str, found: list[float]) -> None:
    expected = json.loads(RECORD.read_text())[name]["scores"]
    assert len(found) == len(expected) == COUNT
    assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= WITHIN


def test_the_record_is_of_the_bundled_models_and_tells_pictures_apart() -> None:
    recorded = json.loads(RECORD.read_text())
    for name in MODELS:
        assert recorded[name]["fingerprint"] == load_model(name).fingerprint, (
            "a bundled model has changed: run `python tests/models/recorded_scores.py`"
        )
        assert max(recorded[name]["scores"]) - min(recorded[name]["scores"]) > 0.5


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for name in MODELS:
            assert_recorded(name, scores(name))
    finally:
        torch.set_num_threads(before)


def test_a_processor_without_vector_instructions() -> None:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[1])])
    plain = {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | plain | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, found in zip(MODELS, json.loads(done.stdout), strict=True):
        assert_recorded(name, found)
