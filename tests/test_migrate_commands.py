"""migrate.py test, lint, key, user, bootstrap and new on the project's own sql/; what all costs."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

import psycopg
import pytest
from scratch import ROOT, SQL, difference, name_of, new_database, snapshot

import localdb
from migration import pgtap

TAP = """\
begin;
set local search_path = tests, ext, public;
select plan({plan});
select tests.load_fixture();
{body}
select finish();
rollback;
"""


def start(uri: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ROOT / "migrate.py", *arguments],
        env={**os.environ, "DATABASE_URL": uri, "LANG": "C.UTF-8"},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(uri: str, *arguments: str, code: int = 0) -> str:
    """Run a command that must end with ``code``; give what it printed."""
    process = start(uri, *arguments)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    return out if code == 0 else out + err


def run_json(uri: str, *arguments: str, code: int = 0) -> dict[str, Any]:
    process = start(uri, *arguments, "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    report: dict[str, Any] = json.loads(out)
    return report


def value(uri: str, query: str, *parameters: Any) -> Any:
    with psycopg.connect(uri, autocommit=True) as connection:
        cursor = connection.execute(query.encode(), parameters or None)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


@pytest.fixture(scope="module")
def applied(database: str) -> Iterator[str]:
    """A database with the project's sql/ applied and no data."""
    with new_database(database) as uri:
        run(uri, "apply")
        yield uri


# --- test -----------------------------------------------------------------------------------------


def tap_file(folder: Path, name: str, body: str, plan: int = 1) -> str:
    path = folder / f"test_{name}.sql"
    path.write_text(TAP.format(plan=plan, body=body))
    return str(path)


def test_green_files_give_tap_and_leave_no_trace(applied: str) -> None:
    before = snapshot(applied)
    files = ["test_auth_admin.sql", "test_auth_api_keys.sql", "test_api_list_stores.sql"]
    said = run(applied, "test", *(f"sql/tests/{name}" for name in files))
    lines = said.splitlines()
    assert lines[:3] == [
        "1..3",
        "# Subtest: sql/tests/test_api_list_stores.sql",
        "    1..10",
    ]
    assert "    ok 1 - manager_a: the own store, whole" in lines
    assert "ok 3 - sql/tests/test_auth_api_keys.sql" in lines
    assert lines[-1].startswith("# 3 files, 70 assertions, 0 files failed, ")
    assert difference(before, snapshot(applied)) == ""
    assert run(applied, "verify").endswith(" 0 findings\n")


def test_every_file_of_the_project_passes(database: str) -> None:
    """On the demo that they need; its helpers are those of pytest-pgtap, so they are hidden."""
    with new_database(database) as uri:
        assert localdb.prepare(uri, 300, "none")
        before = snapshot(uri)
        report = run_json(uri, "test")
        assert len(report["files"]) == len(list(SQL.glob("tests/test_*.sql")))
        assert report["assertions"] > 2000
        assert [file for file in report["files"] if file["skipped"]] == []
        assert difference(before, snapshot(uri)) == ""


def test_a_failure_is_told_everywhere_and_stops_no_other_file(applied: str, tmp_path: Path) -> None:
    bad = tap_file(
        tmp_path, "bad", "select is(1, 2, 'one is two');\nselect ok(true, 'still <ran> \x01');", 2
    )
    todo = tap_file(tmp_path, "todo", "select todo('later', 1);\nselect ok(false, 'not yet');")
    junit = tmp_path / "report.xml"
    before = snapshot(applied)
    said = run(applied, "test", bad, todo, "--junit", str(junit), code=1)
    assert '    not ok 1 - one is two\n    # Failed test 1: "one is two"\n' in said
    assert "    #         have: 1\n    #         want: 2\n" in said
    assert f"\nnot ok 1 - {os.path.relpath(bad, ROOT)}\n" in said
    assert "    not ok 1 - not yet # TODO later" in said
    assert f"\nok 2 - {os.path.relpath(todo, ROOT)}\n" in said
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
    report = run_json(applied, "test", bad, code=1)
    assert report["files"][0]["failed"][0]["number"] == 1
    assert difference(before, snapshot(applied)) == ""


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
        ("copy", 1, "copy auth.users from stdin;", "copy to or from the client is not for tests"),
        ("gone", 1, "select pg_terminate_backend(pg_backend_pid());", "57P01"),
    ],
)
def test_a_plan_that_is_not_kept_and_an_error_fail(
    applied: str, tmp_path: Path, name: str, plan: int, body: str, problem: str
) -> None:
    report = run_json(applied, "test", tap_file(tmp_path, name, body, plan), code=1)
    problems = report["files"][0]["problems"]
    assert any(problem in each for each in problems), problems
    assert value(applied, "select to_regnamespace('tests')") is None


