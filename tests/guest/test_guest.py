"""A guest in somebody's database: all that is not ours is equal before, during and after."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from guest import HERE, Guest, new_project, theirs
from scratch import as_login, command_line, difference, migrate, name_of, new_database

APP, OWNER = "app_of_others", "owner_of_others"
WRITTEN = (  # by the application while the guest comes and goes
    r"public\.(payment|payment_2026|audit|payment_payment_id_seq|audit_audit_id_seq)"
)


@pytest.fixture(scope="module")
def roles(server: str) -> Iterator[None]:
    """The logins of others, and what the whole server is left with."""
    with psycopg.connect(server, autocommit=True) as connection:
        for role in (APP, OWNER):
            connection.execute(f"create role {role} login".encode())
        yield
        for role in (APP, OWNER):
            connection.execute(f"drop role {role}".encode())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    with new_project(tmp_path) as folder:
        yield folder


@pytest.fixture
def shapes(server: str, roles: None) -> Iterator[str]:
    """A database in the shapes that hurt; the superuser's URI."""
    with new_database(server, is_ours=False) as uri:
        name = name_of(uri)
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"alter database {name} owner to {OWNER}".encode())
            connection.execute(b"create extension vector schema public")
            text = (
                (HERE / "shapes.sql")
                .read_text()
                .replace("create extension vector schema public;\n", "")
            )
            text = text % {"app": APP, "owner": OWNER, "database": name}
            connection.execute(f"set role {OWNER}".encode())
            connection.execute(b"select 1")
            own, admin = text.split("alter role ", 1)
            connection.execute(own.encode())
            connection.execute(b"reset role")
            connection.execute(f"alter role {admin}".encode())
        yield uri


class App:
    """What works in that database all the time, on a connection that lives on and on new ones."""

    def __init__(self, uri: str) -> None:
        self.uri = as_login(uri, APP)
        self.old = psycopg.connect(self.uri, autocommit=True)
        self.count = 0

    def work(self) -> None:
        """Read, write, and use what PUBLIC has, on both."""
        with psycopg.connect(self.uri, autocommit=True) as new:
            for connection in (self.old, new):
                self.count += 1
                connection.execute("create temporary table note (n int)")
                connection.execute("do $$ begin perform pg_backend_pid(); end $$")
                connection.execute("select public.pay(1, 1.50), api.hello(), auth.uid(), version()")
                connection.execute("select from information_schema.tables")
                row = connection.execute('select "emailAddress" from "User"').fetchone()
                assert row == ("ada@example.com",)
                row = connection.execute(
                    "select count(*) from payment where amount = 1.5"
                ).fetchone()
                assert row == (self.count,)
                connection.execute("drop table note")


@pytest.mark.parametrize("login", ["", OWNER], ids=["superuser", "owner after bootstrap"])
def test_nothing_of_others_changes(shapes: str, project: Path, login: str) -> None:
    guest, app = Guest(shapes, project, login), App(shapes)
    app.work()
    before = theirs(shapes, WRITTEN)
    assert sum(name.startswith("rows ") for name in before) == 6
    assert before['rows public."User"'] == "1"

    for step in (guest.install, guest.upgrade):
        step()
        app.work()
        assert difference(before, theirs(shapes, WRITTEN)) == "", step.__name__
    assert "removed" in guest.uninstall()
    app.work()

    assert difference(before, theirs(shapes, WRITTEN)) == ""
    with psycopg.connect(shapes) as connection:
        row = connection.execute(
            "select count(*) from pg_namespace where nspname ~ '^(mcp|guest)'"
        ).fetchone()
    assert row == (0,)


