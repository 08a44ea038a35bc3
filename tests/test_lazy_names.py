"""Names that are fetched when first used."""

import pytest

import retouch_aes
import retouch_aes.taste
from retouch_aes.lazy_names import fetcher


@pytest.mark.parametrize("package", [retouch_aes, retouch_aes.taste])
def test_every_promised_name_is_there(package):
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nothing'"):
        _ = package.nothing


def test_a_name_is_fetched_once():
    names = {}
    fetch = fetcher("here", names, {"pi": "math"})
    assert fetch("pi") == names["pi"]
