"""``zava-mcp migrate prove``, and ``zava-mcp prove``."""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from zava_mcp.counts import some
from zava_mcp.migrate import pgtap
from zava_mcp.migrate.console import answer, command
from zava_mcp.migrate.files import files_in
from zava_mcp.migrate.ledger import FAILED, UNAVAILABLE, USAGE, Connection, Failure, scalar
from zava_mcp.migrate.proof import JUNIT
from zava_mcp.migrate.prove.mutants import mutants, try_mutants
from zava_mcp.migrate.prove.report import as_data, as_text
from zava_mcp.migrate.prove.report import junit as as_junit
from zava_mcp.migrate.prove.run import Options, Progress
from zava_mcp.migrate.prove.run import prove as run_prove
from zava_mcp.migrate.session import Settings, exclusive, no_migration, parsed, uri
from zava_mcp.signals import interruptible, uninterrupted

MADE_HERE = "Copy of {}, made by zava-mcp prove --template, which drops it at its end."
COPY_LOCK = "hashtextextended('zava-mcp:' || %s, 0)"
LEFT = """
select d.datname
from pg_database as d
where
    d.datname like 'prove\\_%%'
    and shobj_description(d.oid, 'pg_database') = %s
    and pg_has_role(d.datdba, 'usage')
    and not exists (select from pg_stat_activity as a where a.datid = d.oid)
order by 1
"""


def options(function: click.decorators.FC) -> click.decorators.FC:
    """Add the options of prove to a command."""
    for add in reversed(
        (
            click.option(
                "--yes-change-and-roll-back",
                "agreed",
                is_flag=True,
                help="Work in this database: rows are changed in one transaction, which is rolled"
                " back. Other sessions wait for these rows until then. Sequences keep their"
                " values.",
            ),
            click.option(
                "--template",
                is_flag=True,
                help="Work in a copy of this database, which is dropped at the end. Nobody may be"
                " connected to the database while it is copied.",
            ),
            click.option(
                "--budget",
                type=click.FloatRange(1, 86400),
                default=300,
                show_default=True,
                help="Time limit in seconds, 1 to 86400, divided evenly among the callers.",
            ),
            click.option("--tool", default="", help="Ask only this tool, resource or prompt."),
            click.option("--audience", default="", help="Ask only as callers of this audience."),
            click.option(
                "--seed",
                type=click.IntRange(0),
                default=0,
                show_default=True,
                help="Selects rows and arguments: the same ones for the same data and seed.",
            ),
            click.option(
                "--mutants",
                "weakened",
                is_flag=True,
                help="Weaken each policy, grant and tool instead, one at a time, and show that the"
                " project's pgTAP files or prove notice it.",
            ),
            JUNIT,
        )
    ):
        function = add(function)
    return function


def prove(
    settings: Settings,
    agreed: bool,
    template: bool,
    budget: float,
    tool: str,
    audience: str,
    seed: int,
    weakened: bool,
    junit: Path | None,
) -> None:
    """Show that no answer depends on a row that its caller may not see.

    It asks every tool, resource, prompt and completion, and every table of the sandbox, as each
    audience with no, one, several and all tenants in scope. Then it changes what that caller may
    not see, by row-level security or by tenant, and asks again. Result, error, order, cursor and
    notices must be equal, byte for byte. A difference is a finding, with the smallest change that
    makes it. zava.toml can accept one, with a reason. Run it as a superuser or the owner of the
    tables, best on a copy of the database. Exit code 1: there is a finding, or nothing was asked
    or hidden.

    Example:
      zava-mcp migrate prove --template --seed 1 --junit prove.xml
    """
    if agreed == template:
        raise Failure(
            "prove changes rows, and rolls that back: say where it may, with either --template or"
            " --yes-change-and-roll-back",
            USAGE,
        )
    proof = settings.project.proof
    wanted = Options(
        budget=budget,
        seed=seed,
        tool=tool,
        audience=audience,
        tenants=proof.tenants,
        accepted=proof.accepted,
    )
    with (
        copied(settings) if template else contextlib.nullcontext(settings) as here,
        exclusive(here, purpose="test") as conn,
        shown(settings) as progress,
    ):
        if weakened:
            prove_mutants(here, conn, wanted, progress)
            return
        report = run_prove(conn, wanted, progress)
    if junit:
        junit.write_text(as_junit(report))
    left = report.left
    total = (
        f"{some(len(report.callers), 'caller')}, {some(report.asked, 'question')},"
        f" {some(len(left), 'finding')},"
        f" {len(report.findings) - len(left)} accepted, {report.seconds:.1f} s"
    )
    if report.bare:
        bare = some(len(report.bare), "table has", "tables have")
        total += f"; {bare} no known tenant and no hidden row"
    lines = [as_text(finding) for finding in report.findings]
    lines += [f"left out, since it differs anyway: {each}" for each in sorted(report.volatile)]
    lines += [f"has hidden rows, and took no change: {each}" for each in sorted(report.unchanged)]
    lines += [f"not asked, for want of time: {each}" for each in report.unfinished]
    lines += [f"nothing was asked, give a larger --budget: {each}" for each in report.silent]
    unhidden = {*report.unhidden, *(report.bare if report.is_blind else [])}
    lines += [f"nothing of it was hidden: {each}" for each in sorted(unhidden)]
    lines += [f"of another owner, and no tool reaches it: {each}" for each in report.foreign]
    if report.is_blind and report.tenants:
        lines.append("nothing was proved: load rows of at least two tenants")
    elif report.is_blind:
        lines.append(
            "nothing was proved: no policy compares a column with the scope of the caller; name the"
            ' tenant columns in zava.toml: [prove] tenants = ["tenant_id"]'
        )
    is_mute = not report.calls and not report.silent
    if is_mute:
        lines.append("nothing was asked: these callers have no such tool, resource or prompt")
    code = FAILED if left or report.silent or report.is_blind or is_mute else 0
    answer(settings, as_data(report) | {"exit": code}, *lines, total)


