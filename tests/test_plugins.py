"""Other packages' plug-ins: good ones are found, broken ones are named and left out, nothing else stops."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from retouch_aes.datasets import DATASETS, datasets
from retouch_aes.enhancers import ENHANCERS, enhancers
from retouch_aes.errors import PluginWarning
from retouch_aes.models import MODELS, models
from retouch_aes.operators import OPERATORS, installed
from retouch_aes.papers import METHODS, methods

CATALOGUES: dict[str, tuple[Callable[[], dict], dict]] = {
    "operators": (installed, OPERATORS),
    "models": (models, MODELS),
    "enhancers": (enhancers, ENHANCERS),
    "methods": (methods, METHODS),
    "datasets": (datasets, DATASETS),
}
GOOD = """
from dataclasses import dataclass
try:
    from retouch_aes.datasets import DatasetReader
except ImportError:
    DatasetReader = object
from retouch_aes.enhancers import Enhancer
from retouch_aes.papers import Method
from retouch_aes.models import AestheticModel
from retouch_aes.operators import Exposure

@dataclass(frozen=True)
class operators(Exposure):
    name: str = "theirs"
class models(AestheticModel): ...
class enhancers(Enhancer): ...
class methods(Method): ...
class datasets(DatasetReader): ...
number = 3
"""


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made distribution `brokenpack`: its broken module ends Python, its good one does what it should."""
    (tmp_path / "brokenpack_bad.py").write_text("import sys\nsys.exit('no licence\\nfound')\n")
    (tmp_path / "brokenpack_worse.py").write_text("raise RuntimeError('cannot be imported')\n")
    (tmp_path / "brokenpack_good.py").write_text(GOOD)
    info = tmp_path / "brokenpack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brokenpack\nVersion: 1.0\n")
    lines = []
    for group in CATALOGUES:
        lines += [f"[retouch_aes.{group}]", "bad = brokenpack_bad:Any", "worse = brokenpack_worse:Any",
                  "gone = brokenpack_nowhere:Any", "number = brokenpack_good:number",
                  f"theirs = brokenpack_good:{group}"]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("brokenpack_")]:
        del sys.modules[name]


@pytest.mark.parametrize("group", CATALOGUES)
def test_a_broken_plugin_is_named_and_left_out(group: str, distribution: Path) -> None:
    catalogue, ours = CATALOGUES[group]
    with pytest.warns(PluginWarning) as told:
        found = catalogue()
    assert found.keys() >= {*ours, "theirs"}
    assert not found.keys() & {"bad", "worse", "gone", "number"}
    texts = [str(one.message) for one in told]
    assert len(texts) == 4
    assert all(f"retouch_aes.{group}" in text and "brokenpack" in text and "\n" not in text for text in texts)
    for name, reason in (
        ("bad", "SystemExit: no licence found"),
        ("worse", "RuntimeError: cannot be imported"),
        ("gone", "ModuleNotFoundError"),
        ("number", "TypeError"),
    ):
        assert any(f"'{name}'" in text and reason in text for text in texts)


def test_a_command_goes_on_and_says_so_once(distribution: Path) -> None:
    environment = {"PYTHONPATH": f"{distribution}:{Path(__file__).parents[1]}", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-m", "retouch_aes.cli", "operators"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "exposure" in ran.stdout
    assert "theirs" in ran.stdout
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 4
    assert all(line.startswith("Warning: the plug-in ") for line in lines)
