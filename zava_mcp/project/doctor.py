"""``zava-mcp doctor``: check a database and a server, and say what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace

import click
import psycopg
from psycopg.conninfo import make_conninfo

from zava_mcp.config import MissingConfigError, Project, find_project
from zava_mcp.counts import some
from zava_mcp.local import cluster
from zava_mcp.migrate.console import DATABASE, JSON, Table, answer, command
from zava_mcp.migrate.facts import (
    ERROR,
    NOTE,
    OK,
    WARNING,
    Line,
    gather,
    lines,
    trees,
)
from zava_mcp.migrate.files import Tree, rule_problems
from zava_mcp.migrate.ledger import UNAVAILABLE, Connection, Failure, State, read_state, scalar
from zava_mcp.migrate.objects import find_drift
from zava_mcp.migrate.session import (
    SETTINGS,
    Settings,
    applied_tree,
    floor_problem,
    parsed,
    reason,
    uri,
)

SERVER = ("ZAVA_DATABASE_URL", "ZAVA_CONFIG")  # where a server's settings are
FIELDS = ("checked", "level", "found", "what to do")
UPGRADE = "upgrade the server: pg_upgrade, or the provider's upgrade to a new major version"
TRANSACTIONS = "pool_mode = transaction: each transaction may get another session"
UNKNOWN = "it gave the same session each time: pool_mode = session, or nobody else was there"


EXIT_CODES = """
\b
Exit codes:
  0   ok, notes and warnings alone
  1   an error: apply or serve would stop
  2   a setting of the server is wrong
  64  the command line or zava.toml is wrong
  65  a file cannot be read
  69  the database cannot be reached, or is too old
