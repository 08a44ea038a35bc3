"""Straightening and cutting, asked for: what a retoucher does with it, and what it leaves alone."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from retouch_aes import Framing, Photo, Retoucher
from retouch_aes.cli.program import main
from retouch_aes.errors import UsageError
from retouch_aes.photo import read, write
from retouch_aes.pipeline import FramingChoice
from retouch_aes.testing import smooth_photo


def leaning() -> Photo:
    image = torch.full((1, 3, 240, 360), 0.8)
    image[..., 150:, :] = 0.3
    return Photo(Framing(3.0).apply(image))


class LikesRight(torch.nn.Module):
    """Scores the share of white, which lies at the right."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return 1 + 9 * image.mean((1, 2, 3))


def test_nothing_is_done_unasked() -> None:
    photo = leaning()
    same, framing = Retoucher.load(prior=None, fast=True, device="cpu").frame(photo)
    assert same is photo
    assert framing is None


def test_a_retoucher_straightens_and_its_recipe_says_so() -> None:
    straight = FramingChoice(straighten="auto")
    done = Retoucher.load(prior=None, fast=True, framing=straight, device="cpu")(leaning())
    assert done.recipe.framing is not None
    assert done.recipe.framing.angle == pytest.approx(-3, abs=0.3)
    assert (done.photo.height, done.photo.width) < (240, 360)
    assert "turned by" in done.solution.reason


def test_doubt_leaves_the_photo_whole() -> None:
    assert (
        FramingChoice(straighten="auto").framing(
            Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 120, 180))
        )
        is None
    )


def test_edges_and_shape() -> None:
    photo = Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 100, 200))
    cut = FramingChoice(crop=(0.5, 0.0, 1.0, 1.0)).framing(photo).on(100, 200)
    assert (cut.left, cut.top, cut.width, cut.height) == (100, 0, 100, 100)
    square = FramingChoice(ratio=1.0).framing(photo).on(100, 200)
    assert (square.left, square.width, square.height) == (50, 100, 100)


def test_the_score_chooses_a_place() -> None:
    image = torch.zeros(1, 3, 100, 300)
    image[..., 200:] = 1
    chosen = FramingChoice(crop="auto", ratio=1.0).framing(Photo(image), LikesRight())
    assert chosen.on(100, 300).left >= 199


def test_a_frame_that_is_hardly_better_is_not_taken() -> None:
    assert FramingChoice(crop="auto").framing(Photo(torch.full((1, 3, 80, 120), 0.5)), LikesRight()) is None


@pytest.mark.parametrize("wrong", [{"crop": (0.6, 0.0, 0.5, 1.0)}, {"ratio": 0.0}, {"ratio": float("nan")}])
def test_what_leaves_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        FramingChoice(**wrong)


def test_the_command_line_cuts_and_apply_repeats_it(tmp_path: Path) -> None:
    write(leaning(), tmp_path / "a.png")
    photo, made, again, edit = (str(tmp_path / name) for name in ("a.png", "b.png", "c.png", "e.json"))
    asked = ["retouch", photo, "--fast", "-o", made, "--recipe", edit, "--crop-ratio", "1:1", "--straighten"]
    assert CliRunner().invoke(main, [*asked, "--sidecar", "pp3"]).exit_code == 0
    assert CliRunner().invoke(main, ["apply", edit, photo, "-o", again]).exit_code == 0
    one, other = read(made), read(again)
    assert one.width == one.height
    assert torch.equal(one.image, other.image)
    assert json.loads(Path(edit).read_text())["version"] == 3
    assert "[Crop]" in (tmp_path / "a.png.pp3").read_text()


def test_a_batch_cuts_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        write(leaning(), tmp_path / "in" / name)
    asked = [
        "batch",
        str(tmp_path / "in"),
        str(tmp_path / "out"),
        "--fast",
        "--workers",
        "1",
        "--group",
        "60",
    ]
    done = CliRunner().invoke(main, [*asked, "--crop", "0,0,50,100", "--recipes", "beside"])
    assert done.exit_code == 0, done.output
    assert read(tmp_path / "out" / "a.png").width == leaning().width // 2
    recipe = json.loads((tmp_path / "out" / "b.json").read_text())
    assert recipe["framing"]["width"] == 0.5


@pytest.mark.parametrize(
    "wrong",
    [["--straighten", "60"], ["--crop", "10,20,5,90"], ["--crop", "1,2"], ["--crop-ratio", "0:1"]],
)
def test_wrong_values_are_usage_errors(tmp_path: Path, wrong: list[str]) -> None:
    write(Photo(smooth_photo(torch.Generator().manual_seed(0), 1, 40, 60)), tmp_path / "a.png")
    done = CliRunner().invoke(main, ["retouch", str(tmp_path / "a.png"), *wrong])
    assert done.exit_code == 2
    assert "expected" in done.output
