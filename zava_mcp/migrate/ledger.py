"""The ledger, the state of each file, and the failure of a command.

A row of the ledger names its tree: rows of trees that are not read are another project's.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import click
import psycopg
from packaging.version import Version

from zava_mcp import __version__
from zava_mcp.config import CORE
from zava_mcp.migrate.defaults import objects_there, revoke_defaults
from zava_mcp.migrate.files import SqlFile, Tree, line_of

Connection = psycopg.Connection[Any]
Problem = dict[str, Any]

OWN_SQL = Path(__file__).resolve().parent / "sql"  # what the commands themselves run

FAILED, REFUSED = 1, 2  # 3 is both, as in status
USAGE, BAD_FILES, UNAVAILABLE, BROKEN, BUSY = 64, 65, 69, 70, 75  # as sysexits.h has them

# --- failures -----------------------------------------------------------------------------------


NOT_INSTALLED = "this database has no zava-mcp: zava-mcp migrate apply installs it"


class Failure(click.ClickException):
    """The command ends: the message says what is wrong and how to fix it."""

    def __init__(
        self, message: str, code: int = FAILED, problems: Sequence[str | Problem] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.problems = list(problems)


def refuse(what: str, problems: Sequence[str], code: int) -> None:
    """Fail when there are problems; nothing has been run."""
    if problems:
        raise Failure("\n".join([f"{what}, nothing was run:", *problems]), code, problems)


def sql_failure(outcome: str, problems: Sequence[Problem]) -> Failure:
    """Return one failure for SQL errors, with the remedy of a common cause."""
    # a lock that did not come in time, or a deadlock
    busy = all(problem.get("sqlstate") in ("55P03", "40P01") for problem in problems)
    advice = ["another session holds a lock: try again, or raise --lock-timeout"] if busy else []
    lost = any(problem.get("is_lost") for problem in problems)
    if lost:
        advice.append(
            "the connection to the database is lost: what was not committed is rolled back; run"
            " the command again"
        )
    if any(problem.get("sqlstate") == "42501" for problem in problems):
        advice.append(
            "what a login needs, a DBA gives it: zava-mcp migrate bootstrap --print; what it needs"
            " of the tables of an application, their owner: docs/managed.md"
        )
    lines = [outcome, *map(sentence, problems), *advice]
    return Failure("\n".join(lines), UNAVAILABLE if lost else BUSY if busy else BROKEN, problems)


ACCESS = "let this user read and write it"
FILE_REMEDIES = {
    errno.EACCES: ACCESS,
    errno.EPERM: ACCESS,
    errno.ENOENT: "create its folder",
    errno.EISDIR: "a file is expected there: rename the folder",
    errno.ENOTDIR: "a folder is expected there: rename the file",
    errno.EEXIST: "a folder is expected there: rename the file",
    errno.ELOOP: "put the files in its place",
    errno.ENOSPC: "free some space",
}
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # a file that has no name here


def file_failure(error: OSError) -> Failure | None:
    """Return a failure that names the file or folder of an error, or None if it is of neither."""
    if error.filename is None and error.errno in UNWRITTEN:
        text = f"the output cannot be written: {error.strerror}; what the command did stays"
        return Failure(text, BAD_FILES, [text])
    if error.errno is None or not isinstance(error.filename, str | bytes):
        return None
    path = Path(os.fsdecode(error.filename))
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    remedy = FILE_REMEDIES.get(error.errno)
    if error.errno == errno.ENOENT and path.is_symlink():
        remedy = "restore what it links to, or remove the link"
    text = f"{shown}: {error.strerror}" + (f"; {remedy}" if remedy else "")
    return Failure(text, BAD_FILES, [text])


def is_lost(error: psycopg.Error) -> bool:
    """Return whether an error ended its session; only psycopg's own have no SQLSTATE."""
    is_fatal = error.diag.severity_nonlocalized in ("FATAL", "PANIC")
    return is_fatal or (isinstance(error, psycopg.OperationalError) and not error.sqlstate)


