"""The adapter to yoyo, which runs a versioned file and marks it in a table of its own.

yoyo gives the transaction of a file, its log and its marks. The text runs as it is: as one query
where the file is a transaction, else statement by statement. The ledger's row is written in the
same transaction; yoyo marks the file on another connection, later, so ``reconcile`` puts its marks
right after a run that was killed in between.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from urllib.parse import urlencode

import psycopg
from yoyo import internalmigrations
from yoyo.backends import DatabaseBackend
from yoyo.connections import get_backend
from yoyo.migrations import Migration, MigrationStep, Transactionless, TransactionWrapper

from zava_mcp.config import CORE
from zava_mcp.migrate.defaults import objects_there, revoke_defaults
from zava_mcp.migrate.files import SqlFile, Tree, statements
from zava_mcp.migrate.ledger import (
    Connection,
    State,
    creations,
    describe,
    is_lost,
    lift_transaction_timeout,
    log,
    note_schema,
    reset_session,
    set_search_path,
    sql_failure,
)
from zava_mcp.migrate.objects import pinpoint
from zava_mcp.migrate.session import Settings, conninfo, show_warning

SCHEMAS = "select nspname::text from pg_catalog.pg_namespace where nspname !~ '^pg_'"
Step = Callable[[Connection], None]


class VersionedFile(Migration):  # type: ignore[misc]  # yoyo has no types
    """One versioned file as yoyo's migration: a step for its text and one for the ledger.

    ``closing`` runs after both, in the same transaction.
    """

    def __init__(
        self, conn: Connection, tree: Tree, file: SqlFile, closing: Step | None = None
    ) -> None:
        source = tree.source_of(file)
        super().__init__(file.key, str(source.root / file.path), str(source.root))
        self.extensions = source.extensions
        self.file, self.undo = file, tree.rollbacks.get(file.key)
        self.failing: tuple[SqlFile, int] | None = None
        self.found: set[tuple[str, str, int]] = set()  # what was there before
        self.there: list[str] = []  # the same, of all that can have privileges
        self.closing = closing
        self.outside = conn  # another session, which sees nothing of the file's transaction

    def load(self) -> None:
        """Return the steps."""
        self.use_transactions = self.file.is_transactional
        self._depends: set[Migration] = set()
        wrap = TransactionWrapper if self.use_transactions else Transactionless
        texts = MigrationStep(0, self.run(self.file), self.undo and self.run(self.undo))
        # a rollback takes them backwards, and the ledger last too: it sees what is there no more
        first, last = MigrationStep(1, None, self.forget), MigrationStep(2, self.record, None)
        self.steps = [wrap(first), wrap(texts), wrap(last)]
        if self.closing:
            self.steps.append(wrap(MigrationStep(3, self.close(self.closing), None)))

    def run(self, file: SqlFile) -> Callable[[Connection], None]:
        """Return a function that runs a file's text."""

        def step(conn: Connection) -> None:
            conn.add_notice_handler(show_warning)  # yoyo opens a connection for each file
            lift_transaction_timeout(conn)
            self.found, self.there = creations(conn), objects_there(conn)
            set_search_path(conn, self.extensions)
            for start, text in self.parts(file):
                self.failing = (file, start)
                conn.execute(text.encode())
            reset_session(conn)  # a dump turns checks off, and a file may have become another role
            conn.execute("set search_path to mcp_migrate")  # of yoyo's own tables

        return step

    def parts(self, file: SqlFile) -> list[tuple[int, str]]:
        """Split a file into parts that are sent at once, with the start of each."""
        if self.file.is_transactional:
            return file.parts
        starts = [*(start for start, _ in statements(file.text)), len(file.text)]
        return [(start, file.text[start:end]) for start, end in pairwise(starts)]

    def record(self, conn: Connection) -> None:
        """Write the ledger's row."""
        file = self.file
        if file.tree == CORE:
            revoke_defaults(conn, self.there, file.text)
        row = [file.tree, file.id, file.sha256]
        conn.execute("insert into mcp_migrate.version values (%s, %s, %s)", row)
        for kind, name, oid in self.made(conn):
            conn.execute(
                "insert into mcp_migrate.made (kind, name, oid, tree, id)"
                " values (%s, %s, %s, %s, %s)"
                " on conflict (kind, oid) do update set tree = excluded.tree, id = excluded.id",
                [kind, name, oid, file.tree, file.id],
            )
            if kind == "schema":
                note_schema(conn, name, True, file)
        log(conn, "apply", file.key, file.sha256)

    def made(self, conn: Connection) -> list[tuple[str, str, int]]:
        """List what the file created, and not what other sessions created meanwhile."""
        new = creations(conn) - self.found
        if self.file.is_transactional:
            return sorted(new - creations(self.outside))
        # without a transaction nothing tells whose it is but the text
        heads = [head for _, head in statements(self.file.text) if head.startswith("create ")]
        return sorted(
            item
            for item in new
            if any(re.search(rf"(?<![\w.]){re.escape(item[1])}(?![\w.])", head) for head in heads)
        )

    def close(self, closing: Step) -> Step:
        """Return a function that runs what belongs into the transaction of the file."""

        def step(conn: Connection) -> None:
            self.failing = None  # errors from here on are not the file's
            conn.execute("set local search_path to ''")
            closing(conn)

        return step

    def forget(self, conn: Connection) -> None:
        """Delete the ledger's row."""
        file = self.file
        conn.execute(
            "delete from mcp_migrate.version where tree = %s and id = %s", [file.tree, file.id]
        )
        for kind, _, oid in self.found - creations(conn):
            conn.execute("delete from mcp_migrate.made where kind = %s and oid = %s", [kind, oid])
        conn.execute(
            "delete from mcp_migrate.schema where tree = %s and id = %s", [file.tree, file.id]
        )
        log(conn, "rollback", file.key, file.sha256)


