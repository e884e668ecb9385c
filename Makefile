# Everything a developer of this repository types. The commands themselves are zava-mcp's.
.DEFAULT_GOAL := help
.PHONY: help .venv serve test matrix needs pages soak lint format docs site psql bench dist lowest dates clean
.DELETE_ON_ERROR:

PYTHON ?= python3
CALLS ?= 100000
JOBS ?= 3# tests side by side, each with a database of its own; they wait too, so one more than processors
BIN := .venv/bin

help:  ## what can be made
	@sed -n 's/^\([a-z.]*\):.*## /\1\t/p' Makefile | expand -t 12

serve: .venv  ## database, demo and MCP server; Ctrl-C stops them; V=1 names each file applied
	@$(BIN)/python release/pages.py --optional
	@$(BIN)/zava-mcp dev $(if $(V),--verbose)

test: needs lint  ## lint, pgTAP and pytest on a database of their own; TESTS=... for some of them
	@$(BIN)/pytest -n $(JOBS) --dist loadfile $(TESTS)

matrix: needs pages  ## the commands; PostgreSQL 16, 17 and 18; beside an application of others; as a cluster gets it; the wheel; each documented command; short soaks; a browser
	@$(BIN)/python tests/matrix.py
	@$(BIN)/pytest -n $(JOBS) tests/commands tests/guest tests/packaging tests/cluster tests/soaks
	@$(BIN)/pytest tests/browser

needs: .venv  ## what the tests need beside Python: installed where this user may, else named
	@$(BIN)/python tests/needs.py

pages: .venv  ## the pages that people look at, by Node.js: zava_mcp/pages/built
	@$(BIN)/python release/pages.py

dates: needs  ## pytest with the clock at today, a year's end, a leap day, five years on
	@$(BIN)/python tests/dates.py -n $(JOBS) --dist loadfile tests/test_*.py tests/commands tests/guest tests/conformance tests/operations tests/security sql

soak: export PYTHONPATH := .:tests:tests/prove:tests/security:tests/operations# where they find each other
soak: .venv  ## attacks, CALLS calls by 20 identities, chaos, 1,000 callers, 1,000 tasks, pgbouncer, seeded leaks, 10,000 malformed messages
	@$(BIN)/python tests/security/attacks.py
	@$(BIN)/python tests/security/soak_identities.py --calls $(CALLS)
	@$(BIN)/python tests/operations/chaos.py --seconds 60
	@$(BIN)/python tests/operations/load.py --calls $(CALLS)
	@$(BIN)/python tests/operations/soak_tasks.py
	@$(BIN)/python tests/operations/soak_pooler.py --seconds 300
	@$(BIN)/python tests/prove/soak_prove.py
	-@$(BIN)/python tests/prove/soak_mutants.py
	@FUZZ=4000 $(BIN)/pytest tests/conformance/test_fuzz.py

psql: .venv  ## psql on the running database
	@$(BIN)/zava-mcp local psql

lint: .venv  ## ruff, mypy, deptry, codespell, rumdl, sqlfluff and squawk
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy *.py zava_mcp tests benchmarks release
	@$(BIN)/deptry .
	@$(BIN)/codespell
	@$(BIN)/rumdl check --no-cache -q .
	@DATABASE_URL= $(BIN)/zava-mcp migrate lint

format: .venv  ## put the Python and Markdown files into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/rumdl fmt --no-cache -q .

docs: .venv  ## the generated pages of docs/: tools, schema, settings, commands; docs/surface
	@$(BIN)/zava-mcp docs
	@DATABASE_URL= $(BIN)/zava-mcp surface
	@$(BIN)/python release/reference.py

site: .venv  ## docs/ as a web site in site/, without network; a broken link fails
	@$(BIN)/python release/site.py

bench: .venv  ## what a call costs the database, and the signed context, in a database of its own
	@$(BIN)/python -m benchmarks.in_database

dist: .venv  ## sdist, wheel, server.json and .mcpb bundle in dist/, checked
	@$(BIN)/python release/dist.py

lowest: .venv  ## init, dev, call, test and some server tests with the lowest versions of all dependencies
	@$(BIN)/python tests/lowest.py

clean:  ## remove what make has made; the data in .data stay
	rm -rf .venv build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: .venv/installed

# PostgreSQL may run as another user, who must be able to read its program files: hence the umask.
.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' || { echo 'The venv module of Python is missing: apt install python3-venv' >&2; exit 1; }
	@echo 'Installing into .venv (the first time about a minute)'
	@umask 022 && $(PYTHON) -m venv .venv && $(BIN)/pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@
