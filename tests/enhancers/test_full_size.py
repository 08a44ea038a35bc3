"""The ways to full size: tiles equal the whole, seams cannot be seen, a small copy carries over."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from retouch_aes.enhancers import Enhancer, Hosted, LowResolution, MeasuredFullSize, Tiles, enhance
from retouch_aes.enhancers.full_size import answer
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.operators import Stats
from retouch_aes.testing import check_enhancer, smooth_photo


class Local(nn.Module):
    """Looks exactly two pixels around."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        return image + 0.3 * self.two(F.relu(self.one(image)))


class Brighter(nn.Module):
    """A point operation that depends on the mean of the frame, so tiles alone would show seams."""

    full_size = LowResolution(64)

    def forward(self, image: Tensor) -> Tensor:
        return image ** (0.5 + image.mean((1, 2, 3), keepdim=True))


class Coarse(nn.Module):
    """Measures a map and adds it."""

    full_size = MeasuredFullSize(32)

    def measure(self, image: Tensor) -> Stats:
        return Stats({"map": F.adaptive_avg_pool2d(image, 4)})

    def edit(self, image: Tensor, stats: Stats) -> Tensor:
        return image + 0.2 * stats.on("map", image)

    def forward(self, image: Tensor) -> Tensor:
        return self.edit(image, self.measure(image))


@pytest.fixture
def photo() -> Tensor:
    return smooth_photo(torch.Generator().manual_seed(3), 1, 150, 211)


@pytest.mark.parametrize("size", [(40, 56), (64, 64), (33, 400), (149, 30)])
@pytest.mark.parametrize("exact", [False, True])
def test_tiles_of_a_local_network_equal_the_whole(photo: Tensor, size: tuple[int, int], exact: bool) -> None:
    network = Local()
    tiled = enhance(network, photo, full_size=Tiles(*size, reach=2, exact=exact))
    whole = network(photo).clamp(0, 1)
    inside = (..., slice(0, -2), slice(0, -2)) if exact else ...  # the repeated border is seen there
    assert torch.allclose(tiled[inside], whole[inside], atol=1e-6)


def test_a_frame_left_by_zero_padding_is_avoided(photo: Tensor) -> None:
    class Blur(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return F.avg_pool2d(image, 5, stride=1, padding=2)

    grey = torch.full_like(photo, 0.5)
    assert enhance(Blur(), grey, full_size=Tiles(64, 64, 2)).min() < 0.3
    assert torch.allclose(enhance(Blur(), grey, full_size=Tiles(64, 64, 2, framed=True)), grey, atol=1e-6)


def test_tiles_with_too_little_reach_do_not(photo: Tensor) -> None:
    network = Local()
    tiled = enhance(network, photo, full_size=Tiles(40, 40, reach=1))
    assert not torch.allclose(tiled, network(photo).clamp(0, 1), atol=1e-4)


def test_tiles_that_disagree_fade_into_each_other(photo: Tensor) -> None:
    grey = torch.full_like(photo, 0.5)
    grey[..., 100:] = 0.6
    tiled = enhance(Hosted(Brighter()), grey, full_size=Tiles(96, 96, reach=16))
    step = (tiled[..., :90] - tiled[..., 1:91]).abs().max()
    jump = enhance(Hosted(Brighter()), grey[..., :96]).mean() - enhance(Hosted(Brighter()), grey).mean()
    assert step < abs(float(jump)) / 3 + 1e-3


def test_exact_tiles_have_one_size_whatever_the_photo(photo: Tensor) -> None:
    seen = set()

    class Watching(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            seen.add(tuple(image.shape))
            return image

    for piece in (photo, photo[..., :20, :30], photo[..., :64, :64]):
        result = enhance(Watching(), piece, full_size=Tiles(64, 64, 8, exact=True))
        assert torch.allclose(result, piece, atol=1e-6)
    assert seen == {(1, 3, 64, 64)}


def test_a_low_resolution_prediction_carries_light_and_keeps_edges(photo: Tensor) -> None:
    sharp = photo.clone()
    sharp[..., 70:, :] *= 0.4
    network = Brighter()
    whole, carried = network(sharp).clamp(0, 1), enhance(network, sharp)
    assert (whole - carried).abs().mean() < 0.01
    upsampled = F.interpolate(network(F.interpolate(sharp, size=(45, 64))), size=sharp.shape[-2:])
    assert (whole - carried).abs().mean() < (whole - upsampled).abs().mean() / 3
    assert (whole - sharp).abs().mean() > 0.05


def test_what_was_measured_small_is_applied_large(photo: Tensor) -> None:
    large = F.interpolate(photo, size=(1200, 1688), mode="bicubic").clamp(0, 1)
    expected = (large + 0.2 * Stats(Coarse().measure(photo).values).on("map", large)).clamp(0, 1)
    assert (enhance(Coarse(), large) - expected).abs().max() < 0.02
    check_enhancer(Hosted(Coarse()))


def test_multiples_are_padded_and_cut(photo: Tensor) -> None:
    class Halves(nn.Module):
        multiple = 8

        def forward(self, image: Tensor) -> Tensor:
            assert image.shape[-1] % 8 == 0
            return F.interpolate(F.avg_pool2d(image, 8), scale_factor=8.0)

    assert enhance(Halves(), photo).shape == photo.shape
    assert enhance(Hosted(Halves()), photo).shape == photo.shape


class Returns(nn.Module):
    def __init__(self, make) -> None:
        super().__init__()
        self.make = make

    def forward(self, image: Tensor) -> object:
        return self.make(image)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: x[:, :1], r"\(1, 3, 150, 211\).*got \(1, 1, 150, 211\)"),
        (lambda x: x[..., 1:], r"got \(1, 3, 150, 210\).*multiple"),
        (lambda x: (x, x[:, :1]), r"a tuple of \(1, 3, 150, 211\).*alone"),
        (lambda x: {"out": x}, r"a mapping of out"),
        (lambda _: None, "NoneType"),
        (
            lambda x: F.conv2d(x, torch.zeros(1, 4, 1, 1)),
            r"does not take a photo of shape \(1, 3, 150, 211\)",
        ),
    ],
)
def test_a_network_that_does_not_fit_is_refused_with_the_shapes(photo: Tensor, make, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        enhance(Returns(make), photo)


def test_not_a_number_is_refused(photo: Tensor) -> None:
    with pytest.raises(RetouchError, match="not finite"):
        answer(Returns(lambda x: x / 0), photo)


def test_wrong_arguments(photo: Tensor) -> None:
    with pytest.raises(UsageError, match=r"\(3, 150, 211\)"):
        enhance(Local(), photo[0])
    with pytest.raises(UsageError, match="strength"):
        enhance(Local(), photo, strength=-1)
    with pytest.raises(UsageError, match="3 x reach"):
        Tiles(64, 64, 32)


def test_hosted_modules_keep_the_laws() -> None:
    check_enhancer(Hosted(Local(), full_size=Tiles(96, 96, 2)))
    check_enhancer(Hosted(Brighter()))


def test_the_check_catches_a_reach_that_is_too_small() -> None:
    with pytest.raises(AssertionError, match="reach"):
        check_enhancer(Hosted(Local(), full_size=Tiles(96, 96, 1)))


def test_the_check_catches_a_network_that_mixes_its_batch() -> None:
    class Mixing(Enhancer):
        short_name = "mixing"

        def forward(self, image: Tensor) -> Tensor:
            return image * image.mean()

    with pytest.raises(AssertionError, match="one by one"):
        check_enhancer(Mixing())