def test_lock_down_is_restored_to_the_byte(shapes: str, project: Path) -> None:
    guest = Guest(shapes, project)
    guest.install()
    with psycopg.connect(shapes, autocommit=True) as connection:
        # a list that is not the default, and in an order of its own
        connection.execute(
            f"grant execute on function pg_sleep(double precision) to {APP}".encode()
        )
        connection.execute(f"grant usage on language plpgsql to {APP}".encode())
    before = access_lists(shapes)
    plan = migrate(shapes, "lockdown plan", project=project)
    assert f"{APP} (login)\tconnect on database {name_of(shapes)}\t1\t" in plan
    assert access_lists(shapes) == before

    migrate(shapes, "lockdown on", "--yes", project=project)
    assert access_lists(shapes) != before
    with pytest.raises(psycopg.OperationalError, match="CONNECT"):
        App(shapes)
    migrate(shapes, "lockdown off", project=project)
    assert access_lists(shapes) == before
    App(shapes).work()

    migrate(shapes, "lockdown on", "--spare", APP, "--yes", project=project)
    App(shapes).old.execute("select version()")
    guest.uninstall()
    assert access_lists(shapes, but_ours=True) == access_lists_of(before, shapes)


def access_lists(uri: str, but_ours: bool = False) -> dict[str, Any]:
    """Read every access list there is, as the catalogues have it: by object and column."""
    queries = {
        "pg_proc": "select oid::regprocedure::text, proacl::text from pg_proc",
        "pg_class": "select oid::regclass::text, relacl::text from pg_class",
        "pg_attribute": "select attrelid::regclass || '.' || attnum, attacl::text from pg_attribute"
        " where attnum > 0",
        "pg_namespace": "select nspname, nspacl::text from pg_namespace",
        "pg_language": "select lanname, lanacl::text from pg_language",
        "pg_database": "select datname, datacl::text from pg_database"
        " where datname = current_database()",
        "pg_default_acl": "select oid::text, defaclacl::text from pg_default_acl",
        "pg_type": "select oid::regtype::text, typacl::text from pg_type",
    }
    with psycopg.connect(uri) as connection:
        return {
            f"{catalogue} {name}": acl
            for catalogue, query in queries.items()
            for name, acl in connection.execute(query.encode()).fetchall()
            if not (but_ours and is_ours(name))
        }


def access_lists_of(found: dict[str, Any], uri: str) -> dict[str, Any]:
    """Leave out of a reading what is ours, and what the uninstall removed."""
    there = access_lists(uri)
    return {name: acl for name, acl in found.items() if name in there and not is_ours(name)}


def is_ours(name: str) -> bool:
    """Whether an access list is of an object of ours; temporary ones and TOAST tables count too."""
    return bool(re.search(r"\b(mcp(_\w+)?|guest(_api)?)\b|pg_toast|pg_temp", name))


