"""``zava-mcp uninstall``: remove what the ledger made, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import click
import psycopg
from psycopg import sql

from zava_mcp.config import CORE
from zava_mcp.counts import some
from zava_mcp.migrate import pgtap, yoyo
from zava_mcp.migrate.apply import check_reversible, lift_lockdown, preflight, undo
from zava_mcp.migrate.console import answer, command, confirm
from zava_mcp.migrate.facts import CORE_ROLES
from zava_mcp.migrate.files import Tree
from zava_mcp.migrate.ledger import (
    FAILED,
    OWN_SQL,
    USAGE,
    Connection,
    Failure,
    State,
    check_history,
    creations,
    mend_made,
    read_state,
    refuse,
    scalar,
)
from zava_mcp.migrate.objects import row_security
from zava_mcp.migrate.session import Settings, exclusive, location, take_lock

LEDGER = ("object", "file", "version", "made", "schema", "log")  # in the order in which they may go
NOT_OURS = "the ledger did not make it"
YOYO = ("_yoyo_log", "_yoyo_migration", "_yoyo_version", "yoyo_lock", "_yoyo_lock")


@dataclass
class Removal:
    """What an uninstall would remove, read from the ledger."""

    versioned: dict[str, list[str]]  # tree: keys, newest first; the core last
    objects: int
    made: list[tuple[str, str]]  # kind and name, but for tables and roles
    tables: list[tuple[str, int]]  # with their rows
    roles: list[tuple[str, str]]  # with why it must stay; empty where it need not
    kept: dict[str, str] = field(default_factory=dict)
    has_helpers: bool = False  # of pgTAP files, in schema tests

    def lines(self, drops_roles: bool) -> list[str]:
        """Return it as lines, for people."""
        files = some(sum(map(len, self.versioned.values())), "versioned file")
        empty = sum(not rows for _, rows in self.tables)
        listed = [
            f"trees\t{', '.join(self.versioned)}",
            f"objects\t{self.objects} functions, views, policies and triggers",
            f"files\t{files}, by their rollback files",
            *(f"{kind}\t{name}" for kind, name in self.made),
            *(["schema\ttests, which a killed test run left"] if self.has_helpers else []),
            *(f"table\t{name}\t{some(rows, 'row')}" for name, rows in self.tables if rows),
            f"tables\t{some(empty, 'more, which is empty', 'more, which are empty')}",
        ]
        for name, why in self.roles:
            fate = f"kept: {why}" if why else "dropped" if drops_roles else "kept: see --roles"
            listed.append(f"role\t{name}\t{fate}")
        return listed

    def report(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "versioned": [key for keys in self.versioned.values() for key in keys],
            "objects": self.objects,
            "made": [f"{kind} {name}" for kind, name in self.made],
            "tables": dict(self.tables),
            "roles": dict(self.roles),
            "helpers": self.has_helpers,
        }


@command("uninstall")
@click.option(
    "--roles",
    "drops_roles",
    is_flag=True,
    help="Also drop the roles that the ledger made, if nobody else uses them.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def uninstall(settings: Settings, drops_roles: bool, yes: bool) -> None:
    """Remove the objects that the ledger lists, of the project and the core, and nothing else.

    It lists everything first, with the number of rows of each table, and asks. With the core it
    removes users, keys, the call log, and privileges of the core's roles on other objects. While
    another project of the database uses the core, only this project is removed. Roles belong to all
    databases of the server, so they stay without --roles, and with it those that were there before.

    Example:
      zava-mcp uninstall
    """
    tree = replace(settings, with_demo=True).tree()
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        if not state.has_ledger:
            raise Failure("there is no ledger in this database: nothing here is ours", USAGE)
        check_history(tree, state)
        mend_made(conn)
        removal = read_removal(conn, settings, tree, state)
        if removal.has_helpers:
            take_lock(conn, "0", "test")  # a run that lives uses them
        keys = [key for part in removal.versioned.values() for key in part]
        check_reversible(tree, keys)
        check_visible(conn, list(removal.versioned))
        ask(conn, removal.lines(drops_roles), yes)
        run(conn, settings, tree, state, removal)
        dropped = drop_roles(conn, removal) if drops_roles and not state.others else []
        left = leftovers(conn, [name for name, _ in removal.roles])
    report = {**removal.report(), "dropped_roles": dropped, "kept": removal.kept, "left": left}
    answer(
        settings,
        report,
        *(f"dropped role {name}" for name in dropped),
        *(f"kept {name}: {why}" for name, why in removal.kept.items()),
        *(f"left: {line}" for line in left),
        f"removed {some(removal.objects, 'object')} and {some(len(keys), 'versioned file')}"
        + (f"; the core stays for {', '.join(state.others)}" if state.others else ""),
    )


def read_removal(conn: Connection, settings: Settings, tree: Tree, state: State) -> Removal:
    """Read what to remove: the trees, newest first, without a core that others use."""
    names = [source.name for source in reversed(tree.sources)]
    if state.others:
        names.remove(CORE)
    versioned = {
        name: [key for key in sorted(state.versions, reverse=True) if key.startswith(f"{name}/")]
        for name in names
    }
    managed = {key.partition("/")[0] for key in state.owners.values()}
    made = conn.execute(
        "select kind, name, oid from mcp_migrate.made where tree = any(%s) order by 1, 2", [names]
    ).fetchall()
    found = {(kind, oid): name for kind, name, oid in creations(conn) | row_security(conn)}
    # a number whose name is there under another one is of an object that is not ours
    taken = {(kind, name) for (kind, _), name in found.items()}
    there = [
        (kind, found[kind, oid])
        for kind, name, oid in made
        if (kind, oid) in found and (found[kind, oid] == name or (kind, name) not in taken)
    ]
    ledger = "mcp_migrate."
    tables = [name for kind, name in there if kind == "table" and not name.startswith(ledger)]
    project = settings.project
    created = {name for kind, name in there if kind == "role"}
    named = {project.login, *project.roles, *project.audiences}
    named |= set() if state.others else set(CORE_ROLES)
    return Removal(
        versioned={name: keys for name, keys in versioned.items() if keys or name in managed},
        objects=sum(key.partition("/")[0] in names for key in state.owners.values()),
        made=[(kind, name) for kind, name in there if kind not in ("table", "role")],
        tables=[(name, count_rows(conn, name)) for name in tables],
        roles=[
            (name, f"used by {users}" if users else "" if name in created else NOT_OURS)
            for name, users in users_of(conn, sorted(created | named))
        ],
        has_helpers=pgtap.has_leftover(conn),
    )


def users_of(conn: Connection, roles: Sequence[str]) -> list[tuple[str, str]]:
    """List the roles that exist, each with who else uses it."""
    query = (OWN_SQL / "role_users.sql").read_bytes()
    return psycopg.RawCursor(conn).execute(query, [list(roles)]).fetchall()


def count_rows(conn: Connection, table: str) -> int:
    """Count the rows of a table, all of them: its own policies do not hide any."""
    count: int = scalar(conn, f"select count(*) from {table}")  # noqa: S608 - named by the server
    return count


def check_visible(conn: Connection, trees: Sequence[str]) -> None:
    """Raise Failure where a role would see no row: policies of others keep row security on."""
    if not scalar(conn, "select to_regclass('mcp_migrate.row_users')"):
        return
    query = (OWN_SQL / "hidden_after.sql").read_bytes()
    problems = [
        f"{table}: {roles} would see no row: row-level security, which our file enabled, stays on"
        f" for policy {policies}; write a policy for them first, or drop {policies}"
        for table, policies, roles in psycopg.RawCursor(conn).execute(query, [list(trees)])
    ]
    refuse("an application would lose its rows", problems, FAILED)


def ask(conn: Connection, lines: Sequence[str], yes: bool) -> None:
    """List what will be removed, and ask. Without a terminal only --yes confirms."""
    for line in lines:
        click.echo(line, err=True)
    if not yes:
        question = f"Remove all of this from {location(conn)}, with its data?"
        confirm(question, problems=lines)


def run(conn: Connection, settings: Settings, tree: Tree, state: State, removal: Removal) -> None:
    """Remove it: the lock-down first, the ledger last."""
    yoyo.reconcile(conn, state)
    if removal.has_helpers:
        remove_helpers(conn, settings)
    if CORE in removal.versioned:
        lift_lockdown(conn)
    for name, keys in removal.versioned.items():
        undo(conn, settings, tree, name, keys, core_goes=CORE in removal.versioned)
    if not state.others:
        revoke_grants(conn, CORE_ROLES)
        with conn.transaction():
            for table in (*YOYO, *LEDGER):
                conn.execute(f"drop table if exists mcp_migrate.{table}".encode())
            conn.execute("drop schema mcp_migrate")


def remove_helpers(conn: Connection, settings: Settings) -> None:
    """Remove what a killed test run left, of the project or of the core: it uses both."""
    try:
        pgtap.tear_down(conn, settings.project.sql / "tests" / "helpers")
    except Failure as failure:
        # the run may have been one of the core, which makes nothing of the project
        click.echo(f"warning: {failure.message}", err=True)
    pgtap.tear_down(conn, pgtap.GENERIC)


def revoke_grants(conn: Connection, roles: Sequence[str]) -> None:
    """Revoke what files of the project granted to roles of the core on objects of others."""
    query = (OWN_SQL / "revokes.sql").read_bytes()
    for (statement,) in psycopg.RawCursor(conn).execute(query, [list(roles)]).fetchall():
        conn.execute(statement.encode())


def drop_roles(conn: Connection, removal: Removal) -> list[str]:
    """Drop the roles that the ledger made and nobody else uses; note why one stays."""
    dropped = []
    for name, why in removal.roles:
        if why:
            removal.kept[name] = why
            continue
        try:
            with conn.transaction():
                conn.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
            dropped.append(name)
        except psycopg.Error as error:
            detail = error.diag.message_detail or error.diag.message_primary or str(error)
            removal.kept[name] = " ".join(detail.split())
    return dropped


def leftovers(conn: Connection, roles: Sequence[str]) -> list[str]:
    """List what in this database still uses one of the roles, since no rollback file undid it."""
    query = (OWN_SQL / "leftovers.sql").read_bytes()
    rows = psycopg.RawCursor(conn).execute(query, [list(roles)]).fetchall()
    return [f"{what} names role {role}" for what, role in rows]
