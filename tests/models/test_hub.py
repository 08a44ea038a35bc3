"""Models in folders and hub repositories: written, read, and refused in plain words."""

import sys
from pathlib import Path

import pytest
import torch

from retouch_aes.errors import MissingExtraError, RetouchError, WeightsError
from retouch_aes.models import EMDAttention, ModelCard, from_pretrained, save_pretrained
from retouch_aes.models.compact import CompactBackbone

CARD = ModelCard("Apache-2.0", "Made by a test.", ("no data",), {"rho": 0.5}, "2026-01-31")


@pytest.fixture
def model() -> EMDAttention:
    torch.manual_seed(0)
    return EMDAttention(CompactBackbone((4, 8, 12, 16), (1, 1, 1, 1)), side=64).eval()


def test_a_folder_gives_the_model_back(model: EMDAttention, tmp_path: Path) -> None:
    path = save_pretrained(model, tmp_path / "mine", CARD)
    assert sorted(one.name for one in path.parent.iterdir()) == ["README.md", "model.safetensors"]
    again = from_pretrained(tmp_path / "mine")
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(again(image), model(image))
    page = (tmp_path / "mine" / "README.md").read_text()
    assert page.startswith("---\nlibrary_name: retouch_aes\nlicense: apache-2.0\n")
    assert "| rho | 0.5 |" in page
    with pytest.raises(RetouchError, match="exists already"):
        save_pretrained(model, tmp_path / "mine", CARD)
    save_pretrained(model, tmp_path / "mine", CARD, overwrite=True)


def test_a_page_that_is_there_is_refused_before_weights_are_written(
    model: EMDAttention, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(RetouchError, match="exists already"):
        save_pretrained(model, tmp_path, CARD)
    assert [one.name for one in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"holds no model\.safetensors"):
        from_pretrained(tmp_path)
    for name in (tmp_path / "absent", "../x/y", "a/b/c", ""):
        with pytest.raises(WeightsError, match=r"neither a folder nor a repository|holds no"):
            from_pretrained(name)


def test_a_repository_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'retouch_aes\[hub\]'"):
        from_pretrained("someone/something")


def test_a_repository_is_fetched_by_the_hubs_own_client(model, tmp_path: Path, monkeypatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    path, asked = save_pretrained(model, tmp_path / "mine", CARD), []

    def fetch(repository: str, file: str, **more: object) -> str:
        asked.append((repository, file, more["revision"]))
        return str(path)

    monkeypatch.setattr(hub, "hf_hub_download", fetch)
    assert from_pretrained("someone/something", revision="v1").fingerprint == model.fingerprint
    assert asked == [("someone/something", "model.safetensors", "v1")]

    def fail(*args: object, **more: object) -> str:
        raise OSError("no network\nand a long story")

    monkeypatch.setattr(hub, "hf_hub_download", fail)
    with pytest.raises(WeightsError, match=r"cannot fetch model\.safetensors of someone/something") as caught:
        from_pretrained("someone/something")
    assert "\n" not in str(caught.value)
