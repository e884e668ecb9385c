"""The files as a cluster of Citus gets them, on one node: they pass the same pgTAP files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from scratch import SQL

from benchmarks import zava
from zava_mcp.local import cluster
from zava_mcp.migrate import pgtap
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.citus.distribution import uncascaded
from zava_mcp.migrate.citus.files import for_citus
from zava_mcp.migrate.files import Tree
from zava_mcp.migrate.session import Settings

# what Citus answers, as one node would
STAND_INS = {
    "session_id": ("bigint", "pg_backend_pid()"),
    "is_own_session": ("boolean", "true"),
}
DIFFERENT = {
    # the regions of a caller are an array there, which is empty, and not a sub-select
    "api/test_get_multiple_table_schemas.sql": [
        "nobody: no table whose policy closes it to those without a store",
    ],
    "retail/test_search.sql": ["condition of (,,,t,)"],
    # a policy asks f(), one asks one function more, names are found when a body runs
    "test_security_catalog.sql": [
        "mcp_migrate.check_policies finds nothing",
        "who may execute what of mcp_auth; nobody reads or writes a context, checks a key or signs",
        "who may use which schema: the sandbox none of api, mcp and mcp_auth, the login mcp alone",
        "the sandbox executes its own statement, what policies call, masks, the bounds of a "
        "period, and nothing else of ours",
    ],
    # a trigger moves lines along, before the orders' own change is logged
    "test_triggers.sql": ["Table retail.orders should have the correct triggers"],
    "test_triggers_change_log.sql": [
        "orders and order_items: each change once, in order, cascades and totals too",
    ],
}
TESTS = SQL / "tests"
# a worker may not write the stores, so a large change does not open closed days again: it is added
# to each of them, which takes minutes
LEFT_OUT = ["retail/test_close_days.sql"]
FILES = {
    name: path
    for path in sorted(TESTS.rglob("test_*.sql"))
    if (name := str(path.relative_to(TESTS))) not in LEFT_OUT
}


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    """One PostgreSQL with a demo, and the files of a cluster applied over those of one node."""
    folder = Path(tempfile.mkdtemp(prefix="zava-citus-"))
    try:
        with cluster.server(folder, cluster.THROW_AWAY) as uri:
            assert zava.prepare(uri, 2000, "local")
            settings = Settings(url=uri, with_demo=True)
            tree = replace(stood_in(for_citus(settings.tree())), is_citus=False)
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute("set search_path to ''")
                uncascaded(connection, zava.PROJECT.placements or ())
            done = run_apply(settings, tree, quiet=True)
            assert len(done.managed) > 90
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute("select mcp_migrate.share_schemas()")
            with (
                psycopg.connect(uri, autocommit=True) as connection,
                pgtap.helpers(connection, TESTS / "helpers", nullcontext(), nullcontext()),
            ):
                yield uri
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", FILES)
def test_file_passes(node: str, name: str) -> None:
    result = pgtap.run_file(node, name, FILES[name].read_text())

    assert result.problems == [], pgtap.tap_block(result, 1)
    failed = [assertion.name for assertion in result.failed]
    assert failed == DIFFERENT.get(name, []), pgtap.tap_block(result, 1)


def stood_in(tree: Tree) -> Tree:
    """Replace the functions that call Citus."""
    managed = dict(tree.managed)
    for name, (kind, value) in STAND_INS.items():
        key = f"core/functions/mcp_auth/{name}.sql"
        text = managed[key].text
        start, end = text.index("as $$"), text.index("$$;")
        assert "citus_" in text[start:end]
        text = f"{text[:start]}as $$ begin return {value}; end {text[end:]}"
        assert f"returns {kind}" in text
        managed[key] = replace(managed[key], text=text, cuts=())
    return replace(tree, managed=managed)
