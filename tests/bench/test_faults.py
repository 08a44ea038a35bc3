"""`bench faults`: the order it asks for, and what the attack may do."""

import pytest
import torch

from retouch_aes.bench.scoring.faults import FAULTS, PLAIN, attack, faults
from retouch_aes.errors import UsageError


def detail(image):
    """A score that likes structure of middle size: blur lowers it, noise does not raise it."""
    grey = torch.nn.functional.avg_pool2d(image.mean(1, keepdim=True), 8)
    return 1 + 40 * grey.flatten(1).std(1)


@pytest.fixture
def photos(tmp_path):
    from PIL import Image

    paths = []
    for seed in range(2):
        drawn = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(seed))
        image = torch.nn.functional.interpolate(drawn, size=(96, 128), mode="bicubic").clamp(0, 1)
        pixels = (image[0].permute(1, 2, 0) * 255).byte().numpy()
        paths.append(tmp_path / f"{seed}.png")
        Image.fromarray(pixels).save(paths[-1])
    return paths


def test_it_counts_pairs_and_plain_frames(photos):
    report = faults(photos, detail, side=128, attack_steps=0)
    assert report.right("Gaussian blur 8 px") == 1
    assert set(report.faulty) == set(FAULTS)
    assert set(report.plain) == set(PLAIN)
    assert report.plain["black"] < min(report.scores)
    assert "all pairs" in report.tables()[0].to_markdown()
    worse = faults(photos, lambda image: -detail(image), side=128, attack_steps=0)
    assert worse.right("Gaussian blur 8 px") == 0


def test_the_attack_stays_within_its_radius_and_gains(photos):
    seen = []

    def bright(image):
        seen.append(image.detach())
        return image.mean((1, 2, 3))

    image = torch.full((1, 3, 40, 40), 0.5)
    gained = attack(image, bright, radius=0.01, steps=4) - float(bright(image))
    assert gained == pytest.approx(0.01, abs=1e-5)
    assert all(float((one - image).abs().max()) <= 0.01 + 1e-6 for one in seen)


def test_no_photos_are_refused():
    with pytest.raises(UsageError, match="got none"):
        faults([], detail)
