"""The managed files: functions, views, policies and triggers, applied in one transaction.

Each file runs in a savepoint of its own, and owns the objects whose catalogue rows that savepoint
wrote. What a file owned and does not write any more is dropped, never with CASCADE. Drift is what
differs from the definitions that the server gave after the files ran.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import psycopg

from zava_mcp.config import CORE, Accepted
from zava_mcp.counts import some
from zava_mcp.migrate.checks import Finding, check_catalogue
from zava_mcp.migrate.defaults import objects_there, revoke_defaults
from zava_mcp.migrate.facts import CORE_ROLES
from zava_mcp.migrate.files import SqlFile, Tree, line_of, statements
from zava_mcp.migrate.ledger import (
    BROKEN,
    DIGEST,
    OBJECTS,
    OWN_SQL,
    Connection,
    Failure,
    Object,
    Problem,
    State,
    describe,
    is_lost,
    log,
    reset_session,
    scalar,
    set_search_path,
    sql_failure,
    with_objects,
)
from zava_mcp.migrate.locks import lock_policed

RESET = (OWN_SQL / "reset.sql").read_bytes()
HAND_OVER = (OWN_SQL / "hand_over.sql").read_bytes()
DEPENDANTS = (OWN_SQL / "dependants.sql").read_bytes()

# what a file needs may come from a file that has not run yet
NOT_YET = {"42883", "42P01", "42704", "42703", "3F000", "42725"}
# what the file made before is in the way: another result or column, no "or replace", dependants
IN_THE_WAY = {"42P13", "42P16", "42710", "42723", "2BP01"}
CREATES_ROUTINE = re.compile(r"create (or replace )?(function|procedure|aggregate) ")
TO_TOOLS = re.compile(r"grant (\S+ )?mcp_(core|tools|sandbox)=")
OWNER_LINE = re.compile(r"\bowner\s+to\b", re.IGNORECASE)
# nothing depends on these, so they are dropped first
LEAVES = ("event trigger", "trigger", "policy")
NO_FILE = ""  # of an object that no file makes


@dataclass
class Managed:
    """One run of the managed files, in an open transaction."""

    conn: Connection
    tree: Tree
    owners: dict[Object, str]
    claims: dict[str, set[Object]] = field(default_factory=dict)
    dropped: set[Object] = field(default_factory=set)
    missing: set[Object] = field(default_factory=set)  # of the ledger, and gone before the run
    left_out: list[Problem] = field(default_factory=list)
    # what is there and no file of ours made: a definition and an owner that must not change
    strangers: dict[Object, tuple[str, str]] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)  # warnings and notes of the checks
    is_rebuilt: bool = False  # the catalogue, after all that it depends on

    def claimed(self) -> set[Object]:
        """Return all objects of the files that ran."""
        return set[Object]().union(*self.claims.values())

    def gone(self) -> list[Object]:
        """Return what was dropped and not made again."""
        return sorted(self.dropped - self.claimed())


def apply_managed(
    run: Managed,
    state: State,
    every: bool,
    checks: bool = True,
    accepted: Sequence[Accepted] = (),
) -> None:
    """Apply changed files in one transaction. Without a change, also of tables, do nothing.

    ``every`` applies all files, whether they changed or not.
    """
    paths, removed = state.to_run(), state.removed()
    if every:
        paths = list(run.tree.managed)
    if paths or removed or state.stale:
        with run.conn.transaction():
            # else the tables of these trees would count as changed in the next run too
            for tree in state.stale - {key.partition("/")[0] for key in paths}:
                log(run.conn, "manage", f"{tree}/0 files")
            if run.tree.is_citus:
                run_managed(run, paths, removed)
                keep_lockdown(run.conn)
            else:
                run_managed(run, paths, removed, before_policies=lambda: try_rebuild(run))
                if not run.is_rebuilt or is_stale(run.conn):
                    rebuild(run)
                if checks:
                    run.found = check_catalogue(run.conn, accepted)
        if run.tree.is_citus:
            # each in its own transaction: what one sends to the workers, the next would wait for,
            # and no query runs on a shard that another role changed in the same one
            for name in ("share_schemas", "give_back", "keep_lockdown", "prepare_nodes"):
                call_if_there(run.conn, f"mcp_migrate.{name}()")
            with run.conn.transaction():
                refresh_catalogue(run.conn)
                if checks:
                    run.found = check_catalogue(run.conn, accepted)


def rebuild(run: Managed) -> None:
    """Lock new objects too, and rebuild the tool catalogue. Raises Failure."""
    keep_lockdown(run.conn)
    refresh_catalogue(run.conn)  # last, since a revoke makes it stale
    run.is_rebuilt = True


def try_rebuild(run: Managed) -> None:
    """Do so, unless that needs what the policies' files grant."""
    with contextlib.suppress(Failure, psycopg.Error), run.conn.transaction():
        rebuild(run)


