"""Apply sql/ to a PostgreSQL database: the command of the DBA and of the CI pipeline.

Versioned files, sql/NNNN_name.sql, run once and in order, through yoyo. Managed files, under
sql/functions and sql/policies, hold one object each and are stated again when their text changes:
all in one transaction, a savepoint a file. The ledger in schema migrate says what ran, with which
text, and which file owns which object.

Package migration has the rules of the files, the ledger, the managed files, the run of pgTAP files
and the linters. Here, from top to bottom: the session, versioned files, and the commands.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migration.files import (
    SqlFile,
    Tree,
    needs_superuser,
    read_file,
    read_tree,
    rule_problems,
    statements,
    test_problems,
)
from migration.objects import (
    Change,
    Managed,
    apply_managed,
    changes,
    check_views,
    data_checks,
    definitions,
    find_drift,
    findings,
    state_managed,
    withdraw_managed,
)
from migration.state import (
    BAD_FILES,
    BUSY,
    FAILED,
    OWN_SQL,
    UNAVAILABLE,
    USAGE,
    Connection,
    Failure,
    Object,
    State,
    check_history,
    describe,
    ensure_ledger,
    log,
    read_state,
    refuse,
    scalar,
    sentence,
    sql_failure,
)

HERE = Path(__file__).resolve().parent
OLDEST_SERVER = 18
OLDEST_VECTOR = (0, 8)

EXIT_CODES = """
\b
Exit codes:
  0   done, or nothing to do
  1   something is pending, differs, or failed
  2   an applied file was edited, is missing, or a new one is out of order
  3   both 1 and 2
  64  the command line is wrong
  65  a file under sql/ breaks a rule; nothing was run
  69  the server cannot be reached, refuses the login or is too old; or a program is missing
  75  another run or session holds a lock; try again
"""

# --- the session --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """Where to work and how long to wait: PostgreSQL intervals such as '5s' or '500ms'."""

    root: Path
    as_json: bool
    url: str = ""
    lock_timeout: str = "5s"
    wait: str = "60s"
    no_lockdown: bool = False  # skip the lock-down, or do not complain that it was skipped


def conninfo(settings: Settings) -> dict[str, Any]:
    """Give libpq's parameters: the caller's own, with our name and time limits added."""
    try:
        given = conninfo_to_dict(settings.url)
    except psycopg.ProgrammingError as error:
        raise Failure(f"--database-url: {str(error).strip()}", USAGE) from error
    limits = (
        f"-c lock_timeout={settings.lock_timeout} -c statement_timeout=0 "
        "-c idle_in_transaction_session_timeout=0 -c client_connection_check_interval=2s"
    )
    if settings.no_lockdown:
        limits += " -c migrate.lockdown=off"
    defaults = {"connect_timeout": "10", "application_name": "migrate"}
    options = f"{given.get('options') or ''} {limits}".strip()
    return {**defaults, **given, "options": options, "client_encoding": "UTF8"}


@contextlib.contextmanager
def connect(settings: Settings) -> Iterator[Connection]:
    """Open an autocommit session on a server that is new enough; names come back qualified."""
    parameters = conninfo(settings)
    try:
        conn = psycopg.connect(make_conninfo(**parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise Failure(f"cannot connect: {str(error).strip()}", UNAVAILABLE) from error
    with contextlib.closing(conn):
        conn.add_notice_handler(show_warning)
        conn.execute("set search_path to ''")
        check_floor(conn)
        yield conn


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Pass on what the server warns of; notices such as 'does not exist, skipping' are left out."""
    if notice.severity_nonlocalized == "WARNING":
        click.echo(f"warning: {notice.message_primary}", err=True)


def check_floor(conn: Connection) -> None:
    """Stop on a server that is too old, before anything is read or written."""
    vector = scalar(
        conn,
        "select coalesce(installed_version, default_version) from pg_available_extensions"
        " where name = 'vector'",
    )
    if problem := floor_problem(conn.info.server_version, vector):
        raise Failure(problem, UNAVAILABLE)


def floor_problem(server: int, vector: str | None) -> str | None:
    """Say why a server is too old; ``server`` as in server_version_num."""
    floor = ".".join(map(str, OLDEST_VECTOR))
    if server < OLDEST_SERVER * 10000:
        version = f"{server // 10000}.{server % 10000}"
        return f"PostgreSQL {version} is too old: {OLDEST_SERVER} is the floor"
    if vector is None:
        return f"pgvector is not installed on this server: install {floor} or newer"
    if tuple(map(int, re.findall(r"\d+", vector)[:2])) < OLDEST_VECTOR:
        mend = "install it, then: alter extension vector update"
        return f"pgvector {vector} is too old: {floor} is the floor; {mend}"
    return None


LOCK_KEY = "hashtextextended('zava-mcp:migrate', 0)"


@contextlib.contextmanager
def exclusive(settings: Settings, writes: bool = True) -> Iterator[Connection]:
    """Connect and hold this database's lock, which ends with the process, however that ends."""
    with connect(settings) as conn:
        if not scalar(conn, f"select pg_try_advisory_lock({LOCK_KEY})"):
            wait_for_lock(conn, settings)
        if writes:
            ensure_ledger(conn)
        yield conn


