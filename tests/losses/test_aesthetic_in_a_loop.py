"""The loss in other people's training loops: the same value and gradient however the loop is run."""

import os
from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from retouch_aes import AestheticLoss, load_model


class Network(nn.Module):
    """A tiny enhancer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return (image + 0.1 * self.layer(image)).clamp(0, 1)


@pytest.fixture(scope="module")
def loss() -> AestheticLoss:
    return AestheticLoss(load_model("aesthetic"))


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    return Network()


@pytest.fixture
def image() -> Tensor:
    return torch.rand(2, 3, 64, 80, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def plain(loss: AestheticLoss, network: Network, image: Tensor) -> tuple[Tensor, Tensor]:
    """Value and gradient of a plain step."""
    value = loss(network(image))
    value.backward()
    gradient = network.layer.weight.grad
    network.zero_grad()
    return value.detach(), gradient


def test_with_gradient_checkpointing(loss, network, image, plain) -> None:
    value = loss(checkpoint(network, image, use_reentrant=False))
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain)


def test_compiled_as_a_whole(loss, network, image, plain) -> None:
    step = torch.compile(lambda x: loss(network(x)), backend="aot_eager")
    value = step(image)
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain, atol=1e-5, rtol=1e-4)


@pytest.fixture
def group(tmp_path) -> Iterator[None]:
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.skipif(os.name == "nt", reason="gloo by file is for Unix")
def test_in_distributed_data_parallel(group, loss, network, image, plain) -> None:
    parallel = nn.parallel.DistributedDataParallel(network)
    value = loss(parallel(image))
    value.backward()
    torch.testing.assert_close((value.detach(), network.layer.weight.grad), plain)


def test_under_autocast_it_stays_near(loss, network, image, plain) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(network(image))
    assert value.item() == pytest.approx(plain[0].item(), abs=0.1)


def test_it_keeps_no_state(loss, image) -> None:
    before = {name: tensor.clone() for name, tensor in loss.state_dict().items()}
    values = [loss(image).item() for _ in range(3)]
    assert len(set(values)) == 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in loss.state_dict().items())
