"""Run pgTAP files, and report the results as TAP, as JUnit XML or as plain data.

A file is sent as one text, on a connection of its own: whatever it leaves open is rolled back when
that ends.
"""

from __future__ import annotations

import contextlib
import re
import select
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from xml.etree import ElementTree as Xml

import click
import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from zava_mcp.config import CORE_ROOT, Source
from zava_mcp.local.pgtap import fetch
from zava_mcp.local.pgtap import script as pgtap_script
from zava_mcp.migrate.files import SqlFile, files_in, read_file, statements
from zava_mcp.migrate.ledger import (
    BAD_FILES,
    UNAVAILABLE,
    Connection,
    Failure,
    describe,
    refuse,
    scalar,
    sentence,
    sql_failure,
)
from zava_mcp.signals import interruptible, uninterrupted

if TYPE_CHECKING:
    from rich.progress import Progress


@dataclass
class Assertion:
    """One line of TAP: "ok" or "not ok", with the notes below it."""

    number: int
    name: str
    is_ok: bool
    directive: str = ""  # "SKIP: why" or "TODO why"
    notes: list[str] = field(default_factory=list)

    @property
    def is_failure(self) -> bool:
        """Return whether the assertion failed and is not marked TODO."""
        return not self.is_ok and not self.directive.startswith("TODO")


