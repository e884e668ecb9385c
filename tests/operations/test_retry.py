"""What becomes of calls whose connection is lost: repeated is what does no harm twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg
import psycopg
import pytest
from scratch import migrate, name_of, new_database, on_database
from structlog.testing import capture_logs
from test_server import (
    another_server,
    answers,
    ask,
    bounded,
    connected,
    data,
    error,
    run_sql,
    until,
)

from zava_mcp.shim.answer.errors import UNKNOWN_OUTCOME, DatabaseError, UnreachableError
from zava_mcp.shim.call import upkeep
from zava_mcp.shim.call.cache import Cache
from zava_mcp.shim.call.database import Circuit, repeated
from zava_mcp.shim.settings import load_settings

# Each call waits for the holder of a lock; "add" adds a row each time, "add_once" one for a key.
TOOLS: LiteralString = """
create table retail.test_rows (key text not null);
alter table retail.test_rows owner to mcp_tools;
create table retail.test_gate ();
alter table retail.test_gate owner to mcp_tools;

create function api.test_read() returns bigint language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from retail.test_gate;
    return (select count(*) from retail.test_rows);
end
$$;
create function api.test_add(key text) returns text language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into retail.test_rows (key) values (test_add.key);
    perform from retail.test_gate;
    return test_add.key;
end
$$;
create function api.test_add_once(key text) returns text language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from retail.test_gate;
    insert into retail.test_rows (key)
    select test_add_once.key
    where not exists (select from retail.test_rows as r where r.key = test_add_once.key);
    return test_add_once.key;
end
$$;
comment on function api.test_read() is 'A tool of the tests.

@returns How many rows there are.';
comment on function api.test_add(text) is 'A tool of the tests.

@param key  A key.
@returns The key.';
comment on function api.test_add_once(text) is 'A tool of the tests.

@param key  A key.
@returns The key.
@tool idempotent';
do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid from pg_proc as p
        where p.pronamespace = 'api'::regnamespace and p.proname ~ '^test_'
    loop
        execute format('alter function %s owner to mcp_tools', v_function);
        execute format('revoke all on function %s from public', v_function);
        execute format('grant execute on function %s to mcp_core, head_office', v_function);
    end loop;
end
$$;
select mcp_catalog.refresh_catalog();
"""
WAITING: LiteralString = (
    "select array_agg(pid) from pg_stat_activity where usename = 'zava_mcp'"
    " and datname = current_database() and wait_event_type = 'Lock'"
)
ROWS: LiteralString = "select count(*) from retail.test_rows where key = %s"
CODES: LiteralString = (
    "select coalesce(array_agg(l.code), '{}') from mcp_log.call_log as l where l.tool = %s"
)


@pytest.fixture(scope="module")
def uri(database: str) -> Iterator[str]:
    """A database of these tests' own."""
    with new_database(database) as uri:
        migrate(uri, "apply")
        run_sql(uri, TOOLS)
        yield uri


def new_key(uri: str) -> str:
    """The key of a new user."""
    add: LiteralString = "select mcp_auth.add_user(gen_random_uuid()::text, 'head_office')"
    return str(ask(uri, "select mcp_auth.create_api_key((" + add + "))"))


@pytest.fixture
def key(uri: str) -> str:
    return new_key(uri)


@pytest.fixture
def url(uri: str, shim_url: str, tmp_path: Path) -> Iterator[str]:
    with another_server(on_database(shim_url, name_of(uri)), tmp_path / "log") as (url, _):
        yield url


@contextmanager
def gate(uri: str) -> Iterator[psycopg.Connection[Any]]:
    """Hold all calls until the block ends."""
    with psycopg.connect(uri) as holder:
        holder.execute("lock table retail.test_gate in access exclusive mode")
        yield holder


def cut(uri: str) -> None:
    """Kill the session of the one call that waits at the gate."""
    until(lambda: len(ask(uri, WAITING) or []) == 1)
    [pid] = ask(uri, WAITING)
    assert ask(uri, "select pg_terminate_backend(%s, 5000)", pid)


