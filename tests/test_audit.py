"""The call log: every call leaves exactly one row, whatever comes of it, also when things stop."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import anyio
import httpx2
import psycopg
import pytest
from mcp import Client, MCPError
from psycopg.types.json import Jsonb
from scratch import migrate, name_of, new_database, on_database
from structlog.testing import capture_logs
from test_server import (
    LONG_QUERY,
    SERVE,
    another_server,
    ask,
    bounded,
    connected,
    data,
    environment,
    error,
    extra_tool,
    logged,
    over_stdio,
    run_sql,
    running_calls,
    until,
)
from test_server_bad_input import MODERN_META, call, send

from zava_mcp.shim.observe import audit

Row = dict[str, Any]
NOBODY = "zava_0123456789abcdef_" + "0" * 64
ODD: list[Row] = [
    {},
    {"b": 1, "a": 2, "aa": 3, "é": 4, "Z": 5},
    {"a": [1.0, 1e3, 1e-7, 1.5e300, -0.0, 10**30, True, None]},
    {"a": 'quote " backslash \\ slash / tab \t line \n \u0001 \u007f \u2028 🛒 é'},
    {"a": {"c": {}, "bb": [[], {}]}, "": ""},
]
WRITE: LiteralString = """
create function api.test_write(word text) returns text language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if word = 'taken' then
        raise unique_violation using message = 'the word is taken';
    end if;
    return word;
end
$$;
comment on function api.test_write(text) is 'A tool of the tests.

@param word  A word.
@returns The word.';
alter function api.test_write(text) owner to mcp_tools;
revoke all on function api.test_write(text) from public;
grant execute on function api.test_write(text) to mcp_core, head_office;
select mcp_catalog.refresh_catalog();
"""


NO_DATABASE: Any = None


class Place(NamedTuple):
    """A database of these tests' own, a server in front of it, and what it logs."""

    uri: str
    shim_url: str
    url: str
    log: Path

    def key(self, audience: str = "head_office") -> str:
        """A new user's API key, so that a test finds its own rows."""
        make: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user(%s, %s))"
        return str(ask(self.uri, make, uuid.uuid4().hex, audience))

    def rows(self, key: str) -> list[Row]:
        """The rows of a key's calls, as they began."""
        query: LiteralString = (
            "select coalesce(jsonb_agg(to_jsonb(l) || jsonb_build_object('is_user', l.user_id ="
            " (select k.user_id from mcp_auth.api_keys as k where k.key_id = l.credential_id))"
            " order by l.started_at), '[]') from mcp_log.call_log as l where l.credential_id = %s"
        )
        found: list[Row] = ask(self.uri, query, key.split("_")[1])
        return found

    def codes(self, key: str, count: int) -> list[tuple[str, str]]:
        """Tool and code of the rows of a key's calls, once there are ``count`` of them."""
        until(lambda: len(self.rows(key)) >= count)
        return [(row["tool"], row["code"]) for row in self.rows(key)]


