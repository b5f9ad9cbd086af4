SHELL := bash
MINUTES ?= 10
export MINUTES
.DEFAULT_GOAL := help
.PHONY: help setup python check test test-unit test-lab demo demo-short demo-migrate demo-migrate-short bench fuzz lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: ## system packages, Python environment, toolchain; skips what is there
	@lab/setup.sh all

python: ## the Python environment only: enough for `xinglin simulate` and the unit tests, no root
	@lab/setup.sh python

check: python ## ruff, mypy --strict, import-linter, ansible-lint, yamllint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/ansible-lint -q --offline playbooks
	.venv/bin/yamllint -s .

test: setup test-unit test-lab ## everything, the lab tests included (root, Linux)

test-unit: python ## the pure core and the rooms, in seconds, no root
	.venv/bin/pytest -m "not lab and not drill and not browser"

test-lab: setup ## against real servers in a lab that this starts and stops, and in a real browser
	.venv/bin/pytest -m "lab or drill or browser"

demo: setup ## a hospital on one machine: declare it, lose a site, bring it back
	.venv/bin/python -m console.demo

demo-short: setup ## the same without return and switchover
	.venv/bin/python -m console.demo --short

demo-migrate: setup ## move HIS to the cloud and home, then from x86 to ARM, under load, with a way back
	.venv/bin/python -m console.demo_migrate

demo-migrate-short: setup ## x86 to ARM: rehearsed, cut over, rolled back; for CI
	.venv/bin/python -m console.demo_migrate --short

bench: setup ## recovery times, ours and the peer's in one run: build/bench/*.json
	.venv/bin/python -m bench

fuzz: python ## for MINUTES (default 10): new examples for every property, then bytes for parsers
	XINGLIN_FUZZ=deep timeout --foreground $$(( MINUTES * 30 )) .venv/bin/pytest tests -x -k test_any || [ $$? = 124 ]
	.venv/bin/uv pip install -q -r pyproject.toml --extra fuzz
	.venv/bin/python -m tests.fuzz.documents -max_total_time=$$(( MINUTES * 15 ))
	.venv/bin/python -m tests.fuzz.reviews -max_total_time=$$(( MINUTES * 15 ))

lock: python ## write requirements.lock again from pyproject.toml
	.venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --extra lab --extra dev --extra report pyproject.toml -o requirements.lock

clean: ## what builds and tests left in the checkout
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
