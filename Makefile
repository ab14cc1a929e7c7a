# One command each: setup, demo, test, check, bench, soak. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
PYTHON ?= python3
BIN := .venv/bin
STORE ?=
WORKERS ?= 2

.PHONY: help setup setup-dev demo test check bench soak lock clean

help:
	@echo "make setup   the environment and Debian's tor"
	@echo "make demo    three demo markets through a private Tor network, read, indexed, shown (STORE=elasticsearch)"
	@echo "make test    all tests, with a real Tor network and a real Elasticsearch"
	@echo "make check   ruff and mypy"
	@echo "make bench   the measured figures"
	@echo "make soak    the long counts"

setup: .venv/.ready
	@deploy/install-debian-packages tor

.venv/.ready: requirements.lock pyproject.toml
	@deploy/install-debian-packages python3-venv
	$(PYTHON) -m venv .venv
	echo "installing what npswatch runs on (a minute or so)"
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q casework config crawler evidence index pipelines spiders
	touch $@

setup-dev: setup .venv/.ready-dev
	@deploy/install-debian-packages tor obfs4proxy redis-server chromium maven iproute2 util-linux systemd

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@echo "installing what the tests need (a minute or so)"
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements-dev.lock
	touch $@

demo: setup $(if $(filter elasticsearch,$(STORE)),setup-dev)
	@$(BIN)/npswatch demo $(if $(STORE),--store $(STORE)) $(DEMO_OPTIONS)

test: setup-dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(TEST_OPTIONS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup-dev
	$(BIN)/python -m bench

soak: setup-dev
	$(BIN)/python -m pytest bench/soak $(TEST_OPTIONS)

# Needs uv on the PATH. Names no index: a lock with hosts in it would bind everybody to one mirror.
lock:
	uv pip compile --quiet --native-tls --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in --output-file requirements-dev.lock
	uv pip compile --quiet --native-tls --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in --constraint requirements-dev.lock --output-file requirements.lock

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .hypothesis
