"""The public names are documented: what goes in, comes out and goes wrong, with examples that run."""

import doctest
import inspect
import re
from pathlib import Path

import pytest

import retouch_aes
from retouch_aes.testing import check_operator

API = Path(__file__).parents[1] / "docs" / "api.md"
NAMES = [name for name in retouch_aes.__all__ if name not in ("__version__", "OPERATORS")]
OURS = ("retouch_aes.",)


def members(value):
    """The public methods and properties that a class defines, or takes from another of our classes."""
    if not inspect.isclass(value):
        return []
    found = []
    for name, member in inspect.getmembers_static(value):
        function = getattr(member, "__func__", member)
        home = getattr(getattr(function, "fget", function), "__module__", "")
        public = name == "__call__" or not name.startswith("_")
        described = isinstance(member, property) or inspect.isfunction(function)
        if public and described and home.startswith(OURS):
            found.append((name, function))
    return found


def documented(name, function, text):
    assert text, f"{name} has no docstring"
    if isinstance(function, property):
        return
    signature = inspect.signature(function)
    arguments = [
        argument
        for argument in signature.parameters.values()
        if argument.name not in ("self", "cls") and argument.kind not in (2, 4)
    ]
    if arguments and "See `" not in text:
        assert "Args:" in text, f"{name} does not say what it takes"
        part = text.split("Args:")[1]
        for argument in arguments:
            assert re.search(rf"^\s+{argument.name}:", part, re.MULTILINE), f"{name}: {argument.name}"
        returned = signature.return_annotation
        if returned not in (None, "None", inspect.Signature.empty):
            assert "Returns:" in text, f"{name} does not say what it returns"


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_takes_and_gives(name):
    value = getattr(retouch_aes, name)
    if inspect.isclass(value):
        assert value.__doc__, name
        for called, member in members(value):
            documented(f"{name}.{called}", member, inspect.getdoc(getattr(member, "fget", member)))
    else:
        documented(name, value, inspect.getdoc(value))


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_public_name_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    value = getattr(retouch_aes, name)
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(verbose=False)
    examples = finder.find(value, name, globs={})
    for called, member in members(value):
        if inspect.isfunction(member):
            examples += finder.find(member, f"{name}.{called}", globs={})
    for example in examples:
        assert not runner.run(example).failed


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_has_an_example_unless_it_only_comes_out_of_another(name):
    results = ("PhotoScore", "Question", "Retouched", "Solution")
    assert name in results or ">>>" in (getattr(retouch_aes, name).__doc__ or "")


def test_the_reference_lists_every_public_name_once():
    listed = re.findall(r"^::: retouch_aes\.(\w+)$", API.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted({*NAMES, "OPERATORS"})
    assert f"::: {check_operator.__module__}.check_operator" in API.read_text(encoding="utf-8")
