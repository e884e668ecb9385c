"""Databases of the tests' own on each node of a cluster of Citus, filled like that of one node.

ZAVA_CITUS_URL is the URI of a superuser of any database of a coordinator whose workers are added,
``postgresql://postgres@host:port/name``. Each node has the extensions of the project, and admits
the superuser, the server's login and the roles that nodes log in with at each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks import zava
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.session import Settings, applied_tree

SHARDS = 8
SETTINGS = {  # docs/scale.md
    "citus.enable_unsafe_triggers": "on",
    "citus.max_adaptive_executor_pool_size": "1",
    "citus.shard_count": str(SHARDS),
}
# beside the tables of [distribute]
ACCOUNTS = ["mcp_auth.users", "mcp_auth.api_keys", "mcp_auth.limits", "mcp_auth.signing_keys"]
COLUMNS = """
select array_agg(a.attname::text order by a.attnum)
from pg_attribute as a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
"""


class Node(NamedTuple):
    """A node of a cluster as its coordinator knows it."""

    host: str
    port: int


def at(
    uri: str, database: str | None = None, user: str | None = None, node: Node | None = None
) -> str:
    """Return a URI of another database, for another user who needs no password, at another node."""
    parts = urlsplit(uri)
    who, _, place = parts.netloc.rpartition("@")
    where = f"{user or who}@{f'{node.host}:{node.port}' if node else place}"
    return parts._replace(netloc=where, path=f"/{database}" if database else parts.path).geturl()


def workers_of(uri: str) -> list[Node]:
    """List the workers of a database's cluster."""
    query = "select nodename, nodeport from pg_dist_node where groupid > 0 order by groupid"
    with psycopg.connect(uri) as connection:
        return [Node(*row) for row in connection.execute(query).fetchall()]


@contextmanager
def new_database(uri: str, name: str) -> Iterator[str]:
    """Make an empty database on each node of the cluster of a URI, yield its URI, and drop it.

    The first apply locks it down.
    """
    workers = workers_of(uri)
    assert workers, "the cluster has no worker"
    here = Node(str(urlsplit(uri).hostname), urlsplit(uri).port or 5432)
    everywhere = [at(uri, node=node) for node in (here, *workers)]
    try:
        for each in everywhere:
            drop(each, name)
            with psycopg.connect(each, autocommit=True) as admin:
                admin.execute(f"create database {name}".encode())
                for setting, value in SETTINGS.items():
                    admin.execute(f"alter database {name} set {setting} = '{value}'".encode())
            with psycopg.connect(at(each, name), autocommit=True) as node:
                node.execute("create extension citus")
        with psycopg.connect(at(uri, name), autocommit=True) as coordinator:
            coordinator.execute("select citus_set_coordinator_host(%s, %s)", here)
            coordinator.execute(f"alter database {name} set mcp_migrate.lockdown = on".encode())
            for worker in workers:
                coordinator.execute("select citus_add_node(%s, %s)", worker)
        yield at(uri, name)
    finally:
        for each in everywhere:
            drop(each, name)


def drop(uri: str, name: str) -> None:
    """Drop a database of one node."""
    with psycopg.connect(uri, autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)".encode())


def fill(source: str, target: str) -> None:
    """Apply the files to a cluster, and copy what a database of one node has of Zava."""
    settings = Settings(url=target, with_demo=True)
    run_apply(settings, applied_tree(settings), quiet=True)
    # foreign keys go from what is distributed to what each node has
    placements = sorted(
        zava.PROJECT.placements or (), key=lambda each: each.placement != "reference"
    )
    names = [*ACCOUNTS, *(each.name for each in placements)]
    with (
        psycopg.connect(source) as origin,
        psycopg.connect(target, autocommit=True) as coordinator,
    ):
        tables = [each.name for each in placements if each.placement != "local"]
        set_triggers(coordinator, tables, "disable")
        for name in names:
            copy(origin, coordinator, name)
        set_triggers(coordinator, tables, "enable")
        coordinator.execute("select mcp_migrate.prepare_nodes()")  # the key that signs is another
        coordinator.execute("analyze")


def set_triggers(coordinator: psycopg.Connection, tables: list[str], state: str) -> None:
    """Enable or disable the triggers of tables."""
    for name in tables:
        coordinator.execute(f"alter table {name} {state} trigger user".encode())


def copy(origin: psycopg.Connection, target: psycopg.Connection, name: str) -> None:
    """Copy all rows of a table in place of those that are there."""
    found = origin.execute(COLUMNS, [name]).fetchone()
    assert found, name
    table = sql.Identifier(*name.split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, found[0]))
    target.execute(sql.SQL("delete from {}").format(table))
    give = sql.SQL("copy {} ({}) to stdout").format(table, columns)
    take = sql.SQL("copy {} ({}) from stdin").format(table, columns)
    with origin.cursor().copy(give) as rows, target.cursor().copy(take) as into:
        for block in rows:
            into.write(block)