@pytest.fixture(scope="module")
def place(
    database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    log = tmp_path_factory.mktemp("audit") / "log"
    with new_database(database) as uri:
        migrate(uri, "apply")
        run_sql(uri, WRITE)
        own = on_database(shim_url, name_of(uri))
        with another_server(own, log, ZAVA_MAINTAIN_SECONDS="0") as (url, _):
            yield Place(uri, own, url, log)


# What each outcome leaves ------------------------------------------------------------------------


@bounded
async def test_every_outcome_leaves_one_row(place: Place) -> None:
    key = place.key()
    nowhere = {"store_id": "00000000-0000-0000-0000-000000000000"}
    endless = "begin loop null; end loop; end"
    faulty = "begin raise exception 'a fault'; end"
    with (
        extra_tool(place.uri, "test_endless", endless, tags="timeout=300ms"),
        extra_tool(place.uri, "test_faulty", faulty),
    ):
        async with connected(place.url, key) as client:
            assert "test_faulty" in [tool.name for tool in (await client.list_tools()).tools]
            data(await client.call_tool("list_stores"))
            data(await client.call_tool("test_write", {"word": "w"}))
            error(await client.call_tool("test_write", {"word": "taken"}))
            error(await client.call_tool("list_stores", {"a": 1}))
            error(await client.call_tool("list_stores", {"a": "\0"}))
            error(await client.call_tool("get_store_performance", nowhere))
            error(await client.call_tool("test_endless"))
            error(await client.call_tool("test_faulty"))
            with pytest.raises(MCPError):
                await client.call_tool("test_nothing")
            async with anyio.create_task_group() as group:
                query = {"postgresql_query": LONG_QUERY}
                group.start_soon(client.call_tool, "execute_sales_query", query)
                await asyncio.to_thread(until, lambda: running_calls(place.uri) == 1)
                group.cancel_scope.cancel()
            assert data(await client.call_tool("list_stores"))["row_count"] == 0

    found = await asyncio.to_thread(place.codes, key, 11)

    assert found == [
        ("list_stores", "OK"),
        ("test_write", "OK"),
        ("test_write", "CONFLICT"),
        ("list_stores", "VALIDATION_ERROR"),
        ("list_stores", "VALIDATION_ERROR"),
        ("get_store_performance", "AUTHORIZATION_ERROR"),
        ("test_endless", "QUERY_TIMEOUT"),
        ("test_faulty", "MCP_ERROR"),
        ("test_nothing", "UNKNOWN_TOOL"),
        ("execute_sales_query", "CANCELLED"),
        ("list_stores", "OK"),
    ]
    rows = place.rows(key)
    assert all(row["is_user"] for row in rows)
    assert len({row["request_id"] for row in rows}) == len(rows)
    assert rows[6]["duration_ms"] >= 300
    answer = '{"rows": [], "row_count": 0, "truncated": false}'
    assert [(row["row_count"], row["bytes"]) for row in (rows[0], rows[3])] == [
        (0, len(answer)),
        (None, None),
    ]
    assert rows[1]["bytes"] == len('{"value": "w"}')
    assert {row["client"] for row in rows} == {rows[0]["client"]} != {""}
    assert rows[4]["arguments_digest"] is None, "what jsonb cannot hold has no digest"
    assert all(row["arguments_digest"] for number, row in enumerate(rows) if number != 4)
    assert await asyncio.to_thread(ask, place.uri, "select mcp_log.seal_call_log()") > 0
    problems: LiteralString = (
        "select count(*) from generate_series(-1, 1) as n"
        " cross join mcp_log.verify_call_log(mcp_log.utc_day(now()) + n)"
    )
    assert ask(place.uri, problems) == 0


def test_one_call_too_many_leaves_its_row(place: Place) -> None:
    key, codes = place.key("regional_managers"), list[str]()
    run_sql(place.uri, "insert into mcp_auth.limits values ('regional_managers', 1, 1, 1)")
    while "RATE_LIMITED" not in codes:
        result = send(place.url, key, call("list_stores", "{}")).json()["result"]
        text = json.loads(result["content"][0]["text"])
        codes.append(text["code"] if result["isError"] else "OK")
    run_sql(place.uri, "delete from mcp_auth.limits where audience = 'regional_managers'")
    assert place.codes(key, len(codes)) == [("list_stores", code) for code in codes]


@bounded
async def test_the_digest_is_what_the_database_makes_of_the_arguments(place: Place) -> None:
    """For a read the shim computes it, for a write the database; neither keeps the arguments."""
    key = place.key()
    async with connected(place.url, key) as client:
        for arguments in ODD:
            await client.call_tool("list_stores", arguments)
        await client.call_tool("test_write", {"word": "zebra é"})
    await asyncio.to_thread(place.codes, key, len(ODD) + 1)
    digest: LiteralString = "select (sha256(convert_to(%s::jsonb::text, 'UTF8')))::text"
    expected = [ask(place.uri, digest, json.dumps(a)) for a in [*ODD, {"word": "zebra é"}]]
    assert [row["arguments_digest"] for row in place.rows(key)] == expected
    assert [row["arguments"] for row in place.rows(key)] == [None] * len(expected)
    assert "zebra" not in json.dumps(place.rows(key))


@bounded
async def test_arguments_are_kept_where_the_setting_says_so(place: Place) -> None:
    key = place.key()
    setting: LiteralString = (
        "update mcp_catalog.settings set value = %s where name = 'log_arguments'"
    )
    given = {"a": ["zebra", 1.0]}
    async with connected(place.url, key) as client:
        for value in ("true", "false"):
            ask(place.uri, setting + " returning 1", value)
            async with client.listen(tools_list_changed=True) as changes:
                run_sql(place.uri, "select mcp_catalog.refresh_catalog()")
                async for _ in changes:
                    break
            await client.call_tool("list_stores", given)
            await client.call_tool("test_write", {"word": "w"})
            await asyncio.to_thread(place.codes, key, 2 if value == "true" else 4)
    assert [row["arguments"] for row in place.rows(key)] == [given, {"word": "w"}, None, None]


@pytest.mark.parametrize("value", ["1e200000", "-1E-99999", r'"\u0000"'])
def test_arguments_that_are_no_jsonb_keep_no_row_out(place: Place, value: str) -> None:
    """Neither their own call's, nor those of others that are written with it."""
    key, other = place.key(), place.key()
    for who, arguments in ((other, "{}"), (key, f'{{"word": {value}}}'), (other, "{}")):
        send(place.url, who, call("get_current_utc_date", arguments))
    assert place.codes(other, 2) == [("get_current_utc_date", "OK")] * 2
    [(tool, code)] = place.codes(key, 1)
    assert (tool, code != "OK") == ("get_current_utc_date", True)
    assert place.rows(key)[0]["arguments_digest"] is None


def test_a_refused_credential_leaves_a_row_that_names_nobody(place: Place) -> None:
    """tools/call alone; the name of the tool as it was sent, but short and without hidden signs."""
    tool = "test_" + uuid.uuid4().hex

    def refused(body: bytes) -> int:
        return send(place.url, NOBODY, body, **{"User-Agent": tool}).status_code

    hidden, named = f"{tool} \0\u202e" + "x" * 1000, call(tool, "{}")
    assert {refused(named), refused(call(hidden, "{}"))} == {401}
    others = [named.replace(b"tools/call", b"tools/list"), b"{", b"[]", b"\xff", b'{"method": 1}']
    assert {refused(body) for body in others} == {401}
    without = httpx2.post(place.url, content=named, headers={"User-Agent": tool})
    assert without.status_code == 401
    number: LiteralString = "select l.tool from mcp_log.call_log as l where l.request_id = %s"
    until(lambda: ask(place.uri, number, without.headers["x-request-id"]) == tool)
    assert len(send(place.url, NOBODY, others[0]).headers["x-request-id"]) == 32
    found: LiteralString = (
        "select coalesce(jsonb_agg(jsonb_build_array("
        "l.tool, l.code, l.user_id, l.credential_id, l.arguments_digest) order by l.started_at),"
        " '[]') from mcp_log.call_log as l where l.client = %s"
    )
    until(lambda: len(ask(place.uri, found, tool)) >= 3)
    unknown = ["UNAUTHORIZED", None, None, None]
    cut = hidden.replace("\0\u202e", "\\u0000\\u202e")[:200]
    assert ask(place.uri, found, tool) == [[tool, *unknown], [cut, *unknown], [tool, *unknown]]


def test_entries_go_to_the_database_by_the_second_and_not_one_by_one(place: Place) -> None:
    """Also while calls end without a pause: few rows cost a transaction nearly what many do."""
    key, calls = place.key(), 240
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: send(place.url, key, call("list_stores", "{}")), range(calls))
        assert {answer.status_code for answer in answers} == {200}
    most = (time.monotonic() - began) / audit.FLUSH_SECONDS + calls / audit.BATCH + 2
    assert place.codes(key, calls) == [("list_stores", "OK")] * calls
    transactions: LiteralString = (
        "select count(distinct l.xmin::text) from mcp_log.call_log as l where l.credential_id = %s"
    )
    assert 1 <= ask(place.uri, transactions, key.split("_")[1]) <= most