def wait_for_lock(conn: Connection, settings: Settings) -> None:
    """Wait for another run to end, at most ``settings.wait``."""
    holder = conn.execute((OWN_SQL / "lock_holder.sql").read_bytes()).fetchone()
    who = "pid {} ({}, from {}, since {:%H:%M:%S})".format(*holder) if holder else "another session"
    busy = Failure(f"{who} is migrating this database; waited {settings.wait}, see --wait", BUSY)
    if re.fullmatch(r"0\D*", settings.wait):
        raise busy
    click.echo(f"waiting up to {settings.wait} for {who} to end", err=True)
    try:
        with conn.transaction():
            conn.execute("select set_config('lock_timeout', %s, true)", [settings.wait])
            conn.execute(f"select pg_advisory_lock({LOCK_KEY})".encode())
    except psycopg.errors.LockNotAvailable:
        raise busy from None


# --- versioned files ------------------------------------------------------------------------------


def preflight(tree: Tree, pending: Iterable[str] = ()) -> None:
    """Refuse files that break a rule; the ``pending`` ones are also split as yoyo splits them."""
    refuse("files break a rule", rule_problems(tree, pending), BAD_FILES)


def run_versioned(
    settings: Settings, tree: Tree, names: Sequence[str], direction: str
) -> Iterator[str]:
    """Run versioned files through yoyo, in the order given; name each one that is done."""
    if not names:
        return
    from yoyo import internalmigrations, read_migrations
    from yoyo.connections import get_backend

    uri = "postgresql+psycopg:///?" + urlencode({**conninfo(settings), "schema": "migrate"})
    migrations = {migration.id: migration for migration in read_migrations(str(tree.root))}
    with get_backend(uri) as backend:
        if internalmigrations.needs_upgrading(backend):
            internalmigrations.upgrade(backend)  # in one transaction, without yoyo's own lock
        run = backend.apply_one if direction == "apply" else backend.rollback_one
        for name in names:
            add_ledger_step(migrations[name], tree.versioned[name])
            # yoyo prints the rows of every SELECT
            with contextlib.redirect_stdout(sys.stderr), failing_statement(tree, name, direction):
                run(migrations[name])
            yield name


def add_ledger_step(migration: Any, file: SqlFile) -> None:
    """Make the ledger row one more step of the file, so that both are done or neither.

    yoyo marks the file on another connection, later; see reconcile_yoyo.
    """
    from yoyo.migrations import MigrationStep, Transactionless, TransactionWrapper

    def record(conn: Connection) -> None:
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "apply", file.id, file.sha256)

    def forget(conn: Connection) -> None:
        conn.execute("delete from migrate.version where id = %s", [file.id])
        log(conn, "rollback", file.id, file.sha256)

    migration.load()
    wrap = TransactionWrapper if migration.use_transactions else Transactionless
    migration.steps.append(wrap(MigrationStep(len(migration.steps), record, forget)))


@contextlib.contextmanager
def failing_statement(tree: Tree, name: str, direction: str) -> Iterator[None]:
    """Make an SQL error a failure that names file and line; yoyo tells the step only to its log."""
    from yoyo.migrations import read_sql_migration

    step, doing = 0, "applying step" if direction == "apply" else "rolling back step"

    def note_step(record: logging.LogRecord) -> bool:
        nonlocal step
        if doing in str(record.msg) and isinstance(record.args, tuple):
            step = int(str(record.args[0]))
        return record.levelno >= logging.WARNING

    logger = logging.getLogger("yoyo.migrations")
    logger.setLevel(logging.INFO)
    logger.addFilter(note_step)
    try:
        yield
    except psycopg.Error as error:
        source = tree.versioned[name] if direction == "apply" else tree.rollbacks[name]
        parts = read_sql_migration(str(tree.root / source.path))[2]
        parts = parts if direction == "apply" else parts[::-1]
        start = source.text.find(parts[step]) if step < len(parts) else 0
        kept = (
            "" if tree.versioned[name].is_transactional else "; earlier statements may have stayed"
        )
        problem = describe(error, f"sql/{source.path}", source.text, max(start, 0))
        raise sql_failure(f"{direction} stopped{kept}", [problem]) from error
    finally:
        logger.removeFilter(note_step)


def reconcile_yoyo(conn: Connection, state: State) -> None:
    """Bring yoyo's marks in line with the ledger, which a killed run leaves one file ahead."""
    if state.marked is None:
        return
    for name in state.versions.keys() - state.marked:
        mark_in_yoyo(conn, name)
    for name in state.marked - state.versions.keys():
        conn.execute("delete from migrate._yoyo_migration where migration_id = %s", [name])


def mark_in_yoyo(conn: Connection, name: str) -> None:
    """Tell yoyo that a file was applied."""
    conn.execute(
        "insert into migrate._yoyo_migration (migration_hash, migration_id, applied_at_utc)"
        " values (%s, %s, now() at time zone 'utc')",
        [hashlib.sha256(name.encode()).hexdigest(), name],
    )


def mark_applied(conn: Connection, state: State, file: SqlFile) -> None:
    """Record a versioned file as applied without running it."""
    with conn.transaction():
        conn.execute("insert into migrate.version values (%s, %s)", [file.id, file.sha256])
        log(conn, "mark", file.id, file.sha256)
        if state.marked is not None and file.id not in state.marked:
            mark_in_yoyo(conn, file.id)


