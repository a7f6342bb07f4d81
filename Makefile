# make run    the app with a worker, filled with the demo:  prints the address
# make check  the fast lane: lint, types, contracts, unit tests; no browser, no database server, no network; under two minutes
# make test   all of it; COVERAGE=85 counts the lines that are run, which takes a quarter longer, and fails where fewer percent are
# make test-postgres  the quick tests of the services once more, with their stores on PostgreSQL
# make lint   ruff, types (ty), import contracts, JavaScript (biome)
# make docs   renew what the documents quote: the drawing of the rooms, commands and their output
# make bench  the benchmarks
# make screenshots  the pictures of README and docs: a fresh demo store, served, every page in Chromium (half an hour)
# make labelstudio   a Label Studio server for the tests, in a virtual environment of its own under ~/.cache (1 GB, two minutes)
# make constraints   write down the versions that .venv has, once the tests have passed with them
#
# Everything is installed with pip into .venv, at the versions of constraints.txt; the stamps in it remember what is there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PARALLEL ?= 3
# Browser tests mostly wait, so one more process than this project's two cores; threads that wait for each other cost several times the time.
check test test-postgres: export OMP_NUM_THREADS ?= 1
# Hundreds of processes import the project; where an environment forbids to keep bytecode, each would compile it anew.
check test test-postgres: export PYTHONDONTWRITEBYTECODE =

.PHONY: run install check test test-postgres lint docs bench screenshots labelstudio constraints clean
.DELETE_ON_ERROR:

run: install
	$(BIN)/workbench up

install: $(VENV)/installed

check: $(VENV)/installed-tests lint
	$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "not slow and not browser and not postgres"

test: $(VENV)/installed-tests lint
	$(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal $(if $(COVERAGE),--cov --cov-report=term --cov-fail-under=$(COVERAGE))

# Tests of the services, quick ones, with every store on a PostgreSQL server that lives as long as they do.
test-postgres: $(VENV)/installed-tests
	WORKBENCH_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "not slow and not browser" tests/workbench

lint: $(VENV)/installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ty check
	$(BIN)/lint-imports
	$(BIN)/biome lint --error-on-warnings

docs: $(VENV)/installed-tests
	$(BIN)/python docs/renew.py

bench: $(VENV)/installed-tests
	for file in tests/benchmarks/bench_*.py; do $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

screenshots: $(VENV)/installed-tests
	$(BIN)/python -m tests.e2e.screenshots

labelstudio: $(VENV)/installed-tests
	$(BIN)/python -m tests.label_studio

constraints: $(VENV)/installed-tests
	{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

clean:
	rm -rf $(VENV)

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	touch $@

# The largest part first, so that nothing else pulls in another version of it.
$(VENV)/torch: constraints.txt | $(VENV)/made
	$(PIP) install -c constraints.txt torch torchvision
	touch $@

$(VENV)/installed: pyproject.toml constraints.txt $(VENV)/torch
	$(PIP) install -c constraints.txt -e '.[model,labelstudio,demo]'
	touch $@

$(VENV)/installed-tests: pyproject.toml constraints.txt $(VENV)/torch
	$(PIP) install -c constraints.txt -e '.[model,labelstudio,demo,postgres,s3,test]'
	touch $@
