# make demo | make test | make check | make docs | make fuzz | make clean
# The first target run builds .venv; later runs reuse it until pyproject.toml or constraints.txt changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test check docs fuzz clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    retouch two photos and say where the pictures lie"
	@echo "make test    run the tests"
	@echo "make check   lint, formatting, types, tests and docs"
	@echo "make docs    build the documentation into site/, strictly"
	@echo "make fuzz    feed it damaged files for FUZZ_MINUTES (30), kill it FUZZ_KILLS (200) times; prints a table"
	@echo "make clean   remove the virtual environment and everything built"

demo: $(STAMP)
	$(BIN)/python demos/01_retouch_a_photo.py

test: $(STAMP)
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest
	$(MAKE) docs

docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Hostile inputs of every kind, and kill -9 at random moments; what fails stays in fuzz_output/, with its input.
fuzz: $(STAMP)
	rm -rf fuzz_output
	FUZZ_MINUTES=$${FUZZ_MINUTES:-30} FUZZ_KILLS=$${FUZZ_KILLS:-200} OMP_NUM_THREADS=1 \
	    $(BIN)/python tests/fuzz/long_run.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "retouch_aes needs Python 3.11 or newer, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)"; \
	    echo "Please name a newer one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# uv installs in seconds what takes pip minutes; where uv cannot be had, pip does the same work.
$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; then \
	    echo "installing retouch_aes and its tools with uv"; \
	    VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip install --compile-bytecode -e '.[dev]' -c constraints.txt; \
	else \
	    echo "uv is not to be had here; installing with pip, which takes longer"; \
	    $(BIN)/python -m pip install -e '.[dev]' -c constraints.txt; \
	fi
	@touch $@

clean:
	rm -rf $(VENV) build dist site demo_output fuzz_output *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
