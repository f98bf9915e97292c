# Two commands are enough: `make up` to try it, `make test` to trust it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install up test lint bench docs screenshots tables translations lock clean

help: ## Say what each target is for
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## Make .venv and install the pinned dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 12) else "Hanaper needs Python 3.12 or newer; say which with: make PYTHON=python3.13 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q hanaper
	@touch $@

up: install ## Set everything up and start the service on embedded defaults
	@$(BIN)/hanaper up

test: install lint ## Run the whole suite on SQLite, then on PostgreSQL
	$(BIN)/python -m tools.suite

lint: install ## Check style, types, floors and our own conventions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.lint

bench: install ## Measure, with peers beside us, and print ratios
	$(BIN)/python -m pip install --quiet --require-hashes --requirement bench/requirements.txt
	$(BIN)/python -m bench

docs: install ## Write the generated pages anew
	$(BIN)/python -m tools.docs

screenshots: install ## Take a picture of every page, in both themes, widths and languages
	$(BIN)/python -m tools.screenshots

tables: install ## Write down the tables that all migrations make, for SQLite, after a new migration
	$(BIN)/python -m tools.tables

translations: install ## Gather what must be said in Chinese too, and say what is missing
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tools.translations

lock: install ## Resolve pyproject.toml into requirements.lock anew
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.12 --extra dev --generate-hashes \
		--no-emit-index-url --no-annotate --no-header pyproject.toml --output-file requirements.lock

clean: ## Remove what install, tests and builds made; never the data folder
	rm -rf $(VENV) .venv-django-ca build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
