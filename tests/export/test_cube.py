import subprocess

import numpy as np
import pytest
import torch
from PIL import Image

from retouch_aes.enhancers import MeasuredEnhancer
from retouch_aes.errors import RetouchError, UsageError
from retouch_aes.export.cube import Cube, identity, read_cube
from retouch_aes.export.cube_of import (
    cube_of_edit,
    cube_of_network,
    cube_of_pairs,
    cube_of_recipe,
    is_pointwise,
)
from retouch_aes.operators import OPERATORS, Recipe, Stats, Step


def recipe(**values: tuple[float, ...]) -> Recipe:
    return Recipe(tuple(Step(OPERATORS[name], value) for name, value in values.items()))


RECIPES = {
    "exposure": recipe(exposure=(0.8,)),
    "dark": recipe(exposure=(-1.5,)),
    "white balance": recipe(white_balance=(35.0, -6.0)),
    "tones": recipe(tones=(-60.0, 70.0, 30.0, -30.0)),
    "contrast": recipe(contrast=(0.7,)),
    "colour": recipe(saturation=(40.0,), vibrance=(-30.0,)),
    "all": recipe(
        white_balance=(15.0, 4.0),
        exposure=(0.4,),
        tones=(-30.0, 30.0, 0.0, 0.0),
        contrast=(0.3,),
        saturation=(15.0,),
    ),
}


def levels(image: torch.Tensor) -> np.ndarray:
    return (image[0].permute(1, 2, 0) * 255).round().numpy().astype(int)


@pytest.mark.parametrize("name", RECIPES)
def test_a_table_is_within_a_level_of_its_recipe(name, image):
    cube = cube_of_recipe(RECIPES[name])
    assert 17 <= cube.size <= 65
    assert abs(levels(cube(image)) - levels(RECIPES[name].apply(image))).max() <= 1


@pytest.mark.parametrize("name", ["exposure", "tones", "all"])
def test_ffmpeg_is_within_a_level_of_the_recipe(name, image, picture, tmp_path, program):
    ffmpeg = program("ffmpeg")
    cube_of_recipe(RECIPES[name]).save(tmp_path / "look.cube")
    picture.save(tmp_path / "in.png")
    command = [
        ffmpeg,
        "-v",
        "error",
        "-i",
        "in.png",
        "-vf",
        "format=gbrp,lut3d=look.cube",
        "-pix_fmt",
        "rgb24",
        "out.png",
    ]
    subprocess.run(command, check=True, cwd=tmp_path)
    made = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert abs(made - levels(RECIPES[name].apply(image))).max() <= 1


@pytest.mark.parametrize("name", ["tones", "contrast", "all"])
def test_imagemagick_agrees_by_a_hald_picture(name, image, picture, tmp_path, program):
    """ImageMagick 6 cuts off where others round, so that two levels are one of the table's."""
    convert = program("convert")
    cube_of_recipe(RECIPES[name]).save_hald(tmp_path / "hald.png")
    picture.save(tmp_path / "in.png")
    subprocess.run([convert, "in.png", "hald.png", "-hald-clut", "out.png"], check=True, cwd=tmp_path)
    made = np.asarray(Image.open(tmp_path / "out.png").convert("RGB")).astype(int)
    assert abs(made - levels(RECIPES[name].apply(image))).max() <= 2


def test_a_file_is_read_back_and_names_its_spaces(tmp_path):
    cube = cube_of_recipe(RECIPES["all"], size=17, title='Anna\'s "look"\nwarm')
    text = cube.save(tmp_path / "a.cube").read_text()
    assert "# Input: sRGB" in text
    assert "# Output: sRGB" in text
    back = read_cube(tmp_path / "a.cube")
    assert float((back.values - cube.values).abs().max()) < 2e-6
    assert back.title == "Anna's  look  warm"
    with pytest.raises(RetouchError):
        cube.save(tmp_path / "a.cube")


def test_the_first_colour_to_change_is_red(tmp_path):
    Cube(identity(2)).save(tmp_path / "a.cube")
    rows = [row for row in (tmp_path / "a.cube").read_text().splitlines() if row[0] in "01"]
    assert rows[:3] == [
        "0.000000 0.000000 0.000000",
        "1.000000 0.000000 0.000000",
        "0.000000 1.000000 0.000000",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "LUT_3D_SIZE"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "three dimensions"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "1 colours"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 2 2 2\n" + "0 0 0\n" * 8, "domain"),
        ("LUT_3D_SIZE 2\n" + "0 0 nan\n" * 8, ":2: expected three numbers"),
        ("LUT_3D_SIZE 2\n" + "0 0\n" * 8, ":2: expected three numbers"),
        ("LUT_3D_SIZE 5000\n", "2 to 256"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, text, problem):
    (tmp_path / "a.cube").write_text(text)
    with pytest.raises(RetouchError, match=problem):
        read_cube(tmp_path / "a.cube")


def test_a_table_refuses_what_looks_at_neighbours():
    with pytest.raises(UsageError, match="clarity"):
        cube_of_recipe(recipe(exposure=(0.5,), clarity=(30.0,)))
    blur = torch.nn.AvgPool2d(3, 1, 1)
    assert not is_pointwise(blur)
    with pytest.raises(UsageError, match="more than one pixel"):
        cube_of_network(blur)
    assert not is_pointwise(lambda image: image + image.mean())
    assert is_pointwise(lambda image: image.flip(1) ** 2)


class Gain(MeasuredEnhancer):
    """Divides by what it measures on the frame."""

    short_name = "gain"

    def measure(self, image):
        return Stats({"top": image.amax((2, 3))})

    def edit(self, image, stats):
        return image / stats.of_frame("top")


def test_the_table_of_a_network_that_measures_is_that_of_the_photo(image):
    photo = 0.25 + 0.25 * image
    cube = cube_of_network(Gain(), photo)
    wanted = levels((photo / photo.amax((2, 3), keepdim=True)).clamp(0, 1))
    assert abs(levels(cube(photo)) - wanted).max() <= 1
    with pytest.raises(UsageError):
        cube_of_network(Gain())


def test_a_table_of_pairs_follows_them_and_stays_put_elsewhere():
    colours = 0.3 + 0.2 * torch.rand(3, 4000, generator=torch.Generator().manual_seed(0))
    cube = cube_of_pairs(colours, colours * 1.2, size=17)
    seen = cube(colours[None, :, None])[0, :, 0]
    assert float((seen - colours * 1.2).abs().mean()) < 2e-3
    white = cube(torch.ones(1, 3, 1, 1)).flatten()
    assert white.tolist() == pytest.approx([1.0] * 3, abs=0.12)


def test_a_table_of_pairs_of_equals_is_the_identity():
    colours = torch.rand(3, 500, generator=torch.Generator().manual_seed(0))
    assert float((cube_of_pairs(colours, colours).values - identity(17)).abs().max()) < 1e-6


def test_sizes_are_checked():
    with pytest.raises(UsageError, match="17 to 65"):
        cube_of_edit(lambda image: image, size=9)
    with pytest.raises(UsageError):
        Cube(torch.zeros(3, 2, 2, 3))
