# Everything from a fresh clone, with python3 (3.11 or newer), its pip, and a package index.
#
#   make run            set up, run the quick profile on real data, print the verdicts, write the report
#   make test           set up and test
#   make test-slow      what takes longest, among it nets in double precision and over many seeds
#   make test-browser   the report in a headless Chromium (Debian: apt install chromium)
#   make shipped        train and pack what is missing of the trials that come with the work: days, but it resumes
#   make lint           ruff and mypy
#   make lock           compile requirements/ from pyproject.toml (needs uv; UPGRADE=--upgrade for newest versions)
#   make clean          remove .venv and the caches, never a result
#
# Another Python: make PYTHON=python3.13 run

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.PHONY: run test test-slow test-browser shipped lint lock clean

run: $(VENV)/.run
	$(BIN)/reensayo run --profile quick
	$(BIN)/reensayo verdicts
	$(BIN)/reensayo report

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

test-browser: $(VENV)/.browser
	$(BIN)/python -m pytest -m browser tests/browser

# Not the largest networks: they need a GPU.
SHIPPED := ex01 ex02 ex03 ex04 ex05 ex06 ex07 ex08 ex09 ex10.alexnet-cifar10

shipped: $(VENV)/.run
	$(BIN)/python -m reensayo.shipping $(SHIPPED)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp says that one list is installed; each list contains the one before it, so a step adds
# only what is new, and nothing is done while the stamps are newer than the lists. They hold for this folder and this
# interpreter: where either is gone, so are they.
IGNORED := $(shell [ -x $(BIN)/python ] && [ "$$(cat $(VENV)/.run 2>/dev/null)" = "$(CURDIR)" ] || \
	rm -f $(VENV)/.run $(VENV)/.test $(VENV)/.browser)

# Debian without python3-venv has no ensurepip: then the venv has no pip and the outer one installs into it.
# Python compiles a module when it is first imported; pip would compile all of them, most of which nobody imports.
PIP = $$([ -x $(BIN)/pip ] && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python) \
	--disable-pip-version-check install --no-input --no-compile
INSTALL = $(PIP) --progress-bar off --require-hashes -r $< | while read -r word name _; do \
	case $$word in Collecting) echo "  $$name";; Installing) echo "  unpacking ...";; esac; done

$(VENV)/.run: requirements/run.txt pyproject.toml $(BIN)/python
	@echo "Installing $< into $(VENV), a minute or two:"
	@$(INSTALL)
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Installing what $< adds:"
	@$(INSTALL)
	@touch $@

$(VENV)/.browser: requirements/browser.txt $(VENV)/.test
	@echo "Installing what $< adds:"
	@$(INSTALL)
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Try: make PYTHON=python3.13 run" >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || \
		{ $(PYTHON) -m venv --clear --without-pip $(VENV) && \
		  $(PYTHON) -m pip --python $(BIN)/python --version; } >/dev/null 2>&1 || \
		{ rm -rf $(VENV); echo "Python cannot make an environment. Debian and Ubuntu:" \
		  "sudo apt install python3-venv python3-pip" >&2; exit 1; }

# The lists hold the hashes of every platform and no index address. The versions of a shorter list bind the longer
# ones, so no test tool decides what a run installs.
UPGRADE ?=
COMPILE = uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(UPGRADE) pyproject.toml --extra build

lock:
	$(COMPILE) -o requirements/run.txt
	$(COMPILE) --extra test -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) --extra test --extra browser -c requirements/test.txt -o requirements/browser.txt
