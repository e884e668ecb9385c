"""The lock-down: on, off, left to a superuser; and what the server makes of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from scratch import ROOT, as_login, command_line, migrate, name_of, new_database
from servers import pooler

from benchmarks import zava

SETTING = "select value from mcp_catalog.settings where name = 'lockdown'"
LOCKED = "select mcp.check_login() -> 'locked'"


def fails(uri: str, *arguments: str, code: int = 1) -> str:
    """Run a command of zava-mcp migrate that must end with ``code``; give all it printed."""
    command, *options = arguments
    done = subprocess.run(
        command_line("migrate", *command.split(), "--database-url", uri, *options),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def value(uri: str, query: str) -> Any:
    """Return the first column of the first row."""
    with psycopg.connect(uri, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def shared(server: str) -> Iterator[str]:
    """A database that others use too, which an apply leaves open."""
    with new_database(server, is_ours=False) as uri:
        migrate(uri, "apply")
        yield uri


def test_it_is_off_in_a_database_of_others_and_stays_off(shared: str) -> None:
    assert value(shared, SETTING) is False
    said = migrate(shared, "verify")
    assert ", 0 findings; " in said
    assert "zava.toml accepts" not in said  # what nothing needs any more
    migrate(shared, "apply", "--all")
    assert value(shared, SETTING) is False
    sleep = "has_function_privilege('mcp_sandbox', 'pg_sleep(float)', 'execute')"
    assert value(shared, f"select {sleep}") is True


def test_it_is_skipped_where_that_is_said(server: str) -> None:
    with new_database(server) as uri:
        migrate(uri, "apply", "--no-lockdown")
        assert value(uri, SETTING) is False
        migrate(uri, "apply", "--all")
        assert value(uri, SETTING) is False


def test_on_and_off_are_commands(server: str) -> None:
    with new_database(server, is_ours=False) as uri:
        migrate(uri, "apply")
        plan = json.loads(migrate(uri, "lockdown plan", "--json"))
        assert plan["is_on"] is False
        public = {each["loses"]: each for each in plan["losses"] if each["role"] == "PUBLIC"}
        assert public[f"connect on database {name_of(uri)}"]["objects"] == [name_of(uri)]
        total = sum(each["privileges"] for each in public.values())
        assert total > 600
        message = f"PUBLIC would lose {total} privileges; logins that lose something: "
        said = fails(uri, "lockdown on", code=64)
        assert message in said
        assert "there is no terminal to ask on: use --yes" in said
        assert value(uri, SETTING) is False
        assert migrate(uri, "lockdown on", "--yes") == f"PUBLIC lost {total} privileges\n"
        assert value(uri, SETTING) is True
        assert ", 0 findings; " in migrate(uri, "verify")
        planned = json.loads(migrate(uri, "lockdown plan", "--json"))
        assert planned == {"exit": 0, "is_on": True, "losses": []}
        assert migrate(uri, "lockdown off") == f"PUBLIC got back {total} privileges\n"
        assert value(uri, SETTING) is False
        assert ", 0 findings; " in migrate(uri, "verify")


def test_rollback_of_the_core_gives_back_what_was_taken(server: str) -> None:
    with new_database(server) as uri:
        before = value(uri, "select count(*) from pg_proc where proacl is null")
        migrate(uri, "apply")
        assert value(uri, "select count(*) from pg_proc where proacl is null") < before
        for goal in ("core/5", "core/0"):
            migrate(uri, "rollback", "--to", goal, "--yes")
            assert value(uri, "select count(*) from pg_proc where proacl is null") >= before
        assert value(uri, "select count(*) from pg_proc where proacl is null") == before


def test_what_a_restore_loses_is_found(server: str) -> None:
    """The access lists of database, language and information_schema are in no dump."""
    with new_database(server) as uri:
        migrate(uri, "apply")
        lost = (
            f"grant connect, temporary on database {name_of(uri)} to public;"
            "grant usage on language sql, plpgsql to public;"
            "grant usage on schema information_schema to public;"
            f"revoke connect on database {name_of(uri)} from zava_mcp"
        )
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(lost.encode())
        found = fails(uri, "verify")
        assert found.count("error\tZM151\tPUBLIC\t") == 3
        for name in (name_of(uri), "language plpgsql", "schema information_schema"):
            assert name in found
        assert value(uri, "select mcp_migrate.lock_down()") == 5
        assert ", 0 findings; " in migrate(uri, "verify")


@pytest.fixture
def login(server: str) -> Iterator[tuple[str, str]]:
    """A database of others, and an ordinary login that migrates it: both URIs."""
    name = f"dba_{uuid.uuid4().hex[:8]}"
    with (
        new_database(server, is_ours=False) as uri,
        closing(psycopg.connect(uri, autocommit=True)) as dba,
    ):
        print_it = ("--print", "--login", name, "--database", name_of(uri))
        command = command_line("migrate", "bootstrap", *print_it)
        script = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        assert b"lock_down" not in script
        dba.execute(script)
        yield uri, as_login(uri, name)
        dba.execute(f"drop owned by {name} cascade".encode())
        dba.execute(f"drop role {name}".encode())


def test_a_superuser_locks_and_an_ordinary_login_goes_on(login: tuple[str, str]) -> None:
    superuser, uri = login
    migrate(uri, "apply")
    said = fails(uri, "lockdown on", "--yes", code=70)
    assert "42501 this database is not locked down, and dba_" in said
    assert "Have a superuser run: zava-mcp migrate lockdown on" in said
    migrate(superuser, "lockdown on", "--yes")
    migrate(uri, "apply", "--all")
    assert ", 0 findings; " in migrate(uri, "verify")
    assert "may not lift the lock-down" in fails(uri, "lockdown off", code=70)
    migrate(superuser, "lockdown off")


CALL = {"postgresql_query": "select pg_try_advisory_lock(42)::text"}
HELD = "select count(*) from pg_locks where locktype = 'advisory' and objid = 42"


def call(url: str, key: str) -> Any:
    """Take a lock that outlives its transaction, in the SQL of a client."""

    async def talk() -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            asyncio.timeout(60),
            create_mcp_http_client(headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            result = await client.call_tool("execute_sales_query", CALL)
            return result.structured_content or str(result.content)

    return asyncio.run(talk())


def test_server_resets_a_connection_where_a_call_can_leave_something(
    shared: str, free_port: int
) -> None:
    login = as_login(shared, zava.LOGIN)
    assert value(login, LOCKED) is False
    with psycopg.connect(shared, autocommit=True) as connection:
        row = connection.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user('Head', 'head_office'))"
        ).fetchone()
    assert row is not None
    with zava.serving(login, "127.0.0.1", free_port, ZAVA_EMBEDDER="none", ZAVA_POOL_MIN="1"):
        answer = call(f"http://127.0.0.1:{free_port}/mcp", row[0])
        assert answer["rows"] == [["true"]], "the call took the lock"
        assert value(shared, HELD) == 0, "and it is gone, though the connection lives"


@pytest.mark.needs("pgbouncer")
def test_a_pooler_must_reset_its_sessions_where_a_call_can_leave_something(
    shared: str, free_port: int
) -> None:
    with psycopg.connect(shared, autocommit=True) as connection:
        row = connection.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user('Tail', 'head_office'))"
        ).fetchone()
    assert row is not None
    login = as_login(shared, zava.LOGIN)
    settings = {"ZAVA_EMBEDDER": "none", "ZAVA_DIRECT_URL": login}
    with pooler(login) as through:
        done = subprocess.run(
            command_line("serve", "--port", str(free_port)),
            env={**os.environ, **settings, "ZAVA_DATABASE_URL": through},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2
        assert "this database is not locked down" in done.stderr
        assert "server_reset_query_always = 1" in done.stderr
    with (
        pooler(login, more="server_reset_query_always = 1") as through,
        zava.serving(through, "127.0.0.1", free_port, None, **settings),
    ):
        answer = call(f"http://127.0.0.1:{free_port}/mcp", row[0])
        assert answer["rows"] == [["true"]], "the call took the lock"
        until_free = "select not exists (select from pg_locks where objid = 42)"
        # pgbouncer resets when the call has been answered
        deadline = time.monotonic() + 20
        while value(shared, until_free) is not True:
            assert time.monotonic() < deadline, "the lock outlived the call"


def test_server_needs_no_reset_in_a_locked_database(
    database: str, shim_url: str, http_server: str, keys: dict[str, Any]
) -> None:
    assert value(shim_url, LOCKED) is True
    with (
        psycopg.connect(shim_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="pg_advisory_unlock_all"),
    ):
        connection.execute("select pg_advisory_unlock_all()")
    assert "AUTHORIZATION_ERROR" in call(http_server, keys["head_office"])
    assert value(database, HELD) == 0
