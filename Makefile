.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test lint types unit ui bench mini clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.run: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: $(VENV)/.run ## set up and open the app in the browser
	$(BIN)/streamlit run dashboard/app.py

test: lint types unit ui ## set up, then lint, types and all tests

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy
	$(BIN)/mypy

unit: $(VENV)/.dev ## unit tests and doctests
	$(BIN)/pytest tests/unit modgap_core dashboard

ui: $(VENV)/.dev ## the app in a real server and browser (skipped where there is no Chromium)
	$(BIN)/pytest tests/ui

bench: $(VENV)/.dev ## the figures of benchmarks/, ratios within one run
	$(BIN)/python -m benchmarks

mini: $(VENV)/.dev ## retrain modgap-mini and measure it; resumes (needs espeak-ng, flite, festival)
	$(BIN)/python -m modgap_core.mini all

clean: ## remove the virtual environment and caches (not build/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
