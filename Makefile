# Everything a developer types. The commands themselves are in localdb.py and migrate.py.
.DEFAULT_GOAL := help
.PHONY: help .venv serve test soak lint format docs psql pgtap bench clean
.DELETE_ON_ERROR:

PYTHON ?= python3
CALLS ?= 100000
JOBS ?= 2# that make test runs side by side, each with a database of its own
BIN := .venv/bin
PGTAP := .venv/share/pgtap/extension
PGTAP_PACKAGE := @electric-sql/pglite-pgtap@0.0.15# pgTAP 1.3.5
CONFORMANCE := .venv/share/conformance

help:  ## what can be made
	@sed -n 's/^\([a-z.]*\):.*## /\1\t/p' Makefile | expand -t 12

serve: .venv  ## database, demo and MCP server; Ctrl-C stops them
	@$(BIN)/python localdb.py serve

test: lint $(PGTAP)/pgtap.control $(CONFORMANCE)/installed  ## lint, pgTAP and pytest on a database of their own
	@$(BIN)/pytest -n $(JOBS) --dist loadfile

soak: .venv  ## attacks, CALLS calls by 20 identities, chaos, 1,000 callers, pgbouncer, 10,000 malformed messages
	@$(BIN)/python tests/security/attacks.py
	@$(BIN)/python tests/security/soak_identities.py --calls $(CALLS)
	@$(BIN)/python tests/operations/chaos.py --seconds 60
	@$(BIN)/python tests/operations/load.py --calls $(CALLS)
	@PYTHONPATH=tests/security $(BIN)/python tests/operations/soak_pooler.py --seconds 300
	@FUZZ=4000 $(BIN)/pytest tests/conformance/test_fuzz.py

psql: .venv  ## psql on the running database
	@$(BIN)/python localdb.py psql

pgtap: .venv $(PGTAP)/pgtap.control  ## the pgTAP files by pg_prove, on the running database
	@$(BIN)/python localdb.py pgtap

lint: .venv  ## ruff, mypy, sqlfluff and squawk
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy *.py migration shim tests benchmarks
	@DATABASE_URL= $(BIN)/python migrate.py lint

format: .venv  ## put the Python files into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: .venv  ## docs/tools.md from the comments, on the running database
	@$(BIN)/python localdb.py psql -XAtc 'select mcp.tool_reference()' >docs/tools.md

bench: .venv  ## what a call costs the database, and the signed context, in a database of its own
	@$(BIN)/python -m benchmarks.in_database

clean:  ## remove what make has made; the data in .data stay
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: .venv/installed

# PostgreSQL may run as another user, who must be able to read its program files: hence the umask.
.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo 'Installing into .venv (the first time about a minute)'
	@umask 022 && $(PYTHON) -m venv .venv && $(BIN)/pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

# pgTAP is SQL alone: from the npm package, or from Debian's, whichever there is.
$(PGTAP)/pgtap.control: | .venv/installed
	@umask 022 && mkdir -p $(PGTAP) && \
	if command -v npm >/dev/null && (cd .venv && npm pack --silent $(PGTAP_PACKAGE) >pgtap.name); then \
	    (cd .venv && tar -xzOf "$$(cat pgtap.name)" package/dist/pgtap.tar.gz | tar -xzf - -C share/pgtap/extension --strip-components=3 share/postgresql/extension && rm -f "$$(cat pgtap.name)" pgtap.name); \
	elif ls /usr/share/postgresql/*/extension/pgtap.control >/dev/null 2>&1; then \
	    cp "$$(ls -d /usr/share/postgresql/*/extension | tail -n 1)"/pgtap* $(PGTAP)/; \
	else \
	    echo 'pgTAP is missing: install npm (it fetches $(PGTAP_PACKAGE)) or a Debian package postgresql-*-pgtap' >&2; exit 1; \
	fi

# The conformance suite of MCP, the inspector, and a Node.js that is new enough for both.
$(CONFORMANCE)/installed: tests/conformance/package.json | .venv/installed
	@command -v npm >/dev/null || { echo 'npm is missing: install it (it fetches the conformance suite)' >&2; exit 1; }
	@mkdir -p $(CONFORMANCE) && cp $< $(CONFORMANCE)/ && \
	npm install --silent --no-audit --no-fund --no-package-lock --prefix $(CONFORMANCE)
	@touch $@