def test_a_file_does_not_replace_what_others_made(shapes: str, project: Path) -> None:
    guest = Guest(shapes, project)
    guest.install()
    before = theirs(shapes)
    file = project / "sql/functions/public/hello.sql"
    file.parent.mkdir()
    file.write_text(
        "create or replace function api.hello() returns text language sql immutable return 'bye';\n"
        "revoke all on function api.hello() from public;\n"
    )
    done = subprocess.run(
        command_line("migrate", "apply", "--database-url", shapes),
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    assert "would replace what no file of this project made: routine api.hello()" in done.stderr
    assert difference(before, theirs(shapes)) == ""


def test_rollback_leaves_extensions_of_others(server: str, roles: None) -> None:
    """Zava finds vector and pg_trgm in schema ext, and leaves them there."""
    extensions = "select extname, extnamespace::regnamespace::text from pg_extension order by 1"
    with new_database(server, is_ours=False) as uri:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(b"create schema ext; create extension vector schema ext")
            before = connection.execute(extensions).fetchall()
        migrate(uri, "apply")
        migrate(uri, "rollback", "--to", "0", "--yes")
        with psycopg.connect(uri, autocommit=True) as connection:
            assert connection.execute(extensions).fetchall() == before


def test_uninstall_drops_no_role_that_was_there_before(shapes: str, project: Path) -> None:
    """Two audiences of ours go, of a file and of a command; the application's own one stays."""
    ours, theirs_too, added, login = "guest_crew", "crew_of_others", "guest_added", "guest_login"
    for path in project.rglob("*.*"):  # other tests leave the roles of other names
        if path.is_file():
            text = path.read_text().replace("guest_members", ours).replace("guest_mcp", login)
            path.write_text(text)
    settings = project / "zava.toml"
    settings.write_text(settings.read_text().replace(f'"{ours}"', f'"{ours}", "{theirs_too}"'))
    first = project / "sql/0001_guest.sql"
    add = "select mcp_auth.add_audience('{}', 'Somebody.');\n"
    first.write_text(first.read_text() + add.format(theirs_too))
    with psycopg.connect(shapes, autocommit=True) as connection:
        connection.execute(f"create role {theirs_too} nologin".encode())
        try:
            migrate(shapes, "apply", project=project)
            connection.execute(add.format(added).encode())
            removed = json.loads(
                migrate(shapes, "uninstall", "--roles", "--yes", "--json", project=project)
            )
            query = "select rolname from pg_roles where rolname = any(%s)"
            names = [ours, theirs_too, added, login]
            assert connection.execute(query, [names]).fetchall() == [(theirs_too,)]
        finally:
            for name in (theirs_too, added):
                connection.execute(f"drop role if exists {name}".encode())
    assert {ours, added, login} <= set(removed["dropped_roles"])
    assert removed["kept"][theirs_too] == "the ledger did not make it"


def test_uninstall_keeps_the_roles_that_another_database_is_served_by(
    shapes: str, project: Path
) -> None:
    """Also an audience that has no tool, which nothing names there but a row of ours."""
    audience, login = "guest_served", "guest_server"
    for path in project.rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace("guest_members", audience).replace("guest_mcp", login)
            path.write_text(text)
    query = "select rolname from pg_roles where rolname = any(%s) order by 1"
    names = [audience, login]
    with psycopg.connect(shapes, autocommit=True) as connection:
        connection.execute("create database guest_neighbour")
        try:
            migrate(shapes, "apply", project=project)
            connection.execute(f"alter role {login} in database guest_neighbour set jit = off")
            uninstall = ("uninstall", "--roles", "--yes", "--json")
            removed = json.loads(migrate(shapes, *uninstall, project=project))
            assert connection.execute(query, [names]).fetchall() == [(audience,), (login,)]
            assert [removed["kept"][name] for name in names] == [
                "used by database guest_neighbour"
            ] * 2
        finally:
            connection.execute("drop database guest_neighbour")
            for name in names:
                connection.execute(f"drop role if exists {name}".encode())


@pytest.mark.parametrize("login", ["", OWNER], ids=["superuser", "owner after bootstrap"])
def test_a_login_of_others_keeps_its_settings(shapes: str, project: Path, login: str) -> None:
    """Named in zava.toml it gets the entry points, not the limits of a server."""
    for path in ("zava.toml", "sql/0001_guest.sql", "sql/0001_guest.rollback.sql"):
        text = (project / path).read_text()
        assert "guest_mcp" in text
        (project / path).write_text(text.replace("guest_mcp", APP))
    query = (
        "select rolconnlimit, s.setconfig from pg_roles as r inner join pg_db_role_setting as s"
        " on s.setrole = r.oid and s.setdatabase <> 0 inner join pg_database as d"
        f" on d.oid = s.setdatabase and d.datname = '{name_of(shapes)}' where rolname = '{APP}'"
    )
    with psycopg.connect(shapes, autocommit=True) as connection:
        role = f"alter role {APP} in database {name_of(shapes)}"
        connection.execute(f"{role} set statement_timeout = '5min'".encode())
        before = connection.execute(query.encode()).fetchall()
        assert "statement_timeout=5min" in before[0][1]
        guest = Guest(shapes, project, login)
        guest.install()
        is_server = f"select pg_has_role('{APP}', 'mcp_server', 'usage')"
        assert connection.execute(is_server.encode()).fetchone() == (True,)
        assert connection.execute(query.encode()).fetchall() == before
        guest.uninstall()
        assert connection.execute(query.encode()).fetchall() == before
        connection.execute(f"revoke mcp_server from {APP}".encode())
