"""A session on the database: where to work, how long to wait, one run at a time."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from zava_mcp.config import SESSION, Project, find_project
from zava_mcp.local import cluster
from zava_mcp.migrate.files import Tree, read_trees
from zava_mcp.migrate.ledger import (
    BAD_FILES,
    BUSY,
    OWN_SQL,
    UNAVAILABLE,
    USAGE,
    Connection,
    Failure,
    reset_session,
    scalar,
)

OLDEST_SERVER = 16
BETWEEN = 0.2  # seconds between two attempts to take a lock
# what PostgreSQL prints, and we parse, depends on these too
SETTINGS = {
    **SESSION,
    "bytea_output": "hex",
    "check_function_bodies": "on",
    "default_transaction_isolation": "read committed",
    "extra_float_digits": "1",
    "intervalstyle": "postgres",
    "xmlbinary": "base64",
}


@dataclass(frozen=True)
class Settings:
    """Where to work and how long to wait: PostgreSQL intervals such as '5s' or '500ms'."""

    as_json: bool = False
    url: str | None = None
    lock_timeout: str = "5s"
    wait: str = "60s"
    no_lockdown: bool = False  # leave a database of the embedded server open
    with_demo: bool = False
    verbose: bool = False

    @property
    def project(self) -> Project:
        """Return the project of the working directory. Raises ConfigError."""
        return find_project()

    def tree(self) -> Tree:
        """Read the files of the core and of the project."""
        return read_trees(self.project.sources(self.with_demo))


def conninfo(settings: Settings) -> dict[str, Any]:
    """Return libpq's parameters: the caller's own, with our name and time limits added."""
    given = parsed(uri(settings))
    limits = (
        f"-c lock_timeout={settings.lock_timeout} -c statement_timeout=0 "
        "-c idle_in_transaction_session_timeout=0 -c client_connection_check_interval=2s"
    )
    for name, value in SETTINGS.items():
        limits += f" -c {name}={value}".replace("read committed", r"read\ committed")
    if settings.no_lockdown:
        limits += " -c mcp_migrate.lockdown=off"
    defaults = {"connect_timeout": "10", "application_name": "migrate"}
    options = f"{given.get('options') or ''} {limits}".strip()
    return {**defaults, **given, "options": options, "client_encoding": "UTF8"}


GIVEN = "DATABASE_URL or --database-url"
ENCODED = (
    "in a user or password write %23 for #, %25 for %, %2F for /, %3A for :, %3F for ?, %40 for @,"
    " %5B and %5D for [ and ]"
)


def parsed(url: str) -> dict[str, Any]:
    """Return libpq's parameters of a URL. Raises Failure, which names what is wrong with it."""
    scheme, mark, _ = url.strip().partition("://")
    if mark and scheme not in ("postgresql", "postgres"):
        kind, _, driver = scheme.removeprefix("jdbc:").partition("+")
        if kind in ("postgresql", "postgres"):
            whose = "JDBC" if scheme.startswith("jdbc:") else f"SQLAlchemy with {driver}"
            message = f"{scheme}:// is a URL of {whose}: write postgresql:// instead"
        else:
            message = f"{scheme}:// is no PostgreSQL: zava-mcp serves PostgreSQL alone"
        raise Failure(f"{GIVEN}: {message}", USAGE)
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's own text quotes the part that it cannot read, with the password
        text = f"neither a URL of PostgreSQL nor words such as host=db.example.com; {ENCODED}"
        raise Failure(f"{GIVEN}: {text}", USAGE) from None
    if not all(port.isdigit() for port in str(found.get("port") or "5432").split(",") if port):
        text = f"its port is no number; {ENCODED}"
        raise Failure(f"{GIVEN}: {text}", USAGE)
    if "@" in str(found.get("host", "")):
        raise Failure(f"{GIVEN}: user or password holds an @: write %40 for it", USAGE)
    return found


def uri(settings: Settings) -> str:
    """Return the URI that was given, or that of the embedded server of this project, if it runs."""
    if settings.url is not None:
        if not settings.url.strip():
            raise Failure("--database-url is empty: name a database, or leave it out", USAGE)
        return settings.url
    data_dir = settings.project.data_dir
    try:
        found = cluster.uri(data_dir)
    except cluster.LocalError:
        raise Failure(
            "no database: set DATABASE_URL or --database-url, or start the embedded server with"
            " zava-mcp dev",
            USAGE,
        ) from None
    name_embedded(data_dir)
    return found


@functools.cache
def name_embedded(data_dir: Path) -> None:
    """Print, once, that the embedded server is used."""
    message = f"DATABASE_URL is not set: using the embedded server of {data_dir}"
    click.echo(message, err=True)


@contextlib.contextmanager
def connect(settings: Settings) -> Iterator[Connection]:
    """Open an autocommit session on a server that is new enough; names come back qualified."""
    parameters = conninfo(settings)
    try:
        conn = psycopg.connect(make_conninfo(**parameters), autocommit=True)
    except psycopg.OperationalError as error:
        raise Failure(f"cannot connect: {reason(error)}", UNAVAILABLE) from error
    with contextlib.closing(conn):
        conn.add_notice_handler(show_warning)
        reset_session(conn)
        check_floor(conn)
        yield conn