# When things stop --------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_a_signal_loses_no_row(place: Place, tmp_path: Path, transport: str) -> None:
    """Calls that were answered just before, and one that runs and is given up."""
    key, log = place.key(), tmp_path / "log"

    async def calls(client: Client) -> None:
        for _ in range(20):
            data(await client.call_tool("list_stores"))

    async def given_up(client: Client) -> None:
        with pytest.raises(MCPError):
            await client.call_tool("execute_sales_query", {"postgresql_query": LONG_QUERY})

    @bounded
    async def over_http(url: str, process: Any) -> None:
        async with connected(url, key) as client:
            await calls(client)
            async with anyio.create_task_group() as group:
                group.start_soon(given_up, client)
                await asyncio.to_thread(until, lambda: running_calls(place.uri) == 1)
                process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(process.wait, 15) == 0

    @bounded
    async def by_stdio() -> None:
        async with over_stdio(place.shim_url, key) as client:
            await calls(client)

    if transport == "http":
        with another_server(place.shim_url, log) as (url, process):
            over_http(url=url, process=process)
    else:
        by_stdio()
    found = Counter(place.codes(key, 20))
    expected = {("list_stores", "OK"): 20}
    if transport == "http":
        expected[("execute_sales_query", "CANCELLED")] = 1
    assert found == expected


