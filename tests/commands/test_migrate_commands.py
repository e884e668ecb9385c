"""The commands test, lint, user, key, bootstrap and new: on a new project, and on Zava Retail."""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from scratch import (
    CORE,
    PLAIN,
    ROOT,
    Project,
    as_login,
    command_line,
    difference,
    name_of,
    new_database,
    snapshot,
    write_project,
)

from benchmarks import zava
from zava_mcp.migrate import pgtap

TAP = """\
begin;
set local search_path = tests, ext, public;
select plan({plan});
select tests.load_fixture();
{body}
select finish();
rollback;
"""


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project as zava-mcp init makes it."""
    return new_project(tmp_path_factory.mktemp("new"))


def new_project(folder: Path) -> Path:
    Project("", folder).run("init", "shop")
    return folder / "shop"


@pytest.fixture(scope="module")
def applied(server: str, shop_folder: Path) -> Iterator[Project]:
    """That project, applied to a database without data."""
    with new_database(server) as uri:
        made = Project(uri, shop_folder)
        made.run("apply")
        yield made


LIST_NOTES = "functions/shop_api/tools/list_notes.sql"
TEST_LIST_NOTES = "sql/tests/shop_api/tools/test_list_notes.sql"


# --- test -----------------------------------------------------------------------------------------


def tap_file(folder: Path, name: str, body: str, plan: int = 1) -> str:
    path = folder / f"test_{name}.sql"
    path.write_text(TAP.format(plan=plan, body=body))
    return str(path)


def test_green_files_give_tap_and_leave_no_trace(applied: Project, tmp_path: Path) -> None:
    before = snapshot(applied.uri)
    good = tap_file(tmp_path, "good", "select ok(true, 'fine');")
    said = applied.run("test", TEST_LIST_NOTES, good)
    lines = said.splitlines()
    first, second = sorted([TEST_LIST_NOTES, os.path.relpath(good, applied.root)])
    assert lines[:2] == ["1..2", f"# Subtest: {first}"]
    assert "    ok 1 - fine" in lines
    assert f"ok 1 - {first}" in lines
    assert f"ok 2 - {second}" in lines
    assert re.match(r"# 2 files, \d+ assertions, 0 files failed, ", lines[-1])
    assert difference(before, snapshot(applied.uri)) == ""
    assert applied.run("verify").endswith(" 0 findings\n")


def test_all_files_of_the_project_are_the_default(applied: Project) -> None:
    report = applied.json("test")
    assert [(file["file"], file["ok"]) for file in report["files"]] == [(TEST_LIST_NOTES, True)]
    assert report["untested"] == []
    path = applied.root / TEST_LIST_NOTES
    text = path.read_text()
    path.write_text(TAP.format(plan=1, body="select ok(true, 'list_notes_of_others');"))
    try:
        assert applied.json("test")["untested"] == ["list_notes"]
        assert "\n# no test names the tools list_notes\n# 1 file, " in applied.run("test")
        assert "no test names" not in applied.run("test", TEST_LIST_NOTES)
    finally:
        path.write_text(text)


def test_the_tests_of_the_core_are_another_tree(applied: Project) -> None:
    report = applied.json("test", "--tree", "core", str(CORE / "tests/mcp_auth/test_sign.sql"))
    assert (report["failed"], report["assertions"] > 2) == (0, True)
    assert "there is no tree crm" in applied.run("test", "--tree", "crm", code=64)


def test_a_failure_is_told_everywhere_and_stops_no_other_file(
    applied: Project, tmp_path: Path
) -> None:
    bad = tap_file(
        tmp_path, "bad", "select is(1, 2, 'one is two');\nselect ok(true, 'still <ran> \x01');", 2
    )
    todo = tap_file(tmp_path, "todo", "select todo('later', 1);\nselect ok(false, 'not yet');")
    junit = tmp_path / "report.xml"
    before = snapshot(applied.uri)
    said = applied.run("test", bad, todo, "--junit", str(junit), code=1)
    assert '    not ok 1 - one is two\n    # Failed test 1: "one is two"\n' in said
    assert "    #         have: 1\n    #         want: 2\n" in said
    assert f"\nnot ok 1 - {os.path.relpath(bad, applied.root)}\n" in said
    assert "    not ok 1 - not yet # TODO later" in said
    assert f"\nok 2 - {os.path.relpath(todo, applied.root)}\n" in said
    suites = list(Xml.parse(junit).getroot())  # noqa: S314 - we wrote it
    assert [
        (s.get("tests"), s.get("failures"), s.get("errors"), s.get("skipped")) for s in suites
    ] == [
        ("2", "1", "0", "0"),
        ("1", "0", "0", "1"),
    ]
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "one is two"
    assert "want: 2" in str(failure.text)
    report = applied.json("test", bad, code=1)
    assert report["files"][0]["failed"][0]["number"] == 1
    assert difference(before, snapshot(applied.uri)) == ""


@pytest.mark.parametrize(
    ("name", "plan", "body", "problem"),
    [
        ("more", 1, "select ok(true);\nselect ok(true);", "planned 1 assertions, ran 2"),
        ("fewer", 3, "select ok(true);", "planned 3 assertions, ran 1"),
        ("none", 0, "", "ran no assertion"),
        ("order", 2, "select 'ok 2 - b';\nselect 'ok 1 - a';", "assertions out of order: 2, 1"),
        ("bail", 1, "select ok(true);\nselect 'Bail out! no more';", "Bail out! no more"),
        ("twice", 1, "select ok(true);\nselect '1..1';", "more than one plan"),
        (
            "error",
            2,
            "select ok(true, 'before');\n\nselect 1 / 0;\nselect ok(true);",
            ":7: 22012 division by zero",
        ),
        (
            "place",
            1,
            "select ok(nothing('x'));",
            ":5: 42883 function nothing(unknown) does not exist",
        ),
        ("gone", 1, "select pg_terminate_backend(pg_backend_pid());", "57P01"),
    ],
)
def test_a_plan_that_is_not_kept_and_an_error_fail(
    applied: Project, tmp_path: Path, name: str, plan: int, body: str, problem: str
) -> None:
    report = applied.json("test", tap_file(tmp_path, name, body, plan), code=1)
    problems = report["files"][0]["problems"]
    assert any(problem in each for each in problems), problems
    assert applied.value("select to_regnamespace('tests')") is None


def test_copy_from_the_client_is_refused(applied: Project, tmp_path: Path) -> None:
    path = tap_file(tmp_path, "copy", "copy mcp_auth.users from stdin;")
    said = applied.run("test", path, code=65)
    assert "copy from stdin or to stdout needs psql; write insert into ... values" in said


def test_a_missing_plan_fails_and_what_ran_before_an_error_is_told(
    applied: Project, tmp_path: Path
) -> None:
    path = tmp_path / "test_plan.sql"
    path.write_text("begin;\nselect 'ok 1 - a';\nrollback;\n")
    assert "# no plan: select plan(n) is missing" in applied.run("test", str(path), code=1)
    said = applied.run("test", tap_file(tmp_path, "e", "select ok(true, 'b');\nselect x;"), code=1)
    assert "    ok 1 - b\n" in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select plan(1);\n", "must start with 'begin;' and end with 'rollback;'"),
        ("begin;\nselect 1;\ncommit;\n", "must start with 'begin;' and end with 'rollback;'"),
        ("begin;\ncommit;\nbegin;\nrollback;\n", ":2: 'commit' would end its transaction"),
        ("begin;\n\\set x 1\nrollback;\n", ":2: '\\set' is a command of psql; delete the line"),
    ],
)
def test_a_file_that_would_leave_traces_is_not_run(
    applied: Project, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "test_it.sql"
    path.write_text(text)
    said = applied.run("test", str(path), code=65)
    assert problem in said
    assert "nothing was run" in said


def test_no_file_proves_nothing(applied: Project, tmp_path: Path) -> None:
    empty = Project(applied.uri, write_project(tmp_path, {}))
    assert "sql/tests: no file test_*.sql, so nothing would be proved" in empty.run("test", code=64)


def sleeping(project: Project, process: subprocess.Popen[str]) -> None:
    """Wait until the file of a run sleeps in the server."""
    deadline = time.monotonic() + 20
    query = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
    while not project.value(f"{query} and datname = current_database()"):
        assert process.poll() is None
        assert time.monotonic() < deadline, "no file sleeps"


def test_interrupted_run_reports_it_as_json(applied: Project, tmp_path: Path) -> None:
    process = applied.start("test", tap_file(tmp_path, "long", "select pg_sleep(60);"), "--json")
    sleeping(applied, process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert json.loads(out) == {"error": "stopped", "problems": [], "exit": 130}
    assert process.returncode == 130


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_no_trace(
    applied: Project, tmp_path: Path, sign: signal.Signals
) -> None:
    before = snapshot(applied.uri)
    process = applied.start("test", tap_file(tmp_path, "long", "select pg_sleep(60);"))
    sleeping(applied, process)
    began = time.monotonic()
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, "zava-mcp: stopped")
    assert time.monotonic() - began < 5
    assert difference(before, snapshot(applied.uri)) == ""


def test_leftover_of_a_killed_run_is_removed_by_the_next(applied: Project, tmp_path: Path) -> None:
    before = snapshot(applied.uri)
    long = tap_file(tmp_path, "long", "select pg_sleep(60);")
    process = applied.start("test", long)
    sleeping(applied, process)
    assert "is running tests in this database" in applied.run("test", long, "--wait", "0", code=75)
    process.kill()
    process.communicate(timeout=60)
    assert applied.value("select to_regnamespace('tests')::text") == "tests"
    process = applied.start("test", TEST_LIST_NOTES)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.endswith("removed schema tests, which a killed run had left\n")
    assert difference(before, snapshot(applied.uri)) == ""


# --- test, beside other commands ------------------------------------------------------------------


GATES = 4711, 4712  # advisory locks that a file waits for, so that a test decides when it goes on


@contextlib.contextmanager
def gate(project: Project, key: int = GATES[0]) -> Iterator[Callable[[], object]]:
    """Shut a gate; give what opens it."""
    with psycopg.connect(project.uri, autocommit=True) as conn:
        conn.execute(b"select pg_advisory_lock(%d)" % key)
        yield lambda: conn.execute(b"select pg_advisory_unlock(%d)" % key)


def wait_at_gate(project: Project, process: subprocess.Popen[str], key: int = GATES[0]) -> None:
    """Return when a session waits for a gate; fail after 20 s, or when the process has ended."""
    waiting = f"locktype = 'advisory' and not granted and objid = {key}"
    deadline = time.monotonic() + 20
    while not project.value(f"select exists (select from pg_locks where {waiting})"):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "nobody came to the gate"


def gated_file(folder: Path, key: int = GATES[0]) -> str:
    wait = f"set local lock_timeout = 0;\nselect pg_advisory_xact_lock({key});\n"
    return tap_file(folder, "gated", wait + "select ok(true, 'through');")


def changed(applied: Project, folder: Path, more: str = "") -> Project:
    """The project in another folder, with one function that says something else."""
    root = folder / "changed"
    shutil.copytree(applied.root, root)
    path = root / "sql" / LIST_NOTES
    path.write_text(path.read_text().replace("Return the newest", "Return the latest") + more)
    return Project(applied.uri, root)


def test_a_file_without_the_owner_of_its_function_is_refused(
    applied: Project, tmp_path: Path
) -> None:
    """In this database the function keeps its owner, in a new one it would have another."""
    other = changed(applied, tmp_path)
    path = other.sql / LIST_NOTES
    line = "alter function shop_api.list_notes(integer) owner to mcp_tools;\n"
    assert line in path.read_text()
    path.write_text(path.read_text().replace(line, ""))
    said = other.run("apply", code=70)
    assert "does not say that shop_api.list_notes(integer) belongs to mcp_tools" in said


def test_other_commands_run_while_a_test_run_does(applied: Project, tmp_path: Path) -> None:
    other = changed(applied, tmp_path)
    with gate(applied) as open_gate:
        tests = applied.start("test", gated_file(tmp_path))
        wait_at_gate(applied, tests)
        assert f"shop/{LIST_NOTES}\tchanged\n" in other.run("status", code=1)
        plan = other.json("plan", "--wait", "0", code=1)
        assert [(each["change"], each["identity"]) for each in plan["changes"]] == [
            ("re-granted", "shop_api.list_notes(integer)")
        ]
        assert other.json("apply", "--wait", "0")["managed"] == [f"shop/{LIST_NOTES}"]
        assert other.run("verify").endswith(" 0 findings\n")
        assert other.run("drift").endswith(" 0 differ\n")
        assert tests.poll() is None
        open_gate()
        out, err = tests.communicate(timeout=60)
    assert (tests.returncode, err) == (0, "")
    assert "    ok 1 - through\n" in out
    applied.run("apply")


def test_helpers_are_not_made_beside_a_plan(applied: Project, tmp_path: Path) -> None:
    """It would show them as changes."""
    other = changed(applied, tmp_path)
    setup = other.sql / "tests/helpers/setup.sql"
    setup.write_text(f"select pg_advisory_xact_lock({GATES[0]});\n")
    with gate(applied) as open_gate:
        tests = other.start("test", "--lock-timeout", "0", TEST_LIST_NOTES)
        wait_at_gate(applied, tests)
        busy = other.run("plan", "--wait", "0", code=75)
        assert "is migrating this database; waited 0, see --wait" in busy
        plan = other.start("plan", "--json")
        assert plan.stderr
        assert "waiting up to 60s for pid" in plan.stderr.readline()
        open_gate()
        out, err = plan.communicate(timeout=60)
        assert plan.returncode == 1, err
        tests.communicate(timeout=60)
    assert tests.returncode == 0
    changes = json.loads(out)["changes"]
    assert [each["identity"] for each in changes] == ["shop_api.list_notes(integer)"]


def test_helpers_are_not_removed_beside_an_apply(applied: Project, tmp_path: Path) -> None:
    """The two would deadlock."""
    apply_gate, test_gate = GATES
    before = snapshot(applied.uri)
    other = changed(applied, tmp_path, f"select pg_advisory_xact_lock({apply_gate});\n")
    with gate(applied, apply_gate) as open_apply, gate(applied, test_gate) as open_tests:
        tests = applied.start("test", "--wait", "0", gated_file(tmp_path, test_gate))
        wait_at_gate(applied, tests, test_gate)
        apply = other.start("apply", "--wait", "0", "--lock-timeout", "0")
        wait_at_gate(applied, apply, apply_gate)
        open_tests()
        assert tests.stderr
        assert "waiting up to 60s for pid" in tests.stderr.readline()
        open_apply()
        out, err = tests.communicate(timeout=60)
        assert tests.returncode == 0, out + err
        apply.communicate(timeout=60)
    assert apply.returncode == 0
    applied.run("apply")
    assert difference(before, snapshot(applied.uri)) == ""


def test_a_second_test_run_waits_for_the_first(applied: Project, tmp_path: Path) -> None:
    before = snapshot(applied.uri)
    with gate(applied) as open_gate:
        first = applied.start("test", gated_file(tmp_path))
        wait_at_gate(applied, first)
        said = applied.run("test", gated_file(tmp_path), "--wait", "0", code=75)
        assert "(migrate, from " in said
        assert "is running tests in this database; waited 0, see --wait" in said
        second = applied.start("test", TEST_LIST_NOTES)
        assert second.stderr
        assert "waiting up to 60s for pid" in second.stderr.readline()
        open_gate()
        outs = [run.communicate(timeout=60)[0] for run in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert ["1 file," in out and "0 files failed" in out for out in outs] == [True, True]
    assert difference(before, snapshot(applied.uri)) == ""


# --- test, on a terminal --------------------------------------------------------------------------


class Terminal:
    """A pseudo-terminal of 100 columns: what a process writes to it, and the screen that makes."""

    def __init__(self) -> None:
        self.reader, self.writer = pty.openpty()
        fcntl.ioctl(self.writer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        self.written = b""

    def read(self, text: str = "") -> None:
        """Read until a text was written, or all that there will be; fail after 20 s."""
        deadline = time.monotonic() + 20
        while not text or text.encode() not in self.written:
            ready, _, _ = select.select([self.reader], [], [], deadline - time.monotonic())
            assert ready, f"{text!r} was not written: {self.written!r}"
            try:
                self.written += os.read(self.reader, 65536)
            except OSError:  # what Linux says when nobody writes any more
                assert not text, f"{text!r} was not written: {self.written!r}"
                return

    def screen(self) -> list[str]:
        """Do what the control sequences say, as far as a bar needs them."""
        lines, row, column = [""], 0, 0
        for control, count, code, text in re.findall(
            r"(\r|\n|\x1b\[(\??\d*)([A-Za-z]))|([^\r\n\x1b]+)", self.written.decode()
        ):
            if text:
                padded = lines[row].ljust(column)
                lines[row] = padded[:column] + text + padded[column + len(text) :]
                column += len(text)
            elif control == "\r":
                column = 0
            elif control == "\n":
                row += 1
                lines += [""] * (row == len(lines))
            elif code == "A":
                row -= int(count or 1)
            elif code == "K":
                assert count == "2"
                lines[row] = ""
            else:
                assert code in "mhl", control  # colours, and the cursor hidden and shown
        return [line.rstrip() for line in lines if line.strip()]

    def start(
        self, project: Project, *arguments: str, stdout: int | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command_line("migrate", *arguments),
            env={**os.environ, "DATABASE_URL": project.uri, "LANG": "C.UTF-8", "TERM": "xterm"},
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            stdout=self.writer if stdout is None else stdout,
            stderr=self.writer,
            text=True,
        )
        os.close(self.writer)
        return process


def without_seconds(text: str) -> str:
    return re.sub(r"[0-9.]+ s$", "S s", text, flags=re.MULTILINE)


@pytest.fixture
def three(tmp_path: Path) -> list[str]:
    """A file that passes, one that fails, and one that waits at the gate; in this order."""
    body = "select is(1, 2, 'one is [red]two[/red]');\nselect ok(true, 'still');"
    return sorted(
        [
            tap_file(tmp_path, "a_good", f"select ok(true, '{'long ' * 30}');"),
            tap_file(tmp_path, "b_bad", body, 2),
            gated_file(tmp_path),
        ]
    )


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_bar_on_standard_error_leaves_standard_output_alone(
    applied: Project, three: list[str], options: list[str]
) -> None:
    expected = run_with_output(applied, "test", *three, *options)
    terminal = Terminal()
    with gate(applied) as open_gate:
        process = terminal.start(applied, "test", *three, *options, stdout=subprocess.PIPE)
        terminal.read("3 of 3  test_gated.sql")
        wait_at_gate(applied, process)
        open_gate()
        assert process.stdout
        out = process.stdout.read()
        terminal.read()
    assert process.wait(timeout=60) == 1
    if options:
        seconds = re.compile(r'"seconds": [0-9.]+')
        assert seconds.sub("", out) == seconds.sub("", expected)
        assert json.loads(out)["failed"] == 1
    else:
        assert without_seconds(out) == without_seconds(expected)
        assert terminal.screen() == []


def run_with_output(project: Project, *arguments: str) -> str:
    """Return what a run that fails prints on standard output, without any terminal."""
    process = subprocess.run(
        command_line("migrate", *arguments),
        env={**os.environ, "DATABASE_URL": project.uri, "LANG": "C.UTF-8", "FORCE_COLOR": "1"},
        cwd=project.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 1
    assert "\x1b" not in process.stdout + process.stderr
    return process.stdout


def test_a_terminal_shows_the_bar_below_whole_lines_of_tap(
    applied: Project, three: list[str]
) -> None:
    terminal = Terminal()
    good, bad, gated = (os.path.relpath(path, applied.root) for path in three)
    with gate(applied) as open_gate:
        process = terminal.start(applied, "test", *three)
        terminal.read("3 of 3  test_gated.sql")
        wait_at_gate(applied, process)
        above = terminal.screen()[:-1]
        assert terminal.screen()[-1].startswith("3 of 3  test_gated.sql ")
        open_gate()
        terminal.read()
    assert process.wait(timeout=60) == 1
    assert above == [
        "1..3",
        f"ok 1 - {good}",
        f"# Subtest: {bad}",
        "    1..2",
        "    not ok 1 - one is [red]two[/red]",
        '    # Failed test 1: "one is [red]two[/red]"',
        "    #         have: 1",
        "    #         want: 2",
        "    ok 2 - still",
        "    # Looks like you failed 1 test of 2",
        f"not ok 2 - {bad}",
    ]
    total = "# 3 files, 4 assertions, 1 file failed, S s"
    assert without_seconds("\n".join(terminal.screen())).splitlines() == [
        *above,
        f"ok 3 - {gated}",
        total,
    ]


def test_a_terminal_shows_all_of_a_single_file(applied: Project, tmp_path: Path) -> None:
    terminal = Terminal()
    name = f"select ok(true, '{'long ' * 30}end');"
    process = terminal.start(applied, "test", tap_file(tmp_path, "one", name))
    terminal.read()
    assert process.wait(timeout=60) == 0
    # what is wider than the terminal is neither cut nor broken by line ends of ours
    assert f"    ok 1 - {'long ' * 30}end\r\n" in terminal.written.decode()


def test_helpers_of_somebody_else_stay(applied: Project) -> None:
    applied.rows("create schema tests")
    try:
        said = applied.run("test", code=1)
        assert "schema tests exists, and zava-mcp has not made it" in said
        assert applied.value("select to_regnamespace('tests')::text") == "tests"
    finally:
        applied.rows("drop schema tests")


def test_a_server_without_pgtap_gets_it_for_the_run(applied: Project) -> None:
    name = name_of(applied.uri)
    applied.rows(f"alter database {name} set extension_control_path = '$system'")
    before = snapshot(applied.uri)
    try:
        available = "select count(*) from pg_available_extensions where name = 'pgtap'"
        assert applied.value(available) == 0
        assert applied.run("test").splitlines()[-1].startswith("# 1 file, ")
        assert difference(before, snapshot(applied.uri)) == ""
    finally:
        applied.rows(f"alter database {name} reset extension_control_path")


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("PostgreSQL 18.1 (Debian 18.1-1.pgdg120+1) on x86_64", "apt install postgresql-18-pgtap"),
        ("PostgreSQL 18.0 (Ubuntu 18.0-1) on aarch64", "apt install postgresql-18-pgtap"),
        (
            "PostgreSQL 18.1 on x86_64, compiled by gcc (GCC) 11 (Red Hat 11-2)",
            "dnf install pgtap_18",
        ),
        ("PostgreSQL 18.1 on arm-apple-darwin", "extension_control_path = '$system:DIR'"),
    ],
)
def test_how_to_install_pgtap(version: str, advice: str) -> None:
    assert advice in pgtap.how_to_install(version, 18)


def test_pgtap_that_is_there_is_taken_and_stays(server: str, shop_folder: Path) -> None:
    with new_database(server) as uri:
        other = Project(uri, shop_folder)
        other.rows("create schema elsewhere")
        other.rows("create extension pgtap schema elsewhere")
        assert "alter extension pgtap set schema public" in other.run("test", code=1)
        other.rows("alter extension pgtap set schema public")
        other.run("apply")
        other.run("test")
        place = "select extnamespace::regnamespace::text from pg_extension where extname = 'pgtap'"
        assert other.value(place) == "public"


# --- lint -----------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A new project, which no linter minds; no database."""
    return Project("", new_project(tmp_path))


