"""A managed service: an administrator without superuser prepares, an ordinary login does the rest.

The server is one of its own, since roles belong to the whole cluster, and here nobody but the
administrator has made them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from scratch import Project, as_login, command_line, on_database
from test_core_alone import ADA, APPOINTMENTS, CHEN, CLINIC, NORTH, SOUTH, ask, free_port, new_key
from test_core_pgtap import NEEDS_SUPERUSER

from benchmarks import zava
from zava_mcp.local import cluster

POWERS = """
select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user
"""
OURS = "select nspname from pg_namespace where nspname ~ '^(mcp|tests|demo)'"
TESTING = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
NEEDED = ("--print", "--login", "owner", "--database", "clinic")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """A server as a provider gives it: an administrator and a database, but no superuser."""
    folder = Path(tempfile.mkdtemp(prefix="zava-managed-"))  # short, as a socket's name must be
    try:
        with cluster.server(folder, cluster.THROW_AWAY) as uri:
            with psycopg.connect(uri, autocommit=True) as conn:
                conn.execute("create role administrator login createrole")
                conn.execute("create role owner login")
                conn.execute("grant owner to administrator with admin option")
                conn.execute("create database clinic owner administrator")
            yield on_database(uri, "clinic")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def clinic(service: str, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the clinic, as the ordinary login sees it, not applied yet."""
    root = tmp_path_factory.mktemp("clinic")
    for path, text in CLINIC.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "sql" / "tests").mkdir()
    (root / "sql" / "tests" / "test_clinic.sql").write_text(
        "begin;\nset local search_path = tests, public;\nselect plan(1);\n"
        "select has_table('clinic', 'appointments', 'there');\nselect finish();\nrollback;\n"
    )
    return Project(as_login(service, "owner"), root)


def test_without_superuser_everything_works(service: str, clinic: Project) -> None:
    administrator = Project(as_login(service, "administrator"), clinic.root)
    assert administrator.rows(POWERS) == [(False, True, False, False)]
    assert clinic.rows(POWERS) == [(False, False, False, False)]

    # before, the login is told who can help
    said = clinic.run("apply", "--no-lockdown", code=1)
    assert "this database is not fit, nothing was run" in said
    assert "an administrator runs what zava-mcp migrate bootstrap --print prints" in said
    assert clinic.value("select to_regnamespace('mcp_migrate')") is None

    script = administrator.run("bootstrap", *NEEDED, "--for", "administrator")
    assert "temp_file_limit" not in script
    administrator.rows(script)
    administrator.rows(script)  # again, it changes nothing

    clinic.run("apply", "--no-lockdown")
    assert clinic.run("verify").endswith(" 0 findings\n")
    assert clinic.run("drift").endswith(" 0 differ\n")
    assert clinic.json("test")["failed"] == 0

    # the server's login, which got its limits from the administrator
    clinic.rows(APPOINTMENTS.replace("%(north)s", f"'{NORTH}'").replace("%(south)s", f"'{SOUTH}'"))
    key = new_key(clinic.uri, "Ada", [NORTH])
    port = free_port()
    with zava.serving(as_login(service, "clinic_mcp"), "127.0.0.1", port, ZAVA_EMBEDDER="none"):
        tools, rows = ask(f"http://127.0.0.1:{port}/mcp", key, {})
    assert tools == ["list_appointments"]
    assert rows["rows"] == [ADA, CHEN]

    clinic.rows("delete from clinic.appointments")
    clinic.rows("delete from mcp_auth.api_keys")
    clinic.rows("delete from mcp_auth.users")
    clinic.run("rollback", "--to", "core/0", "--yes")
    clinic.run("apply", "--no-lockdown")


def test_the_tests_of_the_core_pass_as_the_ordinary_login(service: str, tmp_path: Path) -> None:
    """But for those that only a superuser can run, which are counted as skipped."""
    (tmp_path / "sql").mkdir()
    (tmp_path / "zava.toml").write_text(
        '[project]\nname = "neutral"\nlogin = "demo_server"\nroles = ["demo_owner"]\n'
        'audiences = ["demo_members", "demo_admins"]\n'
    )
    with psycopg.connect(service, autocommit=True) as conn:
        conn.execute("create database neutral owner administrator")
    uri = on_database(service, "neutral")
    administrator = Project(as_login(uri, "administrator"), tmp_path)
    needed = ("--print", "--login", "owner", "--database", "neutral", "--for", "administrator")
    administrator.rows(administrator.run("bootstrap", *needed))
    owner = Project(as_login(uri, "owner"), tmp_path)
    owner.run("apply", "--no-lockdown")
    report = owner.json("test", "--tree", "core")
    failed = [(file["file"], file["failed"], file["problems"]) for file in report["files"]]
    assert [each for each in failed if each[1] or each[2]] == []
    skipped = sum(1 for file in report["files"] if file["skipped"])
    assert skipped == len(NEEDS_SUPERUSER)
    assert report["assertions"] > 500


