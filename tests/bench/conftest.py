from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console, RenderableType


@pytest.fixture(scope="session")
def photo() -> torch.Tensor:
    """A small picture with soft light, several hues, darks and lights, on the 8-bit grid."""
    y, x = torch.meshgrid(torch.linspace(0, 1, 40), torch.linspace(0, 1, 60), indexing="ij")
    waves = [0.5 + 0.38 * torch.sin(4 * x + phase + 2 * y) for phase in (0.0, 0.7, 1.6)]
    return (torch.stack(waves).unsqueeze(0).clamp(0, 1) * 255).round() / 255


@pytest.fixture(scope="session")
def photos(photo, tmp_path_factory) -> list[Path]:
    """The picture and its mirror image as files."""
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / "one.png", folder / "two.png"]
    for path, image in zip(paths, (photo, photo.flip(3)), strict=True):
        levels = (image[0].permute(1, 2, 0) * 255).round().numpy().astype(np.uint8)
        Image.fromarray(levels).save(path)
    return paths


@pytest.fixture(scope="session")
def in_terminal() -> Callable[[RenderableType], str]:
    """What rich prints into a terminal 100 columns wide."""

    def show(renderable: RenderableType) -> str:
        page = StringIO()
        Console(file=page, width=100).print(renderable)
        return page.getvalue()

    return show
