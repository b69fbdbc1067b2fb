# Every habit of this project, one recipe each. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help compiler setup setup-servers demo hub test check lint types floors shape unit pictures soak bench recorded train site site-serve year lock clean

help: ## list the recipes
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# Debian's python3 comes without ensurepip: bring it where we may, say what to do where we may not.
.venv/bin/python:
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv .venv; \
	  else echo "python3 has no venv module: install python3-venv, then run make again" >&2; exit 1; fi; }

compiler: # for the kernel of the classifiers, which is C
	@command -v cc >/dev/null && [ -e /usr/include/stdio.h ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev >/dev/null; \
	  else echo "a C compiler is needed: apt-get install gcc libc6-dev, then run make again" >&2; exit 1; fi; }

.venv/.installed: .venv/bin/python requirements/dev.txt pyproject.toml hatch_build.py $(wildcard classifiers/kernel/*.[ch]) | compiler
	@echo "setting up .venv (once; only the package registry is asked)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/.installed ## Python and every library, from the locked files, into .venv

# What the tests run as Debian packages it, COMMAND:PACKAGE. No package may start its server (exit 101 is that policy).
SERVERS := minisign:minisign tmux:tmux searx-run:searx chromium:chromium node:nodejs pg_createcluster:postgresql nginx:nginx curl:curl \
  dnsmasq:dnsmasq-base named:bind9 unbound:unbound npm:npm systemd-analyze:systemd promtool:prometheus

READERS := tests/blocklists/formats/node

setup-servers: ## what the tests need beside Python (Debian packages, and one of Node's by its lock file)
	@missing=""; PATH="$$PATH:/usr/sbin"; for server in $(SERVERS); do \
	  command -v "$${server%%:*}" >/dev/null || missing="$$missing $${server##*:}"; done; \
	[ -z "$$missing" ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    policy=/usr/sbin/policy-rc.d; [ -e $$policy ] || { trap "rm -f $$policy" EXIT; \
	      printf '#!/bin/sh\nexit 101\n' >$$policy; chmod +x $$policy; }; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "the tests need$$missing: apt-get install$$missing" >&2; exit 1; fi; }
	@cd $(READERS) && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund; }

demo: setup ## the whole chain on a bundled loopback hub
	@$(BIN)/delist demo

hub: setup ## the recorded hubs of the tests on loopback ports (PORT=8101 and up), until Ctrl-C
	@$(BIN)/python -m tests.crawler.hub --port $(or $(PORT),8101)

test: setup setup-servers check unit ## set up, then every check and test

check: lint types floors shape ## everything but the tests

lint: ## ruff, all rules; exceptions carry their reason in pyproject.toml
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: ## mypy --strict
	@$(BIN)/mypy

floors: ## imports point down only
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

shape: ## sizes of functions and modules
	@$(BIN)/python -m tests.shape

unit: ## the tests
	@$(BIN)/pytest

pictures: setup setup-servers ## the screenshots of docs/desk.md, indexes.md, serving.md, transparency.md, drawn by the programs themselves; of the site, into var/
	@$(BIN)/python -m tests.blocklists.desk.pictures
	@$(BIN)/python -m tests.blocklists.indexes.metasearch.pictures
	@$(BIN)/python -m tests.blocklists.service.pictures
	@$(BIN)/python -m tests.docs.pictures
	@$(BIN)/python -m tests.blocklists.accounting.pictures

year: setup ## a simulated year on loopback hubs, and its transparency report (five minutes; leaves var/year)
	@$(BIN)/python -m tests.blocklists.accounting.year

soak: ## the counts that take longer than CI allows
	@$(BIN)/pytest -m soak

.venv/.benched: .venv/.installed requirements/bench.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench: .venv/.benched ## our figures beside a named peer's, as ratios
	@for f in $(filter-out %_peer.py %_workload.py,$(wildcard benchmarks/*.py)); do $(BIN)/python $$f || exit 1; done

site: setup ## the documentation site, built strictly into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo "site/index.html"

site-serve: setup ## the same on loopback (PORT=8000), built again when a page changes
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:$(or $(PORT),8000)

recorded: setup ## measure again what docs/scale.md computes with (half an hour), then print its tables
	@for b in crawl feed desk "bulk --records 1000000"; do $(BIN)/python benchmarks/recorded/again.py $$b || exit 1; done
	@$(BIN)/python benchmarks/scale.py

train: ## train the shipped model again; the same data gives the same bytes
	@$(BIN)/delist train

lock: ## resolve again (needs uv); the files carry hashes and no address
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  pyproject.toml --all-extras -o requirements/run.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  pyproject.toml --all-extras --group dev -c requirements/run.txt -o requirements/dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --group bench -c requirements/dev.txt -o requirements/bench.txt
	@echo hatchling | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url - -c requirements/dev.txt -o requirements/build.txt

clean: ## everything that can be made again
	@rm -rf .venv var dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis $(READERS)/node_modules
