"""The ledger in schema migrate, what it makes of the files, and how a command fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import click
import psycopg

from migration.files import SqlFile, Tree, line_of

Connection = psycopg.Connection[Any]
Problem = dict[str, Any]

OWN_SQL = (
    Path(__file__).resolve().parents[1] / "sql" / "migrate"
)  # of the tool, whatever --sql-dir says

FAILED, REFUSED = 1, 2  # 3 is both, as in status
USAGE, BAD_FILES, UNAVAILABLE, BUSY = 64, 65, 69, 75  # as sysexits.h has them, clear of the bitmap

# --- failures -----------------------------------------------------------------------------------


class Failure(click.ClickException):
    """The command ends: the message says what is wrong and how to mend it."""

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
    """Make one failure of SQL errors, with what to do about those that have a common cause."""
    busy = all(problem.get("sqlstate") == "55P03" for problem in problems)
    advice = ["another session holds a lock: try again, or raise --lock-timeout"] if busy else []
    if any(problem.get("sqlstate") == "42501" for problem in problems):
        advice.append("what a login needs, a DBA gives it: migrate.py bootstrap --print")
    lines = [outcome, *map(sentence, problems), *advice]
    return Failure("\n".join(lines), BUSY if busy else FAILED, problems)


def describe(error: psycopg.Error, name: str = "", text: str = "", offset: int = 0) -> Problem:
    """Put what PostgreSQL said into fields; the statement starts at ``offset`` in ``text``."""
    diag = error.diag
    at = offset + int(diag.statement_position or 1) - 1
    fields = {
        "file": name,
        "line": line_of(text, at) if text else None,
        "sqlstate": error.sqlstate,
        "message": diag.message_primary or str(error).strip(),
        "detail": diag.message_detail,
        "context": diag.context,
        "hint": diag.message_hint,
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
        """Give both, as a sentence has them."""
        return f"{self.kind} {self.identity}"


def scalar(conn: Connection, query: str, parameters: Sequence[Any] | None = None) -> Any:
    """Give the first column of the first row, or None without a row."""
    row = conn.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None


def ensure_ledger(conn: Connection) -> None:
    """Create schema migrate and its tables where they are missing."""
    if scalar(conn, "select to_regclass('migrate.log')"):
        return
    with conn.transaction():
        if not scalar(conn, "select to_regnamespace('migrate')"):
            conn.execute("create schema migrate")
            conn.execute("comment on schema migrate is 'Ledger of migrate.py and of yoyo.'")
        conn.execute((OWN_SQL / "ledger.sql").read_bytes())


@dataclass
class State:
    """What the ledger remembers, and what that makes of each file."""

    has_ledger: bool = False
    versions: dict[str, str] = field(default_factory=dict)  # id: sha256
    files: dict[str, str] = field(default_factory=dict)  # path: sha256
    owners: dict[Object, str] = field(default_factory=dict)  # object: path
    digests: dict[Object, str] = field(default_factory=dict)  # object: sha256 of its definition
    marked: set[str] | None = None  # ids in yoyo's table, when there is one
    undone: set[str] = field(default_factory=set)  # ids whose last run was a rollback
    is_stale: bool = False  # versioned files ran after the managed ones
    versioned: dict[str, str] = field(default_factory=dict)  # id: state
    managed: dict[str, str] = field(default_factory=dict)  # path: state

    def of(self, *states: str) -> list[str]:
        """Name the versioned files in one of these states, in order."""
        return [name for name, state in self.versioned.items() if state in states]

    def to_run(self) -> list[str]:
        """Name the managed files that apply would state."""
        wanted = {"new", "changed", "to be stated again"}
        return [path for path, state in self.managed.items() if state in wanted]

    def removed(self) -> list[str]:
        """Name the managed files that the ledger alone has."""
        return [path for path, state in self.managed.items() if state == "removed"]

    def exit_code(self) -> int:
        """Say it in one number: 0 clean, 1 pending, 2 the history differs, 3 both."""
        pending = self.of("pending", "edit allowed") or self.to_run() or self.removed()
        differs = self.of("edited", "missing", "out of order", "unrecorded")
        return FAILED * bool(pending) + REFUSED * bool(differs)


def read_state(conn: Connection, tree: Tree, allow_out_of_order: bool = False) -> State:
    """Read the ledger, with plain SELECTs, and compare it with the files."""
    state = State()
    state.has_ledger = bool(scalar(conn, "select to_regclass('migrate.log')"))
    if state.has_ledger:
        read_ledger(conn, state)
    newest = max((int(name[:4]) for name in state.versions), default=0)
    found = dict.fromkeys(state.versions.keys() - tree.versioned.keys(), "missing")
    for name, file in tree.versioned.items():
        found[name] = version_state(state, file)
        if found[name] == "pending" and file.number < newest and not allow_out_of_order:
            found[name] = "out of order"
    state.versioned = dict(sorted(found.items()))
    same = "to be stated again" if state.is_stale else "same"
    for path, file in tree.managed.items():
        known = state.files.get(path)
        state.managed[path] = "new" if not known else same if known == file.sha256 else "changed"
    gone = sorted(state.files.keys() - tree.managed.keys())
    state.managed |= dict.fromkeys(gone, "removed")
    return state


def version_state(state: State, file: SqlFile) -> str:
    """Say what a versioned file is, order aside."""
    known = state.versions.get(file.id)
    if known == file.sha256:
        return "applied"
    if known:
        return "edit allowed" if file.directives.get("allow-edit") else "edited"
    return "unrecorded" if file.id in (state.marked or set()) - state.undone else "pending"


def read_ledger(conn: Connection, state: State) -> None:
    """Fill in what the tables of schema migrate say."""
    state.versions = dict(conn.execute("select id, sha256 from migrate.version").fetchall())
    state.files = dict(conn.execute("select path, sha256 from migrate.file").fetchall())
    objects = "select kind, identity, path, definition_sha256 from migrate.object"
    for kind, identity, path, digest in conn.execute(objects.encode()).fetchall():
        state.owners[Object(kind, identity)] = path
        state.digests[Object(kind, identity)] = digest
    if scalar(conn, "select to_regclass('migrate._yoyo_migration')"):
        marks = conn.execute("select migration_id from migrate._yoyo_migration").fetchall()
        state.marked = {name for (name,) in marks}
    last = conn.execute(
        "select distinct on (subject) subject, operation from migrate.log"
        " where operation in ('apply', 'rollback', 'mark') order by subject, log_id desc"
    ).fetchall()
    state.undone = {name for name, operation in last if operation == "rollback"}
    state.is_stale = scalar(
        conn,
        "select coalesce(max(log_id) filter (where operation in ('apply', 'rollback')), 0)"
        " > coalesce(max(log_id) filter (where operation = 'state'), 0) from migrate.log",
    )


def check_history(tree: Tree, state: State) -> None:
    """Refuse to go on from a history that the files do not tell."""
    names = state.of("edited", "missing", "out of order", "unrecorded")
    problems = [f"sql/{name}.sql: {history_problem(tree, state, name)}" for name in names]
    refuse("the history differs", problems, REFUSED)


def history_problem(tree: Tree, state: State, name: str) -> str:
    """Say what is wrong with an applied file, with both hashes, and what to do."""
    kind = state.versioned[name]
    if kind == "out of order":
        newest = max(state.versions)
        return f"new, but {newest} is applied already; renumber it, or say --allow-out-of-order"
    if kind == "unrecorded":
        return f"yoyo says it was applied, the ledger does not; look, then: migrate.py mark {name}"
    now = tree.versioned[name].sha256 if kind == "edited" else "none"
    what = "edited after it was applied" if kind == "edited" else "applied, but missing"
    mend = "put it back" + (", or say '-- allow-edit: why' in it" if kind == "edited" else "")
    return f"{what}\n    applied {state.versions[name]}\n    file    {now}\n    {mend}"


def log(conn: Connection, operation: str, subject: str, sha256: str | None = None) -> None:
    """Add a row to migrate.log."""
    conn.execute(
        "insert into migrate.log (operation, subject, sha256) values (%s, %s, %s)",
        [operation, subject, sha256],
    )