FAILS_ONCE: LiteralString = """
create table mcp.test_runs as select 0 as number;
grant select, update on mcp.test_runs to mcp_core;
create or replace function mcp.maintain() returns jsonb language sql volatile
security definer set search_path = pg_catalog, pg_temp as $$
    update mcp.test_runs set number = number + 1;
    select case when r.number > 1 then '{"ran": [], "more": false}' end::jsonb
    from mcp.test_runs as r
$$;
"""


def test_background_work_that_fails_begins_again(uri: str, shim_url: str, tmp_path: Path) -> None:
    """The first report of upkeep is none; the server serves on, and asks for another."""
    log, shim = tmp_path / "log", on_database(shim_url, name_of(uri))
    definition = ask(uri, "select pg_get_functiondef('mcp.maintain'::regproc)")
    run_sql(uri, FAILS_ONCE)
    try:
        with another_server(shim, log, ZAVA_MAINTAIN_SECONDS="0.1") as (url, _):
            until(lambda: ask(uri, "select number from mcp.test_runs") > 1)
            assert log.read_text().count("background work failed") == 1
            assert answers(url)
    finally:
        run_sql(uri, definition, "drop table mcp.test_runs")


class Relay:
    """A way to a database on a Unix socket that may stop to forward without closing anything."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.opened = self.silent = 0  # connections so far; those up to here are silent

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        number = self.opened
        source, sink = await asyncio.open_unix_connection(self.target)

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(65536):
                if number > self.silent:
                    writer.write(data)

        await asyncio.gather(pump(reader, sink), pump(source, writer))


@bounded
async def test_a_listener_that_breaks_silently_listens_again(
    uri: str, shim_url: str, private_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is announced meanwhile is lost, so it reloads; what comes then is heard."""
    monkeypatch.setattr(upkeep, "SILENT_SECONDS", 0.5)
    parts = urlsplit(on_database(shim_url, name_of(uri)))
    place = parse_qs(parts.query)
    socket = f".s.PGSQL.{place['port'][0]}"
    relay = Relay(f"{place['host'][0]}/{socket}")
    through = parts._replace(query=urlencode({"host": private_dir, "port": place["port"][0]}))
    settings = load_settings(database_url=through.geturl())
    reloads: asyncio.Queue[bool] = asyncio.Queue()

    async def reload(announced: bool = False) -> None:
        reloads.put_nowait(announced)

    async def announced() -> None:
        await asyncio.to_thread(run_sql, uri, "select pg_notify('mcp_catalog', '')")

    async with await asyncio.start_unix_server(relay.relay, private_dir / socket):
        listening = asyncio.create_task(upkeep.watch(settings, reload, {}, Cache()))
        await reloads.get()
        relay.silent = relay.opened
        await announced()
        while relay.opened == relay.silent:
            assert not await reloads.get()
        await announced()
        while not await reloads.get():
            pass
        listening.cancel()


@bounded
async def test_a_read_goes_on_on_another_connection(uri: str, url: str, key: str) -> None:
    async with connected(url, key) as client:
        with gate(uri):
            call = asyncio.create_task(client.call_tool("test_read"))
            await asyncio.to_thread(cut, uri)
            await asyncio.to_thread(cut, uri)
        assert data(await call) == {"value": 0}
    await asyncio.to_thread(until, lambda: ask(uri, CODES, "test_read") == ["OK"])


@bounded
async def test_a_write_whose_outcome_nobody_knows_is_not_repeated(
    uri: str, url: str, key: str
) -> None:
    async with connected(url, key) as client:
        with gate(uri):
            call = asyncio.create_task(client.call_tool("test_add", {"key": "unknown"}))
            await asyncio.to_thread(cut, uri)
            said = error(await call)
    assert said == {"code": "DATABASE_ERROR", "message": UNKNOWN_OUTCOME}
    assert ask(uri, ROWS, "unknown") == 0
    await asyncio.to_thread(until, lambda: ask(uri, CODES, "test_add") == ["DATABASE_ERROR"])