@pytest.fixture
def alone(service: str, tmp_path: Path) -> Iterator[Project]:
    """The core in a database of the administrator, who makes the roles of the tests."""
    (tmp_path / "sql").mkdir()
    (tmp_path / "zava.toml").write_text('[project]\nname = "alone"\n')
    with psycopg.connect(service, autocommit=True) as conn:
        conn.execute("create database alone owner administrator")
    project = Project(as_login(on_database(service, "alone"), "administrator"), tmp_path)
    project.run("apply", "--no-lockdown")
    yield project
    with psycopg.connect(service, autocommit=True) as conn:
        conn.execute("drop database alone with (force)")


def test_who_may_make_roles_tests_the_core(alone: Project) -> None:
    report = alone.json("test", "--tree", "core")
    assert [file["file"] for file in report["files"] if not file["ok"]] == []
    assert sum(1 for file in report["files"] if file["skipped"]) == len(NEEDS_SUPERUSER)
    assert alone.rows(OURS.replace("mcp|", "")) == []


def test_a_set_up_that_fails_leaves_nothing_and_no_schema_of_others_goes(alone: Project) -> None:
    alone.rows("create schema demo_api; create table demo_api.theirs ()")
    said = alone.run("test", "--tree", "core", code=70)
    assert 'setup_demo.sql:1: 42P06 schema "demo_api" already exists' in said.replace("../", "")
    assert alone.value("select to_regnamespace('tests')") is None
    assert alone.value("select to_regclass('demo_api.theirs')::text") == "demo_api.theirs"


def test_uninstall_removes_what_a_killed_test_run_left(alone: Project) -> None:
    process = alone.start("test", "--tree", "core")
    until = time.monotonic() + 60
    while not alone.value("select to_regnamespace('demo')") and time.monotonic() < until:
        assert process.poll() is None
    busy = start(alone, "uninstall", "--yes")
    assert busy.returncode == 75
    assert "is running tests in this database" in busy.stderr
    process.kill()
    process.communicate()
    while alone.value(TESTING) and time.monotonic() < until:
        pass
    assert alone.value("select to_regnamespace('tests')::text") == "tests"
    done = start(alone, "uninstall", "--yes")
    assert done.returncode == 0, done.stderr
    assert "schema\ttests, which a killed test run left\n" in done.stderr
    assert alone.rows(OURS) == []


def start(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is not one of migrate, without a terminal."""
    return subprocess.run(
        command_line(*arguments),
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": project.uri, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_role_that_somebody_else_made_is_named(service: str, clinic: Project) -> None:
    with psycopg.connect(service, autocommit=True) as conn:
        conn.execute("create role stranger")
    (clinic.root / "zava.toml").write_text('[project]\nname = "clinic"\nroles = ["stranger"]\n')
    administrator = Project(as_login(service, "administrator"), clinic.root)
    script = administrator.run("bootstrap", *NEEDED, "--for", "administrator")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        administrator.rows(script)
    said = caught.value.diag
    assert said.message_primary == (
        "role stranger was made by somebody else, and administrator may not grant it"
    )
    assert said.message_hint == (
        "Have a superuser or its maker say: grant stranger to administrator with admin option"
    )


def test_what_a_superuser_may_add(service: str, clinic: Project) -> None:
    (clinic.root / "zava.toml").write_text(CLINIC["zava.toml"])
    administrator = Project(as_login(service, "administrator"), clinic.root)
    administrator.rows(administrator.run("bootstrap", *NEEDED, "--for", "administrator"))
    clinic.run("apply", "--no-lockdown")
    script = Project(service, clinic.root).run("bootstrap", *NEEDED, "--for", "superuser")
    assert "create role" not in script
    with psycopg.connect(service, autocommit=True) as conn:
        conn.execute(script.encode())
        conn.execute(script.encode())  # again, it changes nothing
        settings = (
            "select unnest(setconfig) from pg_db_role_setting"
            " where setrole = 'clinic_mcp'::regrole order by 1"
        )
        found = [name for (name,) in conn.execute(settings).fetchall()]
    assert "temp_file_limit=1GB" in found
    assert "statement_timeout=60s" in found
    assert clinic.run("drift").endswith(" 0 differ\n")


def test_the_help_names_both_parts() -> None:
    said = Project("", Path.cwd()).run("bootstrap", "--help")
    assert "--for [administrator|superuser]" in said
