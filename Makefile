# Two commands are enough: `make serve` and `make test`. Each does its own set-up.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info < (3,14))' 2>/dev/null && echo $$p && break; done)
export METIER_HOME ?= $(CURDIR)/.metier
# Python may keep what it has compiled: the tests start some hundred processes.
unexport PYTHONDONTWRITEBYTECODE
MEMBERS := core policies testing plugins/education plugins/healthcare plugins/support plugins/writing
SOURCES := $(addsuffix /src,$(MEMBERS))
TESTS := $(addsuffix /tests,$(MEMBERS)) tests benchmarks
PROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))

.PHONY: setup serve test test-slow check format bench lock clean

# Installed, not synced: what else is in the environment, such as a plugin of yours, stays there.
$(VENV)/.ready: requirements.lock $(PROJECTS)
	@command -v uv >/dev/null || { echo "metier needs uv: pip install uv"; exit 1; }
	@test -n "$(PYTHON)" || { echo "metier needs Python 3.11, 3.12 or 3.13"; exit 1; }
	@echo "Installing locked dependencies"
	@test -x $(BIN)/python || uv venv --quiet --python $$($(PYTHON) -c 'import sys; print(sys.executable)') $(VENV)
	@uv pip install --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	@uv pip install --quiet --python $(BIN)/python --no-deps $(addprefix -e ./,$(MEMBERS))
	@touch $@

setup: $(VENV)/.ready
	@$(BIN)/metier setup

serve: setup
	@$(BIN)/metier serve

# Files side by side, in the order of conftest.py; `make test JOBS=8` on a larger machine.
JOBS ?= 2
PYTEST := $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
test: setup
	@$(PYTEST)

test-slow: setup
	@$(PYTEST) -m slow --timeout 900

check: $(VENV)/.ready
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports

format: $(VENV)/.ready
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup
	@$(BIN)/python -m benchmarks

# requirements.lock is universal, pinned by hash, and names no registry host.
lock:
	@uv lock
	@uv export --quiet --no-emit-workspace --all-packages --no-header --no-annotate --output-file requirements.lock

clean:
	@rm -rf $(VENV) .metier .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
