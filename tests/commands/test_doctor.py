"""zava-mcp doctor, and the first look of apply: what each finds, and where it finds nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scratch import ROOT, as_login, command_line, name_of, new_database, on_database
from servers import pooler, standby
from test_core_alone import CLINIC

from zava_mcp.local import cluster


def doctor(
    *arguments: str, cwd: Path | None = None, code: int = 0, **settings: str
) -> dict[str, list[dict[str, str]]]:
    """Run the command; return its lines by what they are about."""
    done = run(*arguments, "--json", cwd=cwd, **settings)
    assert done.returncode == code, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["exit"] == code
    found: dict[str, list[dict[str, str]]] = {}
    for line in report["lines"]:
        found.setdefault(line.pop("part"), []).append(line)
    return found


def run(
    *arguments: str, cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line("doctor", *arguments),
        cwd=cwd or tempfile.gettempdir(),
        env={**os.environ, "LANG": "C.UTF-8", **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def levels(found: dict[str, list[dict[str, str]]]) -> set[str]:
    return {line["level"] for lines in found.values() for line in lines}


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    with new_database(server) as uri:
        yield uri


@pytest.fixture
def execute(empty: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(empty, autocommit=True) as conn:
        yield conn


@contextmanager
def project(folder: Path, **changes: str) -> Iterator[Path]:
    """A project that stands on the real core."""
    for path, text in {**CLINIC, **changes}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    yield folder


def apply(folder: Path, uri: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command_line("migrate", "apply", "--database-url", uri),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_empty_database_is_fit_and_left_alone(empty: str) -> None:
    found = doctor(empty)
    assert levels(found) <= {"ok", "note"}
    assert found["version"][0]["found"].startswith("PostgreSQL 18.")
    assert found["encoding"] == [
        {"level": "ok", "found": "UTF8", "remedy": ""},
    ]
    assert found["pooler"][0]["found"] == "none: a session of our own"
    assert found["extensions"][0]["found"] == "none; the toolkit needs none"
    assert found["files"][0]["found"] == "there is no zava.toml here"
    with psycopg.connect(empty) as conn:
        query = "select count(*) from pg_namespace where nspname ~ '^mcp'"
        assert conn.execute(query).fetchone() == (0,)


def test_it_writes_lines_for_a_pipe(empty: str) -> None:
    lines = run(empty).stdout.splitlines()
    assert lines[0] == "ok      pooler: none: a session of our own"
    assert lines[-2:] == [
        "note    files: there is no zava.toml here",
        "        zava-mcp init NAME",
    ]


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_another_encoding_is_refused(server: str, tmp_path: Path, encoding: str) -> None:
    name = f"latin_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as conn:
        make = f"create database {name} template template0 encoding '{encoding}' locale 'C'"
        conn.execute(make.encode())
        try:
            uri = on_database(server, name)
            [line] = doctor(uri, code=1)["encoding"]
            assert line["level"] == "error"
            assert line["found"].startswith(f"database {name} is in {encoding}")
            with project(tmp_path) as folder:
                done = apply(folder, uri)
            assert done.returncode == 1
            assert "this database is not fit, nothing was run:\nencoding: database" in done.stderr
        finally:
            conn.execute(f"drop database {name}".encode())


@pytest.mark.parametrize("schema", ["mcp", "mcp_auth", "mcp_tool", "clinic"])
def test_a_schema_of_somebody_else_stops_apply_before_it_starts(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path, schema: str
) -> None:
    execute.execute(f"create schema {schema}".encode())
    with project(tmp_path) as folder:
        [line] = doctor(empty, cwd=folder, code=1)["schemas"]
        done = apply(folder, empty)
    assert line["level"] == "error"
    assert line["found"] == (
        f"schema {schema} is there already, of postgres, and no file of ours made it"
    )
    assert line["remedy"] == (
        "if these files made it, and the ledger was lost: restore schema mcp_migrate from a backup,"
        " or zava-mcp migrate adopt --to NNNN; if not: name the schema of the file otherwise, or"
        f" rename {schema}"
    )
    assert done.returncode == 1
    assert line["found"] in done.stderr
    assert execute.execute("select to_regnamespace('mcp_migrate')").fetchone() == (None,)


def test_a_ledger_of_another_tool_is_refused(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    execute.execute("create schema mcp_migrate")
    execute.execute("create table mcp_migrate.version (number integer)")
    with project(tmp_path) as folder:
        done = apply(folder, empty)
    assert done.returncode == 1
    assert "mcp_migrate" in done.stderr


def test_a_role_with_powers_is_refused(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    role = f"clerks_{uuid.uuid4().hex[:8]}"
    execute.execute(f"create role {role} superuser login".encode())
    settings = f'[project]\nname = "clinic"\naudiences = ["{role}"]\n'
    try:
        with project(tmp_path, **{"zava.toml": settings}) as folder:
            wrong = [
                line
                for line in doctor(empty, cwd=folder, code=1)["roles"]
                if line["level"] == "error"
            ]
            assert wrong == [
                {
                    "level": "error",
                    "found": f"role {role} has superuser, login, and tools would have it too",
                    "remedy": f"alter role {role} nosuperuser nologin, or name another role in"
                    " zava.toml",
                }
            ]
            assert apply(folder, empty).returncode == 1
            execute.execute(f"alter role {role} nosuperuser nologin".encode())
            assert "error" not in levels(doctor(empty, cwd=folder))
    finally:
        execute.execute(f"drop role {role}".encode())


def test_a_login_without_rights_hears_who_can_help(
    empty: str, execute: psycopg.Connection[Any]
) -> None:
    login = f"poor_{uuid.uuid4().hex[:8]}"
    execute.execute(f"create role {login} login".encode())
    try:
        found = doctor(as_login(empty, login), code=1)["login"]
        assert [line["level"] for line in found if "may not create a schema" in line["found"]] == [
            "error"
        ]
        grant = f"grant create on database {name_of(empty)} to {login}"
        assert any(grant in line["remedy"] for line in found)
        execute.execute(grant.encode())
        found = doctor(as_login(empty, login), code=1)["login"]
        assert not [line for line in found if "may not create a schema" in line["found"]]
        execute.execute(f"revoke create on database {name_of(empty)} from {login}".encode())
    finally:
        execute.execute(f"drop role {login}".encode())


@pytest.mark.parametrize("lockdown", ["on", "off"])
def test_a_login_that_may_not_read_hears_of_a_lock_down_where_there_is_one(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path, lockdown: str
) -> None:
    login = f"poor_{uuid.uuid4().hex[:8]}"
    execute.execute(f"create role {login} login".encode())
    execute.execute(
        f"alter database {name_of(empty)} set mcp_migrate.lockdown = {lockdown!r}".encode()
    )
    try:
        with project(tmp_path) as folder:
            assert apply(folder, empty).returncode == 0
            execute.execute(f"grant connect on database {name_of(empty)} to {login}".encode())
            [line] = doctor(as_login(empty, login), cwd=folder, code=1)["login"]
        assert line["found"].startswith("it may not read what doctor reads: permission denied for ")
        assert line["remedy"] == (
            ("this database is locked down: " if lockdown == "on" else "")
            + "use the login that applies, or a superuser"
        )
    finally:
        execute.execute(f"drop owned by {login}".encode())
        execute.execute(f"drop role {login}".encode())


def test_roles_that_are_there_are_shared(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    with project(tmp_path) as folder:
        assert apply(folder, empty).returncode == 0
    with new_database(empty) as other:
        [line] = doctor(other)["roles"]
    assert line == {
        "level": "note",
        "found": "mcp_core, mcp_sandbox, mcp_server, mcp_tools are there: roles are shared by the"
        " databases of this server",
        "remedy": "",
    }


def test_files_with_which_apply_stops_are_errors(empty: str, tmp_path: Path) -> None:
    with project(tmp_path) as folder:
        assert apply(folder, empty).returncode == 0
        broken = folder / "sql" / "0002_none.sql"
        broken.write_text("-- Nothing.\n")
        found = doctor(empty, cwd=folder, code=1)
        problem = "sql/0002_none.sql: holds no statement"
        assert problem in [line["found"] for line in found["files"]]
        assert {line["level"] for line in found["files"]} == {"error"}
        assert problem in apply(folder, empty).stderr
        broken.unlink()
        (folder / "zava.toml").write_text("[project\n")
        done = run(empty, cwd=folder)
        assert done.returncode == 64
        assert f"{folder.resolve() / 'zava.toml'}: " in done.stderr


def test_a_server_login_that_is_gone_is_named(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    with project(tmp_path) as folder:
        assert apply(folder, empty).returncode == 0
        assert "server login" not in doctor(empty, cwd=folder)
        execute.execute("drop role clinic_mcp")
        [line] = doctor(empty, cwd=folder)["server login"]
        add = "select mcp_auth.add_server_login('clinic_mcp')"
        assert line == {
            "level": "warning",
            "found": "role clinic_mcp is missing: the server cannot connect",
            "remedy": f"{add}, and give it a password with \\password clinic_mcp in psql",
        }
        execute.execute(add.encode())
        assert "server login" not in doctor(empty, cwd=folder)


def test_a_server_login_that_may_not_connect_is_named(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Before it is there and afterwards; the remedy works, and bootstrap does it."""
    database, login = name_of(empty), f"owner_{uuid.uuid4().hex[:8]}"
    execute.execute(f"revoke connect on database {database} from public".encode())
    # a lock-down grants it too
    execute.execute(f"alter database {database} reset mcp_migrate.lockdown".encode())
    warning = {
        "level": "warning",
        "found": f"clinic_mcp may not connect to database {database}",
        "remedy": f"its owner: grant connect on database {database} to mcp_server",
    }
    may = "select has_database_privilege(%s, current_database(), 'connect')"
    execute.execute(f"create role {login} login".encode())
    try:
        with project(tmp_path) as folder:
            assert doctor(empty, cwd=folder)["server login"] == [warning]
            assert apply(folder, empty).returncode == 0
            assert doctor(empty, cwd=folder)["server login"] == [warning]
            execute.execute(warning["remedy"].partition(": ")[2].encode())
            assert "server login" not in doctor(empty, cwd=folder)
            execute.execute(f"revoke connect on database {database} from mcp_server".encode())
            names = ("--login", login, "--database", database)
            script = subprocess.run(
                command_line("migrate", "bootstrap", "--print", *names),
                cwd=folder,
                capture_output=True,
                check=True,
                timeout=60,
            ).stdout
            execute.execute(script)
            for role in ("clinic_mcp", login):
                assert execute.execute(may.encode(), [role]).fetchone() == (True,)
    finally:
        execute.execute(f"drop owned by {login}".encode())
        execute.execute(f"drop role {login}".encode())


