import pytest
import torch

from retouch_aes.models.compact import CompactBackbone


@pytest.fixture(scope="module")
def backbone() -> CompactBackbone:
    torch.manual_seed(0)
    return CompactBackbone().eval()


@pytest.mark.parametrize("size", [(32, 32), (33, 100), (100, 33), (97, 64)])
def test_maps_at_strides_8_16_32_round_up(backbone: CompactBackbone, size: tuple[int, int]) -> None:
    maps = backbone(torch.randn(2, 3, *size))
    assert [m.shape[1] for m in maps] == list(backbone.channels)
    for feature_map, stride in zip(maps, (8, 16, 32), strict=True):
        assert feature_map.shape[-2:] == tuple(-(-n // stride) for n in size)
        assert (feature_map >= 0).all()


def test_attention_maps_survive_the_smallest_photo(backbone: CompactBackbone) -> None:
    maps = backbone.attention_maps(torch.randn(1, 3, 32, 32))
    assert tuple(m.shape[1] for m in maps) == backbone.attention_channels
    assert [m.shape[-1] for m in maps] == [2, 1, 1]


def test_starts_calmly(backbone: CompactBackbone) -> None:
    with torch.no_grad():
        maps = backbone(torch.randn(4, 3, 96, 96))
    for feature_map in maps:
        assert 0.1 < feature_map.std() < 5


def test_gradient_is_the_slope(backbone: CompactBackbone) -> None:
    small = CompactBackbone((2, 3, 4, 5), (1, 1, 1, 1)).double()
    image = torch.randn(1, 3, 33, 32, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(small, (image,), fast_mode=True)


def test_config_builds_it_again() -> None:
    small = CompactBackbone((4, 8, 12, 16), (1, 2, 1, 1))
    again = CompactBackbone(**small.config)
    again.load_state_dict(small.state_dict())
    image = torch.randn(1, 3, 40, 40)
    assert all(torch.equal(a, b) for a, b in zip(small(image), again(image), strict=True))


def test_parameter_count(backbone: CompactBackbone) -> None:
    assert sum(p.numel() for p in backbone.parameters()) == pytest.approx(3.2e6, rel=0.02)