def schemas(conn: Connection) -> set[str]:
    """Name the schemas that there are."""
    return {name for (name,) in conn.execute(SCHEMAS.encode()).fetchall()}


def run_versioned(
    conn: Connection,
    settings: Settings,
    tree: Tree,
    keys: Sequence[str],
    direction: str,
    closing: dict[str, Step] | None = None,
) -> Iterator[str]:
    """Run versioned files in the order of ``keys``; yield each one that is done.

    ``conn`` is a session of ours, which looks for the line of a statement that failed. ``closing``
    is what runs in the transaction of a file, after it.
    """
    if not keys:
        return
    uri = "postgresql+psycopg:///?" + urlencode({**conninfo(settings), "schema": "mcp_migrate"})
    there = objects_there(conn)
    with get_backend(uri) as backend:
        if internalmigrations.needs_upgrading(backend):
            internalmigrations.upgrade(backend)  # in one transaction, without yoyo's own lock
        revoke_defaults(conn, there)  # yoyo made its tables
        for key in keys:
            migration = VersionedFile(conn, tree, tree.versioned[key], (closing or {}).get(key))
            run_one(conn, backend, migration, direction)
            yield key


def run_one(
    conn: Connection, backend: DatabaseBackend, migration: VersionedFile, direction: str
) -> None:
    """Run one file. Raises Failure, which names file and line."""
    try:
        (backend.apply_one if direction == "apply" else backend.rollback_one)(migration)
    except psycopg.Error as error:
        if migration.failing is None:  # of what shares its transaction
            outcome = f"{direction} stopped at {migration.file.shown}"
            raise sql_failure(outcome, [describe(error)]) from error
        file, start = migration.failing
        whole = migration.file.is_transactional
        at = pinpoint(conn, file.text, error) if whole else start
        kept = "" if whole else "; earlier statements may have stayed"
        cause = error
        # on a lost session the rollback fails too, which hides why
        while is_lost(cause) and isinstance(cause.__context__, psycopg.Error):
            cause = cause.__context__
        problem = describe(cause, file.shown, file.text, at)
        raise sql_failure(f"{direction} stopped{kept}", [problem]) from error


def reconcile(conn: Connection, state: State) -> None:
    """Make yoyo's marks equal to the ledger, which is one file ahead after a killed run."""
    if state.marked is None:
        return
    for key in state.versions.keys() - state.marked:
        mark(conn, key)
    for key in state.marked - state.versions.keys():
        conn.execute("delete from mcp_migrate._yoyo_migration where migration_id = %s", [key])


def mark(conn: Connection, key: str) -> None:
    """Mark a file as applied in yoyo's table."""
    conn.execute(
        "insert into mcp_migrate._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " values (%s, %s, now() at time zone 'utc')",
        [hashlib.sha256(key.encode()).hexdigest(), key],
    )
