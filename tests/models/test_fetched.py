"""Weights of other libraries: fetched when named, checked, listed; scorers on them; no network unasked."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save, save_file

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.models import (
    ModelCard,
    PooledScorer,
    fetch_weights,
    list_models,
    load_model,
    pretrained_backbone,
    save_model,
)
from retouch_aes.models import download as download_module
from retouch_aes.models import published as published_module
from retouch_aes.models.fetched import add_weights, fetched_weights, find_fetched
from retouch_aes.models.published import PublishedWeights, full_name, published

NAME, FULL = "timm:test_resnet", "timm:test_resnet.r160_in1k"


@pytest.fixture(scope="module")
def weights() -> bytes:
    """Weights as timm's hub has them for `test_resnet`, random."""
    timm = pytest.importorskip("timm")
    torch.manual_seed(3)
    return save({k: v.contiguous() for k, v in timm.create_model("test_resnet").state_dict().items()})


@pytest.fixture
def hub(shelf, weights: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch):
    """A hub on 127.0.0.1 that states commit and hash as the real one does."""
    monkeypatch.setenv("HF_ENDPOINT", shelf.url)
    monkeypatch.setattr(download_module, "_PAUSE", 0.0)
    repository = "timm/test_resnet.r160_in1k"
    entry = {"rfilename": "model.safetensors", "size": len(weights),
             "lfs": {"sha256": hashlib.sha256(weights).hexdigest(), "size": len(weights)}}  # fmt: skip
    about = {"sha": "0123abc", "siblings": [{"rfilename": "README.md", "size": 3}, entry]}
    shelf.put(f"api/models/{repository}", json.dumps(about).encode())
    shelf.put(f"{repository}/resolve/0123abc/model.safetensors", weights)
    return shelf


def test_fetched_from_the_hub_at_one_commit_and_only_once(hub, cache: Path, weights: bytes) -> None:
    hub.breaks_after = [10**9, 1000]  # the list comes whole, the weights break once
    found = fetch_weights(NAME)
    assert (found.name, found.sha256) == (FULL, hashlib.sha256(weights).hexdigest())
    assert found.path.read_bytes() == weights
    assert found.path.is_relative_to(cache)
    assert [asked for _, asked in hub.asked] == [None, None, "bytes=1000-"]
    assert fetch_weights(FULL) == found
    assert len(hub.asked) == 3
    assert fetched_weights() == [found]
    assert FULL in list_models("timm:test_resnet*")
    assert FULL in list_models()
    if os.name == "posix":
        assert cache.stat().st_mode & 0o077 == 0


def test_a_scorer_on_them(hub) -> None:
    fetch_weights(NAME)
    hub.asked.clear()
    model = load_model(NAME)
    assert isinstance(model, PooledScorer)
    assert not hub.asked
    image = torch.rand(2, 3, 96, 80)
    assert model(image).tolist() == pytest.approx([5.5, 5.5], abs=0.01)
    assert load_model(FULL).fingerprint == model.fingerprint

    import timm

    theirs = timm.create_model("test_resnet", num_classes=0).eval()
    state = {k: v for k, v in load_file(find_fetched(NAME).path).items() if not k.startswith("fc.")}
    theirs.load_state_dict(state)
    with torch.no_grad():
        assert torch.allclose(theirs(model.prepare(image)), model.features(image), atol=1e-5)
        mapped = theirs.forward_features(model.prepare(image))
        assert torch.allclose(pretrained_backbone(NAME)(model.prepare(image))[-1], mapped, atol=1e-5)


def test_weights_that_do_not_fit_are_refused_by_name(cache: Path, weights: bytes, tmp_path: Path) -> None:
    (tmp_path / "whole.safetensors").write_bytes(weights)
    part = load_file(tmp_path / "whole.safetensors")
    part.pop("layer1.0.conv1.weight")
    save_file(part, tmp_path / "part.safetensors")
    add_weights(NAME, tmp_path / "part.safetensors")
    with pytest.raises(WeightsError, match=r"layer1\.0\.conv1\.weight"):
        load_model(NAME)
    add_weights(NAME, tmp_path / "whole.safetensors")
    assert load_model(NAME)


def test_damage_in_the_cache_is_found(hub) -> None:
    found = fetch_weights(NAME)
    content = bytearray(found.path.read_bytes())
    content[-1] ^= 1
    found.path.write_bytes(content)
    with pytest.raises(WeightsError, match="missing or damaged"):
        load_model(NAME)
    fetch_weights(NAME)
    assert load_model(NAME)


