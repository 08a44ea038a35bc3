import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from retouch_aes import plugins
from retouch_aes.errors import RetouchError, UsageError, WeightsError
from retouch_aes.models import (
    NIMA,
    AestheticModel,
    EMDAttention,
    ModelCard,
    catalogue,
    load_model,
    load_network,
    models,
    read_card,
    read_header,
    save_model,
    verify,
)
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.files import read_metadata, read_tensors

CARD = ModelCard("Apache-2.0", "made by a test", ("no data",), {"rho": 0.5}, "2025-01-31")


class Shift(nn.Module):
    """A network that is no aesthetic model."""

    short_name = "shift"
    version = 3

    def __init__(self, size: int) -> None:
        super().__init__()
        self.config = {"size": size}
        self.amount = nn.Parameter(torch.arange(float(size)))
        self.register_buffer("steps", torch.tensor(7))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Shift":
        return cls(**config)


@pytest.fixture(scope="module")
def model() -> EMDAttention:
    torch.manual_seed(0)
    return EMDAttention(CompactBackbone((4, 8, 12, 16), (1, 1, 1, 1)), side=64)


@pytest.fixture
def path(model: EMDAttention, tmp_path: Path) -> Path:
    save_model(tmp_path / "small.safetensors", model, CARD)
    return tmp_path / "small.safetensors"


def rewrite(path: Path, **changes: str) -> None:
    save_file(load_file(path), path, read_metadata(path) | changes)


def test_round_trip(model: EMDAttention, path: Path) -> None:
    again = load_model(path)
    assert isinstance(again, EMDAttention)
    assert again.fingerprint == model.fingerprint
    assert not again.training
    assert read_card(path) == CARD
    header = verify(path)
    assert (header.model, header.version, header.dtype) == ("emd-attention", 1, "float32")
    assert header.config == model.config


def test_half_precision_is_smaller_and_loads_as_float32(
    model: EMDAttention, path: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half.safetensors"
    save_model(half, model, CARD, dtype="float16")
    again = load_model(half)
    assert half.stat().st_size < 0.6 * path.stat().st_size
    assert {p.dtype for p in again.parameters()} == {torch.float32}
    image = torch.rand(1, 3, 64, 64)
    assert again(image).item() == pytest.approx(model(image).item(), abs=0.01)
    save_model(half, again, CARD, dtype="float16")
    assert load_model(half).fingerprint == again.fingerprint


def test_same_weights_same_file(model: EMDAttention, path: Path, tmp_path: Path) -> None:
    save_model(tmp_path / "again.safetensors", model, CARD)
    assert read_header(tmp_path / "again.safetensors") == read_header(path)


def test_any_network_that_knows_its_config(tmp_path: Path) -> None:
    file = tmp_path / "shift.safetensors"
    save_model(file, Shift(5), CARD, dtype="float16")
    again = load_network(file, {"shift": Shift})
    assert again.amount.tolist() == [0, 1, 2, 3, 4]
    assert again.steps.item() == 7
    with pytest.raises(WeightsError, match="'shift', expected anchored or emd-attention or kong or nima"):
        load_model(file)
    with pytest.raises(UsageError, match="has no short_name"):
        save_model(file, nn.Linear(1, 1), CARD)


def test_damage_is_noticed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="checksum"):
        verify(path)
    path.write_bytes(content[:-100])
    with pytest.raises(WeightsError, match="cut short"):
        load_model(path)
    path.write_bytes(b"")
    with pytest.raises(WeightsError, match="cut short"):
        read_header(path)


def test_a_header_whose_length_starts_as_a_pickle_does_is_read(tmp_path: Path) -> None:
    """640 is 80 02 in the file's first bytes: 80 02 also opens a pickle of protocol 2."""
    for size in range(400, 700):
        save_file({"a": torch.zeros(1)}, tmp_path / "w.safetensors", {"note": "n" * size})
        start = (tmp_path / "w.safetensors").read_bytes()[:2]
        if start == b"\x80\x02":
            break
    assert start == b"\x80\x02"
    assert read_tensors(tmp_path / "w.safetensors")["a"].shape == (1,)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "model.pth"
    torch.save({"a": torch.zeros(1)}, file)
    with pytest.raises(WeightsError, match="is a pickle"):
        load_model(file)
    file.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(WeightsError, match="is a pickle"):
        verify(file)


