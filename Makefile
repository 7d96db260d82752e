# Posture's commands. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
TARGET ?= local

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

run: .venv/run.stamp ## Make the environment and audit this machine (TARGET=… for another)
	@$(BIN)/python manage.py audit $(TARGET)

test: .venv/dev.stamp ## Install what the tests need, start the lab, run every test
	@tests/run.sh $(ARGS)

lint: .venv/dev.stamp ## Style, types, imports, shell scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v shellcheck >/dev/null; then \
	  shellcheck $$(grep -lrE '^#!/(bin/sh|usr/bin/env (sh|bash)|bin/bash)' tests scans .ci --include='*' --exclude-dir='.*' --exclude='*.json'); \
	else echo "shellcheck is not installed: shell scripts were not checked"; fi

lab: ## Start the lab: real Docker hosts on this machine (tests/lab/README.md)
	@tests/lab/lab up

lab-down: ## Stop the lab; what was built stays cached
	@tests/lab/lab down

bench: .venv/dev.stamp ## Measure speed and cost (docs/performance.md says how to read it)
	@$(BIN)/python -m benchmarks

docs: .venv/dev.stamp ## Generate docs/checks/, the keys in docs/policy.md, docs/coverage.md
	@$(BIN)/python manage.py checks --write-docs docs
	@$(BIN)/python -m tests.coverage_page

lock: ## Pin the dependencies of pyproject.toml anew
	@$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.txt

clean: ## Remove the environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv .venv; \
	  else echo "Python's venv module is missing: install python3-venv (Debian, Ubuntu) first" >&2; exit 1; fi; }

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what Posture needs into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing what the tests need into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: help run test lint lab lab-down bench docs lock clean
