from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models import NIMA
from retouch_aes.models.mobilenet_v1 import MobileNetV1, from_flat_names
from retouch_aes.testing import check_model


@pytest.fixture(scope="module")
def public(test_data: Path) -> NIMA:
    path = test_data / "weights" / "nima_mobilenet_ava.safetensors"
    if not path.is_file():
        pytest.skip(f"needs {path.name}")
    return NIMA.mobilenet_v1(path)


@pytest.mark.parametrize("trunk", ["mobilenet_v1", "mobilenet_v2"])
def test_laws(trunk: str) -> None:
    torch.manual_seed(0)
    check_model(NIMA(trunk, side=64))


def test_every_trunk_ends_in_its_width() -> None:
    for trunk in ("mobilenet_v1", "mobilenet_v2", "vgg16"):
        model = NIMA(trunk, side=32).eval()
        assert model.features(torch.rand(1, 3, 40, 32)).shape == (1, model.feature_size)


def test_dropout_acts_in_training_only() -> None:
    torch.manual_seed(0)
    model = NIMA("mobilenet_v1", side=32, dropout=0.5)
    image = torch.rand(1, 3, 32, 32)
    assert not torch.equal(model(image), model(image))
    model.eval()
    assert torch.equal(model(image), model(image))


def test_padding_keeps_the_odd_pixel_right_and_below() -> None:
    trunk = MobileNetV1()
    nn.init.ones_(trunk.stem.weight)
    nn.init.zeros_(trunk.stem.bias)  # type: ignore[arg-type]
    image = torch.ones(1, 3, 4, 4)
    assert trunk.stem(trunk.padding(image))[0, 0].tolist() == [[27, 18], [18, 12]]


def test_published_names() -> None:
    assert from_flat_names("convs.0.bias") == "stem.bias"
    assert from_flat_names("convs.1.weight") == "blocks.0.depthwise.weight"
    assert from_flat_names("convs.26.weight") == "blocks.12.pointwise.weight"


def test_refuses_other_files_and_trunks(tmp_path: Path) -> None:
    save_file({"convs.0.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"does not fit NIMA.* more"):
        NIMA.mobilenet_v1(tmp_path / "other.safetensors")
    with pytest.raises(UsageError, match="'resnet'"):
        NIMA("resnet")


def test_the_public_model_scores_sensibly(public: NIMA, test_data: Path) -> None:
    files = sorted((test_data / "data" / "kodak").glob("*.png"))[:4]
    if not files:
        pytest.skip("needs photos")
    for file in files:
        image = torch.from_numpy(np.array(Image.open(file).convert("RGB"))).movedim(-1, 0)[None] / 255
        with torch.no_grad():
            good, degraded = public(image).item(), public(image * 0.1).item()
        assert 3.5 < good < 7.5
        assert degraded < good
