"""The pretend device computes what the CPU computes, and is as strict as a GPU."""

import numpy as np
import pytest
import torch
from accelerator import pretend_device


def test_it_trains_as_the_cpu_does(device):
    ends = []
    for where in ("cpu", device):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).to(where)
        optimiser = torch.optim.Adam(network.parameters(), 0.01)
        image = torch.linspace(0, 1, 192).reshape(1, 3, 8, 8).to(where)
        for _ in range(3):
            optimiser.zero_grad()
            network(image).square().mean().backward()
            optimiser.step()
        ends.append(network[0].weight.detach().cpu())
    assert torch.allclose(*ends)


@pytest.mark.parametrize("bias", [True, False])
def test_a_gru_reads_and_learns_as_on_the_cpu(device, bias):
    ends = []
    for where in ("cpu", device):
        torch.manual_seed(0)
        reader = torch.nn.GRU(4, 3, batch_first=True, bidirectional=True, bias=bias).to(where)
        words = torch.linspace(-1, 1, 40).reshape(2, 5, 4).to(where)
        _, state = reader(words)
        (state**3).sum().backward()
        ends.append([state.detach().cpu(), *(weight.grad.cpu() for weight in reader.parameters())])
    for here, there in zip(*ends, strict=True):
        assert torch.allclose(here, there, atol=1e-6)


@pytest.mark.parametrize(
    "mixed",
    [
        lambda there: there + torch.ones(3),
        lambda there: torch.cat([there, torch.ones(3)]),
        lambda there: torch.ones(3)[there.long()],
        lambda there: there @ torch.ones(3),
        lambda there: torch.where(torch.ones(3) > 0, there, there),
        lambda there: torch.rand(3, device=there.device, generator=torch.Generator()),
        lambda there: there.uniform_(generator=torch.Generator()),
        lambda there: torch.stack([there.sum(), torch.tensor(1.0)]),
    ],
)
def test_two_devices_do_not_mix(device, mixed):
    with pytest.raises(RuntimeError, match="device"):
        mixed(torch.ones(3, device=device))


def test_numpy_does_not_see_it(device):
    there = torch.ones(3, device=device)
    for see in (np.asarray, lambda tensor: tensor.numpy()):
        with pytest.raises(TypeError, match="cpu"):
            see(there)


def test_what_pytorch_lets_through_passes(device):
    there = torch.arange(3.0, device=device)
    assert (there * torch.tensor(2.0)).tolist() == [0, 2, 4], "a number in a CPU tensor"
    assert there[torch.tensor([2, 0])].tolist() == [2, 0], "places in a CPU tensor"
    there[torch.tensor([0])] = 5.0
    there.copy_(torch.ones(3))
    assert there.cpu().tolist() == [1, 1, 1]


def test_without_float64():
    with pretend_device(float64=False) as device, pytest.raises(TypeError, match="float64"):
        torch.ones(3, device=device).double()
