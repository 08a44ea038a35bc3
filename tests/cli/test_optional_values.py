"""An option that may stand without a value says when it swallowed the photo; what is wrong is told early."""

import subprocess
import sys

import pytest
from PIL import Image

from retouch_aes.cli.operator_names import NAMES
from retouch_aes.operators import OPERATORS


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("RGB", (64, 48), (90, 120, 60)).save(path)
    return path


def filled(arguments, photo):
    places = {"PHOTO": str(photo), "FOLDER": str(photo.parent)}
    return [places.get(word, word) for word in arguments]


@pytest.mark.parametrize(
    "arguments",
    [
        ("retouch", "--fast", "PHOTO"),
        ("retouch", "--compare", "PHOTO"),
        ("retouch", "--json", "PHOTO"),
        ("score", "--json", "PHOTO"),
        ("batch", "--group", "FOLDER", "out"),
        ("batch", "--fast", "FOLDER", "out"),
    ],
    ids=" ".join,
)
def test_a_swallowed_photo_is_named(run, photo, arguments):
    given = filled(arguments, photo)
    result = run(*given)
    assert result.exit_code == 2
    option = next(word for word in arguments if word.startswith("--"))
    assert option in result.stderr
    assert "put" in result.stderr or "last" in result.stderr
    assert photo.read_bytes(), "the photo is as it was"


def test_the_names_known_without_torch_are_those_of_the_operators():
    assert tuple(OPERATORS) == NAMES


@pytest.mark.parametrize(
    "arguments",
    [
        ["retouch", "PHOTO", "--operators", "sparkle"],
        ["retouch", "PHOTO", "-o", "PHOTO"],
        ["batch", "FOLDER", "out", "--operators", "sparkle"],
        ["score"],
        ["learn", "FOLDER", "-o", "me.taste"],
    ],
    ids=" ".join,
)
def test_a_usage_error_is_found_before_torch_is_loaded(photo, arguments, tmp_path):
    given = filled(arguments, photo)
    code = (
        "import sys; from retouch_aes.cli import main; sys.argv = ['retouch-aes', *sys.argv[1:]]\n"
        "try:\n    main()\nfinally:\n    assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode in (1, 2), done.stderr
    assert "AssertionError" not in done.stderr, done.stderr
