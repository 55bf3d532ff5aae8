# `make` starts the laboratory; `make help` lists the rest.

PORT ?= 8050
HOST ?= 127.0.0.1
PYTHON ?= python3
NAMES ?=
# A folder with lessons of one's own.
LESSONS ?=
# Tests side by side, each process with a server and a browser of its own.
JOBS ?= 2

# What builds and runs containers; further options of its `build` and its `run`.
ENGINE = $(or $(shell for each in docker podman; do $$each info >/dev/null 2>&1 && echo $$each && break; done),\
	$(error An image needs docker or podman, and neither runs here))
# The form that has room for the check of health.
FORMAT = $(if $(filter %podman,$(ENGINE)),--format=docker)
BUILD_OPTIONS ?=
RUN_OPTIONS ?=

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check
PIP_INSTALL := $(PIP) install
# Each stamp is written after its step went through, so a step cut short is done again.
CREATED := $(VENV)/.created
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
# Checks the types of the page's scripts, which are run as they are written.
TYPESCRIPT := 7.0.2
TYPES_CHECKER := $(VENV)/typescript-$(TYPESCRIPT)

.DEFAULT_GOAL := run
# Two installs into one environment, or two checks in one terminal, are no use side by side.
.NOTPARALLEL:
.PHONY: run dev test test-unit test-browser wheel wheel-test lint format typedefs bench load screenshots \
	image image-test browser clean help

# exec, so that ending make ends the server and not only a shell around it.
run: $(INSTALLED) ## start the laboratory (PORT=8050 HOST=127.0.0.1 LESSONS=folder)
	@exec $(VENV_PYTHON) app.py --host "$(HOST)" --port "$(PORT)" $(if $(LESSONS),--lessons "$(LESSONS)")

dev: $(INSTALLED_DEV) ## start it with Python's development mode and a verbose log
	@exec $(VENV_PYTHON) -X dev app.py --host "$(HOST)" --port "$(PORT)" --log-level debug

test: lint browser ## every check: ruff, mypy, scripts of the page, unit and browser tests
	@$(VENV_PYTHON) -m pytest -n $(JOBS)

test-unit: $(INSTALLED_DEV) ## the tests that need no browser
	@$(VENV_PYTHON) -m pytest -n $(JOBS) -m "not browser"

test-browser: $(INSTALLED_DEV) browser ## the tests in a real browser
	@$(VENV_PYTHON) -m pytest -n $(JOBS) -m browser

wheel: $(INSTALLED_DEV) ## build the package into dist/
	@$(PIP) wheel --no-deps --no-build-isolation --quiet --wheel-dir dist .
	@ls dist/*.whl

wheel-test: $(INSTALLED_DEV) browser ## install the wheel into a fresh environment, start it, and train
	@$(VENV_PYTHON) -m pytest tests/unit/test_package.py tests/unit/test_wheel.py tests/browser/test_wheel.py

lint: $(INSTALLED_DEV) ## ruff, mypy --strict, and the types of the scripts where Node.js is installed
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check
	@$(VENV_PYTHON) -m mypy --strict
	@$(VENV_PYTHON) -m scripts.typedefs --check
	@if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then \
		echo "Node.js is not installed: the scripts in assets/ are left to the browser tests"; \
	elif $(MAKE) --silent $(TYPES_CHECKER)/.installed; then \
		$(TYPES_CHECKER)/node_modules/.bin/tsc --project assets/jsconfig.json; \
	else \
		echo "TypeScript could not be installed: the types of assets/ are not checked" >&2; \
		find assets -type f \( -name '*.js' -o -name '*.mjs' \) -exec \
			sh -c 'for file; do node --check "$$file" || exit 1; done' sh {} + ; \
	fi

typedefs: $(INSTALLED_DEV) ## write the types and ids that the scripts share with Python
	@$(VENV_PYTHON) -m scripts.typedefs

format: $(INSTALLED_DEV) ## put the code into the project's format, and mend what ruff can
	@$(VENV_PYTHON) -m ruff check --fix
	@$(VENV_PYTHON) -m ruff format

bench: $(INSTALLED_DEV) browser ## measure the figures (NAMES="training stream" for some)
	@$(VENV_PYTHON) -m benchmarks $(NAMES)

load: $(INSTALLED_DEV) ## measure a class of thirty, and a room of sixty, on one server
	@$(VENV_PYTHON) -m benchmarks load rooms

image: ## build the container image (BUILD_OPTIONS="--build-arg BASE=…")
	$(ENGINE) build --tag spiral-dash $(FORMAT) $(BUILD_OPTIONS) .

image-test: image $(INSTALLED_DEV) browser ## try it: limits, the page, a killed session, the stop
	@$(VENV_PYTHON) -m scripts.image $(ENGINE) $(RUN_OPTIONS)

screenshots: $(INSTALLED_DEV) browser ## take the README's pictures again
	@$(VENV_PYTHON) -m scripts.screenshots

browser: $(INSTALLED_DEV)
	@$(VENV_PYTHON) -m scripts.browser >/dev/null || scripts/install-chromium

clean: ## remove the environment and everything generated
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(CREATED):
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not on the PATH." \
			"Install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
			"Name a newer one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(INSTALLED): $(CREATED) requirements.txt
	@echo "Installing requirements.txt (the first time takes some minutes)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(INSTALLED_DEV): $(INSTALLED) requirements-dev.txt
	@echo "Installing requirements-dev.txt"
	@$(PIP_INSTALL) --quiet -r requirements-dev.txt
	@touch $@

$(TYPES_CHECKER)/.installed:
	@echo "Installing TypeScript $(TYPESCRIPT)"
	@npm install --silent --no-save --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=1000 \
		--prefix $(TYPES_CHECKER) \
		typescript@$(TYPESCRIPT) >/dev/null
	@touch $@
