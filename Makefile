# Two commands on a fresh machine with Python 3.11 or newer: make demo, make test.
PORT ?= 8000
ARGS ?=
# By hand: lectures, which wants another package; examples, past, scoring_attacks, scoring_evidence
# and scoring_standards, which simulate many cities for the documents.
BENCHMARKS = dashboards exporting flood importing pages phone print release scanning scoring visit

# uv where it works, else the Python that is there with venv and pip.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv)
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && command -v $$name && break; done)
SYNC = "$(UV)" sync --frozen --inexact --no-default-groups --extra demo --extra postgres
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where it is set, every process that a test starts would compile the whole portal anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test fuzz bench lint translations clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.demo-ready ## set up and serve the demonstration city on http://127.0.0.1:8000 (PORT=…)
	.venv/bin/portal demo --data instance/demo --port $(PORT)

test: .venv/.test-ready ## set up and run all tests (ARGS="-k receipt" for some)
	.venv/bin/python -m pytest -n 2 --dist worksteal $(ARGS)

fuzz: .venv/.test-ready ## 100,000 hostile form bodies instead of the suite's 2,000
	PORTAL_FUZZ_BODIES=100000 .venv/bin/python -m pytest tests/ratings/test_hostile.py $(ARGS)

bench: .venv/.test-ready ## the benchmarks (README there: some are run by hand), one JSON line each
	@for name in $(BENCHMARKS); do .venv/bin/python -m benchmarks.$$name || exit 1; done

lint: .venv/.lint-ready ## style, types, imports, dependencies, templates
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/deptry .
	.venv/bin/djlint portal --lint --quiet

translations: .venv/.test-ready ## bring the catalogues up to date with the texts in the code
	.venv/bin/python translations/update.py

clean: ## remove what was installed and cached; data in instance/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build

ifneq ($(UV),)

.venv/.demo-ready: pyproject.toml uv.lock
	$(SYNC)
	@touch $@

.venv/.test-ready: pyproject.toml uv.lock
	$(SYNC) --group test
	@touch $@ .venv/.demo-ready

.venv/.lint-ready: pyproject.toml uv.lock
	$(SYNC) --group test --group lint
	@touch $@

else

.venv/bin/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; found: \
	$$(python3 --version 2>&1)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. \
	On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(PIP) --upgrade 'pip>=25.1'

.venv/.demo-ready: pyproject.toml constraints.txt | .venv/bin/pip
	$(PIP) --constraint constraints.txt --editable '.[demo,postgres]'
	@touch $@

.venv/.test-ready: .venv/.demo-ready
	$(PIP) --constraint constraints.txt --group test
	@touch $@

.venv/.lint-ready: .venv/.test-ready
	$(PIP) --constraint constraints.txt --group lint
	@touch $@

endif
