from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from retouch_aes.errors import WeightsError
from retouch_aes.models import EMDAttention, vgg16
from retouch_aes.models.vgg16 import FILE, VGG16Backbone, fetch


@pytest.fixture(scope="module")
def backbone() -> VGG16Backbone:
    return VGG16Backbone().eval()


def test_the_cuts_are_where_the_paper_has_them(backbone: VGG16Backbone) -> None:
    layers = list(backbone.features)
    for end, convolutions in ((vgg16.AFTER_CONV_10, 10), (vgg16.AFTER_CONV_13, 13)):
        assert sum(isinstance(layer, nn.Conv2d) for layer in layers[:end]) == convolutions
        assert isinstance(layers[end - 1], nn.ReLU)
    assert isinstance(layers[vgg16.AFTER_CONV_13], nn.MaxPool2d)
    assert len(layers) == vgg16.AFTER_CONV_13 + 1


def test_maps_at_strides_8_16_32(backbone: VGG16Backbone) -> None:
    maps = backbone(torch.randn(1, 3, 64, 96))
    assert [tuple(m.shape) for m in maps] == [(1, 512, 8, 12), (1, 512, 4, 6), (1, 512, 2, 3)]


def test_scores_the_smallest_photo(backbone: VGG16Backbone) -> None:
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    EMDAttention(backbone, side=32)(image).backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0


def test_loads_a_local_copy(backbone: VGG16Backbone, tmp_path: Path) -> None:
    tensors = dict(backbone.state_dict()) | {"classifier.0.bias": torch.zeros(4)}
    save_file(tensors, tmp_path / "vgg16.safetensors")
    other = VGG16Backbone()
    other.load_torchvision(tmp_path / "vgg16.safetensors")
    assert torch.equal(other.features[0].weight, backbone.features[0].weight)


def test_refuses_other_files(backbone: VGG16Backbone, tmp_path: Path) -> None:
    save_file({"features.0.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / FILE).write_bytes(b"not the published file")
    for name, message in (
        ("absent.pth", "does not exist"),
        ("other.safetensors", "is missing"),
        (FILE, "sha256 begins with"),
    ):
        with pytest.raises(WeightsError, match=message):
            backbone.load_torchvision(tmp_path / name)
    with pytest.raises(WeightsError, match="delete it"):
        fetch(tmp_path)


def test_fetch_fails_politely_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vgg16, "ADDRESS", "http://127.0.0.1:9/vgg16.pth")
    with pytest.raises(WeightsError, match="download it elsewhere and put it at"):
        fetch(tmp_path)
    assert not list(tmp_path.iterdir())


def test_layers_are_torchvisions(backbone: VGG16Backbone) -> None:
    theirs = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    assert [str(layer) for layer in backbone.features] == [str(layer) for layer in theirs]
