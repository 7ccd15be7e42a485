# `make demo` and `make test` are all a newcomer needs; both make the environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-ray check install docs bench-heads bench-million clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,dp,openvino]'
	touch $@

demo: install
	$(BIN)/guidance-atlas sample demo/world --conversations 2000 --seed 7
	$(BIN)/guidance-atlas run demo/world/logs --root demo/atlas

test: install
	$(BIN)/pytest --numprocesses 2 --dist loadfile

# On a Ray cluster of two nodes on this machine; `make test` skips these, since Ray is not installed by it.
test-ray: install
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,dp,ray]'
	$(BIN)/pytest -m ray

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: install
	$(BIN)/python -m guidance_atlas.reference docs

# Labelled data to measure on; every figure of docs/cards comes from it.
DATA ?= ../shared/data

bench-heads: install
	$(BIN)/python bench/heads.py --data $(DATA)

# Whole runs over real chats, varied: a million takes about an hour and 9 GB of disk.
bench-million: install
	$(BIN)/python bench/scaling.py --data $(DATA) --sizes 1000000

clean:
	rm -rf demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