@dataclass
class TestFile:
    """The results of a file, and errors besides failed assertions."""

    name: str
    skipped: str = ""  # why it was not run
    planned: int | None = None
    assertions: list[Assertion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def failed(self) -> list[Assertion]:
        """Return the failed assertions."""
        return [assertion for assertion in self.assertions if assertion.is_failure]

    @property
    def is_ok(self) -> bool:
        """Return whether the file passed."""
        return not self.failed and not self.problems


MADE_HERE = (
    "Helpers of the pgTAP suite, made by zava-mcp migrate test, which removes them at its end."
)
FOLDERS = ("tests", "ext", "public")  # where the files look for pgTAP: their search_path
GENERIC = CORE_ROOT / "tests" / "helpers"  # helpers that the tests of every project share
SHARED = {"setup": ("setup.sql", "policies.sql"), "teardown": ("teardown.sql",)}


@contextlib.contextmanager
def helpers(
    conn: Connection,
    folder: Path,
    first: contextlib.AbstractContextManager[None],
    last: contextlib.AbstractContextManager[None],
) -> Iterator[None]:
    """Create the schema tests with pgTAP and the helpers of core and ``folder``; remove it.

    Of ``folder`` these are setup*.sql and fixture.sql, which becomes tests.load_fixture(); at the
    end teardown*.sql. ``first`` and ``last`` keep migrations away meanwhile: the DDL could
    deadlock, and a plan would show the helpers.
    """
    own = own_pgtap(conn)
    with interruptible():
        with first:
            remove_leftover(conn, folder)
            try:
                set_up(conn, folder, own)
            except BaseException:
                # the error that is shown is the first one; what stays is marked
                with uninterrupted(), contextlib.suppress(Failure, psycopg.Error):
                    tear_down(conn, folder)
                raise
        try:
            yield
        finally:
            with uninterrupted(), last:
                tear_down(conn, folder)


def set_up(conn: Connection, folder: Path, own: Path | None) -> None:
    """Create the schema with its mark, pgTAP from the script ``own`` or its extension, helpers."""
    with conn.transaction():
        conn.execute("create schema tests")
        conn.execute(sql.SQL("comment on schema tests is {}").format(MADE_HERE))
    if own:
        run_script(conn, own, "tests, pg_catalog")
    else:
        conn.execute("create extension if not exists pgtap schema tests")
    for script in own_last(folder, "setup"):
        run_script(conn, script)
    make_fixture(conn, folder / "fixture.sql")


def own_last(folder: Path, kind: str) -> list[Path]:
    """List the scripts of a kind: the core's, then those of ``folder``."""
    prefix = f"{kind}_" if folder == GENERIC else kind
    own = [path for path in files_in(folder, deep=False) if path.name.startswith(prefix)]
    return [*(GENERIC / name for name in SHARED[kind]), *own]


def tear_down(conn: Connection, folder: Path) -> None:
    """Remove the helpers, those of ``folder`` first."""
    for script in reversed(own_last(folder, "teardown")):
        run_script(conn, script)


def make_fixture(conn: Connection, path: Path) -> None:
    """Create tests.load_fixture() from a file. Each test calls it in its own transaction."""
    if not path.exists():
        return
    text = script(path).text
    body = sql.SQL("begin execute {}; end").format(text)
    conn.execute(
        sql.SQL("create function tests.load_fixture() returns void language plpgsql as {}").format(
            body.as_string(conn)
        )
    )


def own_pgtap(conn: Connection) -> Path | None:
    """Return the script that creates pgTAP, or None if the server has pgTAP as an extension.

    The script is fetched where this machine has none. Raises Failure where that fails.
    """
    row = conn.execute(
        "select e.extnamespace::regnamespace::text from pg_available_extensions as a"
        " left join pg_extension as e on e.extname = a.name where a.name = 'pgtap'"
    ).fetchone()
    if row is None:
        return pgtap_script() or fetched_pgtap(conn)
    if row[0] and row[0] not in FOLDERS:
        remedy = "alter extension pgtap set schema public"
        raise Failure(f"pgTAP is in schema {row[0]}, where the tests do not look: {remedy}")
    return None


def fetched_pgtap(conn: Connection) -> Path:
    """Fetch pgTAP's files for a server without pgTAP. Raises Failure with the remedy."""
    try:
        found = fetch()
    except OSError as error:
        version = scalar(conn, "select version()")
        remedy = how_to_install(version, conn.info.server_version // 10000)
        raise Failure(f"{remedy} ({error})", UNAVAILABLE) from error
    click.echo(f"this server has no pgTAP: fetched {found}", err=True)
    return found


def how_to_install(version: str, major: int) -> str:
    """Return how to install pgTAP on a server. ``version`` is the output of version()."""
    if re.search(r"Debian|Ubuntu", version):
        advice = f"apt install postgresql-{major}-pgtap"
    else:
        advice = (
            f"Red Hat and its like: dnf install pgtap_{major}. The embedded server: install npm."
            " Any other: unpack pgTAP's files into DIR/extension on the server, then:"
            " alter system set extension_control_path = '$system:DIR'; select pg_reload_conf()"
        )
    return f"this server has no pgTAP, which the tests need. {advice}"


def remove_leftover(conn: Connection, folder: Path) -> None:
    """Remove the helpers of a run that was killed; leave those that somebody else has made."""
    if has_leftover(conn):
        tear_down(conn, folder)
        click.echo("removed schema tests, which a killed run had left", err=True)
    elif scalar(conn, "select to_regnamespace('tests')"):
        raise Failure(
            "schema tests exists, and zava-mcp has not made it:"
            " if no other test run uses it, drop it"
        )


def has_leftover(conn: Connection) -> bool:
    """Return whether there are helpers. Without the lock of a test run, its run was killed."""
    return bool(scalar(conn, "select obj_description(to_regnamespace('tests')) = %s", [MADE_HERE]))


def script(path: Path) -> SqlFile:
    """Read a file that the tests share. Raises Failure if it cannot be sent as it is."""
    file = read_file(Source("", path.parent), path)
    refuse("a file of the tests breaks a rule", [f"{path}{file.flaw}"] * bool(file.flaw), BAD_FILES)
    return file


def run_script(conn: Connection, path: Path, search_path: str = "default") -> None:
    """Run a file as psql would, by default with a new session's search_path, in one transaction."""
    if not path.exists():
        raise Failure(f"{path} is missing: it makes or removes what the pgTAP files share")
    file = script(path)
    try:
        with conn.transaction():
            conn.execute(f"set local search_path to {search_path}".encode())
            conn.execute(file.text.encode())
    except psycopg.Error as error:
        problem = describe(error, str(path), file.text)
        raise sql_failure(f"{path.name} failed", [problem]) from error


def run_file(conninfo: str, name: str, text: str) -> TestFile:
    """Run a file on a connection of its own; raises psycopg.OperationalError without one."""
    result, lines, started = TestFile(name), list[str](), time.monotonic()
    starts = [start for start, _ in statements(text)]
    with contextlib.closing(psycopg.connect(conninfo, autocommit=True)) as conn:
        try:
            for part in results(conn, text):
                if part.status == ExecStatus.FATAL_ERROR:
                    raise error_from_result(part)
                lines += first_column(part)
                starts = starts[1:] or starts  # a statement, a result
        except psycopg.Error as error:
            start = 0 if error.diag.statement_position else starts[0]
            result.problems.append(sentence(describe(error, name, text, start)))
    read_tap(result, lines)
    result.seconds = time.monotonic() - started
    return result


def results(conn: Connection, text: str) -> Iterator[PGresult]:
    """Send a text as one simple query; give each statement's result as it arrives.

    A cursor would forget them all at the first error. An interrupt ends the statement too.
    """
    connection = conn.pgconn
    connection.nonblocking = 0
    connection.send_query(text.encode())
    try:
        while True:
            while connection.is_busy():
                select.select([connection.socket], [], [])
                connection.consume_input()
            result = connection.get_result()
            if result is None:
                return
            if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT):
                raise psycopg.NotSupportedError("copy to or from the client is not for tests")
            yield result
    except KeyboardInterrupt:
        conn.cancel_safe(timeout=5)
        raise


def first_column(result: PGresult) -> list[str]:
    """Return the lines of TAP in a result: an assertion is the first column of a row."""
    if result.status != ExecStatus.TUPLES_OK:
        return []
    values = [result.get_value(row, 0) for row in range(result.ntuples)]
    return [line for value in values if value for line in value.decode().splitlines()]


PLAN = re.compile(r"1\.\.(\d+)")
ASSERTION = re.compile(r"(not )?ok (\d+)(?: - (.*?))?(?: # ((?:SKIP|TODO)\b.*))?")


def read_tap(result: TestFile, lines: Sequence[str]) -> None:
    """Fill in the assertions, and the problems of a plan that is missing or was not kept."""
    plans = []
    for line in lines:
        if plan := PLAN.fullmatch(line):
            plans.append(int(plan[1]))
        elif match := ASSERTION.fullmatch(line):
            outcome = Assertion(int(match[2]), match[3] or "", match[1] is None, match[4] or "")
            result.assertions.append(outcome)
        elif line.startswith("#") and result.assertions:
            result.assertions[-1].notes.append(line)
        elif line.startswith("Bail out!"):
            result.problems.append(line)
    result.planned = plans[0] if plans else None
    numbers = [assertion.number for assertion in result.assertions]
    if len(plans) != 1:
        found = "more than one plan" if plans else "no plan: select plan(n) is missing"
        result.problems.append(found)
    elif plans[0] != len(numbers):
        result.problems.append(f"planned {plans[0]} assertions, ran {len(numbers)}")
    elif not numbers:
        result.problems.append("ran no assertion")
    if numbers != list(range(1, len(numbers) + 1)):
        result.problems.append(f"assertions out of order: {', '.join(map(str, numbers))}")


@dataclass
class Display:
    """Print TAP to a stream, file by file, and show on a terminal which file runs."""

    total: int
    out: TextIO
    bar: Progress
    number: int = 0

    def say(self, text: str) -> None:
        """Print a text, above the bar where both are on one terminal."""
        if self.out.isatty():
            self.bar.console.out(text, highlight=False)
        else:
            click.echo(text, file=self.out)

    def started(self, name: str) -> None:
        """Show that a file runs."""
        self.number += 1
        what = f"{self.number} of {self.total}  {Path(name).name}"
        task = self.bar.task_ids[0]
        self.bar.update(task, description=what, completed=self.number - 1, refresh=True)

    def ended(self, result: TestFile) -> None:
        """Print the TAP of the file that runs; of one that passed, a person reads the last line."""
        block = tap_block(result, self.number)
        is_brief = result.is_ok and self.total > 1 and self.out.isatty()
        self.say(block.splitlines()[-1] if is_brief else block)


@contextlib.contextmanager
def display(total: int, out: TextIO) -> Iterator[Display]:
    """Open a display of ``total`` files; its bar is on ``out``, or else on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    terminal = out if out.isatty() else sys.stderr
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        TimeElapsedColumn(),
        # whatever FORCE_COLOR says: a log has no place for a bar
        console=Console(file=terminal, force_terminal=terminal.isatty()),
        transient=True,
        # else rich sends standard output to where the bar is
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not terminal.isatty(),
    )
    bar.add_task("", total=total)
    with bar:
        shown = Display(total, out, bar)
        shown.say(f"1..{total}")
        yield shown


def tap_block(result: TestFile, number: int) -> str:
    """Write a file as a subtest of TAP 14, which older readers take for one assertion."""
    if result.skipped:
        return f"ok {number} - {result.name} # SKIP {result.skipped}"
    lines = [f"# Subtest: {result.name}"]
    lines += [] if result.planned is None else [f"    1..{result.planned}"]
    for assertion in result.assertions:
        directive = f" # {assertion.directive}" if assertion.directive else ""
        state = "ok" if assertion.is_ok else "not ok"
        lines.append(f"    {state} {assertion.number} - {assertion.name}{directive}")
        lines += [f"    {note}" for note in assertion.notes]
    lines.append(f"{'ok' if result.is_ok else 'not ok'} {number} - {result.name}")
    lines += [f"# {line}" for problem in result.problems for line in problem.splitlines()]
    return "\n".join(lines)


def junit(files: Sequence[TestFile]) -> str:
    """Write all files as JUnit XML: a suite a file, a case an assertion."""
    root = Xml.Element("testsuites", name="pgTAP")
    for file in files:
        cases = len(file.assertions) + len(file.problems) + bool(file.skipped)
        skipped = [each.directive for each in file.assertions if each.directive]
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=file.name,
            tests=str(cases),
            failures=str(len(file.failed)),
            errors=str(len(file.problems)),
            skipped=str(len(skipped) + bool(file.skipped)),
            time=f"{file.seconds:.3f}",
        )
        if file.skipped:
            case = Xml.SubElement(suite, "testcase", classname=file.name, name="the file itself")
            Xml.SubElement(case, "skipped", message=file.skipped)
        for assertion in file.assertions:
            name = f"{assertion.number} - {assertion.name}"
            case = Xml.SubElement(suite, "testcase", classname=file.name, name=printable(name))
            if assertion.directive:
                Xml.SubElement(case, "skipped", message=printable(assertion.directive))
            elif not assertion.is_ok:
                failure = Xml.SubElement(case, "failure", message=printable(assertion.name))
                failure.text = printable("\n".join(assertion.notes))
        for problem in file.problems:
            case = Xml.SubElement(suite, "testcase", classname=file.name, name="the file itself")
            Xml.SubElement(
                case, "error", message=printable(problem.splitlines()[0])
            ).text = printable(problem)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def printable(text: str) -> str:
    """Replace characters that XML does not allow."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def as_data(file: TestFile) -> dict[str, Any]:
    """Return the results of a file for JSON."""
    return {
        "file": file.name,
        "ok": file.is_ok,
        "assertions": len(file.assertions),
        "failed": [
            {"number": each.number, "name": each.name, "notes": each.notes} for each in file.failed
        ],
        "problems": file.problems,
        "skipped": file.skipped,
        "seconds": round(file.seconds, 3),
    }
