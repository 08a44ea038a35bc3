"""Parts of a package that wait until they are touched, in interpreters of their own: the finder stays."""

import subprocess
import sys
from pathlib import Path


def _said(program: str, path: Path | None = None) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *([] if path is None else [str(path)])],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_a_part_is_read_when_it_is_touched(tmp_path: Path) -> None:
    package = tmp_path / "slow"
    package.mkdir()
    (package / "__init__.py").write_text("from . import large, other\nprint('whole')\n")
    (package / "large.py").write_text("print('large')\nVALUE = 3\n")
    (package / "other.py").write_text("print('other')\n")
    program = """
import sys
sys.path.insert(0, sys.argv[1])
from retouch_aes.deferred_imports import defer_imports
defer_imports(["slow.large", "slow.absent"])
import slow
print("used")
from slow.large import VALUE
print(VALUE, slow.large.VALUE)
try:
    import slow.absent
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert _said(program, tmp_path) == ["other", "whole", "used", "large", "3", "3", "slow.absent"]


def test_all_of_kornia_is_there_for_plug_ins() -> None:
    program = """
from retouch_aes.deferred_imports import KORNIA, defer_imports
defer_imports(KORNIA)
import sys, types, kornia.color
print(all(type(sys.modules[name]) is not types.ModuleType for name in KORNIA))
print("kornia.feature.hardnet" in sys.modules)
from kornia.augmentation import RandomHorizontalFlip
import kornia
print(kornia.feature.HardNet.__name__, RandomHorizontalFlip.__name__, "kornia.feature.hardnet" in sys.modules)
"""
    assert _said(program) == ["True", "False", "HardNet", "RandomHorizontalFlip", "True"]
