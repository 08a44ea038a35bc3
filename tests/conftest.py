"""Shared pieces of the tests: the folder of real data, where there is one."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does, before PyTorch is imported


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder named by RETOUCH_AES_TEST_DATA, or a skip that says so."""
    folder = os.environ.get("RETOUCH_AES_TEST_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real photos: set RETOUCH_AES_TEST_DATA to a folder of them")
    return Path(folder)