# PostgreSQL says CASCADE, which would drop a tool that the ledger has
NO_CASCADE = (
    "drop in the versioned file, before this, what depends on it; apply creates functions, views"
    " and policies of managed files again"
)


def describe(error: psycopg.Error, name: str = "", text: str = "", offset: int = 0) -> Problem:
    """Return a PostgreSQL error as fields. The statement starts at ``offset`` in ``text``."""
    diag = error.diag
    at = offset + int(diag.statement_position or 1) - 1
    lost = is_lost(error)
    fields = {
        "file": name,
        "line": line_of(text, at) if text and not lost else None,
        "sqlstate": error.sqlstate,
        "message": diag.message_primary or str(error).strip(),
        "detail": diag.message_detail,
        "context": diag.context,
        "hint": NO_CASCADE if error.sqlstate == "2BP01" else diag.message_hint,
        "is_lost": lost,
    }
    return {key: value for key, value in fields.items() if value}


def sentence(problem: Problem) -> str:
    """Write what ``describe`` found: file:line: SQLSTATE message, then detail, context and hint."""
    place = "".join(f"{problem[key]}:" for key in ("file", "line") if key in problem)
    head = [place, problem.get("sqlstate"), problem["message"]]
    more = [f"    {key}: {problem[key]}" for key in ("detail", "context", "hint") if key in problem]
    return "\n".join([" ".join(filter(None, head)), *more])


# --- the ledger ---------------------------------------------------------------------------------


class Object(NamedTuple):
    """A database object, named as DROP wants it."""

    kind: str
    identity: str

    def __str__(self) -> str:
        """Return kind and name, for a message."""
        return f"{self.kind} {self.identity}"


def scalar(conn: Connection, query: str, parameters: Sequence[Any] | None = None) -> Any:
    """Return the first column of the first row, or None without a row."""
    row = conn.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None


def reset_session(conn: Connection) -> None:
    """Undo whatever a file has set, as role and as settings; names come back qualified."""
    conn.execute(
        "reset session authorization; reset role; reset all; set search_path to '';"
        " set datestyle to iso"  # the order of day and month stays that of the database
    )
    lift_transaction_timeout(conn)


def lift_transaction_timeout(conn: Connection) -> None:
    """Let transactions take their time; PostgreSQL 16 refuses this setting when connecting."""
    if conn.info.server_version >= 170000:
        conn.execute("set transaction_timeout to 0")


def set_search_path(conn: Connection, extensions: Sequence[str]) -> None:
    """Set the search path, so that a file can name its extensions' types without a schema.

    Its functions keep that path with "set search_path from current". Without extensions nothing
    is found unqualified.
    """
    conn.execute(
        "select set_config('search_path', coalesce(("
        " select 'pg_catalog, ' || string_agg(distinct quote_ident(n.nspname), ', ') || ', pg_temp'"
        " from pg_catalog.pg_extension as e"
        " inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace"
        " where e.extname = any(%s) and n.nspname <> 'pg_catalog'), ''), false)",
        [list(extensions)],
    )


OBJECTS = (OWN_SQL / "objects.sql").read_text()
DIGEST = "encode(sha256(convert_to(definition || E'\\n' || grants, 'UTF8')), 'hex')"
# columns that a ledger of an older version has not
ADD_COLUMNS = (
    "alter table mcp_migrate.object add if not exists body_line integer, add if not exists oid oid;"
    " alter table mcp_migrate.log add if not exists package text"
)
LACKS_COLUMNS = (
    "select count(*) < 3 from pg_catalog.pg_attribute where (attrelid, attname) in ("
    " ('mcp_migrate.object'::regclass, 'body_line'), ('mcp_migrate.object'::regclass, 'oid'),"
    " ('mcp_migrate.log'::regclass, 'package'))"
)


