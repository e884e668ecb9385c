"""A database goes through pg_upgrade, which gives every function another OID."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
from scratch import migrate

from zava_mcp.local import cluster

FUNCTION = "'mcp.call_tool(text, text, jsonb, jsonb, text)'::regprocedure::oid"
WHAT_STAYS = """
select
    mcp_catalog.tool_reference(),
    (
        select array_agg(format('%s %s', h.hook, mcp_catalog.hook(h.hook)) order by h.hook)
        from mcp_catalog.hooks as h
    ),
    mcp.pending_embeddings('a model', 10)
"""


def seen(uri: str) -> tuple[int, tuple[object, ...]]:
    """Return the OID of a function, and what the catalogue and its hooks answer."""
    with psycopg.connect(uri) as connection:
        row = connection.execute(f"select {FUNCTION}".encode()).fetchone()
        answers = connection.execute(WHAT_STAYS.encode()).fetchone()
        assert row
        assert answers
        return row[0], answers


def test_tools_and_hooks_are_found_after_pg_upgrade(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with cluster.server(old, cluster.THROW_AWAY) as uri:
        migrate(uri, "apply")
        number, before = seen(uri)
    with (
        cluster.server(new, cluster.THROW_AWAY) as uri,
        psycopg.connect(
            uri.replace(f"/{cluster.DATABASE}?", "/postgres?"), autocommit=True
        ) as connection,
    ):
        connection.execute(f"drop database {cluster.DATABASE}".encode())
    owner = (old / "postgres").stat()
    programs = cluster.bin_dir()
    root = os.geteuid() == 0  # the servers then run as another user, and pg_upgrade has to as well
    subprocess.run(
        [
            programs / "pg_upgrade",
            f"--old-bindir={programs}",
            f"--new-bindir={programs}",
            f"--old-datadir={old / 'postgres'}",
            f"--new-datadir={new / 'postgres'}",
            f"--socketdir={new / 'postgres'}",
            f"--username={cluster.OWNER}",
            "--no-sync",
        ],
        cwd=new / "postgres",
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        extra_groups=[] if root else None,
        timeout=120,
        check=True,
    )
    with cluster.server(new, cluster.THROW_AWAY) as uri:
        other, after = seen(uri)
        assert other != number
        assert after == before
        assert "## search_products" in str(after[0])
        # PostgreSQL prints some bodies otherwise than it read them
        migrate(uri, "apply", "--all")
        assert "ledger, 0 differ" in migrate(uri, "drift")
        assert seen(uri) == (other, before)
