"""The lock-down: made, skipped, left to a DBA; and what the server makes of it."""

from __future__ import annotations

import asyncio
import subprocess
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

from benchmarks import zava

SKIPPED = "lockdown\tlock-down\tit was skipped"
SETTING = "select value from mcp_catalog.settings where name = 'lockdown'"
LOCKED = "select mcp.check_login() -> 'locked'"


def fails(uri: str, *arguments: str) -> str:
    """Run a command of zava-mcp migrate that must end with exit code 1; give all it printed."""
    command, *options = arguments
    done = subprocess.run(
        command_line("migrate", command, "--database-url", uri, *options),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr


def value(uri: str, query: str) -> Any:
    """Give the first column of the first row."""
    with psycopg.connect(uri, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def shared(server: str) -> Iterator[str]:
    """A database that others use too, so that the lock-down was skipped."""
    with new_database(server) as uri:
        migrate(uri, "apply", "--no-lockdown")
        yield uri


def test_skip_is_recorded_reported_and_no_obstacle(shared: str) -> None:
    assert value(shared, SETTING) is False
    assert fails(shared, "verify").startswith(SKIPPED)
    assert migrate(shared, "verify", "--no-lockdown").endswith(" 0 findings\n")
    migrate(shared, "apply", "--all")
    sleep = "has_function_privilege('mcp_sandbox', 'pg_sleep(float)', 'execute')"
    assert value(shared, f"select {sleep}") is True


def test_lock_down_later_and_lift_it(server: str) -> None:
    with new_database(server) as uri:
        migrate(uri, "apply", "--no-lockdown")
        assert value(uri, "select mcp_migrate.lock_down()") > 600
        assert value(uri, SETTING) is True
        assert migrate(uri, "verify").endswith(" 0 findings\n")
        assert value(uri, "select mcp_migrate.lift_lockdown()") > 600
        assert fails(uri, "verify").startswith(SKIPPED)


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
        assert found.count("lockdown\tPUBLIC\t") == 3
        for name in (name_of(uri), "language plpgsql", "schema information_schema"):
            assert name in found
        assert value(uri, "select mcp_migrate.lock_down()") == 5
        assert migrate(uri, "verify").endswith(" 0 findings\n")


@pytest.fixture
def login(server: str) -> Iterator[tuple[str, str]]:
    """A database that is not locked down, and an ordinary login that may do the rest: both URIs."""
    name = f"dba_{uuid.uuid4().hex[:8]}"
    with new_database(server) as uri, closing(psycopg.connect(uri, autocommit=True)) as dba:
        print_it = ("--print", "--login", name, "--database", name_of(uri), "--no-lockdown")
        command = command_line("migrate", "bootstrap", *print_it)
        script = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        assert b"lock_down" not in script
        dba.execute(script)
        yield uri, as_login(uri, name)
        dba.execute(f"drop owned by {name} cascade".encode())
        dba.execute(f"drop role {name}".encode())


def test_ordinary_login_stops_or_skips(login: tuple[str, str]) -> None:
    _, uri = login
    said = fails(uri, "apply")
    assert "42501 this database is not locked down, and dba_" in said
    assert 'Have a superuser run what "zava-mcp migrate bootstrap --print" prints' in said
    migrate(uri, "apply", "--no-lockdown")
    assert fails(uri, "verify").startswith(SKIPPED)


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
