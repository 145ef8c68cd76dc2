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
PUBLISH := $(BIN)/python scripts/publish.py
# Where "make build" builds: duckdb, postgres or spark (profiles.yml, docs/engines.md).
TARGET ?= duckdb
# A file of variables that says where your data lie (my_shop.example.yml); without one the
# sample shop is built.
VARS ?=
GIVEN := $(if $(VARS),--vars "$$(cat '$(VARS)')")
DOCTOR := $(BIN)/python scripts/doctor.py --target $(TARGET) $(if $(VARS),--vars '$(VARS)')
# Tests build in a file of their own, so that they neither wait for readers of the build
# file nor leave it half done.
TEST_FOLDER := target/test
# Lint, parse and the builds of the engines run side by side: dbt writes into a folder of
# each.
TEST_DBT = CUSTOMER_OPS_DUCKDB=$(TEST_FOLDER)/customer_ops.duckdb \
	DBT_TARGET_PATH=$(TEST_FOLDER)/$@ DBT_LOG_PATH=$(TEST_FOLDER)/$@/logs
SIDE_BY_SIDE = $(MAKE) --no-print-directory --output-sync=target --jobs

# How hard "make fuzz" and "make mutants" try.
SHOPS ?= 200
MUTANTS ?= 150
# What "make bench" builds: S, M, L or numbers of customers.
SIZES ?= S

# Some processes, each of which builds with one thread; a file's tests share what they
# build, and files that take long are not left to the end.
PYTEST := DBT_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 \
	--dist loadfile --no-loadscope-reorder

.PHONY: build build-duckdb build-postgres build-spark doctor check-inputs erase test \
	test-build test-engines test-engines-full test-cluster run-engines on-duckdb \
	on-postgres on-spark run-cluster lint parse fuzz mutants bench pictures clean help

## build: install, build the marts, publish them; VARS=my_shop.yml, TARGET=postgres, spark
build: build-$(TARGET)

# After a build that failed, publish.py says what is still published, and fails too.
build-duckdb: .venv/.installed check-inputs
	@$(PUBLISH) --before-build
	@echo "Building seeds, models and data tests (about a minute) ..."
	@$(DBT) --log-level warn build --exclude-resource-type unit_test $(GIVEN) \
		|| $(PUBLISH) --build-failed
	@$(PUBLISH)

build-postgres: .venv/.installed-postgres check-inputs
	@echo "Building seeds, models and data tests on postgres (some minutes) ..."
	@$(DBT) --log-level warn build --target postgres --exclude-resource-type unit_test \
		$(GIVEN) || $(PUBLISH) --target postgres --build-failed
	@$(PUBLISH) --target postgres

build-spark: .venv/.installed-spark check-inputs
	@echo "Building seeds, models and data tests on spark (some minutes) ..."
	@$(DBT) --log-level warn build --target spark --exclude-resource-type unit_test \
		$(GIVEN)
	@echo "The marts are in the schema customer_ops_marts."

## doctor: what is missing, unreadable or odd in your data: make doctor VARS=my_shop.yml
doctor: .venv/.installed
	@$(DOCTOR) || [ $$? -eq 1 ]

# What of it a build cannot do without, so that it does not fail with a database error.
check-inputs: .venv/.installed
	@$(DOCTOR) --before-build

## erase: forget people, one account id or e-mail a line: make erase < people.txt
erase: .venv/.installed$(if $(filter postgres,$(TARGET)),-postgres)
	@$(BIN)/python scripts/erase.py --target $(TARGET) $(if $(VARS),--vars '$(VARS)')
	@$(MAKE) --no-print-directory build PUBLISH="$(PUBLISH) --remove-previous"

## test: install what tests need, then lint, parse gate, dbt build and pytest
test: .venv/.installed-dev
	@echo "Checking the style, building with unit tests and data tests (minutes) ..."
	@$(SIDE_BY_SIDE) lint parse test-build
	@echo "Comparing with the oracle, on the sample and on other shops ..."
	@$(PYTEST)

test-build: .venv/.installed-dev
	@mkdir -p $(TEST_FOLDER)
	@$(TEST_DBT) $(DBT) --log-level warn --log-level-file info build
	@grep -o 'Done\. PASS.*' $(TEST_FOLDER)/$@/logs/dbt.log | tail -n 1

# Every node takes Spark a second, and every unit test PostgreSQL: they are asked for their
# tables, which are compared with those of DuckDB, and PostgreSQL for data tests; all the
# rest is in test-engines-full.
## test-engines: PostgreSQL and a local Spark give what DuckDB gives
test-engines: .venv/.installed-engines
	@$(BIN)/python scripts/servers.py postgres -- \
		$(MAKE) --no-print-directory run-engines MARKED="not full" \
			POSTGRES_EXCLUDES=--exclude-resource-type=unit_test \
			SPARK_SELECT="resource_type:seed resource_type:model"

## test-engines-full: the same, with every unit test and data test on both
test-engines-full: .venv/.installed-engines
	@$(BIN)/python scripts/servers.py postgres -- \
		$(MAKE) --no-print-directory run-engines MARKED="" \
			SPARK_SELECT="resource_type:seed resource_type:model test_type:unit test_type:data"

## test-cluster: the same on a Spark cluster: a master, two workers, a Thrift server
test-cluster: .venv/.installed-engines
	@$(BIN)/python scripts/servers.py spark -- $(MAKE) --no-print-directory run-cluster

# Parts of the three above; they expect the servers.
run-engines: export SPARK_FOLDER := $(TEST_FOLDER)/spark
# Compiling the SQL of a small shop takes PostgreSQL longer than running it.
run-engines: export PGOPTIONS := -c jit=off
run-engines:
	@echo "Building the sample on DuckDB, PostgreSQL and Spark (some minutes) ..."
	@$(SIDE_BY_SIDE) on-duckdb on-postgres on-spark
	@echo "Comparing the engines ..."
	@# Spark and PostgreSQL are waited for more than worked with.
	@$(TEST_DBT) $(PYTEST) --numprocesses 4 tests/engines -m "$(MARKED)"

on-duckdb:
	@$(TEST_DBT) $(DBT) --log-level warn build --full-refresh \
		--resource-type seed --resource-type model

on-postgres:
	@$(TEST_DBT) $(DBT) --log-level warn build --target postgres $(POSTGRES_EXCLUDES)
	@$(TEST_DBT) $(PUBLISH) --target postgres

on-spark:
	@rm -rf $(SPARK_FOLDER)
	@$(TEST_DBT) $(DBT) --log-level warn build --target spark \
		--indirect-selection empty --select $(SPARK_SELECT)

run-cluster:
	@$(TEST_DBT) $(DBT) --log-level warn build --target spark

## lint: the style of SQL and Python
lint: .venv/.installed-dev
	@mkdir -p $(TEST_FOLDER)
	@echo "Checking the style of Python and SQL ..."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@if LC_ALL=C.UTF-8 grep -rnE --include='*.sql' '^.{89,}' models macros tests; then \
		echo "The lines above are longer than 88 characters."; exit 1; fi
	@# What was built before would decide which SQL is compiled.
	@PYTHONWARNINGS=ignore::UserWarning $(TEST_DBT) CUSTOMER_OPS_DUCKDB=:memory: \
		$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests

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

.venv/.installed-postgres .venv/.installed-spark: .venv/.installed-%: \
		requirements-%.txt .venv/.installed
	@echo "Installing what a build on $* needs into .venv ..."
	@$(PIP) -r requirements-$*.txt
	@touch $@

.venv/.installed-engines: .venv/.installed-dev .venv/.installed-postgres \
		.venv/.installed-spark
	@touch $@
