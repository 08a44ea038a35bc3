"""`weights list|fetch|verify`: names, cards, one polite line without a network."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RETOUCH_AES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_names_by_pattern(run) -> None:
    assert run("weights", "list", "aes*").stdout.split()[0] == "aesthetic"
    assert run("weights", "list", "torchvision:vgg1?").stdout.split() == [
        "torchvision:vgg11", "torchvision:vgg13", "torchvision:vgg16", "torchvision:vgg19"
    ]  # fmt: skip
    names = json.loads(run("weights", "list", "torchvision:mobilenet_v2*", "--json", "-").stdout)
    assert names == ["torchvision:mobilenet_v2"]


def test_a_file_fetched_elsewhere_is_taken_listed_and_verified(run, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    file = tmp_path / "w.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), file)
    taken = run("weights", "fetch", "timm:test_resnet", "--from", file)
    assert taken.exit_code == 0, taken.stderr
    assert "licence: " in taken.stdout
    assert "timm:test_resnet.r160_in1k" in run("weights", "list").stdout
    records = json.loads(run("weights", "list", "--json", "-").stdout)
    found = next(record for record in records if record["name"] == "timm:test_resnet.r160_in1k")
    assert "ok: " + found["path"] in run("weights", "verify").stdout
    Path(found["path"]).write_bytes(b"damaged")
    broken = run("weights", "verify")
    assert broken.exit_code == 1
    assert "fetch it again" in broken.stderr


def test_without_a_network_one_line(run, monkeypatch, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = run("weights", "fetch", "timm:test_resnet")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "cannot fetch" in result.stderr
    for wrong in ("nothing", "timm:nothing", "torchvision:nothing", "hub:nothing"):
        result = run("weights", "fetch", wrong)
        assert result.exit_code == 2
        assert len(result.stderr.strip().splitlines()) == 1
    photo = tmp_path / "p.jpg"
    photo.write_bytes(b"")
    result = run("score", photo, "--model", "timm:test_resnet")
    assert result.exit_code == 1
    assert "retouch-aes weights fetch timm:test_resnet.r160_in1k" in result.stderr


def test_a_backbone_serves_every_command_that_takes_a_model(run, photo, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "w.safetensors")
    run("weights", "fetch", "timm:test_resnet", "--from", tmp_path / "w.safetensors")
    scored = run("score", photo, "--model", "timm:test_resnet", "--json", "-")
    assert scored.exit_code == 0, scored.stderr
    assert json.loads(scored.stdout)[0]["score"] == pytest.approx(5.5, abs=0.01)
    done = run("retouch", photo, "-o", tmp_path / "out.jpg", "--model", "timm:test_resnet", "--prior", "none")
    assert done.exit_code == 0, done.stderr


def test_a_batch_is_signed_by_the_backbones_weights(run, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    from retouch_aes.pipeline.spec import RetoucherSpec

    signatures = set()
    for seed in (0, 1):
        torch.manual_seed(seed)
        save_file(timm.create_model("test_resnet").state_dict(), tmp_path / "w.safetensors")
        run("weights", "fetch", "timm:test_resnet", "--from", tmp_path / "w.safetensors")
        signatures.add(RetoucherSpec(model="timm:test_resnet", prior=None).signature)
    assert len(signatures) == 2