@pytest.mark.parametrize(
    "about",
    [b"no json", b"{}", b'{"sha": "1", "siblings": [{"rfilename": "model.safetensors"}]}',
     b'{"sha": "1", "siblings": [{"rfilename": "model.safetensors", "lfs": {"sha256": "x", "size": 1}}]}'],
)  # fmt: skip
def test_a_hub_that_states_no_hash(hub, about: bytes) -> None:
    hub.put("api/models/timm/test_resnet.r160_in1k", about)
    with pytest.raises(WeightsError, match=r"hashes|no sha256"):
        fetch_weights(NAME)
    assert fetched_weights() == []


def test_without_a_network_one_line(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("timm")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    weights = PublishedWeights("x", "http://127.0.0.1:9/a.pth", "a.pth", "0" * 8)
    for name, source in ((NAME, published), ("torchvision:vgg16", lambda _: weights)):
        monkeypatch.setattr("retouch_aes.models.fetched.published", source)
        with pytest.raises(WeightsError, match="cannot fetch") as caught:
            fetch_weights(name)
        assert "\n" not in str(caught.value)
    assert fetched_weights() == []


def test_torchvisions_addresses_carry_their_hash() -> None:
    found = published("torchvision:vgg16")
    assert (found.name, found.file) == ("torchvision:vgg16.imagenet1k_v1", "vgg16-397923af.pth")
    assert found.url.endswith(found.file)
    assert found.sha256 == "397923af"
    assert published("torchvision:mobilenet_v2").sha256 == "7ebf99e0"
    assert published("torchvision:mobilenet_v2.IMAGENET1K_V1").sha256 == "b0353104"


def test_torchvisions_weights_by_a_local_server(shelf, cache: Path, monkeypatch, tmp_path: Path) -> None:
    import torchvision

    torch.manual_seed(1)
    theirs = torchvision.models.squeezenet1_1(weights=None).eval()
    torch.save(theirs.state_dict(), tmp_path / "w.pth")
    content = (tmp_path / "w.pth").read_bytes()
    begin = hashlib.sha256(content).hexdigest()[:8]

    class Weights:
        name = "IMAGENET1K_V1"
        url = shelf.put(f"squeezenet1_1-{begin}.pth", content)

    monkeypatch.setattr(published_module, "torchvision_weights", lambda _: Weights)
    found = fetch_weights("torchvision:squeezenet1_1")
    assert found.path.name == f"squeezenet1_1-{begin}.pth"
    maps = pretrained_backbone("torchvision:squeezenet1_1")(image := torch.rand(1, 3, 64, 64))
    assert torch.equal(maps[-1], theirs.features(image))
    wrong = tmp_path / "other.pth"
    wrong.write_bytes(content + b"x")
    with pytest.raises(WeightsError, match="sha256 begins with"):
        add_weights("torchvision:squeezenet1_1", wrong)


def test_names_that_mean_nothing(cache: Path) -> None:
    pytest.importorskip("timm")
    for name, message in (
        ("torchvision:nothing", "has no model"),
        ("torchvision:vgg16.nothing", "there are: imagenet1k_v1"),
        ("timm:nothing", "has no model"),
        ("timm:resnet18.nothing", r"there are: .*a1_in1k"),
        ("timm:../../etc", "expected torchvision:NAME"),
    ):
        with pytest.raises(UsageError, match=message):
            fetch_weights(name)
    with pytest.raises(WeightsError, match=r"retouch-aes weights fetch timm:resnet18\.a1_in1k"):
        load_model("timm:resnet18")
    assert full_name("timm:resnet18") == "timm:resnet18.a1_in1k"


def test_no_constructor_touches_the_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("timm")

    def refuse(*args: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    torch.manual_seed(0)
    for name in ("timm:test_resnet", "torchvision:mobilenet_v2"):
        model = PooledScorer(name, side=64, maps=2, deviations=True)
        save_model(tmp_path / "m.safetensors", model, ModelCard("Apache-2.0", "a test"))
        again = load_model(tmp_path / "m.safetensors")
        image = torch.rand(1, 3, 64, 80)
        assert torch.equal(again(image), model.eval()(image))
        assert again.fingerprint == model.fingerprint
