.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# two processes; the tests of a file stay together, so that they share the models it loads
SHARED := -n 2 --dist loadfile
NUMERIC := $(BIN)/python -m pytest tests/unit -m numeric
USE_PROGRAMS := $(addprefix tests/,unit/test_app.py unit/test_speak.py unit/test_load_audio.py unit/test_corpus.py ui)
# PyTorch's own kernels, and the two libraries that it takes matrix products from, as on a CPU without newer ones
LIKE_SSE4 := ATEN_CPU_CAPABILITY=default MKL_ENABLE_INSTRUCTIONS=SSE4_2 ONEDNN_MAX_CPU_ISA=SSE41
LIKE_AVX2 := ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 ONEDNN_MAX_CPU_ISA=AVX2

.PHONY: help run test lint types unit ui bare slow numeric mutants bench mini docs wheel wheel-test compat clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# What pip says is left out but for a line a package: its own progress bars need a terminal.
PIP := $(BIN)/pip install --disable-pip-version-check --progress-bar off
TELL := awk '/^ *(Downloading|Using cached|Processing) /{sub(/ \(.*/,""); sub(/.*[ \/]/,""); print "  " $$0; fflush()} /^Installing collected/{print "  unpacking all of it ..."; fflush()} /^ERROR/{print; fflush()}'

$(VENV)/.run: requirements.txt pyproject.toml setup.py
	@echo "Step 1 of 2: a virtual environment in $(VENV)/ with $$($(PYTHON) --version) (some seconds)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Step 2 of 2: PyTorch, transformers, Streamlit and what they need (2 to 4 minutes at the first time, about 2 GB)"
	@set -o pipefail; $(PIP) -r requirements.txt -e . | $(TELL)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "What the tests need: ruff, mypy, pytest, playwright, Ray ... (1 to 2 minutes at the first time)"
	@set -o pipefail; $(PIP) -r requirements-dev.txt | $(TELL)
	@touch $@

$(VENV)/.docs: requirements-docs.txt $(VENV)/.run
	@echo "What the documents need: mkdocs, mkdocs-material, mkdocstrings (some seconds)"
	@set -o pipefail; $(PIP) -r requirements-docs.txt | $(TELL)
	@touch $@

run: $(VENV)/.run ## set up and open the app in the browser
	@echo "Starting the app (some seconds); Ctrl-C ends it"
	@$(BIN)/modgap app

test: lint types unit ui ## set up, then lint, types and all tests

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy
	$(BIN)/mypy

unit: $(VENV)/.dev ## unit tests and doctests
	$(BIN)/python -m pytest $(SHARED) tests/unit modgap_core dashboard recipes

ui: $(VENV)/.dev ## the app in a real server and browser (skipped where there is no Chromium)
	$(BIN)/python -m pytest $(SHARED) tests/ui

bare: $(VENV)/.dev ## the tests that use espeak-ng, flite, festival, ffmpeg or a browser, without any of them: they skip
	PATH=/nonexistent $(BIN)/python -m pytest $(USE_PROGRAMS)

slow: $(VENV)/.dev ## the tests that kill processes or simulate for minutes, which `make test` leaves out
	$(BIN)/python -m pytest tests -m slow

numeric: $(VENV)/.dev ## the numeric tests under other instruction sets and thread counts
	$(LIKE_SSE4) OMP_NUM_THREADS=1 $(NUMERIC)
	$(LIKE_AVX2) OMP_NUM_THREADS=2 $(NUMERIC)
	OMP_NUM_THREADS=1 $(NUMERIC)
	OMP_NUM_THREADS=2 $(NUMERIC)
	OMP_NUM_THREADS=4 $(NUMERIC)

mutants: $(VENV)/.dev ## deliberate faults, each of which a named test must notice (4 to 10 minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants

bench: $(VENV)/.dev ## the figures of benchmarks/, ratios within one run
	$(BIN)/python -m benchmarks

mini: $(VENV)/.dev ## retrain modgap-mini and measure it; resumes (needs espeak-ng, flite, festival)
	$(BIN)/python -m recipes.modgap_mini all

docs: $(VENV)/.docs ## build the documents with the reference into site/ (no network)
	@$(BIN)/python -m tools.architecture --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Built site/index.html"

wheel: $(VENV)/.dev ## build the package into dist/
	@rm -rf build/lib build/bdist.* dist && mkdir -p dist
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@rm -rf build/lib build/bdist.*
	@du -h dist/*.whl

wheel-test: wheel ## install it in a bare environment in an empty folder and run it there (3 to 8 minutes)
	@$(BIN)/python -m tools.wheel_test dist/modgap-*.whl

compat: wheel ## each Python that is found, with the lowest and the newest dependencies (long; gigabytes)
	@$(BIN)/python -m tools.compat dist/modgap-*.whl

clean: ## remove the virtual environment, caches and built documents (not build/)
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache
