"""The documentation is true: pages made from the code are current, and code in it runs."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands.md", "model_cards.md"])
def test_a_page_made_from_the_code_is_current(page):
    made = generator().PAGES[page]().rstrip() + "\n"
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run `python docs/generate.py`"


@pytest.mark.parametrize("page", sorted(path.name for path in (DOCS / "extend").glob("*.md")))
def test_the_smallest_examples_run(page):
    for block in BLOCK.findall((DOCS / "extend" / page).read_text(encoding="utf-8")):
        exec(compile(block, page, "exec"), {"__name__": "example"})


@pytest.mark.parametrize("notebook", sorted(path.name for path in (DOCS / "tutorials").glob("*.ipynb")))
def test_a_tutorial_runs_from_top_to_bottom(notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names: dict[str, object] = {"__name__": "tutorial"}
    for cell in json.loads((DOCS / "tutorials" / notebook).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), notebook, "exec"), names)
    if notebook == "choices_to_folder.ipynb":
        assert names["brighter"] >= 3
    else:
        assert names["results"]["L1 + taste"][1] > names["results"]["L1 alone"][1] - 0.05


def test_the_readme_is_short_and_opens_with_the_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    first = next(index for index, line in enumerate(lines) if line.startswith("make demo"))
    assert first < 15
    assert lines[first + 1].startswith("make test")


def test_every_term_of_the_glossary_stands_once_and_in_order():
    lines = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    terms = [line.split("|")[1].strip() for line in lines if line.startswith("| ")][2:]
    assert len(set(terms)) == len(terms)
    assert terms == sorted(terms, key=str.lower)


def test_every_section_of_the_results_says_at_which_commit_it_was_measured():
    sections = re.split(r"^## ", (DOCS / "results.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(sections) > 5
    for section in sections:
        title, _, text = section.partition("\n")
        assert re.match(r"\s*\*Measured at commit [0-9a-f]{7}[^*]*\*", text), title


def test_every_test_that_a_guarantee_names_exists():
    text = (DOCS / "guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", text)
    assert len(named) > 30
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    for file, function in named:
        assert file in files, file
        assert not function or f"def {function}(" in files[file].read_text(encoding="utf-8"), function