def prove_mutants(
    settings: Settings, conn: Connection, wanted: Options, progress: Progress
) -> None:
    """Try every mutant on the pgTAP files and on prove; print those that nothing notices."""
    folder = settings.project.sql / "tests"
    files = {
        os.path.relpath(path): path.read_text(encoding="utf-8", errors="replace")
        for path in files_in(folder)
        if path.name.startswith("test_")
    }
    quick = replace(wanted, budget=wanted.budget / 10, per_call=4, rows=20)
    lock = no_migration(conn, settings.wait)
    with (
        pgtap.helpers(conn, folder / "helpers", lock, no_migration(conn, "60s"))
        if files
        else contextlib.nullcontext()
    ):
        tried = [
            (str(verdict.mutant), verdict.noticed)
            for verdict in try_mutants(conn, mutants(conn), files, quick, progress)
        ]
    left = [mutant for mutant, noticed in tried if not noticed]
    report = {
        "mutants": [{"mutant": mutant, "noticed": noticed} for mutant, noticed in tried],
        "survivors": left,
        "exit": FAILED if left else 0,
    }
    total = (
        f"{some(len(tried), 'mutant')}, {len(tried) - len(left)} noticed,"
        f" {some(len(left), 'survives', 'survive')}"
    )
    answer(settings, report, *(f"survives: {mutant}" for mutant in left), total)


@contextlib.contextmanager
def copied(settings: Settings) -> Iterator[Settings]:
    """Copy the database, yield the settings of the copy, and drop it, also after a signal.

    Copies of the same database that a killed run left are dropped first.
    """
    given: dict[str, Any] = dict(parsed(uri(settings)))
    source = str(given.get("dbname") or given.get("user") or "")
    name = f"prove_{uuid.uuid4().hex[:12]}"
    copy = sql.Identifier(name)
    server = make_conninfo(**{**given, "dbname": "postgres"})
    with contextlib.closing(psycopg.connect(server, autocommit=True)) as conn, interruptible():
        drop_leftovers(conn, source)
        # ends with the process: what has the comment and no lock is left over
        conn.execute(f"select pg_advisory_lock({COPY_LOCK})".encode(), [name])
        try:
            make_copy(conn, copy, source)
            yield replace(settings, url=make_conninfo(**{**given, "dbname": name}))
        finally:
            with uninterrupted():
                conn.execute(sql.SQL("drop database if exists {} with (force)").format(copy))


def make_copy(conn: Connection, copy: sql.Identifier, source: str) -> None:
    """Copy a database, and mark the copy. Raises Failure."""
    query = sql.SQL("create database {} template {}").format(copy, sql.Identifier(source))
    try:
        conn.execute(query)
        mark = MADE_HERE.format(source)
        conn.execute(sql.SQL("comment on database {} is {}").format(copy, mark))
    except psycopg.errors.InsufficientPrivilege as error:
        remedy = "give this login CREATEDB for it, or use --yes-change-and-roll-back"
        raise Failure(f"the database cannot be copied: {error}: {remedy}") from error
    except psycopg.Error as error:
        raise Failure(f"the database cannot be copied: {error}", UNAVAILABLE) from error


def drop_leftovers(conn: Connection, source: str) -> None:
    """Drop the marked copies of a database whose run has ended and that nobody is connected to."""
    for (name,) in conn.execute(LEFT.encode(), [MADE_HERE.format(source)]).fetchall():
        if scalar(conn, f"select pg_try_advisory_lock({COPY_LOCK})", [name]):
            # somebody may have connected since, or dropped it
            with contextlib.suppress(psycopg.Error):
                conn.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
                click.echo(f"dropped database {name}, which a killed run had left", err=True)
            conn.execute(f"select pg_advisory_unlock({COPY_LOCK})".encode(), [name])


@contextlib.contextmanager
def shown(settings: Settings) -> Iterator[Progress]:
    """Show on a terminal who is asking, and how far that is."""
    if settings.as_json or not sys.stderr.isatty():
        yield lambda _what, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("prove", total=1)
        yield lambda what, share: bar.update(task, description=what, completed=share)


migrate_prove = command("prove")(options(prove))  # zava-mcp prove is the same command