def test_a_signal_to_the_stdio_server_loses_no_row(place: Place) -> None:
    key = place.key()
    params = {"name": "list_stores", "arguments": {}, "_meta": MODERN_META}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=place.shim_url, ZAVA_API_KEY=key),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"]["isError"] is False
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert place.codes(key, 1) == [("list_stores", "OK")]


@bounded
async def test_rows_wait_for_a_database_that_is_away(
    place: Place, database: str, tmp_path: Path
) -> None:
    key, log = place.key(), tmp_path / "log"
    name: Any = name_of(place.uri)
    cut: LiteralString = (
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
        " where usename = 'zava_mcp' and datname = %s"
    )
    allow = psycopg.sql.SQL("alter database {} allow_connections {}")

    def allow_connections(value: bool) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(allow.format(psycopg.sql.Identifier(name), value))

    def waits() -> bool:
        return any(entry["event"] == "the call log has to wait" for entry in logged(log))

    async def outcome(client: Client) -> str:
        """What the log says of a call: UNAVAILABLE where it was not even known who calls."""
        try:
            result = await client.call_tool("list_stores")
        except MCPError:
            return "UNAVAILABLE"
        return str(error(result)["code"]) if result.is_error else "OK"

    def logged_codes() -> Counter[str]:
        codes: LiteralString = (
            "select jsonb_agg(l.code) from mcp_log.call_log as l"
            " where l.credential_id = %s or (l.credential_id is null and l.code = 'UNAVAILABLE')"
        )
        return Counter(ask(place.uri, codes, key.split("_")[1]))

    with another_server(place.shim_url, log, ZAVA_RETRY_SECONDS="0.1") as (url, _):
        async with connected(url, key) as client:
            seen = Counter([await outcome(client)])
            allow_connections(False)
            try:
                await asyncio.to_thread(ask, database, cut, name)
                seen.update([await outcome(client) for _ in range(3)])
                await asyncio.to_thread(until, waits)
            finally:
                allow_connections(True)
            # calls by nobody knows whom are logged up to 60 a minute, so none is made in vain
            ready = url.replace("/mcp", "/readyz")
            await asyncio.to_thread(until, lambda: httpx2.get(ready).status_code == 200)
            while seen["OK"] < 2:
                seen.update([await outcome(client)])
        await asyncio.to_thread(until, lambda: logged_codes() == seen)


# Writes, sealers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commits", "recorded", "code"), [(True, 0, "OK"), (False, 1, "CANCELLED")]
)
def test_a_record_of_a_running_write_waits_for_its_outcome(
    place: Place, commits: bool, recorded: int, code: str
) -> None:
    request = uuid.uuid4().hex
    entry = {
        "request_id": request,
        "tool": "test_write",
        "started_at": datetime.now(UTC).isoformat(),
        "duration_ms": 1,
        "code": "CANCELLED",
    }
    write = "select mcp.call_tool(%s, 'test_write', '{\"word\": \"w\"}', %s)"
    with psycopg.connect(place.uri) as writer:
        writer.execute(write, [place.key(), Jsonb({"request_id": request})])
        recorder = Waiting(place.uri, "select mcp.record_calls(%s)", Jsonb([entry]))
        writer.commit() if commits else writer.rollback()
        assert recorder.answer() == recorded
    codes: LiteralString = "select array_agg(code) from mcp_log.call_log where request_id = %s"
    assert ask(place.uri, codes, request) == [code]


def test_two_sealers_seal_every_row_once(place: Place) -> None:
    entries: LiteralString = (
        "select mcp.record_calls(jsonb_agg(jsonb_build_object('request_id', gen_random_uuid(),"
        " 'tool', 't', 'duration_ms', 1, 'code', 'OK', 'started_at',"
        " to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SSZ'))))"
        " from generate_series(1, 1000)"
    )
    while ask(place.uri, "select mcp_log.seal_call_log()"):
        pass
    before = ask(place.uri, "select seal_id from mcp_log.call_log_head")
    assert ask(place.uri, entries) + ask(place.uri, entries) == 2000
    with psycopg.connect(place.uri) as first:
        assert first.execute("select mcp_log.seal_call_log()").fetchone() == (2,)
        assert ask(place.uri, entries) == 1000
        second = Waiting(place.uri, "select mcp_log.seal_call_log()")
        first.commit()
        assert second.answer() == 1
    sealed: LiteralString = (
        "select array_agg(cardinality(log_ids) order by seal_id) from mcp_log.call_log_seals"
        " where seal_id > %s"
    )
    assert ask(place.uri, sealed, before) == [1000, 1000, 1000]
    problems: LiteralString = "select count(*) from mcp_log.verify_call_log(mcp_log.utc_day(now()))"
    assert ask(place.uri, problems) == 0