def test_logins_that_would_lose_by_a_lock_down_are_named(
    empty: str, execute: psycopg.Connection[Any]
) -> None:
    assert doctor(empty)["lock-down"][0]["found"] == "no other login uses this database"
    login = f"app_{uuid.uuid4().hex[:8]}"
    execute.execute(f"create role {login} login".encode())
    execute.execute("create table public.orders (id integer)")
    execute.execute(f"grant select on public.orders to {login}".encode())
    try:
        [line] = doctor(empty)["lock-down"]
        assert line["level"] == "note"
        assert line["found"].startswith(f"{login} use this database")
        assert "zava-mcp migrate lockdown plan" in line["remedy"]
    finally:
        execute.execute(f"drop owned by {login}".encode())
        execute.execute(f"drop role {login}".encode())


def test_an_extension_that_the_project_needs_and_the_server_lacks(
    empty: str, tmp_path: Path
) -> None:
    settings = '[project]\nname = "clinic"\nextensions = ["pg_trgm", "no_such_thing"]\n'
    with project(tmp_path, **{"zava.toml": settings}) as folder:
        lines = doctor(empty, cwd=folder, code=1)["extensions"]
    assert [line["found"] for line in lines if line["level"] == "error"] == [
        "zava.toml needs no_such_thing, and this server does not have it"
    ]


