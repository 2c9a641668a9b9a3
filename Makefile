# Needs Python 3.11 or newer, git and make. Everything else is installed into .venv by `make run` or `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PY := .venv/bin/python
# What a command needs that belongs to no node: compiling catalogues, preparing word lemmas, checking.
NO_NODE := NODE_ID=none.localhost NODE_URL=http://none.localhost NODE_NAME=none NODE_LANGUAGES=en \
	SECRET_KEY=none STATE_DIR=var/none LEMMA_DIR=var/lemmas
MANAGE := $(NO_NODE) $(PY) manage.py

WORDS := $(wildcard core/search/data/*.yaml core/search/data/frequent/*.txt)
CATALOGUES := $(wildcard i18n/locale/*/LC_MESSAGES/django.po)

.PHONY: help
help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1#\2/p' Makefile | awk -F'#' '{ printf "%-18s %s\n", $$1, $$2 }'

# --- environment -------------------------------------------------------------

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "The environment could not be created. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

# uv is quicker where it is installed; pip alone does the same. Both refuse a file whose hash is not in the lock.
define install
	@echo "Installing from $(1)"
	@if command -v uv >/dev/null 2>&1; then uv pip install --python $(PY) --require-hashes -r $(1); \
	else $(PY) -m pip install --disable-pip-version-check --require-hashes -r $(1); fi
	@touch $@
endef

.venv/installed: requirements.txt | .venv/bin/python
	$(call install,requirements.txt)

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	$(call install,requirements-dev.txt)

# Message catalogues are compiled, word lemmas built, once and again when what they are made from changes.
var/catalogues-compiled: $(CATALOGUES) | .venv/bin/python
	@mkdir -p var
	@$(MANAGE) catalogues compile
	@touch $@

var/lemmas/prepared: requirements.txt core/search/lemmas.py core/search/compounds.py $(WORDS) | .venv/bin/python
	@mkdir -p var/lemmas
	@echo "Building the words of the network's languages (once, about half a minute)"
	@$(MANAGE) search prepare
	@touch $@

# --- the demo network --------------------------------------------------------

.PHONY: run stop start clean
run: .venv/installed var/catalogues-compiled var/lemmas/prepared ## Start the demo network (NODES=all or NODES=antwerp,hamburg, PORT=9001)
	@exec $(PY) -m deploy.demo --stop-with-parent

stop: ## Stop one node of the running demo network: make stop NODE=hamburg
	@$(PY) -m deploy.demo.pause stop "$(NODE)"

start: ## Start it again: make start NODE=hamburg
	@$(PY) -m deploy.demo.pause start "$(NODE)"

clean: ## Remove the demo network's state and everything that was built (.venv stays)
	rm -rf var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o \( -name '*.mo' -o -name '__pycache__' \) -print | xargs rm -rf

# --- checks ------------------------------------------------------------------

.PHONY: test check lint format bench relevance
test: .venv/installed-dev var/catalogues-compiled var/lemmas/prepared ## Run every check and every test (POSTGRES_URL=… adds the PostgreSQL pass)
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest -n 2 --dist loadgroup
	@if [ -n "$(POSTGRES_URL)" ]; then \
		echo "Once more on PostgreSQL: the tests that depend on the database"; \
		DATABASE_URL="$(POSTGRES_URL)" $(PY) -m pytest -n 2 --dist loadgroup $(DATABASE_TESTS); \
	elif [ -n "$(REQUIRE_ALL)" ]; then \
		echo "POSTGRES_URL is not set, and REQUIRE_ALL asks for every pass."; exit 1; \
	else \
		echo "SKIPPED: the PostgreSQL pass ($(DATABASE_TESTS)): set POSTGRES_URL=postgresql://user:password@host/database"; \
	fi

DATABASE_TESTS := $(wildcard tests/core tests/federation tests/tools_inventory tests/contracts)

lint: .venv/installed-dev ## Check style, types, layers, templates, catalogues and migrations
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(NO_NODE) .venv/bin/mypy .
	@.venv/bin/lint-imports
	@git ls-files '*.html' | xargs -r .venv/bin/djhtml --check --tabwidth 2
	@$(MANAGE) catalogues check
	@$(MANAGE) makemigrations --check --dry-run

format: .venv/installed-dev ## Put the code into its style
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@git ls-files '*.html' | xargs -r .venv/bin/djhtml --tabwidth 2

bench: .venv/installed-dev var/lemmas/prepared ## Measure: prints a table, writes JSON under var/bench/
	@$(PY) -m tests.benchmarks

relevance: .venv/installed-dev var/lemmas/prepared ## Judge the search over the judged queries
	@$(PY) -m tests.benchmarks.relevance

# --- what is kept in the tree but made by a tool -----------------------------

.PHONY: lock messages
UV_COMPILE := .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

lock: .venv/installed-dev ## Pin every dependency with its hashes (needs uv: .venv/bin/pip install uv)
	@test -x .venv/bin/uv || .venv/bin/pip install --quiet uv
	@$(UV_COMPILE) -o requirements.txt
	@$(UV_COMPILE) --extra dev --constraint requirements.txt -o requirements-dev.txt

messages: .venv/installed-dev ## Bring the message catalogues up to date with the texts in the code
	@$(MANAGE) catalogues update
	@$(MANAGE) catalogues compile
