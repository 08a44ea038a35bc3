import pytest
import torch

from retouch_aes.models.batch_norm import folded, with_batch_norm
from retouch_aes.models.compact import CompactBackbone


@pytest.fixture
def plain() -> CompactBackbone:
    torch.manual_seed(0)
    return CompactBackbone((8, 12, 16, 20), (1, 2, 1, 1))


def test_folding_changes_nothing(plain: CompactBackbone) -> None:
    trained = with_batch_norm(plain)
    optimiser = torch.optim.SGD(trained.parameters(), lr=0.01)
    for seed in range(3):
        image = torch.randn(4, 3, 64, 48, generator=torch.Generator().manual_seed(seed)) + 0.5
        optimiser.zero_grad()
        sum(m.square().mean() for m in trained(image)).backward()
        optimiser.step()
    trained.eval()
    again = folded(trained)
    image = torch.randn(2, 3, 64, 48)
    for ours, theirs in zip(again(image), trained(image), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)
    assert again.state_dict().keys() == plain.state_dict().keys()


def test_the_plain_backbone_is_left_alone(plain: CompactBackbone) -> None:
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    with_batch_norm(plain)(torch.randn(2, 3, 64, 64))
    assert all(torch.equal(before[name], tensor) for name, tensor in plain.state_dict().items())
    image = torch.randn(1, 3, 64, 64)
    assert all(torch.equal(a, b) for a, b in zip(folded(plain)(image), plain(image), strict=True))


def test_with_a_sample_it_goes_on_as_what_it_was(plain: CompactBackbone) -> None:
    image = torch.randn(4, 3, 64, 48, generator=torch.Generator().manual_seed(9)) + 0.5
    onwards = with_batch_norm(plain, image)
    for was, now in zip(plain(image), onwards(image), strict=True):
        torch.testing.assert_close(now, was, atol=1e-5, rtol=1e-4)
    assert onwards.training
