import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program, or a skip that says which one is missing."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"needs {name}, which is not installed")
        return path

    return find


@pytest.fixture
def tags(program) -> Callable[[Path], dict[str, object]]:
    """What exiftool reads from a file, by group and tag, without the file's own date and size."""
    exiftool = program("exiftool")

    def read(path: Path) -> dict[str, object]:
        command = [exiftool, "-j", "-G1", "-a", "-u", str(path)]
        [found] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        found.pop("SourceFile")
        return {key: value for key, value in found.items() if not key.startswith(("System:", "ExifTool:"))}

    return read


@pytest.fixture
def complaints(program) -> Callable[[Path], list[str]]:
    """What `exiftool -validate` finds wrong with a file."""
    exiftool = program("exiftool")

    def read(path: Path) -> list[str]:
        command = [exiftool, "-validate", "-warning", "-error", "-a", "-s3", str(path)]
        lines = subprocess.run(command, capture_output=True, check=False, text=True).stdout.splitlines()
        return [line for line in lines if line != "OK" and "Warning" not in line.split(" ")[0:1]]

    return read


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    """A soft gradient with several hues, darks and lights, 96 x 64."""
    y, x = np.meshgrid(np.linspace(0, 1, 64), np.linspace(0, 1, 96), indexing="ij")
    waves = [0.5 + 0.5 * np.sin(5 * x + phase + 2 * y) for phase in (0.0, 0.7, 1.6)]
    return Image.fromarray((np.stack(waves, axis=2) * 255).round().astype(np.uint8))


@pytest.fixture(scope="session")
def image(picture) -> torch.Tensor:
    """`picture` as `(1, 3, 64, 96)`."""
    return torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 255
