"""The connections: how many, who waits for one, and a pooler between us and the database."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import anyio
import psycopg
import pytest
from scratch import migrate, name_of, new_database, on_database
from servers import pooler
from structlog.testing import capture_logs
from test_limits import limited
from test_monitoring import metrics, sample
from test_server import (
    LONG_QUERY,
    Keys,
    another_server,
    ask,
    bounded,
    connected,
    count_orders,
    data,
    error,
    extra_tool,
    logged,
    running_calls,
    started,
    until,
)

from zava_mcp.shim.answer.errors import BusyError
from zava_mcp.shim.call import database as pools
from zava_mcp.shim.settings import load_settings

BUSY = {
    "code": "BUSY",
    "message": "All connections to the database are in use, try again in a second.",
    "retry_after": 1,
}
LOCKED: LiteralString = (
    "select count(*) from pg_stat_activity"
    " where usename = 'zava_mcp' and wait_event_type = 'Lock' and query like '%%mcp.handle%%'"
)
RUNNING: LiteralString = (
    "select min(pid) from pg_stat_activity where state = 'active'"
    " and usename = 'zava_mcp' and datname = current_database() and query like %s"
)
HANDLED, CALLED = "select mcp.handle(%", "select mcp.call_tool(%"
HELD = "begin return (select count(*) from retail.categories); end"


@pytest.fixture(scope="module")
def pooled(shim_url: str) -> Iterator[str]:
    """The way to the tests' database through a pgbouncer."""
    with pooler(shim_url) as through:
        yield through


def value(url: str, name: str) -> float:
    """A value of /metrics."""
    return sample(metrics(url).text, name)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Stop a backend: it stands for one that no cancellation ends."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@bounded