def test_lint_finds_nothing_in_a_new_project(small: Project) -> None:
    count = len(list(small.sql.rglob("*.sql")))
    assert count > 7
    assert small.run("lint") == f"{count} files, 0 findings\n"
    workflow = (small.root / ".github/workflows/sql.yml").read_text()
    assert "run: pip install 'zava-mcp[local,lint]'\n" in workflow
    assert "run: zava-mcp migrate lint\n" in workflow


def test_lint_names_file_line_and_rule(small: Project) -> None:
    small.write(
        {
            LIST_NOTES: "SELECT 1;\n\ncreate table shop.t (i integer);\n",
            "functions/shop_api/big.sql": "select 1;\n" * 2100,
            "0002_more.sql": "-- More.\nalter table shop.notes add column nick text not null;\n",
        }
    )
    report = small.json("lint", code=1)
    found = [(each["file"], each["line"], each["rule"]) for each in report["findings"]]
    assert (f"sql/{LIST_NOTES}", 1, "sqlfluff CP01 capitalisation.keywords") in found
    assert ("sql/0002_more.sql", 2, "squawk adding-required-field") in found
    assert ("sql/functions/shop_api/big.sql", 0, "sqlfluff") in found
    said = [
        (each["file"], each["line"], each["message"].partition(",")[0].partition(";")[0])
        for each in report["findings"]
        if each["rule"] == "file rules"
    ]
    assert said == [
        ("sql/0002_more.sql", 0, "sql/0002_more.rollback.sql is missing or empty"),
        (f"sql/{LIST_NOTES}", 3, "'create table' belongs into a versioned file"),
    ]
    lines = [line.split("\t") for line in small.run("lint", code=1).splitlines()]
    places = [line[0] for line in lines if line[1:2] == ["file rules"]]
    assert places == ["sql/0002_more.sql", f"sql/{LIST_NOTES}:3"]


