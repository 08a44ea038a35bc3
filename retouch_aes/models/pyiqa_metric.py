"""pyiqa's no-reference metrics as aesthetic models: `load_model("pyiqa:musiq-ava")`.

pyiqa (https://github.com/chaofengc/IQA-PyTorch, the extra `[pyiqa]`) holds some seventy metrics under one
interface. Which value is good and which is bad is what pyiqa states (`score_range`, `lower_better`), or what
stands behind the name: `pyiqa:niqe@12..3`. Ranges of ten on AVA's scale are kept as they are. Weights are
fetched by pyiqa itself, into its own cache, when a metric is first made. Mind its licence (PolyForm
Noncommercial) and those of the metrics.
"""

import contextlib
import fnmatch
import re
import sys
from importlib.metadata import version
from typing import Any

from retouch_aes.errors import MissingExtraError, UsageError, WeightsError
from retouch_aes.models.callable_model import CallableModel, as_model

PREFIX = "pyiqa:"
LICENCE = "pyiqa: PolyForm-Noncommercial-1.0.0; weights and metric: as their authors state"
_NUMBER = r"-?\d+(?:\.\d+)?"
_AVA = ("0,10", "1,10")


def is_pyiqa_name(name: str) -> bool:
    """Whether `name` has the form `pyiqa:NAME`."""
    return name.startswith(PREFIX)


def load_pyiqa(name: str) -> CallableModel:
    """The model of `pyiqa:NAME` or `pyiqa:NAME@LOW..HIGH`, in evaluation mode, on the CPU.

    Raises:
        MissingExtraError: pyiqa is not installed.
        UsageError: No such metric, one that compares with a reference, or one without a range.
        WeightsError: pyiqa cannot get the weights.
    """
    local, given = _split(name)
    library, known = _imported()
    about = known.get(local)
    if about is None:
        close = ", ".join(sorted(one for one in known if one[:3] == local[:3])[:8])
        raise UsageError(f"pyiqa has no metric {local!r}" + (f"; there are: {close}" if close else ""))
    if about.get("metric_mode") != "NR":
        raise UsageError(f"pyiqa's {local} compares a photo with a reference; expected one that needs none")
    low, high = given or _stated(local, about)
    with contextlib.redirect_stdout(sys.stderr):  # it tells there what it downloads
        try:
            metric = library.create_metric(local, as_loss=True, device="cpu", loss_reduction="none")
        except Exception as error:  # dozens of authors' constructors, and a download
            text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise WeightsError(
                f"pyiqa cannot make {local}, which it fetches weights for when first asked: {text}"
            ) from error
    return as_model(metric.requires_grad_(False), low=low, high=high, name=f"{PREFIX}{local} {_version()}")


def pyiqa_names(pattern: str) -> list[str]:
    """The metrics that `load_pyiqa` takes without a range of one's own and `pattern` fits, no prefix."""
    found = []
    for local, about in _imported()[1].items():
        with contextlib.suppress(UsageError):
            if about.get("metric_mode") == "NR" and _stated(local, about):
                found.append(local)
    return fnmatch.filter(found, pattern)


def pyiqa_provenance(name: str) -> str:
    """What a card says of `pyiqa:NAME`."""
    return f"the metric {_split(name)[0]} of pyiqa {_version()}"


def _split(name: str) -> tuple[str, tuple[float, float] | None]:
    local, at, text = name.removeprefix(PREFIX).partition("@")
    found = re.fullmatch(rf"({_NUMBER})\.\.({_NUMBER})", text)
    if not local or (at and found is None):
        raise UsageError(
            f"expected pyiqa:NAME, or pyiqa:NAME@LOW..HIGH with the values that are bad and good, such as "
            f"pyiqa:niqe@12..3, got {name!r}"
        )
    return local, (float(found[1]), float(found[2])) if found else None


def _stated(local: str, about: dict[str, Any]) -> tuple[float, float]:
    """Bad and good as pyiqa states them."""
    text = str(about.get("score_range", "")).replace("~", "").replace(" ", "")
    found = re.fullmatch(rf"({_NUMBER}),({_NUMBER})", text)
    if found is None:
        raise UsageError(
            f"pyiqa states no range of {local}; say which value is bad and which is good: "
            f"pyiqa:{local}@LOW..HIGH"
        )
    low, high = float(found[1]), float(found[2])
    if about.get("lower_better"):
        return high, low
    return (1.0, 10.0) if text in _AVA else (low, high)


def _imported() -> tuple[Any, dict[str, dict[str, Any]]]:
    """The package, seconds to import, and its table of metrics; `MissingExtraError` with the install line."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            import pyiqa
            from pyiqa.default_model_configs import DEFAULT_CONFIGS
    except ImportError as error:
        if error.name not in (None, "pyiqa"):  # pyiqa is there, but not all that it needs
            raise WeightsError(f"pyiqa cannot be imported: {error}") from error
        raise MissingExtraError("a metric of pyiqa", "pyiqa") from None
    return pyiqa, dict(DEFAULT_CONFIGS)


def _version() -> str:
    return version("pyiqa")
