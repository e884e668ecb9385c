"""Where the tables go: ``[distribute]`` of zava.toml, done on a coordinator of Citus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pglast import parse_sql
from psycopg import sql

from zava_mcp.config import Placement
from zava_mcp.migrate.citus.bodies import quoted
from zava_mcp.migrate.citus.policies import printed
from zava_mcp.migrate.ledger import Connection

KEYS = """
select
    c.conname::text, c.conrelid::regclass::text, c.confrelid::regclass::text,
    pg_catalog.pg_get_constraintdef(c.oid)
from pg_catalog.pg_constraint as c
where c.contype = 'f' and c.conparentid = 0 and c.conrelid::regclass::text = any(%s)
order by 2, 1
"""


class ForeignKey(NamedTuple):
    """A foreign key of a table of the project, with the definition that the server prints."""

    name: str
    table: str
    references: str
    definition: str


def distribute(conn: Connection, placements: Sequence[Placement]) -> list[str]:
    """Distribute the tables that are there and not placed yet; return their names.

    Foreign keys are dropped before and added after it, without ``on update cascade`` over the
    column, which Citus refuses. Those to a table that stays local are dropped.
    """
    placed = {
        name
        for (name,) in conn.execute(
            "select logicalrelid::text from pg_dist_partition where not autoconverted"
        )
    }
    new = [each for each in placements if each.name not in placed and is_there(conn, each.name)]
    shared = [each for each in new if each.placement == "reference"]
    spread = [each for each in new if each.placement == "distributed"]
    if not shared and not spread:
        return []
    with conn.transaction():
        conn.execute("set local citus.multi_shard_modify_mode = 'sequential'")
        # all: one to a shared table would make a table Citus' own, which costs its comments
        keys = foreign_keys(conn, new)
        for key in keys:
            conn.execute(drop(key))
        for each in shared:
            conn.execute("select create_reference_table(%s)", [each.name])
        first: str | None = None
        for each in spread:
            conn.execute(
                "select create_distributed_table(%s, %s, colocate_with := %s)",
                [each.name, each.column, first or colocated(conn, placements) or "default"],
            )
            first = first or each.name
        for key in keys:
            if key.references in {
                *names(placements, "distributed"),
                *names(placements, "reference"),
            }:
                conn.execute(add(key))
    return [each.name for each in (*shared, *spread)]


def uncascaded(conn: Connection, placements: Sequence[Placement]) -> None:
    """Add the foreign keys between distributed tables again without ``on update cascade``.

    On one node, so that the files of a cluster can be tried there.
    """
    tenants = [each for each in placements if each.placement == "distributed"]
    for key in foreign_keys(conn, tenants):
        if key.references in names(tenants) and plain(key, False) != key.definition:
            conn.execute(drop(key))
            conn.execute(add(key, deferred=False))


def names(placements: Sequence[Placement], placement: str | None = None) -> list[str]:
    """Name the tables, or those of one placement."""
    return [each.name for each in placements if placement in (None, each.placement)]


def is_there(conn: Connection, name: str) -> bool:
    """Whether a table exists."""
    found = conn.execute("select to_regclass(%s) is not null", [name]).fetchone()
    return bool(found and found[0])


def colocated(conn: Connection, placements: Sequence[Placement]) -> str | None:
    """Name a table of the project that was distributed before."""
    query = (
        "select logicalrelid::text from pg_dist_partition"
        " where partmethod = 'h' and logicalrelid::text = any(%s) limit 1"
    )
    found = conn.execute(query, [names(placements, "distributed")]).fetchone()
    return found[0] if found else None


def foreign_keys(conn: Connection, placements: Sequence[Placement]) -> list[ForeignKey]:
    """List the foreign keys of tables."""
    rows = conn.execute(KEYS.encode(), [names(placements)]).fetchall()
    return [ForeignKey(*row) for row in rows]


def drop(key: ForeignKey) -> sql.SQL:
    """Return the statement that drops a foreign key."""
    return sql.SQL(f"alter table {key.table} drop constraint {quoted(key.name)}")


def add(key: ForeignKey, deferred: bool = True) -> sql.SQL:
    """Return the statement that adds a foreign key as Citus takes it."""
    return sql.SQL(
        f"alter table {key.table} add constraint {quoted(key.name)} {plain(key, deferred)}"
    )


def plain(key: ForeignKey, deferred: bool) -> str:
    """Return the definition of a foreign key without ``on update cascade``.

    ``deferred``: what may be deferred is, since SET CONSTRAINTS does not reach the workers.
    """
    statement: Any = parse_sql(f"alter table t add {key.definition}")[0].stmt
    constraint: Any = statement.cmds[0].def_
    if constraint.fk_upd_action == "c":
        constraint.fk_upd_action = "a"
    elif not constraint.deferrable:
        return key.definition
    constraint.initdeferred = constraint.initdeferred or (deferred and constraint.deferrable)
    return printed(constraint)
