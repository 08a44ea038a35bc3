"""Backbones of torchvision and timm behind one interface: maps, statistics, weights, old files."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from retouch_aes.errors import MissingExtraError, UsageError, WeightsError
from retouch_aes.models import NIMA, EMDAttention, ModelCard, load_model, make_backbone, save_model
from retouch_aes.models.backbone import Backbone
from retouch_aes.models.backbones import backbone_config
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.frozen import FrozenBackbone
from retouch_aes.models.taps import stride_of
from retouch_aes.models.torchvision_backbone import TorchvisionBackbone

CARD = ModelCard("Apache-2.0", "made by a test", ("no data",))


@pytest.fixture(scope="module")
def vgg() -> Backbone:
    return make_backbone("torchvision:vgg16").eval()


@pytest.fixture(scope="module")
def mobile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("mobile") / "mobilenet_v2.safetensors"
    torch.manual_seed(0)
    save_file(torchvision.models.mobilenet_v2(weights=None).state_dict(), path)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "compact",
        "torchvision:mobilenet_v2",
        "torchvision:resnet18",
        "torchvision:shufflenet_v2_x0_5",
        "timm:test_resnet",
        "timm:test_efficientnet",
        "timm:test_vit",
        "timm:tf_efficientnet_lite0",
        "timm:swin_s3_tiny_224",
    ],
)
def test_one_interface(name: str) -> None:
    if name.startswith("timm:"):
        pytest.importorskip("timm")
    torch.manual_seed(0)
    backbone = make_backbone(name).eval()
    height, width = (backbone.side, backbone.side) if backbone.fixed else (96, 160)
    image = torch.randn(2, 3, height, width, requires_grad=True)
    maps = backbone(image)
    assert list(backbone.strides) == sorted(backbone.strides)
    for one, channels, stride in zip(maps, backbone.channels, backbone.strides, strict=True):
        assert one.shape == (2, channels, height // stride, width // stride)
    z1, z2, z3 = backbone.attended(maps)
    assert (z1.shape[1], z2.shape[1], z3.shape[1]) == backbone.attention_channels
    maps[-1].sum().backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0
    with torch.no_grad():
        alone = backbone(image[:1])
    assert torch.allclose(alone[-1], maps[-1][:1], atol=1e-4)
    config = backbone_config(backbone)
    again = make_backbone(config.pop("name"), **config)
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(again.eval()(image.detach())[0], maps[0].detach())


def test_vggs_maps_are_those_of_the_paper(vgg: Backbone) -> None:
    layers = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
    layers.load_state_dict({k.removeprefix("features."): v for k, v in vgg.state_dict().items()})
    image = torch.randn(1, 3, 64, 96)
    convolutions = [place for place, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    after_10, after_13 = convolutions[9] + 2, convolutions[12] + 2  # each with its ReLU
    expected = [layers[:after_10](image), layers[:after_13](image), layers(image)]
    assert isinstance(layers[-1], nn.MaxPool2d)
    maps = vgg(image)
    assert vgg.strides == (8, 16, 32)
    assert vgg.channels == (512, 512, 512)
    assert all(torch.equal(got, want) for got, want in zip(maps, expected, strict=True))
    assert all(a is b for a, b in zip(vgg.attended(maps), maps, strict=True))


def test_files_that_name_the_old_vgg16_are_loaded(vgg: Backbone, tmp_path: Path, monkeypatch) -> None:
    model = EMDAttention(vgg, side=32)
    assert {"backbone.features.0.weight", "backbone.features.28.bias"} <= model.state_dict().keys()
    old = {**model.config, "backbone": {"name": "vgg16"}}
    monkeypatch.setattr(EMDAttention, "config", old)
    save_model(tmp_path / "old.safetensors", model, CARD)
    monkeypatch.undo()
    again = load_model(tmp_path / "old.safetensors")
    image = torch.rand(1, 3, 40, 32)
    assert torch.equal(again(image), model.eval()(image))
    assert again.preprocessing == model.preprocessing


def test_nimas_trunks_keep_their_names() -> None:
    assert "trunk.18.0.weight" in NIMA("mobilenet_v2").state_dict()
    assert "trunk.28.weight" in NIMA("vgg16").state_dict()


def test_scores_the_smallest_photo(vgg: Backbone) -> None:
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    EMDAttention(vgg, side=32)(image).backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0


def test_maps_of_chosen_strides() -> None:
    backbone = TorchvisionBackbone("mobilenet_v2", strides=(4, 32))
    assert (backbone.strides, backbone.channels) == ((4, 32), (24, 1280))
    with pytest.raises(UsageError, match=r"strides \[2, 4, 8, 16, 32\].*\[64\]"):
        TorchvisionBackbone("mobilenet_v2", strides=(64,))
    assert [stride_of(*pair) for pair in ((224, 16), (128, 61), (128, 15))] == [14, 2, 8]


def test_names_that_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, message in (
        ("resnet", "expected a backbone out of compact"),
        ("torchvision:nothing", "has no model 'nothing'"),
        ("torchvision:swin_t", "does not run its layers in a row"),
        ("torchvision:", "expected torchvision:NAME"),
    ):
        with pytest.raises(UsageError, match=message):
            make_backbone(name)
    with pytest.raises(UsageError, match="has no config"):
        backbone_config(type("Mine", (CompactBackbone,), {})())
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"retouch_aes\[timm\]"):
        make_backbone("timm:resnet18")


def test_a_frozen_backbone_from_a_file(mobile_file: Path) -> None:
    teacher = FrozenBackbone.load(mobile_file)
    maps = teacher.maps(torch.rand(2, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [(32, 8, 12), (96, 4, 6), (1280, 2, 3)]
    assert tuple(m.shape[1] for m in maps) == teacher.channels
    assert teacher.pooled(torch.rand(2, 3, 64, 96)).shape == (2, 1280)


def test_it_gives_what_torchvision_gives(mobile_file: Path) -> None:
    torch.manual_seed(0)
    theirs = torchvision.models.mobilenet_v2(weights=None).eval()
    image = torch.rand(1, 3, 64, 64)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    plain = (image - mean[:, None, None]) / deviation[:, None, None]
    with torch.no_grad():
        assert torch.allclose(
            FrozenBackbone.load(mobile_file).maps(image)[-1], theirs.features(plain), atol=1e-5
        )


def test_frozen_for_good_but_open_to_the_image(mobile_file: Path) -> None:
    parent = nn.ModuleList([FrozenBackbone.load(mobile_file)]).train()
    teacher = parent[0]
    assert not any(module.training for module in teacher.modules())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    image = torch.rand(1, 3, 32, 32, requires_grad=True)
    teacher.maps(image)[0].sum().backward()
    assert image.grad is not None


def test_files_that_do_not_fit(mobile_file: Path, tmp_path: Path, vgg: Backbone) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "junk.pth").write_bytes(b"not weights")
    for path, message in (
        (tmp_path / "other.safetensors", "does not fit"),
        (tmp_path / "junk.pth", "damaged"),
        (tmp_path / "absent.pth", "does not exist"),
    ):
        with pytest.raises(WeightsError, match=message):
            FrozenBackbone.load(path)
    torch.save(dict(vgg.state_dict()) | {"classifier.0.bias": torch.zeros(4)}, tmp_path / "vgg.pth")
    other = TorchvisionBackbone("vgg16")
    other.load_torchvision(tmp_path / "vgg.pth")
    assert torch.equal(other.state_dict()["features.0.weight"], vgg.state_dict()["features.0.weight"])


def test_libraries_are_imported_only_when_named() -> None:
    code = (
        "import sys, retouch_aes.models as m; m.load_model('aesthetic'); m.list_models('aes*'); "
        "print([name for name in ('torchvision', 'timm', 'huggingface_hub') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"


def test_the_shared_mobilenet(test_data: Path) -> None:
    path = test_data / "weights" / "mobilenet_v2_imagenet.safetensors"
    if not path.is_file():
        pytest.skip("needs weights/mobilenet_v2_imagenet.safetensors in the test data")
    assert FrozenBackbone.load(path).pooled(torch.rand(1, 3, 96, 64)).isfinite().all()
