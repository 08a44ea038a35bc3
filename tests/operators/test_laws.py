"""Every operator of the catalogue keeps the laws of `retouch_aes.testing.check_operator`."""

import pytest

from retouch_aes.operators import OPERATORS
from retouch_aes.testing import check_operator


@pytest.mark.parametrize("name", OPERATORS)
def test_operator_keeps_the_laws(name: str) -> None:
    check_operator(OPERATORS[name])