def test_a_missing_plan_fails_and_what_ran_before_an_error_is_told(
    applied: str, tmp_path: Path
) -> None:
    path = tmp_path / "test_plan.sql"
    path.write_text("begin;\nselect 'ok 1 - a';\nrollback;\n")
    assert "# no plan: select plan(n) is missing" in run(applied, "test", str(path), code=1)
    said = run(applied, "test", tap_file(tmp_path, "e", "select ok(true, 'b');\nselect x;"), code=1)
    assert "    ok 1 - b\n" in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select plan(1);\n", "must start with 'begin;' and end with 'rollback;'"),
        ("begin;\nselect 1;\ncommit;\n", "must start with 'begin;' and end with 'rollback;'"),
        ("begin;\ncommit;\nbegin;\nrollback;\n", ":2: 'commit' would end its transaction"),
        ("begin;\n\\set x 1\nrollback;\n", ":2: a command of psql"),
    ],
)
def test_a_file_that_would_leave_traces_is_not_run(
    applied: str, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "test_it.sql"
    path.write_text(text)
    said = run(applied, "test", str(path), code=65)
    assert problem in said
    assert "nothing was run" in said


def test_no_file_proves_nothing(applied: str, tmp_path: Path) -> None:
    assert "nothing would be proved" in run(applied, "test", "--sql-dir", str(tmp_path), code=64)


def sleeping(uri: str, process: subprocess.Popen[str]) -> None:
    """Wait until the file of a run sleeps in the server."""
    deadline = time.monotonic() + 20
    query = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
    while not value(uri, f"{query} and datname = current_database()"):
        assert process.poll() is None
        assert time.monotonic() < deadline, "no file sleeps"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_no_trace(
    applied: str, tmp_path: Path, sign: signal.Signals
) -> None:
    before = snapshot(applied)
    process = start(applied, "test", tap_file(tmp_path, "long", "select pg_sleep(60);"))
    sleeping(applied, process)
    began = time.monotonic()
    process.send_signal(sign)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "migrate: stopped")
    assert time.monotonic() - began < 5
    assert difference(before, snapshot(applied)) == ""


def test_leftover_of_a_killed_run_is_removed_by_the_next(applied: str, tmp_path: Path) -> None:
    before = snapshot(applied)
    long = tap_file(tmp_path, "long", "select pg_sleep(60);")
    process = start(applied, "test", long)
    sleeping(applied, process)
    assert "is migrating this database" in run(applied, "test", long, "--wait", "0", code=75)
    process.kill()
    process.communicate(timeout=10)
    assert value(applied, "select to_regnamespace('tests')::text") == "tests"
    process = start(applied, "test", "sql/tests/test_auth_sign.sql")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.endswith("removed schema tests, which a killed run had left\n")
    assert difference(before, snapshot(applied)) == ""


def test_helpers_of_somebody_else_stay(applied: str) -> None:
    setup = (SQL / "tests/helpers/setup.sql").read_text()
    teardown = (SQL / "tests/helpers/teardown.sql").read_text()
    with psycopg.connect(applied, autocommit=True) as connection:
        connection.execute(setup.encode())
        try:
            said = run(applied, "test", code=1)
            assert "psql -f sql/tests/helpers/teardown.sql" in said
            assert value(applied, "select to_regnamespace('tests')::text") == "tests"
        finally:
            connection.execute(teardown.encode())


def test_server_without_pgtap_is_told_how_to_get_it(database: str) -> None:
    with new_database(database) as uri:
        value(uri, f"alter database {name_of(uri)} set extension_control_path = '$system'")
        said = run(uri, "test", code=69)
        assert "The embedded server: make test." in said


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


def test_pgtap_in_a_schema_of_its_own(database: str, applied: str) -> None:
    with new_database(database) as uri:
        value(uri, "create schema elsewhere")
        value(uri, "create extension pgtap schema elsewhere")
        assert "alter extension pgtap set schema ext" in run(uri, "test", code=1)
    value(applied, "create extension pgtap schema ext")
    try:
        run(applied, "test", "sql/tests/test_auth_sign.sql")
        assert (
            value(
                applied,
                "select extnamespace::regnamespace::text from pg_extension where extname = 'pgtap'",
            )
            == "ext"
        )
    finally:
        value(applied, "drop extension pgtap")


