import pytest
import torch

from retouch_aes.color.value_range import check_range
from retouch_aes.errors import UsageError

PHOTOS = torch.rand(3, 3, 8, 9, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_photos_and_a_networks_overshoot_pass(kind: torch.dtype) -> None:
    check_range(PHOTOS.to(kind))
    check_range((1.8 * PHOTOS - 0.4).to(kind))
    check_range(PHOTOS[:0])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (255 * PHOTOS, r"0\.\.255; divide by 255"),
        (2 * PHOTOS - 1, r"-1\.\.1; give \(image \+ 1\) / 2"),
        (3 * PHOTOS - 1.5, "clamp them"),
    ],
)
def test_another_range_is_told_with_its_cure(wrong: torch.Tensor, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_range(wrong)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_the_photo_that_is_not_finite_is_named(bad: float) -> None:
    spoiled = PHOTOS.clone()
    spoiled[1, 2, 3, 4] = bad
    with pytest.raises(UsageError, match="in photo 2 of 3"):
        check_range(spoiled)