@bounded
async def test_an_idempotent_write_is_repeated(uri: str, url: str, key: str) -> None:
    """It is done once, has one row in the call log, and is answered."""
    async with connected(url, key) as client:
        with gate(uri):
            call = asyncio.create_task(client.call_tool("test_add_once", {"key": "once"}))
            await asyncio.to_thread(cut, uri)
        assert data(await call) == {"value": "once"}
    assert ask(uri, ROWS, "once") == 1
    assert ask(uri, CODES, "test_add_once") == ["OK"]


def test_a_write_that_was_done_and_comes_again(uri: str, key: str) -> None:
    """Known by its request id: an idempotent one is answered, another one is refused."""
    once: LiteralString = (
        "select mcp.call_tool(%s, 'test_add_once', %s, '{\"request_id\": \"again\"}')"
    )
    ask(uri, once, key, '{"key": "again"}')
    assert ask(uri, once, key, '{"key": "again"}') == {"value": "again"}
    assert ask(uri, ROWS, "again") == 1
    count: LiteralString = "select count(*) from mcp_log.call_log where request_id = %s"
    assert ask(uri, count, "again") == 1
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(uri, once, key, '{"key": "else"}')
    assert ask(uri, ROWS, "else") == 0
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(uri, once, new_key(uri), '{"key": "again"}')
    add: LiteralString = (
        'select mcp.call_tool(%s, \'test_add\', \'{"key": "twice"}\', \'{"request_id": "twice"}\')'
    )
    ask(uri, add, key)
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(uri, add, key)
    assert ask(uri, ROWS, "twice") == 1
    assert ask(uri, count, "twice") == 1


# The circuit -------------------------------------------------------------------------------------


@bounded
async def test_one_probe_at_a_time_until_the_database_answers() -> None:
    probes, third, answers = 0, asyncio.Event(), asyncio.Event()

    async def probe() -> None:
        nonlocal probes
        probes += 1
        if probes == 3:
            third.set()
        if not answers.is_set():
            raise ConnectionRefusedError("away")

    circuit = Circuit("d", probe)
    await circuit.wait_until_closed(0)
    with capture_logs() as lines:
        for _ in range(1000):
            circuit.trip()
        assert circuit.opened == 1
        with pytest.raises(DatabaseError) as refused:
            await circuit.wait_until_closed(0)
        assert refused.value.details == {"retry_after": 1}
        waiting = [asyncio.create_task(circuit.wait_until_closed(60)) for _ in range(1000)]
        await third.wait()
        assert not any(task.done() for task in waiting)
        before = probes
        answers.set()
        await asyncio.gather(*waiting)
    assert probes == before + 1
    assert [line["event"] for line in lines] == ["database away", "database back"]
    await circuit.wait_until_closed(0)
    assert not circuit.is_open


@pytest.mark.parametrize(
    ("failure", "repeatable", "times"),
    [
        (asyncpg.SerializationError("40001"), False, 4),
        (asyncpg.DeadlockDetectedError("40P01"), False, 4),
        (UnreachableError("nothing was sent"), False, 4),
        (asyncpg.AdminShutdownError("57P01"), True, 4),
        (asyncpg.AdminShutdownError("57P01"), False, 1),
        (asyncpg.ConnectionDoesNotExistError("08003"), True, 4),
        (asyncpg.ConnectionDoesNotExistError("08003"), False, 1),
        (ConnectionResetError(), True, 4),
        (ConnectionResetError(), False, 1),
        (asyncpg.QueryCanceledError("57014"), True, 1),
        (TimeoutError(), True, 1),
        (asyncpg.UniqueViolationError("23505"), True, 1),
        (DatabaseError("the circuit is open"), True, 1),
    ],
)
def test_what_is_repeated(failure: Exception, repeatable: bool, times: int) -> None:
    tried = 0

    async def once() -> None:
        nonlocal tried
        tried += 1
        raise failure

    with pytest.raises(type(failure)):
        asyncio.run(repeated(once, repeatable, 60))
    assert tried == times