# --- lint -----------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A sql/ with one file of each kind, which no linter minds."""
    root = tmp_path / "sql"
    for name in ("0001_roles_and_schemas.sql", "0001_roles_and_schemas.rollback.sql"):
        root.mkdir(exist_ok=True)
        shutil.copy(SQL / name, root)
    for name in ("functions/auth/sign.sql", "tests/test_auth_sign.sql"):
        (root / name).parent.mkdir(parents=True)
        shutil.copy(SQL / name, root / name)
    return root


def test_lint_finds_nothing_in_clean_files(small: Path) -> None:
    assert run("", "lint", "--sql-dir", str(small)) == "4 files, 0 findings\n"


def test_lint_names_file_line_and_rule(small: Path) -> None:
    (small / "functions/auth/sign.sql").write_text(
        "SELECT 1;\n\ncreate table auth.t (i integer);\n"
    )
    (small / "functions/auth/big.sql").write_text("select 1;\n" * 2100)
    (small / "0002_more.sql").write_text(
        "-- More.\nalter table auth.users add column nick text not null;\n"
    )
    report = run_json("", "lint", "--sql-dir", str(small), code=1)
    found = [(Path(each["file"]).name, each["line"], each["rule"]) for each in report["findings"]]
    assert ("sign.sql", 1, "sqlfluff CP01 capitalisation.keywords") in found
    assert ("0002_more.sql", 2, "squawk adding-required-field") in found
    assert ("big.sql", 0, "sqlfluff") in found
    said = [each["message"] for each in report["findings"] if each["rule"] == "file rules"]
    assert "sql/0002_more.sql: sql/0002_more.rollback.sql is missing or empty" in said[0]
    assert "sql/functions/auth/sign.sql:3: 'create table' belongs into a versioned file" in said[1]


def test_concurrent_index_is_linted_as_it_runs(small: Path) -> None:
    """Outside a transaction; in one, squawk would refuse it."""
    (small / "0002_index.sql").write_text(
        "-- transactional: false\ndrop index concurrently if exists auth.users_name_idx;\n"
        "create index concurrently users_name_idx on auth.users (name);\n"
    )
    (small / "0002_index.rollback.sql").write_text("drop index auth.users_name_idx;\n")
    run("", "lint", "--sql-dir", str(small))


def test_lint_with_a_database_runs_its_checks(small: Path, applied: str) -> None:
    said = run(applied, "lint", "--sql-dir", str(small))
    assert said == "4 files, 14 checks of the database, 0 findings\n"
    value(applied, "comment on schema api is null")
    try:
        said = run(applied, "lint", "--sql-dir", str(small), code=1)
        assert "schema api\tverify comments\tit has no comment" in said
    finally:
        value(applied, "comment on schema api is 'The tools.'")


