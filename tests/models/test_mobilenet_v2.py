from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import mobilenet_v2

from retouch_aes.errors import WeightsError
from retouch_aes.models.mobilenet_v2 import TeacherFeatures


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    torch.manual_seed(0)
    save_file(mobilenet_v2(weights=None).state_dict(), path)
    return path


def test_maps_and_pooled(file: Path) -> None:
    teacher = TeacherFeatures(file)
    maps = teacher.maps(torch.rand(2, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [(32, 8, 12), (96, 4, 6), (1280, 2, 3)]
    assert tuple(m.shape[1] for m in maps) == teacher.channels
    assert teacher.pooled(torch.rand(2, 3, 64, 96)).shape == (2, 1280)


def test_frozen_for_good_but_open_to_the_image(file: Path) -> None:
    parent = nn.ModuleList([TeacherFeatures(file)]).train()
    teacher = parent[0]
    assert not any(module.training for module in teacher.modules())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    teacher.maps(image)[0].sum().backward()
    assert image.grad is not None


def test_refuses_other_files(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="does not fit MobileNetV2"):
        TeacherFeatures(tmp_path / "other.safetensors")