def location(conn: Connection) -> str:
    """Name the database of a connection, its server and the login; never the password."""
    info = conn.info
    return f"{info.dbname} on {info.host}:{info.port} as {info.user}"


def reason(error: psycopg.OperationalError) -> str:
    """Return why there is no connection; pgbouncer says it in words that nobody expects."""
    message = str(error).strip()
    if "unsupported startup parameter" in message:
        message += "\nthat is pgbouncer, a pooler: give the commands a direct connection"
    return message


def show_warning(notice: psycopg.errors.Diagnostic) -> None:
    """Print warnings of the server, but not notices such as 'does not exist, skipping'."""
    if notice.severity_nonlocalized == "WARNING":
        click.echo(f"warning: {notice.message_primary}", err=True)


def check_floor(conn: Connection) -> None:
    """Stop on a server that is too old, before anything is read or written."""
    if problem := floor_problem(conn.info.server_version):
        raise Failure(problem, UNAVAILABLE)


def floor_problem(server: int) -> str:
    """Return why a server is too old, or nothing; ``server`` as in server_version_num."""
    if server >= OLDEST_SERVER * 10000:
        return ""
    version = f"{server // 10000}.{server % 10000}"
    return f"PostgreSQL {version} is too old: {OLDEST_SERVER} or newer is needed"


def applied_tree(settings: Settings) -> Tree:
    """Read the files of the core, of the project, and of its demo if the database has it."""
    if settings.project.demo and not settings.with_demo:
        name = settings.project.sources(with_demo=True)[-1].name
        with connect(settings) as conn:
            if scalar(conn, "select to_regclass('mcp_migrate.version')"):
                query = "select exists (select from mcp_migrate.version where tree = %s)"
                settings = replace(settings, with_demo=scalar(conn, query, [name]))
    return on_server(settings, settings.tree())


def on_server(settings: Settings, tree: Tree) -> Tree:
    """Return the files in the form of the server: with [distribute], that of its Citus."""
    if settings.project.placements is None:
        return tree
    with connect(settings) as conn:
        if not scalar(conn, "select exists (select from pg_extension where extname = 'citus')"):
            return tree
    try:
        from zava_mcp.migrate.citus.files import for_citus
        from zava_mcp.migrate.citus.policies import UnfitError
    except ImportError as error:
        message = "this database has Citus: pip install 'zava-mcp[citus]'"
        raise Failure(message, UNAVAILABLE) from error
    try:
        return for_citus(tree)
    except UnfitError as error:
        raise Failure(f"a file has no form that Citus takes:\n{error}", BAD_FILES) from error


# two locks, so that tests and migrations do not wait for each other
LOCKS = {"migrate": "is migrating this database", "test": "is running tests in this database"}


def lock_key(purpose: str) -> str:
    """Write the key of one of LOCKS in SQL."""
    return f"hashtextextended('zava-mcp:{purpose}', 0)"


@contextlib.contextmanager
def exclusive(settings: Settings, purpose: str = "migrate") -> Iterator[Connection]:
    """Connect and hold one of this database's LOCKS, which ends with the process; write nothing."""
    with connect(settings) as conn:
        take_lock(conn, settings.wait, purpose)
        yield conn


@contextlib.contextmanager
def no_migration(conn: Connection, wait: str) -> Iterator[None]:
    """Block migrations for a moment."""
    take_lock(conn, wait, "migrate")
    yield
    conn.execute(f"select pg_advisory_unlock({lock_key('migrate')})".encode())


def take_lock(conn: Connection, wait: str, purpose: str) -> None:
    """Take one of LOCKS. Wait at most ``wait`` for another run to end."""
    if scalar(conn, f"select pg_try_advisory_lock({lock_key(purpose)})"):
        return
    rows = conn.execute((OWN_SQL / "lock_holder.sql").read_bytes()).fetchall()
    holder = next((row[1:] for row in rows if row[0] == purpose), None)
    who = "pid {} ({}, from {}, since {:%H:%M:%S})".format(*holder) if holder else "another session"
    busy = Failure(f"{who} {LOCKS[purpose]}; waited {wait}, see --wait", BUSY)
    if re.fullmatch(r"0\D*", wait):
        raise busy
    click.echo(f"waiting up to {wait} for {who} to end", err=True)
    with conn.transaction():
        conn.execute("select set_config('lock_timeout', %s, true)", [wait])
        query = "select setting::integer from pg_settings where name = 'lock_timeout'"
        deadline = time.monotonic() + scalar(conn, query) / 1000  # it is in milliseconds
    # asked again and again: a statement that waits holds a snapshot, for which CONCURRENTLY waits
    while not scalar(conn, f"select pg_try_advisory_lock({lock_key(purpose)})"):
        if time.monotonic() > deadline:
            raise busy
        time.sleep(BETWEEN)