def test_files_of_others(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "plain.safetensors")
    with pytest.raises(WeightsError, match="no model card"):
        load_model(tmp_path / "plain.safetensors")
    with pytest.raises(WeightsError, match="neither a weight file nor a bundled one"):
        load_model("no-such-model")
    with pytest.raises(WeightsError, match="does not exist"):
        verify(tmp_path / "absent.safetensors")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": "9"}, "version 9 of the file format"),
        ({"version": "2"}, "made for version 2 of emd-attention, installed is 1"),
        ({"model": "other"}, "holds the network 'other'"),
        ({"version": "two"}, "malformed header"),
        ({"config": "{"}, "malformed header"),
        ({"card": json.dumps({"licence": "MIT"})}, "malformed header"),
        ({"config": json.dumps({"side": 64})}, "cannot be built"),
        ({"config": json.dumps({"backbone": {"name": "compact"}, "side": 64})}, "does not fit EMDAttention"),
    ],
)
def test_headers_that_do_not_fit(path: Path, changes: dict[str, str], message: str) -> None:
    rewrite(path, **changes)
    with pytest.raises(WeightsError, match=message):
        load_model(path)


def test_more_layers_than_anybody_could_build_are_refused_soon(path: Path) -> None:
    """2^63 blocks would be built for ever."""
    config = dict(read_header(path).config)
    config["backbone"] = {**config["backbone"], "blocks": [1, 1, 2**63, 1]}
    rewrite(path, config=json.dumps(config))
    with pytest.raises(WeightsError, match="far more layers than the file holds"):
        load_model(path)


def test_unknown_and_missing_tensors_are_named(path: Path, model: EMDAttention) -> None:
    tensors = load_file(path)
    tensors["extra"] = tensors.pop("head.bias")
    from retouch_aes.models.weights import checksum

    save_file(tensors, path, read_metadata(path) | {"sha256": checksum(tensors)})
    with pytest.raises(WeightsError, match=r"head\.bias is missing; extra is unknown"):
        load_model(path)


def test_a_failed_write_leaves_the_old_file(path: Path, model: EMDAttention) -> None:
    before = path.read_bytes()
    broken = NIMA("mobilenet_v1", side=32)
    with torch.no_grad():
        broken.head.bias[0] = 1e6
    with pytest.raises(UsageError, match="too large"):
        save_model(path, broken, CARD, dtype="float16")
    with pytest.raises(UsageError, match="licence"):
        save_model(path, model, ModelCard("", "here"))
    with pytest.raises(UsageError, match="float8"):
        save_model(path, model, CARD, dtype="float8")
    assert path.read_bytes() == before


def test_bundled_files_have_a_name(path: Path, model: EMDAttention, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "bundled", lambda: {"small": path})
    assert load_model("small").fingerprint == model.fingerprint


def test_every_bundled_file_holds_what_it_says() -> None:
    for path in catalogue.bundled().values():
        card = verify(path).card
        assert card.licence
        assert card.provenance
        assert card.data


def test_catalogue_takes_models_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    class Theirs(AestheticModel): ...

    class Point:
        def __init__(self, name: str) -> None:
            self.name = name

        def load(self) -> type:
            return Theirs

    points = [Point("shift"), Point("nima")]
    monkeypatch.setattr(
        plugins, "_entry_points", lambda group, _: points if group == "retouch_aes.models" else []
    )
    found = models()
    assert found["shift"] is Theirs
    assert found["nima"] is NIMA  # ours cannot be replaced


def test_errors_are_the_librarys_own() -> None:
    assert issubclass(WeightsError, RetouchError)


def test_loading_draws_no_random_weights(path: Path, model: EMDAttention) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    loaded = load_model(path)
    assert torch.equal(torch.get_rng_state(), before)
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, atol=1e-2, rtol=1e-2)
    nn.init.normal_(drawn := nn.Parameter(torch.zeros(9)))
    assert drawn.abs().max() > 0
