# Everything a contributor runs. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help install demo up down verify test test-faults check format bench clean

# Some machines forbid it: then each Python process that a test run starts would compile everything that it
# imports again, which took the web process three quarters of its start.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: $(INSTALLED) ## Build .venv with exactly the versions of requirements.lock

# uv only saves time. Plain pip does the same:
#   python3.11 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.lock
$(INSTALLED): requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock
	touch $@

demo: $(INSTALLED) ## Start everything with demo payments, say where to look (Ctrl-C ends it)
	$(BIN)/python -m devstack up --demo

up: $(INSTALLED) ## Start everything in the background
	$(BIN)/python -m devstack up --detach

down: $(INSTALLED) ## Stop what `make up` started; its data stays
	$(BIN)/python -m devstack down

verify: $(INSTALLED) ## Check orders, ledger, requests, Kafka and the audit trail of the running stack
	$(BIN)/python manage.py verify_all

# Two runs: the second drives a whole running stack from outside, so it keeps Django's test
# database out of its process; tests/conftest.py puts the fault tests at its end.
test: $(INSTALLED) ## Run every test: rules, one service at a time, then the full stack, killed and proved again
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/rooms tests/integration tests/simulator tests/histories tests/failpoints tests/planted
	$(BIN)/python -m pytest tests/e2e tests/browser tests/faults

# One round of every scenario takes about an hour: make test-faults FAULTS="--hours 3 --seed 7"
FAULTS ?=
test-faults: $(INSTALLED) ## Break every part under load in every way, prove that all held (FAULTS=--help)
	$(BIN)/python -m tests.faults.campaign $(FAULTS)

check: $(INSTALLED) ## Format, lint, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2 --check

format: $(INSTALLED) ## Rewrite code and templates into their one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2

bench: $(INSTALLED) ## Measure accept and final latency, rate and memory; prints JSON lines
	$(BIN)/python -m benchmarks.run

clean: down ## Stop the stack, delete its data and every cache (keeps .venv)
	rm -rf .dpms .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache static/collected
	find . -path ./.venv -prune -o -name __pycache__ -type d -print0 | xargs -0 -r rm -rf
