"""The default score on a trunk that the user fetched: what its file says, and when it is refused."""

import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v2

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models import ModelCard, list_models, load_model, save_model
from retouch_aes.models import catalogue as catalogue_module
from retouch_aes.models import published as published_module
from retouch_aes.models.catalogue import bundled_model
from retouch_aes.models.fetched import add_weights
from retouch_aes.models.trunk_score import TrunkScore
from retouch_aes.models.trunks import load_trunk, trunk_version

NAME = "torchvision:mobilenet_v2.imagenet1k_v1"


@pytest.fixture
def fetch(cache, tmp_path, monkeypatch):
    """`fetch(network)` puts its weights into the user's cache as if they were torchvision's."""
    monkeypatch.setattr(published_module, "_hash_in", lambda _: "")  # any bytes will do

    def into_cache(network: nn.Module) -> None:
        torch.save(network.state_dict(), tmp_path / "mobilenet_v2.pth")
        add_weights(NAME, tmp_path / "mobilenet_v2.pth")

    return into_cache


def network(seed: int) -> nn.Module:
    """MobileNetV2 with random weights, and norms as if it had seen photos."""
    torch.manual_seed(seed)
    made = mobilenet_v2(weights=None)
    for _ in range(2):
        made(torch.rand(2, 3, 64, 64))
    return made.eval()


def folded(network: nn.Module) -> nn.Module:
    """The same function: every norm is moved into the convolution before it."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for norm, convolution in zip(norms, convolutions, strict=True):
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            convolution.weight.mul_(scale.view(-1, 1, 1, 1))
            norm.bias.sub_(norm.running_mean * scale)
            norm.weight.fill_(1)
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
    return network


def score() -> TrunkScore:
    """On the trunk that is in the cache, with a basis and a head of chance."""
    torch.manual_seed(1)
    made = TrunkScore(NAME, side=97, views=2, components=12, hidden=6)
    size = made.pooled.size
    made.set_basis(torch.zeros(size), torch.full((size,), 0.2), torch.zeros(size), torch.randn(size, 12) / 50)
    return made.eval()


def test_a_file_of_ours_on_weights_of_theirs(fetch, tmp_path, monkeypatch):
    path, image = tmp_path / "aesthetic-theirs.safetensors", torch.rand(1, 3, 70, 90)
    fetch(network(0))
    made = score()
    assert not [name for name, _ in made.named_parameters() if not name.startswith("head.")]
    save_model(path, made, ModelCard(licence="none", provenance="a test"), dtype="float16")
    assert path.stat().st_size < 2e5
    seen = load_model(path)(image)

    fetch(folded(network(0)))  # other bytes, the same function
    torch.testing.assert_close(load_model(path)(image), seen, atol=1e-3, rtol=0)

    fetch(network(5))
    with pytest.raises(WeightsError, match="other weights than those here of torchvision:mobilenet_v2"):
        load_model(path)

    monkeypatch.setattr(catalogue_module, "bundled", lambda: {"aesthetic-theirs": path})
    bundled_model.cache_clear()
    assert bundled_model("0" * 12) is None  # and no error


def test_weights_that_were_not_fetched_are_named_in_one_line(cache):
    for name in (NAME, "torchvision:mobilenet_v2"):
        with pytest.raises(WeightsError) as told:
            TrunkScore(name)
        assert "retouch-aes weights fetch torchvision:mobilenet_v2.imagenet1k_v" in str(told.value)
        assert "\n" not in str(told.value)


def test_only_trunks_are_taken():
    for wrong in ("lite9", "compact"):
        with pytest.raises(UsageError, match="expected a trunk out of lite0, lite1, lite2, torchvision:NAME"):
            load_trunk(wrong)
        with pytest.raises(UsageError, match="expected a trunk"):
            trunk_version(wrong)
    assert trunk_version("lite0") == "EfficientNet-lite0 579344248a93"
    assert trunk_version(NAME) == NAME


def test_the_score_on_mobilenet_is_listed_and_says_what_it_needs(cache):
    assert "aesthetic-mobilenet" in list_models("aesthetic*")
    with pytest.raises(WeightsError, match=f"weights fetch {NAME}"):
        load_model("aesthetic-mobilenet")
