# `make run` and `make test` need Python ≥ 3.11 and make, nothing else.

PYTHON ?= python3
PORT ?= 8000
VENV ?= .venv
JOBS ?= 2

BIN = $(VENV)/bin
MANAGE = $(BIN)/python manage.py
HEAVY = browser or faults or slow

.PHONY: help run test check bench lock clean

help:
	@echo "make run     the whole desk on http://127.0.0.1:$(PORT)/ (PORT=… for another port); Ctrl-C stops it"
	@echo "make test    the tests that need nothing more"
	@echo "make check   what CI runs after that: lint, types, import order, migrations, contracts, browser and fault tests"
	@echo "make bench   the benchmarks"
	@echo "make lock    pin the newest versions that pyproject.toml allows, with hashes"
	@echo "make clean   remove $(VENV) and caches (the data in var/ stays)"

run: $(VENV)/.installed
	@exec $(MANAGE) up --port $(PORT)

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n $(JOBS) -m "not ($(HEAVY))"

# The properties of the arithmetic that money is put on, and of the rows it is kept in, run again here with 10,000 examples
# each; the one machine among them that goes through real actions and the database with 500.
ARITHMETIC = tests/sla/test_calendars.py tests/sla/test_replay.py tests/sla/test_stateful.py

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) contract check contracts/*.yaml
	@cp docs/contract.schema.json $(VENV)/ && $(MANAGE) contract schema && cmp docs/contract.schema.json $(VENV)/contract.schema.json || { echo "docs/contract.schema.json was out of date and is written anew: commit it." >&2; exit 1; }
	@$(MANAGE) spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml && cmp docs/openapi.yaml $(VENV)/openapi.yaml || { echo "docs/openapi.yaml is out of date: make it with manage.py spectacular --file docs/openapi.yaml, and commit it." >&2; exit 1; }
	$(BIN)/pytest -n $(JOBS) -m "$(HEAVY)"
	HYPOTHESIS_PROFILE=check $(BIN)/pytest -n $(JOBS) --dist worksteal -m hypothesis $(ARITHMETIC)

# Some minutes: a million tickets are made for it, in databases of their own that are dropped at the end.
bench: $(VENV)/.installed-dev
	@for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python -u "$$program" || exit; done

lock: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --group dev pyproject.toml --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The stamps make the second start quick: pip runs again only when the pinned versions change.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing the pinned requirements (once) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing the pinned requirements for development (once) …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found; install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.11 …" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) comes without venv and pip; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) could not make $(VENV); the lines above say why." >&2; exit 2; }