def test_an_extension_that_is_not_created_yet_is_named(empty: str, tmp_path: Path) -> None:
    settings = '[project]\nname = "clinic"\nextensions = ["pg_trgm"]\n'
    with project(tmp_path, **{"zava.toml": settings}) as folder:
        assert doctor(empty, cwd=folder)["extensions"] == [
            {
                "level": "note",
                "found": "zava.toml needs pg_trgm, which is not created yet",
                "remedy": "in a versioned file, or by hand: create extension pg_trgm",
            }
        ]


def test_files_and_drift_are_looked_at(
    empty: str, execute: psycopg.Connection[Any], tmp_path: Path
) -> None:
    with project(tmp_path) as folder:
        found = doctor(empty, cwd=folder)
        assert found["files of clinic"][0]["found"] == (
            "1 versioned and 2 managed files are pending"
        )
        assert apply(folder, empty).returncode == 0
        found = doctor(empty, cwd=folder)
        assert levels(found) == {"ok"}
        assert found["files of clinic"][0]["level"] == "ok"
        execute.execute("drop policy appointments_select on clinic.appointments")
        [line] = doctor(empty, cwd=folder)["drift"]
        assert line["level"] == "warning"
        assert line["found"].startswith("1 of ")
        with (folder / "sql" / "0001_clinic.sql").open("a") as file:
            file.write("-- more\n")
        [line] = doctor(empty, cwd=folder, code=1)["files of clinic"]
        assert line["found"] == "clinic/0001_clinic is edited"