def run_managed(
    run: Managed,
    paths: Iterable[str],
    removed: Sequence[str],
    lenient: bool = False,
    adopts: bool = False,
    before_policies: Callable[[], None] = lambda: None,
) -> None:
    """Apply the files at ``paths``. Drop objects that they and ``removed`` files no longer make.

    Policies come last, since they lock tables that an application may use: ``before_policies`` does
    what may take its time. ``lenient`` leaves out the files that use what does not exist, instead
    of failing. ``adopts`` lets files define what is there and is nobody's. After a Failure the
    transaction must end.
    """
    tables, there = tables_of_others(run.conn), objects_there(run.conn)
    follow_renames(run)
    secured, policed = row_security(run.conn), policed_by(run.conn, removed)
    found = definitions(run.conn)
    run.missing = run.owners.keys() - found.keys()
    if not adopts:
        run.strangers = {item: text for item, text in found.items() if item not in run.owners}
    grants = transfer_grants(run)
    execute_all(run.conn, [opening for opening, _ in grants])
    paths = list(paths)
    reset(run.conn, [*paths, *removed])
    policies, others = parted(paths)
    gone, gone_others = parted(removed)
    errors = settle(run, others, gone_others, lenient, not (policies or gone))
    revoke_defaults(run.conn, there, made=texts_of(run))
    policies = [key for key in policies if key not in run.claims]
    if policies or gone:
        before_policies()
        made, dropped = set(run.claimed()), set(run.dropped)
        lock_policed(run.conn, [run.tree.managed[key] for key in policies])
        errors |= settle(run, policies, removed, lenient)
        late = (run.claimed() ^ made) | (run.dropped - dropped)
        if any(item.kind not in ("policy", "trigger") for item in late):
            revoke_defaults(run.conn, there, made=texts_of(run))
            run.is_rebuilt = False
    if not adopts:
        check_tables(run.conn, tables)
    check_owners(run, removed)
    check_arguments(run)
    check_owner_lines(run)
    write_ownership(run, [*removed, *errors])
    note_row_security(run, secured)
    restore_row_security(run.conn, policed)
    execute_all(run.conn, [closing for _, closing in grants])