def ensure_ledger(conn: Connection) -> None:
    """Create schema mcp_migrate and its tables if they are missing."""
    if scalar(conn, "select to_regclass('mcp_migrate.log')"):
        if scalar(conn, LACKS_COLUMNS):
            conn.execute(ADD_COLUMNS)
        mend_made(conn)
        conn.execute(with_objects("mend_objects"))
        return
    with conn.transaction():
        there = objects_there(conn)
        if not scalar(conn, "select to_regnamespace('mcp_migrate')"):
            conn.execute("create schema mcp_migrate")
        conn.execute((OWN_SQL / "ledger.sql").read_bytes())
        revoke_defaults(conn, there)


@dataclass
class State:
    """The contents of the ledger, and the state of each file, by its key."""

    has_ledger: bool = False
    versions: dict[str, str] = field(default_factory=dict)  # key: sha256
    files: dict[str, str] = field(default_factory=dict)  # key: sha256
    owners: dict[Object, str] = field(default_factory=dict)  # object: key
    foreign: set[Object] = field(default_factory=set)  # objects of other projects' trees
    others: list[str] = field(default_factory=list)  # names of those trees
    digests: dict[Object, str] = field(default_factory=dict)  # object: sha256 of its definition
    marked: set[str] | None = None  # keys in yoyo's table, when there is one
    undone: set[str] = field(default_factory=set)  # keys whose last run was a rollback
    stale: set[str] = field(default_factory=set)  # trees whose tables changed under their functions
    versioned: dict[str, str] = field(default_factory=dict)  # key: state
    managed: dict[str, str] = field(default_factory=dict)  # key: state
    newer: str = ""  # version of zava-mcp that applied another core, if newer than this one

    def of(self, *states: str) -> list[str]:
        """Return the keys of the versioned files in one of these states, in order."""
        return [key for key, state in self.versioned.items() if state in states]

    def to_run(self) -> list[str]:
        """Return the keys of the managed files that apply would run."""
        wanted = {"new", "changed", "to be applied again"}
        return [key for key, state in self.managed.items() if state in wanted]

    def removed(self) -> list[str]:
        """Return the keys of the managed files that the ledger alone has."""
        return [key for key, state in self.managed.items() if state == "removed"]

    def exit_code(self) -> int:
        """Return 0 for clean, 1 for pending, 2 if the history differs, 3 for both."""
        pending = self.of("pending", "edit allowed") or self.to_run() or self.removed()
        differs = self.of("edited", "missing", "out of order", "unrecorded") or self.newer
        return FAILED * bool(pending) + REFUSED * bool(differs)

    def older_package(self) -> str:
        """Return a sentence: this package is older than the core of the database."""
        return (
            f"zava-mcp {self.newer} applied the core of this database, and this is {__version__},"
            " whose core differs"
        )


def read_state(
    conn: Connection, tree: Tree, allow_out_of_order: bool = False, allow_downgrade: bool = False
) -> State:
    """Read the ledger, with plain SELECTs, and compare it with the files."""
    state = State()
    state.has_ledger = bool(scalar(conn, "select to_regclass('mcp_migrate.log')"))
    if state.has_ledger:
        read_ledger(conn, state, [source.name for source in tree.sources])
    known = [*tree.versioned, *sorted(state.versions.keys() - tree.versioned.keys())]
    for source in tree.sources:
        keys = [key for key in known if key.startswith(f"{source.name}/")]
        newest = max((key for key in keys if key in state.versions), default="")
        for key in sorted(keys):
            found = version_state(state, tree.versioned.get(key), key)
            if found == "pending" and key < newest and not allow_out_of_order:
                found = "out of order"
            state.versioned[key] = found
    kept = policies_in_place(conn, state) if state.stale else set()
    for key, file in tree.managed.items():
        digest = state.files.get(key)
        same = "to be applied again" if file.tree in state.stale and key not in kept else "same"
        state.managed[key] = "new" if not digest else same if digest == file.sha256 else "changed"
    gone = sorted(state.files.keys() - tree.managed.keys())
    state.managed |= dict.fromkeys(gone, "removed")
    if not allow_downgrade and core_differs(state):
        package = scalar(conn, CORE_PACKAGE) or __version__
        state.newer = package if Version(package) > Version(__version__) else ""
    return state