def test_concurrent_index_is_linted_as_it_runs(small: Project) -> None:
    """Outside a transaction; in one, squawk would refuse it."""
    small.write(
        {
            "0002_index.sql": "-- transactional: false\n"
            "drop index concurrently if exists shop.notes_created_at_idx;\n"
            "create index concurrently notes_created_at_idx on shop.notes (created_at);\n",
            "0002_index.rollback.sql": "drop index shop.notes_created_at_idx;\n",
        }
    )
    small.run("lint")


def test_lint_with_a_database_runs_its_checks(applied: Project) -> None:
    said = applied.run("lint")
    assert re.fullmatch(r"\d+ files, 21 checks of the database, 0 findings\n", said)
    applied.rows("comment on schema shop_api is null")
    try:
        said = applied.run("lint", code=1)
        assert "schema shop_api\twarning ZM301\tit has no comment" in said
    finally:
        applied.rows("comment on schema shop_api is 'The tools.'")


def test_lint_says_which_program_is_missing(small: Project) -> None:
    hidden = (
        "import sys; sys.modules['sqlfluff'] = None; from zava_mcp.cli import main;"
        " sys.argv[1:] = ['migrate', 'lint']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden], cwd=small.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 69
    assert "sqlfluff is missing: pip install 'zava-mcp[lint]'" in done.stderr


# --- users and keys -------------------------------------------------------------------------------


@pytest.fixture
def ada(applied: Project) -> Iterator[str]:
    """The name of a user who is a member."""
    name = f"Ada {uuid.uuid4().hex[:8]}"
    applied.run("user", "add", name, "--audience", "shop_members", "--external-id", f"sub {name}")
    yield name
    applied.rows("delete from mcp_auth.api_keys where true")
    applied.rows("delete from mcp_auth.users where true")


def test_user_is_added_and_listed(applied: Project, ada: str) -> None:
    scope = str(uuid.uuid4())
    report = applied.json("user", "add", "Bob", "--audience", "shop_members", "--scope", scope)
    users = applied.json("user", "list")["users"]
    assert [(user["name"], user["audience"], user["scope"]) for user in users] == [
        (ada, "shop_members", []),
        ("Bob", "shop_members", [scope]),
    ]
    assert users[1]["user_id"] == report["user_id"]
    listed = applied.run("user", "list")
    assert f"\t{ada}\tshop_members\t[]\tsub {ada}\t{{}}\ttrue\t" in listed
    assert f'\tBob\tshop_members\t["{scope}"]\t\t{{}}\ttrue\t' in listed
    assert users[1]["claims"] == {}


def test_a_user_is_changed(applied: Project, ada: str) -> None:
    scope = str(uuid.uuid4())
    applied.run("user", "add", "Bob", "--audience", "shop_members", "--scope", scope)
    applied.run("user", "change", ada, "--inactive", "--claim", "desk=3", "--scope", scope)
    applied.run("user", "change", "Bob", "--no-scope")

    def states() -> list[tuple[str, bool, list[str], dict[str, str]]]:
        users = applied.json("user", "list")["users"]
        return [(u["name"], u["is_active"], u["scope"], u["claims"]) for u in users]

    assert states() == [(ada, False, [scope], {"desk": "3"}), ("Bob", True, [], {})]
    assert applied.run("user", "change", ada, "--active") == f"{ada} is changed\n"
    assert states() == [(ada, True, [scope], {"desk": "3"}), ("Bob", True, [], {})]
    subject = "select external_id from mcp_auth.users where name = 'Bob'"
    for given, kept in (("sub-7", "sub-7"), ("", None)):
        applied.run("user", "change", "Bob", "--external-id", given)
        assert applied.value(subject) == kept
    assert "no user has the id or the exact name" in applied.run(
        "user", "change", "Eve", "--inactive", code=1
    )
    for options in ((), ("--scope", scope, "--no-scope"), ("--claim", "x")):
        applied.run("user", "change", "Bob", *options, code=64)


def test_calls_are_listed(applied: Project, ada: str) -> None:
    applied.run("user", "add", "Bob", "--audience", "shop_members")
    entries = [
        {
            "request_id": uuid.uuid4().hex,
            "user_id": str(applied.value("select mcp_auth.find_user(%s)", user)),
            "tool": "list_items",
            "started_at": applied.value("select now()").isoformat(),
            "duration_ms": 1.5,
            "code": code,
        }
        for user, code in ((ada, "OK"), (ada, "NOT_FOUND"), ("Bob", "NOT_FOUND"))
    ]
    applied.value("select mcp.record_calls(%s::jsonb)", json.dumps(entries))

    def listed(*options: str) -> list[str]:
        return [call["request_id"] for call in applied.json("log", *options)["calls"]]

    ok, refused, others = (str(entry["request_id"]) for entry in entries)
    assert set(listed()) == {ok, refused, others}
    assert set(listed("--failed")) == {refused, others}
    assert set(listed("--user", ada)) == {ok, refused}
    assert listed("--user", ada, "--code", "NOT_FOUND") == [refused]
    assert listed("--request-id", ok) == [ok]
    assert f"\t{ada}\tlist_items\tNOT_FOUND\t1.5\t" in applied.run("log", "--failed")


def test_user_is_added_with_a_key(applied: Project, ada: str) -> None:
    key = applied.run("user", "add", "Bob", "--audience", "shop_members", "--key").strip()
    owner = "select mcp_auth.api_key_owner(%s) = mcp_auth.find_user('Bob')"
    assert applied.value(owner, key) is True
    report = applied.json("user", "add", "Eve", "--audience", "shop_members", "--key")
    owner = "select mcp_auth.api_key_owner(%s)::text"
    assert applied.value(owner, report["key"]) == report["user_id"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("Eve", "--audience", "nobody"),
            1,
            'there is no audience "nobody"\n    hint: The audiences are: shop_members.',
        ),
        (
            ("Eve", "--audience", "shop_members", "--scope", "1"),
            64,
            "--scope: '1' is no uuid, which project.scope in zava.toml asks for",
        ),
        (("", "--audience", "shop_members"), 1, "NAME: 1 to 200 characters, with no blank"),
        (
            ("Eve", "--audience", "shop_members", "--claim", "x"),
            64,
            "--claim: 'x' is not NAME=VALUE",
        ),
        (
            ("Eve", "--audience", "shop_members", "--claim", f"x={'y' * 8192}"),
            1,
            "--claim: at most 8192 bytes together",
        ),
    ],
)
def test_a_wrong_user_is_told_in_words(
    applied: Project, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found = applied.run("user", "add", *arguments, code=code)
    assert found == f"zava-mcp: {found.removeprefix('zava-mcp: ')}"
    assert said in found
    assert not re.search(r"22P02|23\d\d\d|violates|constraint", found)
    report = applied.json("user", "add", *arguments, code=code)
    assert report["error"] in found
    assert applied.json("user", "list") == {"exit": 0, "users": []}


def test_a_user_has_claims_and_ids_in_their_type(applied: Project, ada: str) -> None:
    scope = str(uuid.uuid4())
    options = ("--scope", scope.upper(), "--claim", "region=north", "--claim", "team=a=b")
    applied.run("user", "add", "Bob", "--audience", "shop_members", *options)
    bob = applied.json("user", "list")["users"][1]
    assert bob["scope"] == [scope]
    assert bob["claims"] == {"region": "north", "team": "a=b"}
    taken = ("user", "add", "Eve", "--audience", "shop_members", "--external-id", f"sub {ada}")
    assert "--external-id: another user has it" in applied.run(*taken, code=1)


def test_audiences_are_added_listed_and_removed(applied: Project) -> None:
    name = f"clerks_{uuid.uuid4().hex[:8]}"
    made = applied.start("audience", "add", name, "--description", "Who sells.")
    out, err = made.communicate(timeout=60)
    assert out == f"{name} is an audience\n"
    assert f"List {name} in project.audiences of zava.toml" in err
    try:
        applied.run("user", "add", "Bob", "--audience", name)
        applied.run("key", "create", "Bob")
        rows = {row["audience"]: row for row in applied.json("audience", "list")["audiences"]}
        assert rows[name] == {
            "audience": name,
            "description": "Who sells.",
            "users": 1,
            "tools": 0,
        }
        assert rows["shop_members"]["tools"] == 1
        for bad, said in (
            ("Clerks", "NAME: at most 63 of a-z, 0-9 and _"),
            ("shop_mcp", 'role "shop_mcp" is a login'),
        ):
            assert said in applied.run("audience", "add", bad, code=1)
        assert "use --yes" in applied.run("audience", "remove", name, code=64)
        said = applied.run("audience", "remove", "nobody", "--yes", code=1)
        assert f"The audiences are: {name}, shop_members" in said
        report = applied.json("audience", "remove", name, "--yes")
        assert report == {"exit": 0, "audience": name, "users": 1}
        assert [row["audience"] for row in applied.json("audience", "list")["audiences"]] == [
            "shop_members"
        ]
    finally:
        applied.rows(f"drop role if exists {name}")


def test_key_is_shown_once_works_and_is_revoked(applied: Project, ada: str) -> None:
    process = applied.start("key", "create", ada, "--label", "laptop", "--expires", "90d")
    out, err = process.communicate(timeout=60)
    key = out.strip()
    assert "not shown again" in err
    assert applied.value("select mcp.authenticate(%s) ->> 'name'", key) == ada
    quiet = applied.start("key", "create", ada, "--quiet")
    out, err = quiet.communicate(timeout=60)
    assert (out.count("\n"), err) == (1, "")
    assert applied.json("key", "create", ada)["key"].startswith("zava_")

    keys = applied.json("key", "list", "--user", ada)["keys"]
    laptop = next(each for each in keys if each["label"] == "laptop")
    assert (len(keys), laptop["state"]) == (3, "active")
    assert laptop["key_id"] == key.split("_")[1]
    days = applied.value(
        "select (k.expires_at - k.created_at)::text from mcp_auth.list_api_keys() as k"
        " where k.label = 'laptop'",
    )
    assert days == "90 days"
    assert key.split("_")[2] not in applied.run("key", "list")

    assert applied.run("key", "revoke", laptop["key_id"]) == "1 key revoked\n"
    assert applied.json("key", "revoke", laptop["key_id"])["revoked"] == 0
    with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
        # as a parameter, since PostgreSQL logs the text of what it refuses
        applied.value("select mcp.authenticate(%s)", key)
    wrong = applied.run("key", "revoke", "--user", ada, "--label", "laptpo", code=1)
    assert wrong == (
        f"zava-mcp: --label: {ada} has no key with the label 'laptpo': zava-mcp key list --user"
        f" {shlex.quote(ada)} lists them\n"
    )
    assert applied.json("key", "revoke", "--user", ada, "--label", "laptop")["revoked"] == 0
    assert applied.run("key", "revoke", "--user", ada) == "2 keys revoked\n"
    assert applied.json("user", "list")["users"][0]["keys"] == 0


def test_the_signing_keys_are_rotated(applied: Project) -> None:
    signed = "select mcp_auth.sign('{}', 'x')"
    out, err = applied.start("key", "rotate", "assertion").communicate(timeout=60)
    assert "ZAVA_ASSERTION_KEY" in err
    first = hmac.new(bytes.fromhex(out.strip()), b"x", "sha256").hexdigest()
    assert applied.value(signed.format("assertion")) == first
    second = applied.json("key", "rotate", "assertion")
    assert (second["purpose"], len(second["key"])) == ("assertion", 64)
    assert applied.value(signed.format("assertion_previous")) == first
    assert applied.value(signed.format("assertion")) != first
    out, err = applied.start("key", "rotate", "assertion", "--quiet").communicate(timeout=60)
    assert (len(out), err) == (65, "")

    for purpose in ("context", "ticket"):
        before = applied.value(signed.format(purpose))
        assert applied.run("key", "rotate", purpose) == f"{purpose} rotated\n"
        assert applied.value(signed.format(purpose)) != before
    applied.run("key", "rotate", "call_log", code=64)


def test_what_is_meant_must_be_clear(applied: Project, ada: str) -> None:
    applied.run("user", "add", ada, "--audience", "shop_members")
    said = applied.run("key", "create", ada, code=1)
    assert f'2 users have the name "{ada}"' in said
    assert "hint: Give the id of one: " in said
    ids = [user["user_id"] for user in applied.json("user", "list")["users"]]
    applied.run("key", "create", ids[0])
    assert "no user has the id" in applied.run("key", "create", ada[:-1], code=1)
    assert "not a time such as 12h" in applied.run(
        "key", "create", ids[0], "--expires", "0d", code=64
    )
    assert "give the id of a key, or --user" in applied.run("key", "revoke", code=64)
    secret = f"zava_{'0' * 16}_{'1' * 64}"
    said = applied.run("key", "revoke", secret, code=1)
    assert "no API key has this id" in said
    assert "1111" not in said


# --- the ordinary login ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zava_applied(server: str) -> Iterator[Project]:
    """Zava Retail, applied by a superuser to a database without data."""
    with new_database(server, is_ours=False) as uri:
        made = Project(uri, ROOT)
        made.run("apply")
        yield made


@contextlib.contextmanager
def prepared(server: str, root: Path) -> Iterator[tuple[Project, Project]]:
    """A database that a DBA has prepared for an ordinary login: the project as seen by both."""
    login = f"dba_{uuid.uuid4().hex[:8]}"
    with new_database(server, is_ours=False) as uri:
        dba = Project(uri, root)
        script = dba.run("bootstrap", "--print", "--login", login, "--database", name_of(uri))
        dba.rows(script)
        dba.rows(script)  # again, it changes nothing
        yield dba, Project(as_login(uri, login), root)
        dba.rows(f"drop owned by {login} cascade")
        dba.rows(f"drop role {login}")


@pytest.fixture
def managed(server: str) -> Iterator[tuple[Project, Project]]:
    with prepared(server, ROOT) as both:
        yield both


POWERS = """
select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
from pg_roles where rolname = current_user
"""


def without_ledger(uri: str) -> dict[str, str]:
    return {name: text for name, text in snapshot(uri).items() if "migrate" not in name}


def test_ordinary_login_does_everything(managed: tuple[Project, Project]) -> None:
    superuser, login = managed
    assert login.value(POWERS) is False
    empty = without_ledger(superuser.uri)
    assert zava.prepare(login.uri, 300, "none")
    superuser.run("lockdown", "on", "--yes")
    assert ", 0 findings; " in login.run("verify")
    assert login.run("drift").endswith(" 0 differ\n")
    # the upkeep can do its work
    assert login.value("select mcp_log.create_call_log_partitions(9)") == 10
    assert login.value("select mcp.maintain() -> 'problems'") == []
    report = login.json("test")
    failed = [(file["file"], file["failed"], file["problems"]) for file in report["files"]]
    assert [each for each in failed if each[1] or each[2]] == []
    skipped = [file["file"] for file in report["files"] if file["skipped"]]
    assert skipped == [
        "sql/tests/api/test_execute_sales_query_context.sql",
        "sql/tests/api/test_performance.sql",
        "sql/tests/test_lockdown.sql",
        "sql/tests/test_security_catalog.sql",
        "sql/tests/test_server_login.sql",
    ]
    assert report["assertions"] > 1000
    superuser.run("lockdown", "off")
    login.run("rollback", "--to", "core/0", "--yes")
    assert difference(empty, without_ledger(superuser.uri)) == ""
    login.run("apply")


def test_ordinary_login_of_a_new_project(server: str, shop_folder: Path) -> None:
    """It has neither roles of its own nor extensions."""
    with prepared(server, shop_folder) as (superuser, login):
        assert login.value(POWERS) is False
        empty = without_ledger(superuser.uri)
        assert superuser.value("select to_regnamespace('ext')") is None
        login.run("apply")
        assert login.run("verify").endswith(" 0 findings\n")
        assert login.run("drift").endswith(" 0 differ\n")
        assert login.json("test")["failed"] == 0
        login.run("rollback", "--to", "core/0", "--yes")
        assert difference(empty, without_ledger(superuser.uri)) == ""
        login.run("apply")


def words_of(text: str) -> str:
    """Sort the words: an access list is in the order of the names of roles."""
    return "\n".join(sorted(text.split()))


def test_ordinary_login_and_superuser_make_the_same(
    managed: tuple[Project, Project], zava_applied: Project
) -> None:
    """But for who made it, and the event trigger."""
    superuser, login = managed
    login.run("apply")
    me = str(conninfo_to_dict(login.uri)["user"])
    mine = {name: text.replace(me, "postgres") for name, text in snapshot(superuser.uri).items()}
    theirs = snapshot(zava_applied.uri)
    ours = {name for name in theirs if name.startswith(("routine", "policy", "column", "relation"))}
    assert len(ours) > 400
    assert (
        difference({n: words_of(theirs[n]) for n in ours}, {n: words_of(mine[n]) for n in ours})
        == ""
    )
    assert {n for n in theirs.keys() - mine.keys() if not n.startswith("default")} == {
        "event trigger mcp_catalog_stale"
    }
    settings = f"setting of a role here {zava.LOGIN}"
    assert mine[settings] == theirs[settings]


def test_event_trigger_comes_afterwards_from_a_superuser(server: str, shop_folder: Path) -> None:
    with prepared(server, shop_folder) as (superuser, login):
        login.run("apply")
        names = ("--login", "somebody", "--database", "whatever")
        superuser.rows(superuser.run("bootstrap", "--print", *names, "--after"))
        triggers = "select string_agg(evtname, ' ') from pg_event_trigger"
        assert superuser.value(triggers) == "mcp_catalog_stale"
        assert login.run("drift").endswith(" 0 differ\n")
        login.run("apply", "--all")
        assert login.run("verify").endswith(" 0 findings\n")


def test_bootstrap_quotes_names_and_wants_the_right_database(
    server: str, shop_folder: Path
) -> None:
    shop = Project("", shop_folder)
    options = ("--login", "o'brien", "--database", "elsewhere")
    assert "Missing option '--print'" in shop.run("bootstrap", *options, code=64)
    script = shop.run("bootstrap", "--print", *options)
    assert "set_config('bootstrap.login', 'o''brien', true)" in script
    assert "set_config('bootstrap.server', 'shop_mcp', true)" in script
    assert "set_config('bootstrap.audiences', '{shop_members}', true)" in script
    for empty in ("roles", "extensions"):
        assert f"set_config('bootstrap.{empty}', '{{}}', true)" in script
    with pytest.raises(psycopg.errors.RaiseException, match='database "elsewhere" first'):
        Project(server, shop_folder).rows(script)


# --- which database -------------------------------------------------------------------------------


def test_without_a_url_the_embedded_server_that_runs_is_taken_and_named(
    server: str, applied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = Path(str(conninfo_to_dict(server)["host"])).parent
    monkeypatch.setenv("ZAVA_DATA_DIR", str(data_dir))
    process = Project("", applied.root).start("status", "--json")
    out, err = process.communicate(timeout=60)
    assert err == f"DATABASE_URL is not set: using the embedded server of {data_dir}\n"
    assert process.returncode == 1
    assert json.loads(out) == Project(server, applied.root).json("status", code=1)


def test_without_a_url_and_a_server_nothing_is_run(
    applied: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAVA_DATA_DIR", str(tmp_path))
    said = Project("", applied.root).run("apply", code=64)
    assert "no database: set DATABASE_URL or --database-url, or start the embedded server" in said


@pytest.mark.parametrize("command", ["apply", "lint"])
@pytest.mark.parametrize("url", ["", " "])
def test_an_empty_url_is_refused(applied: Project, command: str, url: str) -> None:
    assert "--database-url is empty" in applied.run(command, "--database-url", url, code=64)


# --- new ------------------------------------------------------------------------------------------


def test_what_new_writes_is_clean_applies_and_passes(server: str, small: Project) -> None:
    written = [
        *small.json("new", "migration", "visits")["written"],
        *small.json("new", "tool", "count_visits")["written"],
        *small.json("new", "policy", "shop.visits")["written"],
        *small.json("new", "resource", "visit_report")["written"],
        *small.json("new", "prompt", "review_visits")["written"],
        *small.json("new", "skill", "explain_visits")["written"],
    ]
    assert written == [
        "0002_visits.sql",
        "0002_visits.rollback.sql",
        "functions/shop_api/tools/count_visits.sql",
        "tests/shop_api/tools/test_count_visits.sql",
        "policies/shop.visits.sql",
        "tests/policies/test_shop.visits.sql",
        "functions/shop_api/resources/visit_report.sql",
        "tests/shop_api/resources/test_visit_report.sql",
        "functions/shop_api/prompts/review_visits.sql",
        "tests/shop_api/prompts/test_review_visits.sql",
        "functions/shop_api/skills/explain_visits.sql",
        "tests/shop_api/skills/test_explain_visits.sql",
    ]
    with new_database(server) as uri:
        shop = Project(uri, small.root)
        assert "sql/0002_visits.sql: holds no statement" in shop.run("apply", code=65)
        with (small.sql / written[0]).open("a") as file:  # the obvious
            file.write(
                "create table shop.visits (\n    tenant_id uuid not null,\n"
                "    constraint visits_pkey primary key (tenant_id)\n);\n"
                "comment on table shop.visits is 'One row a visit.';\n"
                "comment on column shop.visits.tenant_id is 'Whose.';\n"
            )
        with (small.sql / written[1]).open("a") as file:
            file.write("drop table shop.visits;\n")
        assert small.run("lint").endswith(" 0 findings\n")
        shop.run("apply")
        assert shop.run("verify").endswith(" 0 findings\n")
        report = shop.json("test", *(f"sql/{path}" for path in written if path.startswith("tests")))
        assert (report["assertions"], report["failed"]) == (11, 0)
        shop.run("rollback", "--to", "1", "--yes")


def test_new_overwrites_nothing_and_wants_names(small: Project) -> None:
    assert small.run("new", "tool", "count_notes") == (
        "wrote sql/functions/shop_api/tools/count_notes.sql\n"
        "wrote sql/tests/shop_api/tools/test_count_notes.sql\n"
    )
    said = small.run("new", "tool", "count_notes", code=64)
    assert "already there" in said
    assert "sql/functions/shop_api/tools/count_notes.sql" in said
    assert "write schema.table" in small.run("new", "policy", "notes", code=64)
    said = small.run("new", "policy", "shop.visits")
    assert "note: only the owner of shop.visits and whom a policy names will see its rows" in said
    assert "write lower_case_words" in small.run("new", "tool", "Count", code=64)
    said = small.run("new", "prompt", "order", code=64)
    assert "order is a reserved word of SQL: name the prompt otherwise" in said


@pytest.mark.parametrize(
    "command",
    [
        "test",
        "lint",
        "land",
        "bootstrap",
        "new",
        "key create",
        "key list",
        "key revoke",
        "key rotate",
        "audience add",
        "audience remove",
        "user add",
        "user change",
        "log",
    ],
)
def test_help_has_an_example_and_exit_codes(command: str) -> None:
    said = Project("", ROOT).run(*command.split(), "--help")
    plain = command.split(maxsplit=1)[0] in PLAIN
    assert f"\n  Example:\n    zava-mcp {'' if plain else 'migrate '}{command}" in said
    applies = command.split(maxsplit=1)[0] not in {"key", "audience", "user", "log"}
    assert ("2   an applied file was edited, is missing" in said) is applies
    assert "  64  the command line is wrong" in said


# --- many files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project of 300 functions on an empty core, applied."""
    with new_database(server) as uri:
        made = Project(uri, write_project(tmp_path_factory.mktemp("large"), {}))
        made.write(
            {
                "0001_shop.sql": "create schema shop;\ncreate table shop.item (i integer);\n",
                "0001_shop.rollback.sql": "drop table shop.item;\ndrop schema shop;\n",
            }
        )
        write_functions(made, 1)
        made.run("apply")
        yield made


def write_functions(project: Project, result: int) -> None:
    project.write(
        {
            f"functions/shop/f{i:03}.sql": f"create or replace function shop.f{i:03}"
            "(a integer default 1)\nreturns bigint\n"
            "language plpgsql\nstable\nset search_path = pg_catalog, pg_temp\nas $$\nbegin\n"
            f"    return (select count(*) + {result} from shop.item where i = a);\nend\n$$;\n\n"
            f"comment on function shop.f{i:03}(integer) is 'Count.';\n"
            f"revoke all on function shop.f{i:03}(integer) from public;\n"
            for i in range(300)
        }
    )


def test_300_functions_are_applied_again(large: Project) -> None:
    """How fast: benchmarks/migrate.py."""
    write_functions(large, 2)
    assert len(large.json("apply")["managed"]) == 300
    assert large.value("select shop.f299()") == 2
    assert large.json("apply")["managed"] == []


def test_drift_blocks_neither_readers_nor_writers(large: Project) -> None:
    """It waits for no open transaction, nobody waits for it, and it takes the weakest lock."""
    locks: set[str] = set()
    stop = threading.Event()

    def watch() -> None:
        with psycopg.connect(large.uri, autocommit=True) as connection:
            query = (
                "select l.mode from pg_locks as l join pg_stat_activity as a using (pid)"
                " where a.application_name = 'migrate' and l.locktype = 'relation'"
            )
            while not stop.is_set():
                locks.update(mode for (mode,) in connection.execute(query.encode()).fetchall())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with psycopg.connect(large.uri) as reader, psycopg.connect(large.uri) as writer:
            reader.execute("select shop.f000(), pg_sleep(0)")
            writer.execute("insert into shop.item values (1)")
            process = large.start("drift", "--lock-timeout", "100ms")
            done = 0
            while process.poll() is None:  # reading, writing and changing a function go on
                with psycopg.connect(large.uri, autocommit=True) as other:
                    other.execute("set lock_timeout = '100ms'")
                    other.execute("insert into shop.item values (2)")
                    other.execute("select shop.f001()")
                    other.execute("comment on function shop.f002(integer) is 'Count.'")
                done += 1
            assert process.communicate(timeout=60)[1] == ""
            assert done
    finally:
        stop.set()
        watcher.join()
    assert locks == {"AccessShareLock"}