def test_lint_says_which_program_is_missing(small: Path, tmp_path: Path) -> None:
    hidden = (
        "import sys; sys.modules['sqlfluff'] = None; import migrate;"
        f" sys.argv[1:] = ['lint', '--sql-dir', {str(small)!r}]; migrate.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 69
    assert "sqlfluff is missing: pip install 'zava-mcp[dev]'" in done.stderr


# --- users and keys -------------------------------------------------------------------------------


@pytest.fixture
def ada(applied: str) -> Iterator[str]:
    """The name of a user who is in head office."""
    name = f"Ada {uuid.uuid4().hex[:8]}"
    run(applied, "user", "add", name, "--audience", "head_office", "--external-id", f"sub {name}")
    yield name
    with psycopg.connect(applied, autocommit=True) as connection:
        connection.execute("delete from auth.api_keys where true")
        connection.execute("delete from auth.users where true")


def test_user_is_added_and_listed(applied: str, ada: str) -> None:
    scope = str(uuid.uuid4())
    report = run_json(
        applied, "user", "add", "Bob", "--audience", "store_managers", "--scope", scope
    )
    users = run_json(applied, "user", "list")["users"]
    assert [(user["name"], user["audience"], user["scope"]) for user in users] == [
        (ada, "head_office", []),
        ("Bob", "store_managers", [scope]),
    ]
    assert users[1]["user_id"] == report["user_id"]
    assert f"\t{ada}\thead_office\t" in run(applied, "user", "list")
    assert "23503" in run(applied, "user", "add", "Eve", "--audience", "nobody", code=1)
    bad = run(applied, "user", "add", "Eve", "--audience", "head_office", "--scope", "x", code=1)
    assert 'invalid input syntax for type uuid: "x"' in bad


def test_key_is_shown_once_works_and_is_revoked(applied: str, ada: str) -> None:
    process = start(applied, "key", "create", ada, "--label", "laptop", "--expires", "90d")
    out, err = process.communicate(timeout=30)
    key = out.strip()
    assert "not shown again" in err
    assert value(applied, "select mcp.authenticate(%s) ->> 'name'", key) == ada
    quiet = start(applied, "key", "create", ada, "--quiet")
    out, err = quiet.communicate(timeout=30)
    assert (out.count("\n"), err) == (1, "")
    assert run_json(applied, "key", "create", ada)["key"].startswith("zava_")

    keys = run_json(applied, "key", "list", "--user", ada)["keys"]
    laptop = next(each for each in keys if each["label"] == "laptop")
    assert (len(keys), laptop["state"]) == (3, "active")
    assert laptop["key_id"] == key.split("_")[1]
    days = value(
        applied,
        "select (k.expires_at - k.created_at)::text from auth.list_api_keys() as k"
        " where k.label = 'laptop'",
    )
    assert days == "90 days"
    assert key.split("_")[2] not in run(applied, "key", "list")

    assert run(applied, "key", "revoke", laptop["key_id"]) == "1 keys revoked\n"
    assert run_json(applied, "key", "revoke", laptop["key_id"])["revoked"] == 0
    with pytest.raises(psycopg.errors.InvalidAuthorizationSpecification):
        # as a parameter, since PostgreSQL logs the text of what it refuses
        value(applied, "select mcp.authenticate(%s)", key)
    assert run(applied, "key", "revoke", "--user", ada) == "2 keys revoked\n"
    assert run_json(applied, "user", "list")["users"][0]["keys"] == 0


def test_the_signing_keys_are_rotated(applied: str) -> None:
    signed = "select auth.sign('{}', 'x')"
    out, err = start(applied, "key", "rotate", "assertion").communicate(timeout=30)
    assert "ZAVA_ASSERTION_KEY" in err
    first = hmac.new(bytes.fromhex(out.strip()), b"x", "sha256").hexdigest()
    assert value(applied, signed.format("assertion")) == first
    second = run_json(applied, "key", "rotate", "assertion")
    assert (second["purpose"], len(second["key"])) == ("assertion", 64)
    assert value(applied, signed.format("assertion_previous")) == first
    assert value(applied, signed.format("assertion")) != first
    out, err = start(applied, "key", "rotate", "assertion", "--quiet").communicate(timeout=30)
    assert (len(out), err) == (65, "")

    before = value(applied, signed.format("context"))
    assert run(applied, "key", "rotate", "context") == "context rotated\n"
    assert value(applied, signed.format("context")) != before
    run(applied, "key", "rotate", "call_log", code=64)


def test_what_is_meant_must_be_clear(applied: str, ada: str) -> None:
    run(applied, "user", "add", ada, "--audience", "head_office")
    said = run(applied, "key", "create", ada, code=1)
    assert f'2 users have the name "{ada}"' in said
    assert "hint: Give the id of one: " in said
    ids = [user["user_id"] for user in run_json(applied, "user", "list")["users"]]
    run(applied, "key", "create", ids[0])
    assert "no user has the id" in run(applied, "key", "create", ada[:-1], code=1)
    assert "not a time such as 12h" in run(
        applied, "key", "create", ids[0], "--expires", "0d", code=64
    )
    assert "give the id of a key, or --user" in run(applied, "key", "revoke", code=64)
    secret = f"zava_{'0' * 16}_{'1' * 64}"
    said = run(applied, "key", "revoke", secret, code=1)
    assert "no API key has this id" in said
    assert "1111" not in said


# --- the ordinary login ---------------------------------------------------------------------------


@pytest.fixture
def managed(database: str) -> Iterator[tuple[str, str]]:
    """A database that a DBA has prepared for an ordinary login: the URIs of both."""
    login = f"dba_{uuid.uuid4().hex[:8]}"
    with new_database(database) as uri:
        options = ("--print", "--login", login, "--database", name_of(uri))
        script = run("", "bootstrap", *options)
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(script.encode())
            connection.execute(script.encode())  # again, it changes nothing
            yield uri, urlsplit(uri)._replace(netloc=f"{login}@").geturl()
            connection.execute(f"drop owned by {login} cascade".encode())
            connection.execute(f"drop role {login}".encode())


def test_ordinary_login_does_everything(managed: tuple[str, str]) -> None:
    superuser, login = managed
    powers = "rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
    assert value(login, f"select {powers} from pg_roles where rolname = current_user") is False
    empty = snapshot(superuser)
    assert localdb.prepare(login, 300, "none")
    assert run(login, "verify").endswith(" 0 findings\n")
    assert run(login, "drift").endswith(" 0 differ\n")
    # the upkeep can do its work
    assert value(login, "select mcp.create_call_log_partitions(9)") == 10
    assert value(login, "select mcp.maintain() -> 'problems'") == []
    report = run_json(login, "test")
    skipped = [Path(file["file"]).name for file in report["files"] if file["skipped"]]
    assert skipped == [
        "test_api_execute_sales_query_context.sql",
        "test_lockdown.sql",
        "test_mcp_call_log.sql",
        "test_mcp_call_log_seals.sql",
        "test_mcp_check_login.sql",
        "test_mcp_health.sql",
        "test_mcp_limits.sql",
        "test_mcp_maintain.sql",
        "test_mcp_performance.sql",
        "test_mcp_wal_position.sql",
        "test_migrate_checks.sql",
        "test_security_catalog.sql",
    ]
    assert report["assertions"] > 2000
    run(login, "rollback", "--to", "0", "--yes")
    left = {name: text for name, text in snapshot(superuser).items() if "migrate" not in name}
    del empty["schema ext"], left["schema ext"]  # stays with the extensions, which are the DBA's
    assert difference(empty, left) == ""
    run(login, "apply")


def test_ordinary_login_and_superuser_make_the_same(managed: tuple[str, str], applied: str) -> None:
    """But for who made it, and the event trigger."""
    superuser, login = managed
    run(login, "apply")
    me = str(urlsplit(login).username)
    mine = {name: text.replace(me, "postgres") for name, text in snapshot(superuser).items()}
    theirs = snapshot(applied)
    ours = {name for name in theirs if name.startswith(("routine", "policy", "column", "relation"))}
    assert len(ours) > 400
    assert difference({n: theirs[n] for n in ours}, {n: mine[n] for n in ours}) == ""
    assert {n for n in theirs.keys() - mine.keys() if not n.startswith("default")} == {
        "event trigger mcp_catalog_stale"
    }
    settings = "setting of a role here zava_mcp"
    assert mine[settings] == theirs[settings]


def test_event_trigger_comes_afterwards_from_a_superuser(managed: tuple[str, str]) -> None:
    superuser, login = managed
    run(login, "apply")
    names = ("--login", "whoever", "--database", "whatever")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(run("", "bootstrap", "--print", *names, "--after").encode())
    assert (
        value(superuser, "select string_agg(evtname, ' ') from pg_event_trigger")
        == "mcp_catalog_stale"
    )
    assert run(login, "drift").endswith(" 0 differ\n")
    run(login, "apply", "--all")
    assert run(login, "verify").endswith(" 0 findings\n")


def test_bootstrap_quotes_names_and_wants_the_right_database(database: str) -> None:
    options = ("--login", "o'brien", "--database", "elsewhere")
    assert "Missing option '--print'" in run("", "bootstrap", *options, code=64)
    script = run("", "bootstrap", "--print", *options)
    assert "set_config('bootstrap.login', 'o''brien', true)" in script
    with (
        psycopg.connect(database, autocommit=True) as connection,
        pytest.raises(psycopg.errors.RaiseException, match='connect to database "elsewhere" first'),
    ):
        connection.execute(script.encode())


# --- new ------------------------------------------------------------------------------------------


def test_what_new_writes_is_clean_applies_and_passes(database: str, tmp_path: Path) -> None:
    root = tmp_path / "sql"
    shutil.copytree(SQL, root)
    here = ("--sql-dir", str(root))
    written = [
        *run_json("", "new", "migration", "shop_visits", *here)["written"],
        *run_json("", "new", "tool", "count_shop_visits_of_customers", *here)["written"],
        *run_json("", "new", "policy", "retail.shop_visits", *here)["written"],
    ]
    number = len(list(SQL.glob("[0-9]*[a-z].rollback.sql"))) + 1
    assert written == [
        f"{number:04}_shop_visits.sql",
        f"{number:04}_shop_visits.rollback.sql",
        "functions/api/count_shop_visits_of_customers.sql",
        "tests/test_api_count_shop_visits_of_customers.sql",
        "policies/retail.shop_visits.sql",
        "tests/test_policies_shop_visits.sql",
    ]
    with (root / written[0]).open("a") as file:  # the obvious
        file.write(
            "create table retail.shop_visits (\n    store_id uuid not null,\n"
            "    constraint shop_visits_pkey primary key (store_id)\n);\n"
            "comment on table retail.shop_visits is 'One row a visit.';\n"
            "comment on column retail.shop_visits.store_id is 'Where.';\n"
        )
    with (root / written[1]).open("a") as file:
        file.write("drop table retail.shop_visits;\n")
    config = ("--config", str(ROOT / "pyproject.toml"))
    subprocess.run(
        [sys.executable, "-m", "sqlfluff", "lint", *config, *(root / name for name in written)],
        cwd=ROOT,
        check=True,
    )
    with new_database(database) as uri:
        run(uri, "apply", *here)
        assert run(uri, "verify", *here).endswith(" 0 findings\n")
        report = run_json(uri, "test", *here, *(str(root / written[i]) for i in (3, 5)))
        assert (report["assertions"], report["failed"]) == (5, 0)
        run(uri, "rollback", "--to", str(number - 1), "--yes", *here)


@pytest.mark.parametrize(
    "command",
    [
        "test",
        "lint",
        "bootstrap",
        "new",
        "key create",
        "key list",
        "key revoke",
        "key rotate",
        "user add",
    ],
)
def test_help_has_an_example_and_exit_codes(command: str) -> None:
    said = run("", *command.split(), "--help")
    assert f"\n  Example:\n    python migrate.py {command}" in said
    assert "2   an applied file was edited, is missing" in said


# --- many files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A database with 300 functions, and its sql/."""
    root = tmp_path_factory.mktemp("large") / "sql"
    (root / "functions/shop").mkdir(parents=True)
    (root / "0001_shop.sql").write_text(
        "create schema shop;\ncreate table shop.item (i integer);\n"
    )
    (root / "0001_shop.rollback.sql").write_text("drop table shop.item;\ndrop schema shop;\n")
    write_functions(root, 1)
    with new_database(database) as uri:
        run(uri, "apply", "--sql-dir", str(root))
        yield uri, root


def write_functions(root: Path, result: int) -> None:
    for i in range(300):
        (root / f"functions/shop/f{i:03}.sql").write_text(
            f"create or replace function shop.f{i:03}(a integer default 1)\nreturns bigint\n"
            "language plpgsql\nstable\nset search_path = pg_catalog, pg_temp\nas $$\nbegin\n"
            f"    return (select count(*) + {result} from shop.item where i = a);\nend\n$$;\n\n"
            f"comment on function shop.f{i:03}(integer) is 'Count.';\n"
            f"revoke all on function shop.f{i:03}(integer) from public;\n"
        )


def test_300_functions_are_restated(large: tuple[str, Path]) -> None:
    """How fast: benchmarks/migrate.py."""
    uri, root = large
    write_functions(root, 2)
    assert len(run_json(uri, "apply", "--sql-dir", str(root))["stated"]) == 300
    assert value(uri, "select shop.f299()") == 2
    assert run_json(uri, "apply", "--sql-dir", str(root))["stated"] == []


def test_drift_blocks_neither_readers_nor_writers(large: tuple[str, Path]) -> None:
    """It waits for no open transaction, nobody waits for it, and it takes the weakest lock."""
    uri, root = large
    locks: set[str] = set()
    stop = threading.Event()

    def watch() -> None:
        with psycopg.connect(uri, autocommit=True) as connection:
            query = (
                "select l.mode from pg_locks as l join pg_stat_activity as a using (pid)"
                " where a.application_name = 'migrate' and l.locktype = 'relation'"
            )
            while not stop.is_set():
                locks.update(mode for (mode,) in connection.execute(query.encode()).fetchall())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with psycopg.connect(uri) as reader, psycopg.connect(uri) as writer:
            reader.execute("select shop.f000(), pg_sleep(0)")
            writer.execute("insert into shop.item values (1)")
            process = start(uri, "drift", "--sql-dir", str(root), "--lock-timeout", "100ms")
            done = 0
            while process.poll() is None:  # reading, writing and changing a function go on
                with psycopg.connect(uri, autocommit=True) as other:
                    other.execute("set lock_timeout = '100ms'")
                    other.execute("insert into shop.item values (2)")
                    other.execute("select shop.f001()")
                    other.execute("comment on function shop.f002(integer) is 'Count.'")
                done += 1
            assert process.communicate(timeout=10)[1] == ""
            assert done
    finally:
        stop.set()
        watcher.join()
    assert locks == {"AccessShareLock"}
