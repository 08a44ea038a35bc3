from collections.abc import Callable

import pytest
import torch

from retouch_aes.operators import EditChain, Recipe, select
from retouch_aes.preferences.renditions import Rendition


@pytest.fixture(scope="session")
def brighter() -> Callable[[float], Recipe]:
    """A recipe of so many stops of exposure."""
    chain = EditChain(select(["exposure"]))
    return lambda ev: Recipe.of(chain, torch.tensor([ev]))


@pytest.fixture(scope="session")
def abc() -> tuple[Rendition, ...]:
    return tuple(Rendition(f"{letter}.jpg") for letter in "abcdef")