def core_differs(state: State) -> bool:
    """Return whether managed files of the core are not those that were applied."""
    return bool(state.files) and any(
        key.startswith(f"{CORE}/") and kind in ("new", "changed", "removed")
        for key, kind in state.managed.items()
    )


# a ledger of an older version has no such column
CORE_PACKAGE = """
select to_jsonb(l) ->> 'package' from mcp_migrate.log as l
where l.subject like 'core/%'
order by l.log_id desc
limit 1
"""


def policies_in_place(conn: Connection, state: State) -> set[str]:
    """Return the keys of the files whose policies are as they were when they were applied.

    A versioned file cannot change what a policy reads without a trace in it, as it can with a
    function. So the application's tables are not locked for these files.
    """
    query = f"select kind, identity, {DIGEST} from ({OBJECTS}) as o where kind = 'policy'"  # noqa: S608
    rows = conn.execute(query.encode()).fetchall()
    live = {Object(kind, identity): digest for kind, identity, digest in rows}
    others = {key for item, key in state.owners.items() if live.get(item) != state.digests[item]}
    return set(state.owners.values()) - others


def version_state(state: State, file: SqlFile | None, key: str) -> str:
    """Return the state of a versioned file, order aside."""
    if file is None:
        return "missing"
    recorded = state.versions.get(key)
    if recorded == file.sha256:
        return "applied"
    if recorded:
        return "edit allowed" if file.directives.get("allow-edit") else "edited"
    return "unrecorded" if key in (state.marked or set()) - state.undone else "pending"


def read_ledger(conn: Connection, state: State, trees: list[str]) -> None:
    """Read the rows of these trees from the ledger's tables."""
    versions = "select tree || '/' || id, sha256 from mcp_migrate.version where tree = any(%s)"
    state.versions = dict(conn.execute(versions, [trees]).fetchall())
    files = "select tree || '/' || path, sha256 from mcp_migrate.file where tree = any(%s)"
    state.files = dict(conn.execute(files, [trees]).fetchall())
    others = (
        "select tree from mcp_migrate.version union select tree from mcp_migrate.file order by tree"
    )
    found = [tree for (tree,) in conn.execute(others.encode()).fetchall()]
    state.others = [tree for tree in found if tree not in trees]
    objects = (
        "select kind, identity, tree || '/' || path, definition_sha256 from mcp_migrate.object"
    )
    for kind, identity, key, digest in conn.execute(objects.encode()).fetchall():
        item = Object(kind, identity)
        if key.partition("/")[0] not in trees:
            state.foreign.add(item)
            continue
        state.owners[item], state.digests[item] = key, digest
    if scalar(conn, "select to_regclass('mcp_migrate._yoyo_migration')"):
        marks = (
            "select migration_id from mcp_migrate._yoyo_migration"
            " where split_part(migration_id, '/', 1) = any(%s)"
        )
        state.marked = {key for (key,) in conn.execute(marks, [trees]).fetchall()}
    last = conn.execute(
        "select distinct on (subject) subject, operation from mcp_migrate.log"
        " where operation in ('apply', 'rollback', 'mark') order by subject, log_id desc"
    ).fetchall()
    state.undone = {key for key, operation in last if operation == "rollback"}
    runs = {(tree, kind): last for tree, kind, last in conn.execute(LAST_RUNS.encode()).fetchall()}
    newest = 0  # a tree stands on the ones before it
    for name in trees:
        newest = max(newest, runs.get((name, "versioned"), 0))
        if newest > runs.get((name, "managed"), 0):
            state.stale.add(name)


LAST_RUNS = """
select
    split_part(subject, '/', 1) as tree,
    case operation when 'manage' then 'managed' else 'versioned' end as kind,
    max(log_id)
from mcp_migrate.log
where operation in ('apply', 'rollback', 'manage')
group by 1, 2
"""


def creations(conn: Connection) -> set[tuple[str, str, int]]:
    """List the extensions, roles, schemas and tables that are there: (kind, name, oid)."""
    return set(conn.execute((OWN_SQL / "creations.sql").read_bytes()).fetchall())