def accept_edits(conn: Connection, tree: Tree, state: State) -> list[str]:
    """Record the new text of the files whose header allows the edit."""
    names = state.of("edit allowed")
    for name in names:
        sha256 = tree.versioned[name].sha256
        with conn.transaction():
            conn.execute("update migrate.version set sha256 = %s where id = %s", [sha256, name])
            log(conn, "edit", name, sha256)
    return names


# --- the command line -----------------------------------------------------------------------------


@click.group(
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def cli() -> None:
    """Apply sql/ to a PostgreSQL database, and say what differs.

    The database is that of --database-url or DATABASE_URL. Try: python migrate.py status
    """


def interval(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Check a time as PostgreSQL writes it."""
    if not re.fullmatch(r"\d+(ms|s|min)?", value):
        raise click.BadParameter(f"{value!r} is not a time such as 500ms, 5s or 2min")
    return value


def number(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Read a versioned file's number, from 3, 0003 or 0003_name."""
    if value is None:
        return None
    if not (match := re.match(r"\d+", value)):
        raise click.BadParameter(f"{value!r} does not start with a file's number")
    return int(match[0])


def duration(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Check how long something lasts: hours, days, weeks or years, as PostgreSQL reads them."""
    if value is not None and not re.fullmatch(r"[1-9]\d{0,3}[hdwy]", value):
        raise click.BadParameter(f"{value!r} is not a time such as 12h, 90d, 8w or 1y")
    return value


Decorator = Callable[[Callable[..., None]], Any]
DATABASE = functools.partial(
    click.option, "--database-url", "url", envvar="DATABASE_URL", show_envvar=True
)
FILE_OPTIONS: list[Decorator] = [
    click.option(
        "--sql-dir",
        "root",
        type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
        default=HERE / "sql",
        help="Directory of the SQL files [default: sql/ beside migrate.py].",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
]
ALL_OPTIONS: list[Decorator] = [
    DATABASE(
        required=True,
        help="libpq URI of the migration login; a direct connection, not a transaction pooler.",
    ),
    click.option(
        "--lock-timeout",
        default="5s",
        show_default=True,
        callback=interval,
        help="How long a statement waits for a table lock; 0 for ever.",
    ),
    click.option(
        "--wait",
        default="60s",
        show_default=True,
        callback=interval,
        help="How long to wait for another run to end; 0 not at all.",
    ),
    *FILE_OPTIONS,
]
TO = functools.partial(click.option, "--to", "target", metavar="NNNN", callback=number)
ALL = click.option(
    "--all",
    "every",
    is_flag=True,
    help="State every managed file, and drop what stands in their schemas without a file.",
)
OUT_OF_ORDER = click.option(
    "--allow-out-of-order", is_flag=True, help="Apply a new file although a later one ran already."
)
NO_LOCKDOWN = functools.partial(click.option, "--no-lockdown", is_flag=True)


def command(
    name: str, group: click.Group = cli, options: Sequence[Decorator] = ALL_OPTIONS
) -> Decorator:
    """Make a subcommand: its help is the docstring; ``options`` arrive as ``settings``."""
    title = name if group is cli else f"{group.name} {name}"

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            fields = Settings.__dataclass_fields__.keys() & given.keys()
            settings = Settings(**{field: given.pop(field) for field in fields})
            try:
                function(settings, **given)
            except psycopg.Error as error:
                failure = sql_failure(f"{title} failed", [describe(error)])
                raise reported(settings, failure) from error
            except Failure as failure:
                raise reported(settings, failure) from failure

        text = (function.__doc__ or "").replace("    Example:", "    \b\n    Example:")
        made = group.command(name, help=text, epilog=EXIT_CODES)
        return functools.reduce(lambda made, add: add(made), [*reversed(options), made], run)

    return decorate


def reported(settings: Settings, failure: Failure) -> Failure:
    """Print a failure as JSON too, where that was asked for."""
    if settings.as_json:
        report = {"error": failure.message, "problems": failure.problems, "exit": failure.code}
        click.echo(json.dumps(report, indent=2))
    return failure


class Table(NamedTuple):
    """Rows to print, with what stands above them on a terminal."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def answer(settings: Settings, report: dict[str, Any], *parts: str | Table) -> None:
    """Print a command's result, as one JSON object or as text; end with its exit code."""
    if settings.as_json:
        click.echo(json.dumps(report, indent=2))
    for part in () if settings.as_json else parts:
        if isinstance(part, str):
            click.echo(part)
        elif not sys.stdout.isatty():
            click.echo("".join("\t".join(row) + "\n" for row in part.rows), nl=False)
        elif part.rows:
            print_table(part)
    if report.get("exit"):
        raise SystemExit(report["exit"])


def print_table(table: Table) -> None:
    """Draw a table on a terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    drawn = RichTable(title=table.title, title_justify="left")
    for column in table.columns:
        drawn.add_column(column, overflow="fold")  # an id that is cut is of no use
    for row in table.rows:
        drawn.add_row(*row)
    Console(markup=False, emoji=False).print(drawn)


@command("status")
def status(settings: Settings) -> None:
    """Say which files are applied, pending, edited or missing. Reads only.

    Example:
      python migrate.py status --json
    """
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        state = read_state(conn, tree)
    report = {
        "versioned": [{"id": name, "state": kind} for name, kind in state.versioned.items()],
        "managed": [{"path": path, "state": kind} for path, kind in state.managed.items()],
        "exit": state.exit_code(),
    }
    versioned = Table("Versioned files", ("file", "state"), list(state.versioned.items()))
    managed = Table("Managed files", ("file", "state"), list(state.managed.items()))
    answer(settings, report, versioned, managed)


@command("plan")
@click.option("--sql", "show_sql", is_flag=True, help="Show how each definition changes.")
@ALL
@OUT_OF_ORDER
def plan(settings: Settings, show_sql: bool, every: bool, allow_out_of_order: bool) -> None:
    """Say what apply would do. Managed files really run, in a transaction that is rolled back.

    Versioned files are only listed and, while one is pending, so are the managed ones. It takes the
    locks that apply takes. Exit code as status.

    Example:
      python migrate.py plan --sql
    """
    tree = read_tree(settings.root)
    with exclusive(settings, writes=False) as conn:
        state = read_state(conn, tree, allow_out_of_order)
        check_history(tree, state)
        pending = state.of("pending", "edit allowed")
        preflight(tree, pending)
        runs = state.has_ledger and not pending
        found = planned(Managed(conn, tree, dict(state.owners)), state, every) if runs else []
    report = {
        "versioned": pending,
        "managed": state.to_run(),
        "removed": state.removed(),
        "changes": [change._asdict() for change in found],
        "exit": state.exit_code() | (FAILED if found else 0),
    }
    listed = [("state", path) for path in state.to_run() if not runs]
    listed += [("remove", path) for path in state.removed()]
    answer(
        settings,
        report,
        Table("Versioned files", ("change", "file"), [("apply", name) for name in pending]),
        Table("Managed files", ("change", "file"), listed),
        Table("Objects", ("change", "kind", "object", "file"), [change[:4] for change in found]),
        *(change.diff for change in found if show_sql),
        *(() if report["exit"] else ("nothing to do",)),
    )


def planned(run: Managed, state: State, every: bool) -> list[Change]:
    """Run the managed files, compare the definitions before and after, and roll back."""
    with run.conn.transaction(force_rollback=True):
        before = definitions(run.conn)
        apply_managed(run, state, every)
        after = definitions(run.conn)
    paths = {item: path for path, claimed in run.claims.items() for item in claimed}
    return changes(before, after, state.owners | paths)


@command("apply")
@TO(help="Apply versioned files up to this number only; managed files then wait.")
@ALL
@OUT_OF_ORDER
@click.option("--no-verify", is_flag=True, help="Do not run the checks of verify at the end.")
@NO_LOCKDOWN(help="Leave PostgreSQL's own functions to PUBLIC: for a database shared with others.")
def apply(
    settings: Settings, target: int | None, every: bool, allow_out_of_order: bool, no_verify: bool
) -> None:
    """Apply pending versioned files, then state changed managed files in one transaction.

    Example:
      python migrate.py apply --database-url postgresql://dba@db.example.com/zava --wait 2min
    """
    started = time.monotonic()
    say = functools.partial(click.echo, err=settings.as_json)
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree, allow_out_of_order)
        check_history(tree, state)
        pending = [
            name
            for name in state.of("pending")
            if target is None or tree.versioned[name].number <= target
        ]
        preflight(tree, pending)
        reconcile_yoyo(conn, state)
        edits = accept_edits(conn, tree, state)
        for name in run_versioned(settings, tree, pending, "apply"):
            say(f"applied sql/{name}.sql")
        state = read_state(conn, tree, allow_out_of_order)
        run = Managed(conn, tree, dict(state.owners))
        waiting = state.of("pending")
        if not waiting:
            apply_managed(run, state, every, not no_verify)
    report = {
        "applied": pending,
        "edits": edits,
        "stated": sorted(run.claims),
        "dropped": [str(item) for item in run.gone()],
        "waiting": waiting,
        "seconds": round(time.monotonic() - started, 3),
    }
    answer(
        settings,
        report,
        *(f"accepted the edit of sql/{name}.sql" for name in edits),
        *(f"stated sql/{path}" for path in sorted(run.claims)),
        *(f"dropped {item}" for item in run.gone()),
        *(f"sql/{name}.sql waits, and with it the managed files" for name in waiting),
        f"{len(pending)} versioned files applied, {len(run.claims)} managed files stated"
        f" in {report['seconds']} s",
    )


@command("rollback")
@TO(required=True, help="The number to go back to; 0 undoes everything.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(settings: Settings, target: int, yes: bool) -> None:
    """Undo versioned files above a number, newest first.

    Managed objects are dropped first and stated again after, without those that use what is gone.

    Example:
      python migrate.py rollback --to 0004
    """
    say = functools.partial(click.echo, err=settings.as_json)
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn:
        state = read_state(conn, tree)
        check_history(tree, state)
        names = [name for name in state.versions if int(name[:4]) > target]
        names.sort(reverse=True)
        check_reversible(tree, names)
        preflight(tree, names)
        run, dropped = Managed(conn, tree, {}), list[Object]()
        if names:
            ask(names, yes)
            reconcile_yoyo(conn, state)
            dropped = withdraw_managed(conn, tree, state)
            say(f"dropped {len(dropped)} managed objects; the next apply makes them again")
        for name in run_versioned(settings, tree, names, "rollback"):
            say(f"rolled back sql/{name}.sql")
        if 0 < len(names) < len(state.versions):
            with conn.transaction():
                state_managed(run, tree.managed, [], lenient=True)
    report = {
        "rolled_back": names,
        "dropped": [str(item) for item in dropped],
        "stated": sorted(run.claims),
        "left_out": run.left_out,
    }
    answer(
        settings,
        report,
        *(f"left out {sentence(problem)}" for problem in run.left_out),
        f"{len(names)} versioned files rolled back, {len(run.claims)} managed files stated",
    )


def check_reversible(tree: Tree, names: Sequence[str]) -> None:
    """Refuse to roll back what says that it cannot be."""
    problems = [
        f"sql/{name}.sql: irreversible: {tree.versioned[name].directives.get('irreversible')}"
        for name in names
        if name not in tree.rollbacks
    ]
    refuse("cannot roll back", problems, FAILED)


def ask(names: Sequence[str], yes: bool) -> None:
    """Have the operator confirm; without a terminal only --yes does."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to ask on: say --yes", USAGE)
    click.confirm(f"Roll back {', '.join(names)}, with the data in them?", abort=True)


@command("verify")
@NO_LOCKDOWN(help="That the lock-down was skipped is no finding.")
def verify(settings: Settings) -> None:
    """Run the checks: the views migrate.check_*, and the application's check_*. Reads only.

    Those of migrate look at the catalogue, and apply runs them too; the application's look at its
    data. Each row of such a view is a finding: object, problem. Exit code 1 when there is one.

    Example:
      python migrate.py verify && psql -c 'table migrate.check_foreign_keys'
    """
    checks, found = run_checks(settings)
    fields = ("check", "object", "problem")
    report = {
        "checks": checks,
        "findings": [dict(zip(fields, finding, strict=True)) for finding in found],
        "exit": FAILED if found else 0,
    }
    total = f"{len(checks)} checks, {len(found)} findings"
    answer(settings, report, Table("Findings", fields, found), total)


def run_checks(settings: Settings) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Name the checks, and give what they found: (check, object, problem)."""
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            checks = check_views(conn)
            if not checks:
                raise Failure(
                    "this database has no view migrate.check_*: apply sql/functions/migrate first"
                )
            checks += data_checks(conn)
            found = findings(conn, checks)
    return checks, found


@command("drift")
def drift(settings: Settings) -> None:
    """Say what was done by hand: modified, missing, unmanaged objects. Reads only, no locks.

    Exit code 1 when something differs. Objects of extensions do not count.

    Example:
      python migrate.py drift --json
    """
    tree = read_tree(settings.root)
    with connect(settings) as conn:
        conn.read_only = True
        with conn.transaction():
            state = read_state(conn, tree)
            found = find_drift(conn, tree, state)
            warn_of_other_server(conn, state)
    rows = [(kind, str(item), path) for kind, item, path in found]
    fields = ("state", "object", "file")
    report = {
        "drift": [dict(zip(fields, row, strict=True)) for row in rows],
        "exit": FAILED if found else 0,
    }
    total = f"{len(state.owners)} objects in the ledger, {len(found)} differ"
    answer(settings, report, Table("Drift", fields, rows), total)


def warn_of_other_server(conn: Connection, state: State) -> None:
    """Warn when another major version wrote the ledger: it may print definitions differently."""
    major = conn.info.server_version // 10000
    query = "select count(*) from migrate.file where server_version_num / 10000 <> %s"
    if state.files and (count := scalar(conn, query, [major])):
        message = (
            f"warning: {count} files were stated on another PostgreSQL: apply --all renews them"
        )
        click.echo(message, err=True)


@command("mark")
@click.argument("name", metavar="ID")
def mark(settings: Settings, name: str) -> None:
    """Record a versioned file as applied, without running it: after a crash or a change by hand.

    Example:
      python migrate.py mark 0007_order_index
    """
    file = read_tree(settings.root).versioned.get(Path(name).name.removesuffix(".sql"))
    if file is None:
        raise Failure(f"{name}: no such file in {settings.root}; give its id, as in status", USAGE)
    with exclusive(settings) as conn:
        state = read_state(conn, read_tree(settings.root))
        if file.id in state.versions:
            raise Failure(f"{file.id} is applied already")
        mark_applied(conn, state, file)
    answer(settings, {"marked": [file.id]}, f"marked {file.id} as applied")


@command("adopt")
@TO(required=True, help="The newest versioned file whose effect the database already has.")
def adopt(settings: Settings, target: int) -> None:
    """Take a database that was built without migrate.py, or lost its ledger, into the ledger.

    Versioned files are marked, not run. Managed files run and must change nothing: otherwise what
    differs is shown and nothing is kept.

    Example:
      python migrate.py adopt --to 0009
    """
    tree = read_tree(settings.root)
    preflight(tree)
    with exclusive(settings) as conn, conn.transaction():
        state = read_state(conn, tree)
        check_history(tree, state)
        names = [name for name in state.of("pending") if tree.versioned[name].number <= target]
        before = definitions(conn)
        for name in names:
            mark_applied(conn, state, tree.versioned[name])
        run = Managed(conn, tree, dict(state.owners))
        state_managed(run, tree.managed, state.removed())
        if found := changes(before, definitions(conn), {}):
            diffs = "\n".join(change.diff for change in found)
            raise Failure(f"the database differs from the files, nothing was kept:\n{diffs}")
        log(conn, "adopt", f"{len(names)} versioned, {len(run.claims)} managed files")
    answer(
        settings,
        {"marked": names, "stated": sorted(run.claims)},
        f"adopted {len(names)} versioned and {len(run.claims)} managed files",
    )


@command("new", options=FILE_OPTIONS)
@click.argument("kind", type=click.Choice(["migration", "tool", "policy"]))
@click.argument("name")
def new(settings: Settings, kind: str, name: str) -> None:
    """Write the files of a new migration, tool or policy and of its test, ready to fill in.

    NAME is a migration's or a tool's name, or a policy's table with its schema.

    Example:
      python migrate.py new migration order_notes
      python migrate.py new tool list_notes
      python migrate.py new policy retail.notes
    """
    word = r"[a-z][a-z0-9_]*"
    if not re.fullmatch(rf"{word}\.{word}" if kind == "policy" else word, name):
        form = "schema.table" if kind == "policy" else "lower_case_words"
        raise Failure(f"{name!r} is not a name for a {kind}: write {form}", USAGE)
    versioned = read_tree(settings.root).versioned.values()
    schema, _, table = name.rpartition(".")
    values = {
        "0000": f"{max((file.number for file in versioned), default=0) + 1:04}",
        f"{kind}_name": name,
        f"{kind.capitalize()} title": name.replace("_", " ").capitalize(),
        "schema_name": schema,
        "table_name": table,
    }

    def filled(text: str) -> str:
        return re.sub("|".join(values), lambda word: values[word[0]], text)

    skeleton = OWN_SQL / "new" / kind
    texts = {
        filled(path.relative_to(skeleton).as_posix()): filled(path.read_text())
        for path in sorted(skeleton.rglob("*.sql"), key=lambda path: path.with_suffix(""))
    }
    there = [f"sql/{path}" for path in texts if (settings.root / path).exists()]
    refuse("already there", there, USAGE)
    for path, text in texts.items():
        (settings.root / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.root / path).write_text(text)
    answer(settings, {"written": list(texts)}, *(f"wrote sql/{path}" for path in texts))


@command("bootstrap", options=FILE_OPTIONS)
@click.option(
    "--print",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Print it: a DBA reads the script, and runs it where it belongs.",
)
@click.option("--login", required=True, help="The ordinary login that will run apply.")
@click.option("--database", required=True, help="The database, which exists.")
@click.option("--after", is_flag=True, help="What a superuser may run after apply: event triggers.")
@NO_LOCKDOWN(help="Without the lock-down: for a database shared with others, or without superuser.")
def bootstrap(settings: Settings, login: str, database: str, after: bool) -> None:
    """Print the SQL script that a DBA runs once, so that an ordinary login can do all the rest.

    It needs a superuser; with --no-lockdown a provider's administrator will do, who has CREATEROLE
    and the right to create the extensions. It is sql/bootstrap/bootstrap.sql with the two names and
    the lock-down filled in.

    Example:
      python migrate.py bootstrap --print --login zava_dba --database zava | psql -d zava
    """
    tree, folder = read_tree(settings.root), settings.root / "bootstrap"
    text = (folder / "bootstrap.sql").read_text()
    lockdown = "" if settings.no_lockdown else temporary_lockdown(tree, folder / "lockdown.sql")
    text = text.replace("-- LOCKDOWN\n", lockdown)
    for word, value in {"LOGIN_NAME": login, "DATABASE_NAME": database}.items():
        text = text.replace(f"'{word}'", "'{}'".format(value.replace("'", "''")))
    if after:
        managed = tree.managed.values()
        text = "\n".join(file.text for file in managed if "create event trigger" in file.text)
    answer(settings, {"script": text}, text.rstrip())


def temporary_lockdown(tree: Tree, run: Path) -> str:
    """Give what versioned files named "lockdown" make in schema migrate, as pg_temp, and its run.

    So a DBA locks the database from the same source, before there is a schema migrate.
    """
    parts = []
    for file in (file for name, file in tree.versioned.items() if "lockdown" in name):
        starts = [*statements(file.text), (len(file.text), "")]
        for (start, head), (end, _) in pairwise(starts):
            if re.match(r"(create (or replace )?(table|function)|insert into) migrate\.", head):
                parts.append(re.sub(r"(\n *--.*|\s)+\Z", "", file.text[start:end]))
    return "\n\n".join([*parts, run.read_text(), ""]).replace("migrate.", "pg_temp.")


# --- commands: tests and lint ---------------------------------------------------------------------


@command("test")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the results to FILE as JUnit XML too.",
)
def test(settings: Settings, files: tuple[Path, ...], junit: Path | None) -> None:
    """Run the pgTAP FILES, by default all of sql/tests, and print TAP.

    The database is left as it was: each file rolls back, and the helpers of sql/tests/helpers are
    removed at the end. A failed file does not stop the others. Exit code 1 when one failed.

    Example:
      python migrate.py test --junit report.xml sql/tests/test_policies_*.sql
    """
    from migration import pgtap

    folder = settings.root / "tests"
    paths = sorted(files or folder.glob("test_*.sql"))
    if not paths:
        raise Failure(f"{folder}: no file test_*.sql, so nothing would be proved", USAGE)
    sources = {os.path.relpath(path): read_file(path.parent, path) for path in paths}
    problems = [
        f"{name}{problem}" for name, file in sources.items() for problem in test_problems(file)
    ]
    refuse("test files break a rule", problems, BAD_FILES)
    say = functools.partial(click.echo, err=settings.as_json)
    results = []
    with exclusive(settings, writes=False) as conn, pgtap.helpers(conn, folder / "helpers"):
        say(f"1..{len(sources)}")
        is_superuser = scalar(conn, "select current_setting('is_superuser')::boolean")
        for name, file in sources.items():
            if needs_superuser(file) and not is_superuser:
                results.append(pgtap.TestFile(name, skipped="needs a superuser"))
            else:
                results.append(pgtap.run_file(make_conninfo(**conninfo(settings)), name, file.text))
            say(pgtap.tap_block(results[-1], len(results)))
    if junit:
        junit.write_text(pgtap.junit(results))
    failed = sum(1 for result in results if not result.is_ok)
    assertions = sum(len(result.assertions) for result in results)
    seconds = sum(result.seconds for result in results)
    report = {
        "files": [pgtap.as_data(result) for result in results],
        "assertions": assertions,
        "failed": failed,
        "exit": FAILED if failed else 0,
    }
    skipped = sum(1 for result in results if result.skipped)
    total = f"{len(results)} files, {assertions} assertions, {failed} files failed, {seconds:.1f} s"
    total += f", {skipped} files skipped" if skipped else ""
    answer(settings, report, f"# {total}")


@command(
    "lint",
    options=[DATABASE(help="Where to run the checks of verify too."), *FILE_OPTIONS],
)
def lint(settings: Settings) -> None:
    """Check the files: the rules of migrate.py, sqlfluff for all, squawk for versioned files.

    With a database, the checks of verify are run too. The settings are those of pyproject.toml and
    .squawk.toml beside sql/. Exit code 1 when something was found.

    Example:
      python migrate.py lint --json
    """
    from migration.lint import Finding, sqlfluff, squawk

    tree = read_tree(settings.root)
    found = [Finding("", 0, "file rules", said) for said in rule_problems(tree, tree.versioned)]
    found += [*sqlfluff(settings.root), *squawk(tree)]
    checks, rows = run_checks(settings) if settings.url else ([], [])
    found += [Finding(item, 0, f"verify {check}", said) for check, item, said in rows]
    report = {
        "findings": [finding._asdict() for finding in found],
        "checks": checks,
        "exit": FAILED if found else 0,
    }
    listed = [(finding.place(), finding.rule, finding.message) for finding in found]
    checked = f", {len(checks)} checks of the database" if checks else ""
    total = f"{len(list(settings.root.rglob('*.sql')))} files{checked}, {len(found)} findings"
    answer(settings, report, Table("Findings", ("place", "rule", "message"), listed), total)


# --- commands: users and keys ---------------------------------------------------------------------


@cli.group()
def user() -> None:
    """Add and list the users who may call tools."""


@cli.group()
def key() -> None:
    """Create, list and revoke API keys; rotate the keys that sign."""


USER = functools.partial(click.option, "--user", metavar="USER", help="Id or exact name of a user.")


@command("add", user)
@click.argument("name")
@click.option("--audience", required=True, help="Which tools: a row of auth.audiences.")
@click.option("--scope", multiple=True, metavar="UUID", help="Which rows; may be given again.")
@click.option("--external-id", metavar="SUBJECT", help="Subject at an identity provider.")
def user_add(
    settings: Settings, name: str, audience: str, scope: tuple[str, ...], external_id: str | None
) -> None:
    """Add a user; print the id.

    Example:
      python migrate.py user add 'Ada Lovelace' --audience head_office
    """
    with connect(settings) as conn:
        parameters = [name, audience, list(scope), external_id]
        user_id = scalar(conn, "select auth.add_user(%s, %s, %s::uuid[], %s)::text", parameters)
    answer(settings, {"user_id": user_id}, user_id)


@command("list", user)
def user_list(settings: Settings) -> None:
    """List the users, with the number of keys that work.

    Example:
      python migrate.py user list --json
    """
    show_rows(settings, "users", "select row_to_json(u) from auth.list_users() as u", [])


@command("create", key)
@click.argument("user", metavar="USER")
@click.option("--label", default="", help="What the key is for.")
@click.option("--expires", callback=duration, help="After 12h, 90d, 8w or 1y; else never.")
@click.option("--quiet", is_flag=True, help="Print the key alone.")
def key_create(settings: Settings, user: str, label: str, expires: str | None, quiet: bool) -> None:
    """Create an API key for a USER, by id or exact name. This is the only time it is shown.

    Example:
      python migrate.py key create 'Ada Lovelace' --label laptop --expires 90d
    """
    with connect(settings) as conn:
        made = scalar(
            conn,
            "select auth.create_api_key(auth.find_user(%s), %s, now() + %s::interval)",
            [user, label, expires],
        )
    if not (quiet or settings.as_json):
        click.echo("Keep this key: only its hash is stored, so it is not shown again.", err=True)
    answer(settings, {"key": made}, made)


@command("list", key)
@USER()
def key_list(settings: Settings, user: str | None) -> None:
    """List the API keys, of all users or of one. The keys themselves are stored nowhere.

    Example:
      python migrate.py key list --user 'Ada Lovelace'
    """
    query = "select row_to_json(k) from auth.list_api_keys({}) as k"
    owner = "auth.find_user(%s)" if user else ""
    show_rows(settings, "keys", query.format(owner), [user] if user else [])


@command("revoke", key)
@click.argument("key_id", required=False)
@USER()
@click.option("--label", help="With --user: only the keys with this label.")
def key_revoke(settings: Settings, key_id: str | None, user: str | None, label: str | None) -> None:
    """Revoke the API key KEY_ID, as key list gives it, or those of a user; from the next call on.

    Example:
      python migrate.py key revoke 0f3a52b1c4d6e789
      python migrate.py key revoke --user 'Ada Lovelace' --label laptop
    """
    if (key_id is None) == (user is None) or (label and not user):
        raise Failure("give the id of a key, or --user and perhaps --label", USAGE)
    with connect(settings) as conn:
        if key_id:
            revoked = int(scalar(conn, "select auth.revoke_api_key(%s)", [key_id]))
        else:
            query = "select auth.revoke_api_keys(auth.find_user(%s), %s)"
            revoked = scalar(conn, query, [user, label])
    answer(settings, {"revoked": revoked}, f"{revoked} keys revoked")


@command("rotate", key)
@click.argument("purpose", type=click.Choice(["assertion", "context"]))
@click.option("--quiet", is_flag=True, help="Print the key alone.")
def key_rotate(settings: Settings, purpose: str, quiet: bool) -> None:
    """Make a new signing key: of assertions, which the shim has too, or of the request context.

    The new key of assertions is printed, for ZAVA_ASSERTION_KEY; the one before stays good until
    the next rotation, so rotate twice to end it at once. The key of the context stays in the
    database; a call that runs at that moment may fail once.

    Example:
      python migrate.py key rotate assertion
    """
    with connect(settings) as conn:
        made = scalar(conn, "select auth.rotate_signing_key(%s)", [purpose])
    if made and not (quiet or settings.as_json):
        click.echo("Set ZAVA_ASSERTION_KEY to this key: it is not shown again.", err=True)
    answer(settings, {"purpose": purpose, "key": made}, made or f"{purpose} rotated")


def show_rows(settings: Settings, what: str, query: str, parameters: list[str]) -> None:
    """Print what a function of the database lists, whatever its columns are."""
    with connect(settings) as conn:
        found = [row for (row,) in conn.execute(query.encode(), parameters).fetchall()]
    cells = [["" if value is None else str(value) for value in row.values()] for row in found]
    columns = tuple(found[0]) if found else ()
    answer(settings, {what: found}, Table(what.capitalize(), columns, cells))


@command("embed")
@click.option("--batch", default=64, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--embedder",
    envvar="ZAVA_EMBEDDER",
    default="local",
    show_default=True,
    show_envvar=True,
    type=click.Choice(["local", "openai"]),
    help="What turns a text into a vector; see embeddings.py for its settings.",
)
def embed(settings: Settings, batch: int, embedder: str) -> None:
    """Embed the texts that have no vector of this model yet, then build the index.

    Each batch is kept as it is stored, so a run that was stopped goes on where it was.

    Example:
      python migrate.py embed --embedder local
    """
    from embeddings import EmbeddingError, load_embedder

    try:
        model = load_embedder(embedder)
        if model is None:
            raise Failure(f"--embedder {embedder}: there is nothing to embed with", USAGE)
        with connect(settings) as conn:
            stored = sum(embed_batches(conn, model, batch))
            with building():
                index = scalar(conn, "select mcp.finish_embeddings(%s)", [model.model])
    except EmbeddingError as error:
        raise Failure(f"embedding failed: {error}") from error
    report = {"model": model.model, "stored": stored, "index": index}
    built = ", ".join(f"{name} {value}" for name, value in index.items() if value is not None)
    answer(settings, report, f"{stored} texts embedded with {model.model}", f"index: {built}")


def building() -> contextlib.AbstractContextManager[Any]:
    """Show that the index is being built and measured, which may take minutes."""
    from rich.console import Console

    return Console(stderr=True).status("building and measuring the index")


def embed_batches(conn: Connection, model: Any, batch: int) -> Iterator[int]:
    """Embed and store until nothing is pending; give the count of each batch."""
    from rich.console import Console
    from rich.progress import Progress

    def pending() -> Any:
        # many batches at once, since what is pending is found by reading all texts
        parameters = [model.model, 50 * batch]
        return scalar(conn, "select mcp.pending_embeddings(%s, %s)", parameters)

    work = pending()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("embedding", total=work["total"])
        while found := work.get("items"):
            for start in range(0, len(found), batch):
                items = found[start : start + batch]
                vectors = model.embed([item["text"] for item in items])
                rows = [
                    {"id": item["id"], "embedding": vector, "source": item["text"]}
                    for item, vector in zip(items, vectors, strict=True)
                ]
                parameters = [model.model, json.dumps(rows)]
                stored = scalar(conn, "select mcp.store_embeddings(%s, %s::jsonb)", parameters)
                if not stored:
                    raise Failure("mcp.store_embeddings stored nothing of a batch that is pending")
                progress.advance(task, stored)
                yield stored
            work = pending()


def main() -> None:
    """Run the command line; click's own code for misuse, 2, means something else here."""
    os.environ.setdefault("LOGNAME", "migrate")  # yoyo asks for a user name; a uid may have none
    try:
        sys.exit(cli.main(standalone_mode=False))
    except Failure as failure:
        click.echo(f"migrate: {failure.message}", err=True)
        sys.exit(failure.code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        click.echo("migrate: stopped", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