class Waiting:
    """A statement in a session of its own, which waits for a lock when this returns."""

    def __init__(self, uri: str, statement: LiteralString, *parameters: Any) -> None:
        self.connection = psycopg.connect(uri, autocommit=True)
        self.found = list[Any]()

        def run() -> None:
            row = self.connection.execute(statement, parameters).fetchone()
            self.found.append(row[0] if row else None)

        self.thread = threading.Thread(target=run)
        self.thread.start()
        state: LiteralString = "select wait_event_type from pg_stat_activity where pid = %s"
        until(lambda: ask(uri, state, self.connection.info.backend_pid) == "Lock")

    def answer(self) -> Any:
        """Its one value, once it has it."""
        self.thread.join(15)
        self.connection.close()
        [value] = self.found
        return value


# What memory holds -------------------------------------------------------------------------------


def test_what_finds_no_room_is_written_to_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEPT", 3)
    recorder = audit.Recorder(NO_DATABASE)
    with capture_logs() as lines:
        for number in range(5):
            entry = recorder.begin("t", str(number))
            entry.add_arguments(b'{"secret": "s3cret"}')
            recorder.end(entry, {"user_id": "u"}, {"client": "c"})
    assert [entry.request_id for entry in recorder.entries] == ["0", "1", "2"]
    lost = [line for line in lines if line["event"] == "not in the call log"]
    assert [line["entry"]["request_id"] for line in lost] == ["3", "4"]
    assert lost[0]["entry"].keys() >= {"tool", "user_id", "started_at", "duration_ms", "code"}
    assert "secret" not in str(lost)


def test_what_waits_holds_no_more_of_a_name_than_is_written() -> None:
    """Names come from clients, and thousands of entries may wait."""
    recorder = audit.Recorder(NO_DATABASE)
    recorder.end(recorder.begin("t" * 1_000_000, "r"), {}, {})

    async def receive() -> Row:
        name = "u" * 50_000
        return {"body": json.dumps({"method": "tools/call", "params": {"name": name}}).encode()}

    asyncio.run(recorder.refused("n", 401, "", receive))
    assert [entry.tool for entry in recorder.entries] == ["t" * 200, "u" * 200]


def test_a_queue_that_fills_while_it_is_written_is_written_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than a batch comes with the first one: it does not wait until the time is over."""
    monkeypatch.setattr(audit, "FLUSH_SECONDS", 3600.0)
    written = asyncio.Queue[int]()

    def add(number: int) -> None:
        for _ in range(number):
            recorder.end(recorder.begin("t", uuid.uuid4().hex), {"user_id": "u"}, {})

    async def ask(_: str, batch: str, **__: Any) -> None:
        if len(recorder.entries) == audit.BATCH:  # the first time
            add(audit.BATCH + 1)
        written.put_nowait(len(json.loads(batch)))

    async def both() -> list[int]:
        running = asyncio.create_task(recorder.run())
        add(audit.BATCH)
        async with asyncio.timeout(60):
            sizes = [await written.get() for _ in range(3)]
        running.cancel()
        return sizes

    recorder = audit.Recorder(ask)
    assert asyncio.run(both()) == [audit.BATCH, audit.BATCH, 1]


def test_a_flood_of_bad_credentials_is_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty a minute are checked; the next minute says how many were not."""
    now, read = 600.0, 0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    recorder = audit.Recorder(NO_DATABASE)

    async def receive() -> Row:
        nonlocal read
        read += 1
        return {"body": b'{"method": "tools/call", "params": {"name": "t"}}'}

    with capture_logs() as lines:
        for _ in range(100):
            asyncio.run(recorder.refused("n", 401, "flood", receive))
        assert (len(recorder.entries), read) == (60, 60)
        now = 660.0
        asyncio.run(recorder.refused("n", 429, "flood", receive))
    assert len(recorder.entries) == 61
    assert [entry.code for entry in recorder.entries][-2:] == ["UNAUTHORIZED", "RATE_LIMITED"]
    assert [line["count"] for line in lines if "count" in line] == [40]


def test_a_large_body_of_a_stranger_is_not_read_to_its_end() -> None:
    read = 0

    async def receive() -> Row:
        nonlocal read
        read += 1
        return {"body": b" " * 16_384, "more_body": True}

    assert asyncio.run(audit.read_tool_name(receive)) is None
    assert read == 5