async def test_a_statement_that_does_not_end_keeps_its_place(
    database: str, shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    """And its connection, and its slot among the caller's queries, until the backend is idle."""
    file, query = tmp_path / "log", "execute_sales_query"
    with (
        limited(database, calls_per_minute=100),
        another_server(shim_url, file, ZAVA_COMMAND_TIMEOUT="1") as (url, _),
    ):
        async with connected(url, keys["head_office"]) as client:
            slow = asyncio.create_task(client.call_tool(query, {"postgresql_query": LONG_QUERY}))
            await asyncio.to_thread(until, lambda: running_calls(database) == 1)
            pid = ask(database, RUNNING, HANDLED)
            with stopped(pid):
                late = "a cancelled statement does not end"
                await asyncio.to_thread(
                    until, lambda: (late, pid) in [(e["event"], e.get("pid")) for e in logged(file)]
                )
                assert value(url, "pool_in_use") == 1
                second = await client.call_tool(query, {"postgresql_query": "select 1 as n"})
                assert error(second)["code"] == "RATE_LIMITED"
            assert error(await slow)["code"] == "QUERY_TIMEOUT"
            assert value(url, "pool_in_use") == value(url, "pool_given_up") == 0
            third = await client.call_tool(query, {"postgresql_query": "select 1 as n"})
            assert data(third)["rows"] == [[1]]


@bounded
async def test_a_connection_whose_backend_goes_on_is_given_up_and_counted(
    database: str, shim_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "GIVE_UP_SECONDS", 0.2)
    pool = await pools.open_database(load_settings(database_url=shim_url))
    statement = "select mcp.call_tool($1, 'execute_sales_query', $2::jsonb)"
    arguments = json.dumps({"postgresql_query": LONG_QUERY})

    async def runs() -> None:
        async with pool.connection() as connection:
            await pool.fetchval(connection, statement, keys["head_office"], arguments, seconds=1)

    try:
        running = asyncio.create_task(runs())
        await asyncio.to_thread(until, lambda: ask(database, RUNNING, CALLED) is not None)
        with stopped(ask(database, RUNNING, CALLED)):
            with pytest.raises(TimeoutError):
                await running
            assert (pool.given_up, pool.in_use) == (1, 0)
    finally:
        await pool.close()
    await asyncio.to_thread(until, lambda: ask(database, RUNNING, CALLED) is None)


@bounded
async def test_who_finds_no_connection_in_time_is_told(
    database: str, shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    """Three calls hold all three until the test lets go; the others get nothing but "busy"."""
    settings = {"ZAVA_POOL_MAX": "3", "ZAVA_POOL_WAIT": "0.2"}
    with (
        extra_tool(database, "test_held", HELD),
        another_server(shim_url, tmp_path / "log", **settings) as (url, _),
        psycopg.connect(database) as holder,
    ):
        holder.execute("lock table retail.categories in access exclusive mode")
        said = list[Any]()

        async def call(client: Any) -> None:
            said.append(await client.call_tool("test_held"))

        async with (
            connected(url, keys["head_office"]) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(7):
                group.start_soon(call, client)
            await asyncio.to_thread(until, lambda: ask(database, LOCKED) == 3 and len(said) == 4)
            assert [error(result) for result in said] == [BUSY] * 4
            holder.rollback()
        assert [result.is_error for result in said] == [True] * 4 + [False] * 3
        async with connected(url, keys["head_office"]) as client:
            assert await count_orders(client) > 0
        log: LiteralString = (
            "select array_agg(l.code order by l.code) from mcp_log.call_log as l"
            " where l.tool = 'test_held'"
        )
        codes = ["BUSY"] * 4 + ["OK"] * 3
        await asyncio.to_thread(until, lambda: ask(database, log) == codes)


@contextmanager
def connection_limit(database: str, limit: int) -> Iterator[None]:
    """Limit the connections of the server's login; those that it has stay."""
    before = ask(database, "select rolconnlimit from pg_roles where rolname = 'zava_mcp'")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"alter role zava_mcp connection limit {limit}".encode())
        try:
            yield
        finally:
            connection.execute(f"alter role zava_mcp connection limit {before}".encode())


@bounded
async def test_the_limit_of_the_role_is_busy_too(database: str, shim_url: str) -> None:
    """As a full pool is: the database is not away, and the one connection goes on."""
    pool = await pools.open_database(load_settings(database_url=shim_url, pool_min=1))
    try:
        async with pool.connection() as connection:
            with (
                connection_limit(database, 0),
                capture_logs() as lines,
                pytest.raises(BusyError) as refused,
            ):
                await pool.connection().__aenter__()
            assert await connection.fetchval("select 1") == 1
        assert (str(refused.value), refused.value.details) == (BUSY["message"], {"retry_after": 1})
        assert (pool.circuit.is_open, pool.busy, pool.in_use) == (False, 1, 0)
        [line] = lines
        assert line["reason"] == 'too many connections for role "zava_mcp"'
        async with pool.connection() as connection:
            assert await connection.fetchval("select 1") == 1
    finally:
        await pool.close()


def test_a_direct_url_of_another_database_is_refused(database: str, shim_url: str) -> None:
    with new_database(database) as uri:
        migrate(uri, "apply")
        done = started(
            ZAVA_DATABASE_URL=shim_url, ZAVA_DIRECT_URL=on_database(shim_url, name_of(uri))
        )
    assert done.returncode == 2
    assert "ZAVA_DIRECT_URL leads to another database than ZAVA_DATABASE_URL" in done.stderr


def test_limits_of_every_session_are_the_databases(database: str, shim_url: str) -> None:
    names: tuple[LiteralString, ...] = ("jit", "work_mem", "statement_timeout")
    found = [ask(shim_url, "show " + name) for name in names]
    assert found == ["off", "4MB", "1min"]


# Through a pooler --------------------------------------------------------------------------------


@pytest.mark.needs("pgbouncer")
def test_a_pooler_is_noticed(pooled: str) -> None:
    """By its session, which has another number than the one it says; LISTEN would not work."""
    done = started(ZAVA_DATABASE_URL=pooled)
    assert done.returncode == 2
    assert "ZAVA_DATABASE_URL leads to a pooler: set ZAVA_DIRECT_URL" in done.stderr


@pytest.mark.needs("pgbouncer")
@bounded
async def test_calls_through_a_pooler(
    database: str, shim_url: str, pooled: str, keys: Keys, tmp_path: Path
) -> None:
    """More at a time than the pooler has sessions: everybody gets what they get without it."""
    log = tmp_path / "log"
    callers = {"head": keys["head_office"], "regional": keys["regional_manager"], **keys["stores"]}
    expected = {}
    with another_server(shim_url, tmp_path / "direct") as (url, _):
        for name, key in callers.items():
            async with connected(url, key) as client:
                expected[name] = await count_orders(client)
    assert len(set(expected.values())) >= 8
    settings = {"ZAVA_DIRECT_URL": shim_url, "ZAVA_POOL_MAX": "9"}
    found: list[tuple[str, int]] = []

    async def calls(url: str, name: str, key: str) -> None:
        async with connected(url, key) as client:
            found.extend([(name, await count_orders(client)) for _ in range(12)])

    with another_server(pooled, log, **settings) as (url, _):
        async with anyio.create_task_group() as group:
            for name, key in callers.items():
                group.start_soon(calls, url, name, key)
    assert Counter(found) == dict.fromkeys(expected.items(), 12)
    assert not [entry for entry in logged(log) if entry["level"] in ("error", "critical")]


@pytest.mark.needs("pgbouncer")
@bounded
async def test_progress_changes_and_cancellation_through_a_pooler(
    database: str, shim_url: str, pooled: str, keys: Keys, tmp_path: Path
) -> None:
    steps: LiteralString = (
        "begin for n in 1 .. 3 loop perform mcp_tool.progress(n, 3, 'step'); end loop;"
        " return 'done'; end"
    )
    told: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    settings = {"ZAVA_DIRECT_URL": shim_url}
    with another_server(pooled, tmp_path / "log", **settings) as (url, _):
        async with connected(url, keys["head_office"]) as client:
            async with client.listen(tools_list_changed=True) as changes:
                with extra_tool(database, "test_steps", steps):
                    async for _ in changes:
                        break
                    data(await client.call_tool("test_steps", progress_callback=on_progress))
            assert told == [(n, 3, "step") for n in (1, 2, 3)]
            query = {"postgresql_query": LONG_QUERY}
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "execute_sales_query", query)
                await asyncio.to_thread(until, lambda: running_calls(database) == 1)
                group.cancel_scope.cancel()
            await asyncio.to_thread(until, lambda: running_calls(database) == 0)
            assert await count_orders(client) > 0
