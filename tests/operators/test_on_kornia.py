"""What the operators say of kornia is what they do, and kornia waits until it is needed."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import kornia
import pytest
import torch

from retouch_aes.operators import OPERATORS
from retouch_aes.testing import random_params, smooth_photo

# Every function of kornia that some operator, or the colour maths below, stands on.
KNOWN = sorted({name for operator in OPERATORS.values() for name in operator.kornia})


def test_the_catalogue_stands_on_kornia() -> None:
    assert {name for name, operator in OPERATORS.items() if not operator.kornia} == {"contrast", "tone_curve"}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_calls_the_functions_that_it_names_and_no_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: set[str] = set()

    def recording(function: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def record(*args: Any, **kwargs: Any) -> Any:
            called.add(function)
            return real(*args, **kwargs)

        return record

    for function in KNOWN:
        room, short = function.split(".")
        module = getattr(kornia, room)
        monkeypatch.setattr(module, short, recording(function, getattr(module, short)))
    generator = torch.Generator().manual_seed(0)
    operator, photo = OPERATORS[name], smooth_photo(generator, 1, 40, 50)
    operator.apply(photo, random_params(operator, 1, generator), operator.measure(photo))
    assert called == set(operator.kornia)


@pytest.mark.parametrize("name", OPERATORS)
def test_every_file_says_what_of_it_is_kornias_and_what_is_not(name: str) -> None:
    doc = import_module(type(OPERATORS[name]).__module__).__doc__
    assert doc is not None
    assert "kornia" in doc


@pytest.mark.parametrize("command", [["--help"], ["operators"], ["retouch", "--help"]])
def test_kornia_is_imported_where_it_is_used(command: list[str]) -> None:
    code = (
        "import sys\nfrom retouch_aes.cli import main\n"
        f"try:\n    main({command!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert 'kornia' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