def mend_made(conn: Connection) -> None:
    """Set the OIDs in mcp_migrate.made to those that the objects have after a restore."""
    found = sorted(creations(conn))
    columns = [[row[i] for row in found] for i in range(3)]
    psycopg.RawCursor(conn).execute((OWN_SQL / "mend_made.sql").read_bytes(), columns)


def with_objects(name: str) -> bytes:
    """Return a statement of this package that reads every object."""
    return (OWN_SQL / f"{name}.sql").read_text().replace("{objects}", OBJECTS).encode()


def check_history(tree: Tree, state: State) -> None:
    """Raise Failure if a versioned file was edited, is missing, unrecorded or out of order.

    So it does where a tree has no folder any more: all of its files would count as deleted.
    """
    gone = [
        f"{source.folder}: No such file or directory; restore it, or say in zava.toml where it is"
        for source in tree.sources
        if not source.root.exists()
        and any(key.startswith(f"{source.name}/") for key in (*state.versions, *state.files))
    ]
    refuse("a folder is missing", gone, BAD_FILES)
    keys = state.of("edited", "missing", "out of order", "unrecorded")
    problems = [f"{tree.shown(key)}: {history_problem(tree, state, key)}" for key in keys]
    refuse("the history differs", problems, REFUSED)


def check_package(state: State) -> None:
    """Raise Failure if a newer package applied the core: this one would undo what it brought."""
    if state.newer:
        remedy = (
            "pip install --upgrade zava-mcp; to go back to this version's functions, where no"
            " versioned file of the core is newer: zava-mcp migrate apply --allow-downgrade"
        )
        refuse("the core is newer", [f"{state.older_package()}\n    {remedy}"], REFUSED)


def history_problem(tree: Tree, state: State, key: str) -> str:
    """Describe what is wrong with a versioned file, with both hashes and the remedy."""
    kind, name = state.versioned[key], key.partition("/")[0]
    if kind == "out of order":
        newest = max(each for each in state.versions if each.startswith(f"{name}/"))
        return f"new, but {newest} is applied already; renumber it, or use --allow-out-of-order"
    if kind == "unrecorded":
        return f"yoyo has it as applied, the ledger not; look, then: zava-mcp migrate mark {key}"
    if kind == "missing" and name == CORE:
        return (
            "applied, but this zava-mcp is older and does not have it\n"
            "    pip install --upgrade zava-mcp"
        )
    now = tree.versioned[key].sha256 if kind == "edited" else "none"
    what = "edited after it was applied" if kind == "edited" else "applied, but missing"
    remedy = "put it back" + (", or add '-- allow-edit: why' to it" if kind == "edited" else "")
    if kind == "edited" and name != CORE:
        undo = f"zava-mcp migrate rollback --to {name}/{tree.versioned[key].number - 1:04}"
        remedy += f"\n    to change it in development: put it back, {undo}, edit it, and apply"
    return f"{what}\n    applied {state.versions[key]}\n    file    {now}\n    {remedy}"


def log(conn: Connection, operation: str, subject: str, sha256: str | None = None) -> None:
    """Add a row to mcp_migrate.log."""
    conn.execute(
        "insert into mcp_migrate.log (operation, subject, sha256, package) values (%s, %s, %s, %s)",
        [operation, subject, sha256, __version__],
    )


def note_schema(
    conn: Connection, schema: str, is_judged: bool, file: SqlFile | None = None, tree: str = ""
) -> None:
    """Note whether everything in a schema is checked, and which versioned file made it."""
    conn.execute(
        "insert into mcp_migrate.schema (schema, is_judged, tree, id) values (%s, %s, %s, %s)"
        " on conflict (schema) do update set is_judged = excluded.is_judged,"
        " tree = coalesce(excluded.tree, schema.tree), id = coalesce(excluded.id, schema.id),"
        " noted_at = default, login = default",
        [schema, is_judged, file.tree if file else tree or None, file.id if file else None],
    )
