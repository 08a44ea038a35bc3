"""`bench enhance`: its measures against skimage and by hand, its rows, its sets, its command line."""

import json
import math

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from skimage.metrics import structural_similarity

from retouch_aes.bench.common.metrics import psnr, ssim
from retouch_aes.bench.editing.enhance import EnhanceCase, bracket_cases, enhance, method_of
from retouch_aes.cli import main
from retouch_aes.color.luma import luma
from retouch_aes.enhancers import Hosted
from retouch_aes.errors import UsageError
from retouch_aes.testing import smooth_photo


def photos():
    return smooth_photo(torch.Generator().manual_seed(0), 2, 60, 70)


@pytest.fixture
def folder(tmp_path):
    """Two pairs: the target is 1.25 times as bright as the input."""
    for index, image in enumerate(photos()):
        pixels = (image.permute(1, 2, 0) * 200).to(torch.uint8).numpy()
        Image.fromarray(pixels).save(tmp_path / f"{index}_input.png")
        brighter = (pixels * 1.25).round().astype(np.uint8)
        Image.fromarray(brighter).save(tmp_path / f"{index}_target.png")
    return tmp_path


def brightness(image):
    return 1 + 9 * image.mean((1, 2, 3))


def test_psnr_by_hand():
    grey = torch.full((1, 3, 20, 20), 0.5)
    assert psnr(grey, grey + 0.1) == pytest.approx(20, abs=1e-4)
    assert psnr(grey, grey) == math.inf


def test_ssim_is_skimages():
    first, second = photos()
    x, y = (luma(one[None])[0, 0].double().numpy() for one in (first, 0.6 * first + 0.4 * second))
    expected = structural_similarity(
        x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0
    )
    assert ssim(first[None], (0.6 * first + 0.4 * second)[None]) == pytest.approx(expected, abs=1e-6)
    assert ssim(first[None], first[None]) == pytest.approx(1)


def test_rows_and_their_means(folder):
    cases = [EnhanceCase("pairs", folder / f"{n}_input.png", folder / f"{n}_target.png") for n in range(2)]
    cases.append(EnhanceCase("plain", folder / "0_input.png"))
    methods = {"identity": lambda x: x, "brighter": method_of(Hosted(torch.nn.Identity()))}
    methods["brighter"] = lambda x: (x * 1.25).clamp(0, 1)
    report = enhance(cases, methods, {"light": brightness}, gallery_dir=folder / "sheets")
    assert report.kinds == ("pairs", "plain")
    assert len(report.rows) == 6
    assert report.mean("pairs", "brighter", "psnr") > 45 > report.mean("pairs", "identity", "psnr")
    assert report.mean("pairs", "brighter", "delta_e") < 1 < report.mean("pairs", "identity", "delta_e")
    assert report.values("plain", "brighter", "psnr") == []
    gain = report.gain("pairs", "brighter", "light")
    assert gain.low > 0.5
    assert report.gain("pairs", "identity", "light").value == 0
    assert sorted(path.name for path in (folder / "sheets").iterdir()) == ["pairs.jpg", "plain.jpg"]
    text = report.to_markdown()
    assert "| brighter |" in text
    assert "PSNR" in text.split("plain")[0]
    assert "PSNR" not in text.split("plain")[1]
    json.dumps(report.to_json(), allow_nan=False)


def test_a_pair_of_two_shapes_is_refused(folder):
    Image.new("RGB", (30, 40)).save(folder / "0_target.png")
    with pytest.raises(UsageError, match="one shape"):
        enhance(
            [EnhanceCase("p", folder / "0_input.png", folder / "0_target.png")], {"identity": lambda x: x}, {}
        )


def test_brackets_give_both_ends_and_the_middle(tmp_path):
    rows = ["scene,frame,mean_luma"]
    for index, level in enumerate((20, 120, 230)):
        Image.new("RGB", (40, 40), (level,) * 3).save(tmp_path / f"f{index}.png")
        rows.append(f"s,f{index}.png,{level}")
    (tmp_path / "frames.csv").write_text("\n".join(rows))
    found = [(case.kind, case.photo.name, case.reference.name) for case in bracket_cases(tmp_path)]
    assert found == [("brackets, dark", "f0.png", "f1.png"), ("brackets, bright", "f2.png", "f1.png")]


def test_the_command(folder, tmp_path, monkeypatch):
    (tmp_path / "nets_for_bench.py").write_text(
        "from torch import nn\n\n\nclass Brighter(nn.Module):\n"
        "    def forward(self, image):\n        return image * 1.25\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    args = ["bench", "enhance", "--pairs", folder, "--enhancer", "up=nets_for_bench:Brighter", "--no-retouch"]
    args += ["--fast", "edit-prior"]
    result = CliRunner().invoke(main, [str(arg) for arg in [*args, "--side", 64, "--json", "-"]])
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)["summary"][folder.name]
    assert list(summary) == ["identity", "autocontrast", "autocontrast (tone)", "up", "one pass"]
    assert summary["up"]["psnr"] > summary["identity"]["psnr"]
    empty = CliRunner().invoke(main, ["bench", "enhance", "--no-retouch"])
    assert empty.exit_code == 2
    assert "--pairs" in empty.stderr
