# make demo: train on real digits and open runs/tour/report.html    make test: the whole default suite
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --prefer-binary

.PHONY: demo test lint lock clean

demo: $(VENV)/.installed
	$(BIN)/rosenblatt tour --out runs/tour

# Two processes: compiling is the work of one core.
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rosenblatt needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "installing into $(VENV) (a minute or two, once)"
	$(PIP) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml requirements-dev.lock | $(VENV)/bin/python
	@echo "installing the test tools into $(VENV) (a minute or two, once)"
	$(PIP) -e '.[dev]' -c requirements-dev.lock
	touch $@ $(VENV)/.installed

# The versions that the tests run with; the package itself only has lower bounds.
lock: $(VENV)/.installed-dev
	$(BIN)/pip --disable-pip-version-check freeze --exclude-editable | sort > requirements-dev.lock

clean:
	rm -rf $(VENV) .cache runs/tour
