import copy
import pickle

import pytest
import torch
from torch import Tensor, nn

from retouch_aes.losses.frozen import Frozen


def linear() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 3), nn.Dropout(), nn.BatchNorm1d(3))


def test_it_shares_nothing_and_cannot_learn() -> None:
    module = linear().train()
    frozen = Frozen(module)
    assert module.training
    assert not any(part.training for part in frozen.module.modules())
    assert not any(parameter.requires_grad for parameter in frozen.module.parameters())
    assert all(parameter.requires_grad for parameter in module.parameters())
    with torch.no_grad():
        module[0].weight.zero_()
    assert frozen.module[0].weight.abs().max() > 0


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_16_bit_weights_are_kept_in_32_and_fed_in_32(kind: torch.dtype) -> None:
    frozen = Frozen(linear().to(kind))
    assert frozen.module[0].weight.dtype == torch.float32
    assert frozen.fitting(torch.ones(2, 4, dtype=kind)).dtype == torch.float32


def test_the_precision_of_the_weights_counts() -> None:
    assert Frozen(linear().double()).fitting(torch.ones(2, 4)).dtype == torch.float64
    bare = Frozen(nn.Identity())
    assert bare.fitting(torch.ones(2, dtype=torch.float64)).dtype == torch.float64
    assert bare.fitting(torch.ones(2, dtype=torch.float16)).dtype == torch.float32


def test_one_copy_a_device() -> None:
    frozen = Frozen(linear())
    meta = torch.device("meta")
    there = frozen.on(meta)
    assert there is frozen.on(meta)
    assert next(there.parameters()).is_meta
    assert frozen.on(torch.device("cpu")) is frozen.module


def test_meta_takes_no_values_away() -> None:
    frozen = Frozen(linear())
    before = frozen.module[0].weight.clone()
    frozen.move(torch.device("meta"))
    assert torch.equal(frozen.module[0].weight, before)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_it_can_be_copied_and_sent(again) -> None:
    frozen = Frozen(linear())
    image: Tensor = torch.ones(2, 4)
    assert torch.equal(again(frozen).module(image), frozen.module(image))
