"""`bench culling`: bursts with the faults they claim, and what is counted as right."""

import pytest
import torch
from PIL import Image
from torch import Generator

from retouch_aes.bench.scoring.culling import culling
from retouch_aes.bench.scoring.made_bursts import CLEAN, SPOILED, made_burst
from retouch_aes.color.luma import luma
from retouch_aes.color.transfer import srgb_to_linear
from retouch_aes.errors import UsageError
from retouch_aes.models import AestheticModel
from retouch_aes.models.heads import between_bins
from retouch_aes.pipeline import Scorer


class Darkness(AestheticModel):
    """Likes what is dark."""

    preprocessing = "none"

    def distribution(self, image):
        return between_bins(10 - 9 * image.mean((1, 2, 3)))


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """Discs of all sizes, one upon another: edges of every direction; mid grey on the whole."""
    chance = Generator().manual_seed(3)
    rows, columns = torch.meshgrid(torch.arange(288.0), torch.arange(384.0), indexing="ij")
    image = torch.full((3, 288, 384), 0.5)
    for row, column, size, *colour in torch.rand(250, 6, generator=chance).tolist():
        inside = (rows - 288 * row).square() + (columns - 384 * column).square() < (4 + 40 * size**3) ** 2
        image = torch.where(inside, 0.2 + 0.6 * torch.tensor(colour)[:, None, None], image)
    path = tmp_path_factory.mktemp("bursts") / "discs.png"
    Image.fromarray((255 * image).byte().permute(1, 2, 0).numpy()).save(path)
    return path, image[None]


def test_the_faults_are_those_that_are_claimed(photo):
    frames = dict(made_burst(photo[1], Generator().manual_seed(0)))
    assert list(frames) == [CLEAN, *SPOILED]
    assert {frame.shape for frame in frames.values()} == {(1, 3, 279, 372)}
    light = {name: float(luma(srgb_to_linear(frame)).mean()) for name, frame in frames.items()}
    assert light["1.5 stops darker"] / light[CLEAN] == pytest.approx(2**-1.5, rel=0.1)
    for name in ("out of focus, 5 px", "moved, 15 px"):
        assert light[name] == pytest.approx(light[CLEAN], rel=0.05)  # light is spread, not lost
    steps = {name: float((f[..., 1:] - f[..., :-1]).square().mean()) for name, f in frames.items()}
    assert steps["out of focus, 5 px"] < steps["out of focus, 2 px"] < steps[CLEAN] < steps["noise 20"]
    assert steps["moved, 15 px"] < steps["moved, 6 px"] < steps[CLEAN]


def test_the_shares_count_what_is_right(photo):
    report = culling([photo[0]], Scorer(Darkness()))
    assert report.above("score", "3 stops brighter").value == 1
    assert report.above("score", "3 stops darker").value == 0
    assert report.wins("score").value == 0  # the darkest wins
    for fault in ("out of focus, 5 px", "3 stops brighter", "noise 20"):
        assert report.above("technical", fault).value == 1
    [table] = report.tables()
    assert len(table.rows) == 1 + len(SPOILED)
    assert report.to_json()["wins"]["score"]["value"] == 0


def test_photos_are_wanted():
    with pytest.raises(UsageError, match="got none"):
        culling([], Scorer(Darkness()))