def parted(keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """Part the files of policies, by their folder, from all others."""
    policies, others = list[str](), list[str]()
    for key in sorted(keys):
        (policies if key.split("/", 2)[1] == "policies" else others).append(key)
    return policies, others


def settle(
    run: Managed, paths: Sequence[str], removed: Sequence[str], lenient: bool, is_last: bool = True
) -> dict[str, psycopg.Error]:
    """Run files in rounds, since they wait for each other. Return the errors of what is left out.

    What a file no longer makes, and is in use, is dropped in the last run, or where it is in the
    way: a file that comes later may be what uses it.
    """
    waiting = list(paths)
    while True:
        errors, revived = run_round(run, waiting)
        moved = drop_ghosts(run, removed) or len(errors) < len(waiting)
        if (is_last and not errors) or (errors and not moved):
            revived |= drop_stubborn_ghosts(run, removed)
        if is_hopeless(errors) or (errors and not moved and not revived):
            left_out = explain(run, errors)
            run.left_out += left_out
            if not lenient or any(problem["sqlstate"] not in NOT_YET for problem in left_out):
                raise sql_failure("managed files failed, nothing of them was kept", left_out)
            return errors
        waiting = sorted(errors.keys() | revived)
        if not waiting:
            return {}


def follow_renames(run: Managed) -> None:
    """Know objects by their new names whose table, schema or argument type was renamed."""
    for kind, old, new in run.conn.execute(with_objects("follow_renames")).fetchall():
        if key := run.owners.pop(Object(kind, old), None):
            run.owners[Object(kind, new)] = key


def reset(conn: Connection, paths: list[str]) -> None:
    """Revoke the grants and remove the comments of the files' objects; the files set them again."""
    rows = psycopg.RawCursor(conn).execute(RESET, [paths]).fetchall()
    execute_all(conn, [statement for (statement,) in rows])


def transfer_grants(run: Managed) -> list[tuple[str, str]]:
    """List the grants by which owner roles may receive objects, each with its revoke.

    A superuser needs none.
    """
    schemas = {re.split(r"[/.]", file.path)[1] for file in run.tree.managed.values()}
    return psycopg.RawCursor(run.conn).execute(HAND_OVER, [sorted(schemas)]).fetchall()


def execute_all(conn: Connection, statements: Sequence[str]) -> None:
    """Run statements that have no result."""
    conn.execute("; ".join(statements).encode())


def run_round(run: Managed, waiting: Sequence[str]) -> tuple[dict[str, psycopg.Error], set[str]]:
    """Run each file once. Return errors by file, and the files whose objects were dropped."""
    errors: dict[str, psycopg.Error] = {}
    revived: set[str] = set()
    for path in waiting:
        try:
            revived |= run_file(run, run.tree.managed[path])
        except psycopg.Error as error:
            if is_lost(error):
                raise
            errors[path] = error
    return errors, revived


def run_file(run: Managed, file: SqlFile) -> set[str]:
    """Run a file in a savepoint; if its old objects are in the way, drop them and run it again."""
    try:
        with run.conn.transaction():
            execute(run, file)
    except psycopg.Error as error:
        former = {item for item, path in run.owners.items() if path == file.key}
        if error.sqlstate not in IN_THE_WAY or not former:
            raise
        with run.conn.transaction():
            dropped = drop_objects(run, former)
            execute(run, file)
        return forget(run, dropped, file.key)
    return set()


def execute(run: Managed, file: SqlFile) -> None:
    """Send the text, as one simple query if it may be, and see by xmin which objects it wrote."""
    extensions = run.tree.source_of(file).extensions
    if extensions:
        set_search_path(run.conn, extensions)
    for _, part in file.parts:
        run.conn.execute(part.encode())
    reset_session(run.conn)  # by the search path its objects are told from those of others
    xid = scalar(
        run.conn,
        "insert into mcp_migrate.file as f (tree, path, sha256) values (%s, %s, %s)"
        " on conflict (tree, path) do update set sha256 = excluded.sha256, applied_at = default,"
        " server_version_num = default returning f.xmin::text",
        [file.tree, file.path, file.sha256],
    )
    query = f"select kind, identity from ({OBJECTS}) as o where xid = %s::xid"  # noqa: S608
    written = {Object(*row) for row in run.conn.execute(query.encode(), [xid]).fetchall()}
    written -= strangers_among(run, file, written)
    for other, claimed in run.claims.items():
        if other != file.key and (both := claimed & written):
            raise double_owner(run, both, file.key, other)
    run.claims[file.key] = written


def strangers_among(run: Managed, file: SqlFile, written: set[Object]) -> set[Object]:
    """Return objects on which a file only granted rights. Raises Failure if it changed one."""
    met = written & run.strangers.keys()
    # the core defines nothing but its own; a superuser may have made its event trigger before
    if not met or file.tree == CORE:
        return set()
    now = definitions(run.conn)
    changed = sorted(
        item
        for item in met
        if now[item][0] != run.strangers[item][0]
        or now[item][1].split("\n", 1)[0] != run.strangers[item][1].split("\n", 1)[0]
    )
    if changed:
        raise Failure(
            f"{run.tree.shown(file.key)} would replace what no file of this project made:"
            f" {', '.join(map(str, changed))}; choose another name, or drop it by hand if it is"
            " yours",
            BROKEN,
        )
    return met


def tables_of_others(conn: Connection) -> dict[int, tuple[str, str]]:
    """Read name and definition of the tables that no file made, by their numbers."""
    rows = conn.execute((OWN_SQL / "tables_of_others.sql").read_bytes()).fetchall()
    return {oid: (name, definition) for oid, name, definition in rows}


def check_tables(conn: Connection, before: dict[int, tuple[str, str]]) -> None:
    """Raise Failure if this transaction changed a table that no file made."""
    after = tables_of_others(conn)
    changed = [oid for oid in before if after.get(oid) != before[oid]]
    # a change holds a lock until the end; without one it was made by another session
    locks = (
        "select relation from pg_catalog.pg_locks where pid = pg_catalog.pg_backend_pid()"
        " and relation = any(%s) and mode !~ '^(AccessShare|RowShare|RowExclusive)Lock$'"
    )
    held = {oid for (oid,) in conn.execute(locks, [changed]).fetchall()}
    if names := sorted({before[oid][0] for oid in changed if oid in held}):
        raise Failure(
            f"managed files would change tables that no file made: {', '.join(names)}; they may"
            " grant, write policies and comment; change such a table by hand, or in a versioned"
            " file",
            BROKEN,
            names,
        )


def double_owner(run: Managed, both: Iterable[Object], *keys: str) -> Failure:
    """Return the failure of two files that define the same object."""
    files = " and ".join(run.tree.shown(key) for key in sorted(keys))
    names = ", ".join(map(str, sorted(both)))
    return Failure(f"{files} both define or alter {names}: one object, one file", BROKEN)


def check_owners(run: Managed, removed: Sequence[str]) -> None:
    """Refuse when a file took an object of another one that was not run."""
    for path, claimed in run.claims.items():
        for item in claimed:
            owner = run.owners.get(item, path)
            if owner != path and owner not in run.claims and owner not in removed:
                raise double_owner(run, [item], path, owner)


def check_arguments(run: Managed) -> None:
    """Refuse a file that creates a routine with new arguments, and comments on the one before."""
    for key, claimed in run.claims.items():
        routines = [item for item in claimed if item.kind == "routine"]
        new = {name_of(item): item for item in routines if item not in run.owners}
        left = [item for item in routines if item in run.owners and name_of(item) in new]
        if left and creations(run.tree.managed[key]) < len(routines):
            raise Failure(
                f"{run.tree.shown(key)} creates {new[name_of(left[0])]}, but comments on"
                f" {left[0]}, or sets its owner or grants: write the new arguments there too",
                BROKEN,
            )


def check_owner_lines(run: Managed) -> None:
    """Refuse a file without the owner of its routine: in a new database it would be another."""
    silent = {
        item.identity: key
        for key, claimed in run.claims.items()
        if not OWNER_LINE.search(run.tree.managed[key].text)
        for item in claimed
        if item.kind == "routine"
    }
    query = (
        "select oid::regprocedure::text, proowner::regrole::text from pg_catalog.pg_proc where"
        " oid::regprocedure::text = any(%s) and proowner::regrole::text = any(%s) order by 1"
    )
    found = run.conn.execute(query.encode(), [list(silent), list(CORE_ROLES)])
    for name, owner in found.fetchall():
        raise Failure(
            f"{run.tree.shown(silent[name])} does not say that {name} belongs to {owner}: write"
            f" alter function ... owner to {owner}",
            BROKEN,
        )


def name_of(routine: Object) -> str:
    """Return the name of a routine without its arguments."""
    return routine.identity.partition("(")[0]


def creations(file: SqlFile) -> int:
    """Count the statements of a file that create a routine."""
    return sum(CREATES_ROUTINE.match(words) is not None for _, words in statements(file.text))


def forget(run: Managed, dropped: set[Object], maker: str = NO_FILE) -> set[str]:
    """Note objects as dropped; give the files, but ``maker``, that must make them again."""
    # a file that ran already and does not make the object any more has nothing to make again
    paths = {run.owners.get(item) for item in dropped} - run.claims.keys()
    paths |= {path for path, claimed in run.claims.items() if claimed & dropped}
    revived = {path for path in paths if path in run.tree.managed and path != maker}
    for path in revived:
        run.claims.pop(path, None)
    run.owners = {item: path for item, path in run.owners.items() if item not in dropped}
    run.dropped |= dropped - run.missing
    return revived


def ghosts(run: Managed, removed: Sequence[str]) -> set[Object]:
    """Return the objects that a file owned before and no longer makes."""
    finished = run.claims.keys() | set(removed)
    return {item for item, path in run.owners.items() if path in finished} - run.claimed()


def drop_ghosts(run: Managed, removed: Sequence[str]) -> bool:
    """Drop the ghosts that nothing depends on; an old overload makes its callers ambiguous."""
    dropped = {item for item in ghosts(run, removed) if drop(run.conn, [item])}
    forget(run, dropped)
    return bool(dropped)


def drop_stubborn_ghosts(run: Managed, removed: Sequence[str]) -> set[str]:
    """Drop the other ghosts after the managed objects that use them; give the files of those."""
    left = ghosts(run, removed)
    if not left:
        return set()
    try:
        return forget(run, drop_objects(run, left))
    except psycopg.Error as error:
        names = ", ".join(
            f"{item} (of {run.tree.shown(run.owners[item])})" for item in sorted(left)
        )
        outcome = f"no file makes {names} any more, but it is in use"
        raise sql_failure(outcome, [describe(error)]) from error


def drop_objects(run: Managed, wanted: set[Object]) -> set[Object]:
    """Drop objects after the managed ones that depend on them; give all that was dropped.

    Never CASCADE: raises psycopg.Error when something that no file owns depends on them.
    """
    doomed = dependants(run.conn, wanted) & (run.owners.keys() | run.claimed() | wanted)
    left = sorted(doomed, key=lambda item: (item.kind not in LEAVES, item))
    while left:
        stayed = [item for item in left if not drop(run.conn, [item])]
        if stayed == left:  # functions that call each other go together, or the server says why not
            together = [item for item in left if item.kind == left[0].kind]
            drop(run.conn, together, must=True)
            stayed = [item for item in left if item not in together]
        left = stayed
    return doomed


def dependants(conn: Connection, wanted: set[Object]) -> set[Object]:
    """Return the objects and all that depends on them, through views and their row types."""
    query = f"select kind, identity, classid, objid from ({OBJECTS}) as o"  # noqa: S608
    known = {
        (classid, objid): Object(kind, identity)
        for kind, identity, classid, objid in conn.execute(query.encode()).fetchall()
    }
    given = [address for address, item in known.items() if item in wanted]
    classes, oids = [classid for classid, _ in given], [objid for _, objid in given]
    reached = psycopg.RawCursor(conn).execute(DEPENDANTS, [classes, oids]).fetchall()
    return {known[address] for address in reached if address in known}


def drop(conn: Connection, items: Sequence[Object], must: bool = False) -> bool:
    """Drop objects of one kind; False when others depend on them, unless it ``must`` be."""
    names = ", ".join(item.identity for item in items)
    try:
        with conn.transaction():
            conn.execute(f"drop {items[0].kind} if exists {names}".encode())
    except psycopg.errors.DependentObjectsStillExist:
        if must:
            raise
        return False
    return True


def is_hopeless(errors: dict[str, psycopg.Error]) -> bool:
    """Return whether applying another file first cannot fix an error."""
    return any(error.sqlstate not in NOT_YET | IN_THE_WAY for error in errors.values())


def explain(run: Managed, errors: dict[str, psycopg.Error]) -> list[Problem]:
    """Describe the errors with their lines. List consequences only if there is nothing else."""
    causes = {path: error for path, error in errors.items() if is_hopeless({path: error})} or errors
    return [
        describe(error, run.tree.shown(path), text, pinpoint(run.conn, text, error))
        for path, error in causes.items()
        for text in [run.tree.managed[path].text]
    ]


def pinpoint(conn: Connection, text: str, error: psycopg.Error) -> int:
    """Return the start of the failing statement; run them one by one if need be."""
    start = 0
    if error.diag.statement_position or is_lost(error):
        return start
    starts = [each for each, _ in statements(text)]
    with contextlib.suppress(psycopg.Error), conn.transaction(force_rollback=True):
        for start, end in pairwise(starts):
            conn.execute(text[start:end].encode())
        start = starts[-1]
    return start


def texts_of(run: Managed) -> dict[str, str]:
    """Return the text of the file of each object of this run, by the object's class and number."""
    texts = {
        item: run.tree.managed[key].text for key, claimed in run.claims.items() for item in claimed
    }
    query = f"select kind, identity, classid::regclass || ' ' || objid from ({OBJECTS}) as o"  # noqa: S608
    rows = run.conn.execute(query.encode()).fetchall()
    return {
        address: texts[Object(kind, identity)]
        for kind, identity, address in rows
        if (kind, identity) in texts
    }


def write_ownership(run: Managed, gone: Iterable[str]) -> None:
    """Record which file owns which object, with the definitions that the server prints."""
    lines = body_lines(run)
    claims = [
        (*item, *key.split("/", 1), lines.get(item))
        for key, claimed in run.claims.items()
        for item in claimed
    ]
    for table, keys in (("file", list(gone)), ("object", list(run.claims))):
        delete = f"delete from mcp_migrate.{table} where tree || '/' || path = any(%s)"  # noqa: S608
        run.conn.execute(delete.encode(), [keys])
    query = f"""
    insert into mcp_migrate.object (kind, identity, tree, path, definition_sha256, body_line, oid)
    select kind, identity, given.tree, given.path, {DIGEST}, given.body_line, o.objid
    from ({OBJECTS}) as o
    join unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::integer[])
    as given (kind, identity, tree, path, body_line) using (kind, identity)
    """  # noqa: S608 - no value is in the text
    run.conn.execute(query.encode(), [[claim[i] for claim in claims] for i in range(5)])
    counts = Counter(key.partition("/")[0] for key in run.claims)
    for tree, count in counts.items():
        log(run.conn, "manage", f"{tree}/{some(count, 'file')}")


def body_lines(run: Managed) -> dict[Object, int]:
    """Return the line of its file in which the body of each routine begins."""
    query = (
        "select oid::regprocedure::text, prosrc from pg_catalog.pg_proc"
        " where prosqlbody is null and oid::regprocedure::text = any(%s)"
    )
    routines = [item.identity for item in run.claimed() if item.kind == "routine"]
    bodies = dict(run.conn.execute(query.encode(), [routines]).fetchall())
    lines = {}
    for key, claimed in run.claims.items():
        text = run.tree.managed[key].text
        for item in claimed:
            body = bodies.get(item.identity) if item.kind == "routine" else None
            if body and body in text:
                lines[item] = line_of(text, text.index(body))
    return lines


def refresh_catalogue(conn: Connection, lenient: bool = False) -> None:
    """Rebuild the tool catalogue. A refused function fails the run."""
    if lenient:
        with contextlib.suppress(psycopg.Error), conn.transaction():
            call_if_there(conn, "mcp_catalog.refresh_catalog()")
        return
    # its warnings are the lines of the failure below
    conn.execute("select set_config('client_min_messages', 'error', true)")
    if call_if_there(conn, "mcp_catalog.refresh_catalog()"):
        query = "select function, reason from mcp_catalog.catalog_refusal order by 1, 2"
        rows = conn.execute(query.encode()).fetchall()
        problems = [{"function": function, "reason": reason} for function, reason in rows]
        lines = "\n".join(f"{function}: {reason}" for function, reason in rows)
        if rows:
            raise Failure(f"not fit to be tools, nothing was kept:\n{lines}", BROKEN, problems)


def is_stale(conn: Connection) -> bool:
    """Return whether an event trigger has seen a change after the catalogue was rebuilt."""
    has_catalogue = scalar(conn, "select to_regclass('mcp_catalog.catalog_state')")
    return bool(has_catalogue and scalar(conn, "select is_stale from mcp_catalog.catalog_state"))


def keep_lockdown(conn: Connection) -> None:
    """Lock new objects too, if the database is to be locked down."""
    if scalar(conn, "select to_regclass('mcp_catalog.settings')"):
        call_if_there(conn, "mcp_migrate.keep_lockdown()")


def call_if_there(conn: Connection, function: str) -> bool:
    """Call a function without arguments, if the database has it."""
    if not scalar(conn, "select to_regprocedure(%s)", [function]):
        return False
    conn.execute(f"select {function}".encode())
    return True


def withdraw_managed(
    conn: Connection, tree: Tree, state: State, name: str, core_goes: bool = False
) -> list[Object]:
    """Drop the managed objects of the tree ``name``, so that the tables under them can change."""
    with conn.transaction():
        run = Managed(conn, tree, dict(state.owners))
        follow_renames(run)
        owned = {item for item, key in run.owners.items() if key.startswith(f"{name}/")}
        policed = policed_by(conn, sorted({run.owners[item] for item in owned}))
        missing = owned - definitions(conn).keys()
        dropped = drop_objects(run, owned) - missing
        conn.execute("delete from mcp_migrate.file where tree = %s", [name])
        restore_row_security(conn, policed, core_goes)
        log(conn, "withdraw", f"{name}/{some(len(dropped), 'object')}")
    return sorted(dropped)


# --- row-level security of tables of others ---------------------------------------------------


def row_security(conn: Connection) -> set[tuple[str, str, int]]:
    """List the tables of others that have row-level security: (kind, name, oid)."""
    return set(conn.execute((OWN_SQL / "row_security.sql").read_bytes()).fetchall())


def note_row_security(run: Managed, before: set[tuple[str, str, int]]) -> None:
    """Record where files enabled row-level security, with the file of the table's policy."""
    files = [
        (item.identity, key)
        for key, claimed in run.claims.items()
        for item in claimed
        if item.kind == "policy"
    ]
    for kind, name, oid in sorted(row_security(run.conn) - before):
        # a name may hold " on " itself
        key = min((key for policy, key in files if policy.endswith(f" on {name}")), default=None)
        if key:
            run.conn.execute(
                "insert into mcp_migrate.made (kind, name, oid, tree, id)"
                " values (%s, %s, %s, %s, %s) on conflict do nothing",
                [kind, name, oid, *key.split("/", 1)],
            )


def policed_by(conn: Connection, files: Sequence[str]) -> list[int]:
    """List the tables on which these files have policies."""
    query = (OWN_SQL / "policed.sql").read_bytes()
    rows = psycopg.RawCursor(conn).execute(query, [list(files)]).fetchall()
    return [oid for (oid,) in rows]


def restore_row_security(conn: Connection, policed: Sequence[int], core_goes: bool = False) -> None:
    """Disable what files enabled that are gone, once no policy is left: nobody else saw a row.

    ``policed`` are the tables that lost policies of ours. The tools lose those that nothing of ours
    closes to them any more, in the same transaction, which must end after a Failure: they read one
    of them all the same. It is not asked where ``core_goes`` too, and with it the tools.
    """
    rows = conn.execute((OWN_SQL / "restore_row_security.sql").read_bytes()).fetchall()
    execute_all(conn, [statement for statement, _ in rows])
    query = (OWN_SQL / "open_to_tools.sql").read_bytes()
    tables = [*policed, *(oid for _, oid in rows)]
    found = psycopg.RawCursor(conn).execute(query, [tables]).fetchall()
    execute_all(conn, [statement for _, statement, _ in found])
    left = psycopg.RawCursor(conn).execute(query, [tables]).fetchall()
    names = sorted({name for name, _, is_read in left if is_read})
    if names and not core_goes:
        raise Failure(
            "without its policies every caller of a tool would read rows of others in"
            f" {', '.join(names)}: keep the file, or first revoke what PUBLIC or a role of which"
            " the tools are members may read of it",
            BROKEN,
            names,
        )


# --- drift ----------------------------------------------------------------------------------------

STRAY = "unmanaged"


def find_drift(conn: Connection, tree: Tree, state: State) -> list[tuple[str, Object, str]]:
    """Compare each object with the ledger. Return (difference, object, file)."""
    query = f"""
    select kind, identity, schema, {DIGEST}, exists (
        select from pg_depend as d
        where
            d.classid = o.classid and d.objid = o.objid and d.deptype = 'e'
            -- what an operator or a cast calls could not be replaced, so a versioned file makes it
            or d.refclassid = o.classid and d.refobjid = o.objid
            and d.classid in ('pg_operator'::regclass, 'pg_cast'::regclass)
    ), kind = 'policy' and definition ~ '\\nto mcp_(tools|sandbox)\\n'
    from ({OBJECTS}) as o
    """  # noqa: S608 - no value is in the text
    rows = conn.execute(query.encode()).fetchall()
    live = {Object(kind, identity): digest for kind, identity, _, digest, *_ in rows}
    judged = "select schema from mcp_migrate.schema where is_judged and tree = any(%s)"
    trees = [source.name for source in tree.sources]
    schemas = {name for (name,) in conn.execute(judged, [trees]).fetchall()}
    found = [
        (STRAY, Object(kind, identity), NO_FILE)
        for kind, identity, schema, _, is_expected, is_for_tools in rows
        if (schema in schemas or is_for_tools)
        and not is_expected
        and (kind, identity) not in state.owners.keys() | state.foreign
    ]
    for item, path in state.owners.items():
        if live.get(item) != state.digests[item]:
            found.append(("modified" if item in live else "missing", item, path))
    return sorted(found)


def definitions(conn: Connection) -> dict[Object, tuple[str, str]]:
    """Read every object's definition, and its owner, grants and comment, as the server has them."""
    query = f"select kind, identity, definition, grants from ({OBJECTS}) as o"  # noqa: S608
    rows = conn.execute(query.encode()).fetchall()
    return {Object(kind, identity): (text, grants) for kind, identity, text, grants in rows}


class Change(NamedTuple):
    """The effect of a run on an object: created, replaced, re-granted or dropped."""

    change: str
    kind: str
    identity: str
    path: str
    diff: str


def changes(
    before: dict[Object, tuple[str, str]],
    after: dict[Object, tuple[str, str]],
    paths: dict[Object, str],
) -> list[Change]:
    """Compare two readings of ``definitions``.

    What no file makes does not change by what the tools may do with it, or with its table.
    """
    found = []
    for item in sorted(item for item in before.keys() | after.keys()):
        old, new = before.get(item, ()), after.get(item, ())
        if old == new or (item not in paths and old and new and is_only_granted(old, new)):
            continue
        replaced = "replaced" if old[:1] != new[:1] else "re-granted"
        change = "created" if not old else "dropped" if not new else replaced
        texts = ["\n".join(version).splitlines() for version in (old, new)]
        names = (f"database: {item}", f"files: {item}")
        diff = "\n".join(difflib.unified_diff(texts[0], texts[1], *names, lineterm=""))
        found.append(Change(change, *item, paths.get(item, NO_FILE), diff))
    return found


def is_only_granted(old: tuple[str, str], new: tuple[str, str]) -> bool:
    """Return whether two definitions differ at most in what they grant to roles of the tools."""

    def rest(grants: str) -> set[str]:
        return {line for line in grants.splitlines() if not TO_TOOLS.match(line)}

    had, has = rest(old[1]), rest(new[1])
    if not any(line.startswith("grant ") for line in old[1].splitlines()):
        # the first grant writes down what the owner, and PUBLIC for a routine, had before
        owner = re.escape(new[1].partition("\n")[0].removeprefix("owner "))
        usual = re.compile(rf'grant ("?{owner}"?=|=X/)')
        has = {line for line in has if not usual.match(line)}
    return old[0] == new[0] and had == has
