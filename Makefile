# People, hooks and CI call the same targets. `make` alone lists them.

# A list means "the first that fits"; `make setup PYTHON=python3.12` names one.
PYTHON ?= python3.13 python3.12 python3.11 python3
PYTEST_ARGS ?= -n 2 --dist loadscope
DEMO_ARGS ?=
BENCH_ARGS ?=
LOCK_ARGS ?=

BIN := .venv/bin
PACKAGES := features training serving stagecast
NOTEBOOKS = $(wildcard notebooks/*.ipynb)
# Without flock (macOS) two setups at once are not kept apart.
LOCKED := $(if $(shell command -v flock),flock .setup.lock)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-slow test-spark lint format types imports notebooks wheel end-to-end bench-features bench-explain bench-accuracy lock clean check

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv from the lock (again only when the lock or pyproject.toml changed)
	@$(LOCKED) $(MAKE) --silent .venv/.ready

demo: setup ## Run the main job on real orders and tell what was found
	$(BIN)/stagecast demo $(DEMO_ARGS)

# Where no bytecode is kept, pytest rewrites the asserts of 300 files anew in each process: eight seconds.
test test-slow: export PYTHONDONTWRITEBYTECODE =

test: setup ## Run the fast tests
	$(BIN)/pytest -m "not slow" $(PYTEST_ARGS)

test-slow: setup ## Run the slow tests
	$(BIN)/pytest -m slow $(PYTEST_ARGS)

test-spark: ## Run the tests of Spark in an environment of their own (half a gigabyte, needs Java 17)
	@$(LOCKED) $(MAKE) --silent .venv-spark/.ready
	.venv-spark/bin/pytest tests/spark

lint: setup ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: setup ## Repair what can be repaired of style and formatting; strip notebooks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(if $(NOTEBOOKS),$(BIN)/nbstripout $(NOTEBOOKS))

types: setup ## Check types, strictly
	$(BIN)/mypy

imports: setup ## Check that imports go one way
	$(BIN)/lint-imports

notebooks: setup ## Check that notebooks are stored without outputs, and run them
	$(BIN)/nbstripout --verify $(NOTEBOOKS)
	$(BIN)/pytest --nbmake $(NOTEBOOKS)

wheel: setup ## Build the source archive, and the wheel from it, into dist/
	@rm -rf dist
	$(BIN)/python -m build --no-isolation

end-to-end: wheel ## Try the built wheel in an environment of its own
	@$(LOCKED) $(MAKE) --silent .venv-wheel/.locked
	@$(call pip,.venv-wheel) install --quiet --no-deps --force-reinstall dist/*.whl
	@away=$$(mktemp -d) && trap 'rm -rf "$$away"' EXIT && cd "$$away" && \
		"$(CURDIR)/.venv-wheel/bin/python" -P "$(CURDIR)/tests/end_to_end/smoke_wheel.py"

bench-features: setup ## Compare the features with pandas, Polars and DuckDB on 1 M customers (BENCH_ARGS: see --help)
	$(BIN)/python benchmarks/features/compare.py $(BENCH_ARGS)

bench-accuracy: setup ## Measure the accuracy on the shared sets and rebuild docs/accuracy.md (BENCH_ARGS: see --help)
	$(BIN)/python benchmarks/accuracy/run.py $(BENCH_ARGS)

bench-explain: setup ## Compare exact SHAP values with LightGBM's own, and with woodelf-explainer where installed
	$(BIN)/python benchmarks/explain/compare.py $(BENCH_ARGS)

lock: setup ## Write the locks anew, changing no more than needed (LOCK_ARGS=--upgrade: everything)
	$(COMPILE) --group dev --annotation-style line --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --no-annotate --output-file requirements.lock
	$(COMPILE_GROUP) --group cluster --output-file requirements-dask.lock
	$(COMPILE_GROUP) --group spark --output-file requirements-spark.lock

clean: ## Remove everything that the other targets made
	rm -rf .venv .venv-wheel .venv-spark .setup.lock dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

check: ## Run all that CI runs
	@bash .ci/run

LOCK = $(BIN)/uv --quiet pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header $(LOCK_ARGS)
COMPILE = $(LOCK) pyproject.toml
COMPILE_GROUP = $(LOCK) --constraint requirements-dev.lock --no-annotate

# --- environments -----------------------------------------------------------
# A stamp is written last. Where it is missing, because a setup was killed or the
# lock is newer, the environment is made again from nothing: half an environment
# looks installed to pip.

.venv/.locked: requirements-dev.lock
	$(call environment,.venv,requirements-dev.lock)

.venv-wheel/.locked: requirements.lock
	$(call environment,.venv-wheel,requirements.lock)

.venv-spark/.locked: requirements.lock requirements-spark.lock
	$(call environment,.venv-spark,requirements.lock --requirement requirements-spark.lock)

.venv-spark/.ready: .venv-spark/.locked pyproject.toml
	$(call ours,.venv-spark)

.venv/.ready: .venv/.locked pyproject.toml
	$(call ours,.venv)

# The Python that made an environment brings the pip: on Debian `venv` alone cannot.
pip = "$$(cat $(1)/.python)" -m pip --python $(1)/bin/python --disable-pip-version-check

define environment
python=$$($(find_python)) || exit 1; \
	echo "Making $(1) with $$python; the first time takes a few minutes."; \
	rm -rf $(1) && "$$python" -m venv --without-pip $(1) && echo "$$python" > $(1)/.python
$(call pip,$(1)) install --quiet --require-hashes --requirement $(2)
touch $@
endef

# pip cannot replace a package whose own installation was killed, so ours goes first.
define ours
rm -rf $(1)/lib/python*/site-packages/stagecast-*.dist-info
$(call pip,$(1)) install --quiet --no-deps --no-build-isolation --editable .
touch $@ && echo "$(1) is ready."
endef

# An active .venv is left out of the search: it has no pip, and may be the one to be replaced.
define find_python
PATH="$$(printf %s "$$PATH" | sed "s|$(CURDIR)/.venv/bin:||g")"; \
for name in $(PYTHON); do \
	path=$$(command -v "$$name") || continue; \
	seen="$$seen$${seen:+,} $$name ($$("$$path" --version 2>&1 | head -n 1))"; \
	"$$path" -c $(print_if_it_fits) 2>/dev/null && exit 0; \
done; \
{ echo "make: none of these can be used: $(PYTHON)"; \
	echo "  found:$${seen:- none of them}"; \
	echo "  needed: Python 3.11, 3.12 or 3.13 that has pip 22.3 or newer"; \
	echo "  to do: install one (Debian 12 and 13, Ubuntu 24.04: apt-get install python3 python3-pip)"; \
	echo "         or name one that is elsewhere: make setup PYTHON=/path/to/python3.12"; } >&2; \
exit 1
endef

print_if_it_fits = 'import sys, venv, pip; \
	fits = (3, 11) <= sys.version_info < (3, 14) and tuple(map(int, pip.__version__.split(".")[:2])) >= (22, 3); \
	print(sys.executable) if fits else sys.exit(1)'
