"""The examples in the docstrings of the public names run, and every public name is documented."""

import doctest
import inspect

import pytest

import retouch_aes

NAMES = [name for name in retouch_aes.__all__ if name not in ("__version__", "OPERATORS")]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_public_name_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    value = getattr(retouch_aes, name)
    for test in doctest.DocTestFinder(recurse=False).find(value, name, globs={}):
        assert not doctest.DocTestRunner(verbose=False).run(test).failed
    for _, method in inspect.getmembers(value, inspect.isfunction) if inspect.isclass(value) else ():
        for test in doctest.DocTestFinder(recurse=False).find(method, method.__name__, globs={}):
            assert not doctest.DocTestRunner(verbose=False).run(test).failed