"""


@command(
    "doctor",
    options=[DATABASE(help="The same as URL."), JSON],
    group=None,
    epilog=EXIT_CODES,
)
@click.argument("given", metavar="[URL]", required=False)
@click.option(
    "--project",
    "folder_of_project",
    type=click.Path(exists=True, file_okay=False),
    help="The folder of zava.toml. Default: this folder, or one above.",
)
def doctor(settings: Settings, given: str | None, folder_of_project: str | None) -> None:
    """Check the database at URL and the server's settings, and say what to do. Only reads.

    URL is that of the owner's login. Default: DATABASE_URL, else the embedded server of this
    project. doctor needs no zava.toml; with one, it compares the files too. If ZAVA_DATABASE_URL or
    ZAVA_CONFIG is set, it also checks what a server needs: its login, the catalogue, upkeep,
    embedder and cache. apply does the first part itself, and stops at an error.

    Example:
      zava-mcp doctor postgresql://owner@db.example.com/shop
    """
    if folder_of_project:
        os.chdir(folder_of_project)
    if given is not None:
        settings = replace(settings, url=given)
    has_server = any(os.environ.get(name) for name in SERVER)
    found = list[Line]()
    code = 0
    if settings.url is not None or not has_server:
        found, code = database_lines(settings)
    if has_server:
        from zava_mcp.project.server_lines import server_lines

        found += asyncio.run(server_lines())
    worst = code or (1 if any(line.level == ERROR for line in found) else 0)
    shown = [(line.part, line.level, line.found, line.remedy) for line in found]
    report = {"lines": [asdict(line) for line in found], "exit": worst}
    if sys.stdout.isatty():
        answer(settings, report, Table("", FIELDS, shown))
        return
    answer(settings, report, *map(plain, found))


def plain(line: Line) -> str:
    """Return a line as text for a pipe, with the remedy below it."""
    text = f"{line.level:<8}{line.part}: {line.found}"
    return f"{text}\n{'':<8}{line.remedy}" if line.remedy else text


def database_lines(settings: Settings) -> tuple[list[Line], int]:
    """Check a database. Return the lines, and an exit code if it cannot be checked further."""
    project, tree = files_here(settings)
    try:
        with session(settings) as conn:
            if problem := floor_problem(conn.info.server_version):
                return [Line("version", ERROR, problem, UPGRADE)], UNAVAILABLE
            found = list[Line]()
            try:
                found.append(pooler(settings, conn))
                conn.read_only = True
                with conn.transaction():
                    wanted = {"search_path": "", "datestyle": "iso", **SETTINGS}
                    settle = [f"set local {name} = '{value}'" for name, value in wanted.items()]
                    conn.execute("; ".join(settle).encode())
                    found += database_facts(conn, project, tree)
            except psycopg.errors.InsufficientPrivilege as error:
                found.append(no_rights(conn, error))
            return found, 0
    except psycopg.OperationalError as error:
        return [Line("database", ERROR, f"cannot connect: {reason(error)}")], UNAVAILABLE


def files_here(settings: Settings) -> tuple[Project | None, Tree | None]:
    """Return the project of this folder and its files, if there is one."""
    try:
        project = find_project()
    except MissingConfigError:
        return None, None
    with contextlib.suppress(Failure, psycopg.Error):
        return project, applied_tree(settings)
    return project, settings.tree()


@contextlib.contextmanager
def session(settings: Settings) -> Iterator[Connection]:
    """Open a session without the options that a pooler refuses."""
    try:
        given = parsed(uri(settings))
    except cluster.LocalError as error:
        raise Failure(str(error), UNAVAILABLE) from None
    parameters = {"connect_timeout": "10", "application_name": "doctor", **given}
    with contextlib.closing(psycopg.connect(make_conninfo(**parameters), autocommit=True)) as conn:
        yield conn


def pooler(settings: Settings, conn: Connection) -> Line:
    """Return whether a pooler is between, and of which kind as far as that shows.

    Its announcement names another process than the session that answers. That transactions move
    between sessions is proved when one moves while a second client keeps the first session busy.
    """
    pid = scalar(conn, "select pg_backend_pid()")
    if conn.info.backend_pid == pid:
        return Line("pooler", OK, "none: a session of our own")
    kind = UNKNOWN
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            other = stack.enter_context(session(settings))
            stack.enter_context(other.transaction())
            scalar(other, "select pg_backend_pid()")
        with contextlib.suppress(psycopg.OperationalError):
            if scalar(conn, "select pg_backend_pid()") != pid:
                kind = TRANSACTIONS
    return Line(
        "pooler",
        WARNING,
        f"a pooler is between; {kind}",
        "migrate needs a direct connection; serve may go through it: docs/managed.md",
    )


def database_facts(conn: Connection, project: Project | None, tree: Tree | None) -> list[Line]:
    """Check the catalogues and the ledger, in an open transaction."""
    state = read_state(conn, tree) if tree else State()
    facts = gather(conn, project, tree, state)
    found = list(lines(facts))
    if tree:
        found += [
            Line("files", ERROR, problem, "edit it; zava-mcp migrate lint lists all findings")
            for problem in rule_problems(tree)
        ]
        found += trees(tree, state)
    if tree and state.has_ledger:
        found.append(drift(conn, tree, state))
    if not tree:
        found.append(Line("files", NOTE, "there is no zava.toml here", "zava-mcp init NAME"))
    return found


def no_rights(conn: Connection, error: psycopg.errors.InsufficientPrivilege) -> Line:
    """Return what a login hears that may not read what doctor reads."""
    why = "this database is locked down: " if is_locked_down(conn) else ""
    return Line(
        "login",
        ERROR,
        f"it may not read what doctor reads: {error.diag.message_primary}",
        f"{why}use the login that applies, or a superuser",
    )


def is_locked_down(conn: Connection) -> bool:
    """Return whether PUBLIC has lost a function of PostgreSQL that every login has elsewhere."""
    query = "select proacl is not null from pg_proc where oid = %s::regprocedure"
    try:
        return bool(scalar(conn, query, ["pg_catalog.set_config(text,text,boolean)"]))
    except psycopg.errors.InsufficientPrivilege:
        return True


def drift(conn: Connection, tree: Tree, state: State) -> Line:
    """Return whether something was changed by hand."""
    differ = find_drift(conn, tree, state)
    if not differ:
        same = some(len(state.owners), "object is as it was", "objects are as they were")
        return Line("drift", OK, f"{same} applied")
    return Line(
        "drift",
        WARNING,
        f"{len(differ)} of {some(len(state.owners), 'object')} differ",
        "zava-mcp migrate drift lists them; apply --all puts back what the files say, or write down"
        " in a file what was changed by hand",
    )