def test_a_replica_is_named_once(tmp_path: Path) -> None:
    """And not once a file."""
    homes = [Path(tempfile.mkdtemp(prefix="zava-doc-")) for _ in range(2)]  # short, for sockets
    homes[1].chmod(0o755)  # PostgreSQL runs as another user
    try:
        with (
            cluster.server(homes[0], cluster.THROW_AWAY) as uri,
            project(tmp_path) as folder,
            standby(uri, homes[1]) as replica,
        ):
            [line] = doctor(replica, cwd=folder, code=1)["primary"]
            assert line["found"] == "this is a replica, which only reads"
            done = apply(folder, replica)
            assert done.returncode == 1
            assert done.stderr.count("replica") == 1
            assert doctor(uri, cwd=folder)["primary"][0]["level"] == "ok"
    finally:
        for home in homes:
            shutil.rmtree(home)


@pytest.mark.needs("pgbouncer")
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("transaction", "pool_mode = transaction"), ("session", "it gave the same session each time")],
)
def test_a_pooler_is_noticed_and_its_mode_where_that_shows(
    empty: str, tmp_path: Path, mode: str, kind: str
) -> None:
    with pooler(empty, sessions=5, mode=mode) as through, project(tmp_path) as folder:
        [line] = doctor(through, cwd=folder)["pooler"]
        assert line["level"] == "warning"
        assert line["found"].startswith(f"a pooler is between; {kind}")
        said = apply(folder, through)
        assert said.returncode == 69
        assert "that is pgbouncer, a pooler: give the commands a direct connection" in said.stderr


@pytest.mark.needs("pgbouncer")
def test_apply_stops_at_a_pooler_that_takes_its_options(empty: str, tmp_path: Path) -> None:
    more = "ignore_startup_parameters = options"
    with pooler(empty, more=more) as through, project(tmp_path) as folder:
        said = apply(folder, through)
    assert said.returncode == 1
    assert "pooler: a pooler is between\n    give a direct connection" in said.stderr


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "mongodb://h"])
def test_another_database_is_named(url: str) -> None:
    done = run(url)
    assert done.returncode == 64
    scheme = url.partition("://")[0]
    assert f"{scheme}:// is no PostgreSQL" in done.stderr
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("scheme", "whose"),
    [
        ("postgresql+asyncpg", "SQLAlchemy with asyncpg"),
        ("postgresql+psycopg2", "SQLAlchemy with psycopg2"),
        ("jdbc:postgresql", "JDBC"),
    ],
)
def test_a_url_of_another_library_is_named(scheme: str, whose: str) -> None:
    done = run(f"{scheme}://u:hush@h/d")
    assert done.returncode == 64
    assert f"{scheme}:// is a URL of {whose}: write postgresql:// instead" in done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_an_at_sign_in_a_password_is_named() -> None:
    password = "hu@sh"
    done = run("postgresql://u:" + password + "@127.0.0.1/d")
    assert done.returncode == 64
    assert "--database-url: user or password holds an @: write %40 for it" in done.stderr
    assert "sh@" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql//u:{}{at}h/d", "neither a URL of PostgreSQL nor words such as host="),
        ("postgresql://u:{}%zz{at}h/d", "neither a URL of PostgreSQL nor words such as host="),
        ("host=h dbname=d {}", "neither a URL of PostgreSQL nor words such as host="),
        ("postgresql://u:{}/x{at}h/d", "its port is no number"),
    ],
)
def test_a_url_that_cannot_be_read_stays_secret(url: str, message: str) -> None:
    done = run(DATABASE_URL=url.format("hush", at="@"))
    assert done.returncode == 64
    assert f"DATABASE_URL or --database-url: {message}" in done.stderr
    assert "in a user or password write %23 for #" in done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_what_cannot_be_reached_has_a_code_of_its_own() -> None:
    password = "hush"
    found = doctor("postgresql://u:" + password + "@127.0.0.1:1/d", code=69)
    assert found["database"][0]["found"].startswith("cannot connect")
    assert password not in json.dumps(found)
    assert run("").returncode == 64


def test_messages_name_the_command_as_it_was_typed(empty: str) -> None:
    said = subprocess.run(
        [command_line()[0], str(ROOT / "migrate.py"), "stats"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 64
    assert "Usage: python migrate.py [OPTIONS]" in said.stderr
    said = subprocess.run(
        command_line("migrate", "stats"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Usage: zava-mcp migrate [OPTIONS]" in said.stderr
