"""Run pgTAP files, and tell what they said as TAP, as JUnit XML or as plain data.

A file is sent as one text, on a connection of its own: whatever it leaves open is rolled back when
that ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import click
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from migration.files import statements
from migration.state import (
    UNAVAILABLE,
    Connection,
    Failure,
    describe,
    scalar,
    sentence,
    sql_failure,
)


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
        """Whether it is "not ok", and not to be done later."""
        return not self.is_ok and not self.directive.startswith("TODO")


@dataclass
class TestFile:
    """What a file said, and what was wrong besides failed assertions."""

    name: str
    skipped: str = ""  # why it was not run
    planned: int | None = None
    assertions: list[Assertion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def failed(self) -> list[Assertion]:
        """Give the failed assertions."""
        return [assertion for assertion in self.assertions if assertion.is_failure]

    @property
    def is_ok(self) -> bool:
        """Whether the file passed."""
        return not self.failed and not self.problems


MADE_HERE = "Helpers of the pgTAP suite, made by migrate.py test, which removes them at its end."
FOLDERS = ("tests", "ext", "public")  # where the files look for pgTAP: their search_path


@contextlib.contextmanager
def helpers(conn: Connection, folder: Path) -> Iterator[None]:
    """Load setup.sql, and remove it again by teardown.sql however the run ends.

    Both belong to the application; all that is known of them is that they make schema tests.
    """
    setup, teardown = folder / "setup.sql", folder / "teardown.sql"
    require_pgtap(conn)
    remove_leftover(conn, teardown)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run_script(conn, setup, f"comment on schema tests is '{MADE_HERE}'")
    try:
        yield
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        run_script(conn, teardown)


def require_pgtap(conn: Connection) -> None:
    """Fail, with the way to install it on this very server, when there is no pgTAP."""
    row = conn.execute(
        "select e.extnamespace::regnamespace::text from pg_available_extensions as a"
        " left join pg_extension as e on e.extname = a.name where a.name = 'pgtap'"
    ).fetchone()
    if row is None:
        version = scalar(conn, "select version()")
        raise Failure(how_to_install(version, conn.info.server_version // 10000), UNAVAILABLE)
    if row[0] and row[0] not in FOLDERS:
        mend = "alter extension pgtap set schema ext"
        raise Failure(f"pgTAP is in schema {row[0]}, where the tests do not look: {mend}")


def how_to_install(version: str, major: int) -> str:
    """Say how pgTAP comes to a server; ``version`` as version() gives it."""
    if re.search(r"Debian|Ubuntu", version):
        advice = f"apt install postgresql-{major}-pgtap"
    else:
        advice = (
            f"Red Hat and its like: dnf install pgtap_{major}. The embedded server: make test."
            " Any other: unpack pgTAP's files into DIR/extension on the server, then:"
            " alter system set extension_control_path = '$system:DIR'; select pg_reload_conf()"
        )
    return f"this server has no pgTAP, which the tests need. {advice}"


def remove_leftover(conn: Connection, teardown: Path) -> None:
    """Remove the helpers of a run that was killed; leave those that somebody else has made."""
    query = "select obj_description(to_regnamespace('tests')), to_regnamespace('tests') is not null"
    comment, is_there = conn.execute(query).fetchone() or (None, False)
    if is_there and comment != MADE_HERE:
        raise Failure(
            "schema tests exists, and migrate.py test has not made it: if no other test run uses"
            f" it, remove it by: psql -f {os.path.relpath(teardown)}"
        )
    if is_there:
        run_script(conn, teardown)
        click.echo("removed schema tests, which a killed run had left", err=True)


def run_script(conn: Connection, path: Path, more: str = "") -> None:
    """Run a file as psql would, with the search_path of a new session, in one transaction."""
    if not path.exists():
        raise Failure(f"{path} is missing: it makes or removes what the pgTAP files share")
    text = path.read_text()
    try:
        with conn.transaction():
            conn.execute("set local search_path to default")
            conn.execute(text.encode())
            conn.execute(more.encode())
    except psycopg.Error as error:
        raise sql_failure(f"{path.name} failed", [describe(error, str(path), text)]) from error


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
    """Give the lines of TAP in a result: an assertion is the first column of a row."""
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
            told = Assertion(int(match[2]), match[3] or "", match[1] is None, match[4] or "")
            result.assertions.append(told)
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
    """Replace what XML cannot hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def as_data(file: TestFile) -> dict[str, Any]:
    """Give what JSON tells of a file."""
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
