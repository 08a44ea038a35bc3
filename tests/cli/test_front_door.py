"""`import retouch_aes`: light, sorted, complete, and `retouch` is always the function."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import retouch_aes


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_no_torch():
    python("import sys, retouch_aes; dir(retouch_aes); assert 'torch' not in sys.modules")


def test_public_names_are_sorted_and_there():
    kinds = {name: (not name.isupper(), not name[0].isupper(), name) for name in retouch_aes.__all__}
    assert retouch_aes.__all__ == sorted(retouch_aes.__all__, key=kinds.__getitem__)
    assert set(retouch_aes.__all__) <= set(dir(retouch_aes))
    for name in retouch_aes.__all__:
        assert getattr(retouch_aes, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'embellish'"):
        _ = retouch_aes.embellish


def test_no_room_has_the_name_of_a_public_function():
    rooms = {path.name for path in Path(retouch_aes.__file__).parent.iterdir()}
    assert not rooms & set(retouch_aes.__all__)


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert retouch_aes.__version__ == project["version"]


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_rank_without_its_extra_says_what_to_install(missing, tmp_path):
    code = (
        f"import sys; sys.modules[{missing!r}] = None; "
        f"sys.argv = ['retouch-aes', 'rank', {str(tmp_path)!r}]; "
        "from retouch_aes.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    line = "the page of `rank` needs an optional package: pip install 'retouch_aes[web]'"
    assert line in done.stderr
    assert "Traceback" not in done.stderr
