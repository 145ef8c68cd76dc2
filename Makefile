# The two commands: make build, make test. "make help" lists the rest.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first interpreter that runs and is new enough; PYTHON=... names another one.
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3 python3.12 python3.11 python3.13, \
	$(shell $(name) -c '$(IS_NEW_ENOUGH)' 2>/dev/null && echo $(name))))

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DBT := $(BIN)/dbt
# Tests build in a file of their own, so that they neither wait for readers of the build
# file nor leave it half done.
TEST_FOLDER := target/test
TEST_DBT := CUSTOMER_OPS_DUCKDB=$(TEST_FOLDER)/customer_ops.duckdb \
	DBT_TARGET_PATH=$(TEST_FOLDER) DBT_LOG_PATH=$(TEST_FOLDER)/logs

# How hard "make fuzz" and "make mutants" try.
SHOPS ?= 200
MUTANTS ?= 150
# What "make bench" builds: S, M, L or numbers of customers.
SIZES ?= S

.PHONY: build test lint parse fuzz mutants bench pictures clean help

## build: install, build the sample shop's marts, publish them
build: .venv/.installed
	@$(BIN)/python scripts/publish.py --before-build
	@echo "Building seeds, models and data tests (about a minute) ..."
	@$(DBT) --log-level warn build --exclude-resource-type unit_test
	@$(BIN)/python scripts/publish.py

## test: install what tests need, then lint, parse gate, dbt build and pytest
test: lint parse
	@echo "Building with unit tests and data tests (some minutes) ..."
	@$(TEST_DBT) $(DBT) --log-level warn --log-level-file info build
	@grep -o 'Done\. PASS.*' $(TEST_FOLDER)/logs/dbt.log | tail -n 1
	@echo "Comparing with the oracle, on the sample and on other shops ..."
	@$(BIN)/python -m pytest

## lint: the style of SQL and Python
lint: .venv/.installed-dev
	@mkdir -p $(TEST_FOLDER)
	@echo "Checking the style of Python and SQL ..."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@if LC_ALL=C.UTF-8 grep -rnE --include='*.sql' '^.{89,}' models macros tests; then \
		echo "The lines above are longer than 88 characters."; exit 1; fi
	@PYTHONWARNINGS=ignore::UserWarning $(TEST_DBT) $(BIN)/sqlfluff lint \
		--processes 2 --disable-progress-bar models tests

## parse: the project parses without a warning or a deprecation
parse: .venv/.installed-dev
	@mkdir -p $(TEST_FOLDER)
	@$(TEST_DBT) $(DBT) --quiet --warn-error parse --no-partial-parse \
		--show-all-deprecations

## fuzz: the oracle and increments against SHOPS=200 random shops
fuzz: .venv/.installed-dev
	@HYPOTHESIS_PROFILE=fuzz FUZZ_EXAMPLES=$(SHOPS) \
		$(BIN)/python -m pytest tests/python/test_random_shops.py \
		tests/python/test_increments.py

## mutants: MUTANTS=150 small errors in the core models, and which tests notice them
mutants: .venv/.installed-dev
	@$(BIN)/python scripts/mutants.py --count $(MUTANTS)

## bench: time the builds of generated shops, SIZES=S of "S M L" (benchmarks/README.md)
bench: .venv/.installed-dev
	@$(BIN)/python benchmarks/bench.py --sizes $(SIZES)

## pictures: draw the pictures of the README from the published file
pictures: .venv/.installed-dev
	@$(BIN)/python scripts/draw_readme_pictures.py

## clean: remove everything that was built or installed
clean:
	rm -rf .venv target logs published .pytest_cache .hypothesis .ruff_cache

## help: this list
help:
	@sed -n 's/^## /make /p' $(firstword $(MAKEFILE_LIST))

# A stamp is touched last: an interrupted installation starts again.
.venv/.installed: requirements.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed, and the PATH has none."; \
		echo "Name one: make build PYTHON=/path/to/python3.12"; exit 1; fi
	@if ! "$(PYTHON)" -c '$(IS_NEW_ENOUGH)'; then \
		echo "Python 3.11 or newer is needed; $(PYTHON) is older or does not run."; \
		exit 1; fi
	@echo "Installing into .venv (half a minute) ..."
	@"$(PYTHON)" -m venv --clear .venv
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what tests need into .venv ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@
