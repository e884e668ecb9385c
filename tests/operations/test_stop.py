"""SIGTERM under load: what was taken is answered and in the call log, the rest is not taken."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import httpx2
import psycopg
import pytest
from scratch import migrate, name_of, new_database, on_database
from test_pool import HANDLED, RUNNING, stopped, value
from test_retry import TOOLS, WAITING, gate, new_key
from test_server import (
    LONG_QUERY,
    SERVE,
    another_server,
    ask,
    bounded,
    environment,
    logged,
    run_sql,
    running_calls,
    until,
)
from test_server_bad_input import MODERN_META, call

CALLERS = 16
ROWS: LiteralString = (
    "select jsonb_object_agg(r.tool || ' ' || r.code, r.count) from ("
    "select l.tool, l.code, count(*) from mcp_log.call_log as l where l.credential_id = %s"
    " group by l.tool, l.code) as r"
)


@pytest.fixture(scope="module")
def uri(database: str) -> Iterator[str]:
    """A database of these tests' own."""
    with new_database(database) as uri:
        migrate(uri, "apply")
        run_sql(uri, TOOLS)
        run_sql(uri, "update mcp_auth.limits set calls_per_minute = 1000000, concurrent_calls = 64")
        yield uri


@pytest.fixture
def shim(uri: str, shim_url: str) -> str:
    """The way of the server's login to that database."""
    return on_database(shim_url, name_of(uri))


@pytest.fixture
def key(uri: str) -> str:
    return new_key(uri)


def rows(uri: str, key: str) -> dict[str, int]:
    """How many rows of a key's calls there are, by tool and code."""
    return ask(uri, ROWS, key.split("_")[1]) or {}


def client(url: str, key: str) -> httpx2.AsyncClient:
    """A client that sends nothing twice."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    return httpx2.AsyncClient(base_url=url.removesuffix("/mcp"), headers=headers, timeout=30)


def outcome(response: httpx2.Response) -> str:
    """OK, or the code of the error."""
    answer = response.json()
    if "error" in answer:
        return str(answer["error"]["message"])
    result = answer["result"]
    return json.loads(result["content"][0]["text"])["code"] if result["isError"] else "OK"


ANY_SIGNAL = pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])


@ANY_SIGNAL
@bounded
async def test_every_call_that_was_taken_is_answered(
    uri: str, shim: str, key: str, tmp_path: Path, sent: signal.Signals
) -> None:
    """Sixteen clients call, reads and writes in turn, until nobody takes their calls any more."""
    answers = Counter[str]()
    before = ask(uri, "select count(*) from retail.test_rows")

    async def calls(url: str, number: int) -> None:
        async with client(url, key) as http:
            for turn in range(10_000):
                tool = ("test_read", "test_add")[turn % 2]
                said = f'{{"key": "{number} {turn}"}}' if turn % 2 else "{}"
                try:
                    response = await http.post("/mcp", content=call(tool, said))
                except httpx2.TransportError:
                    return
                answers[f"{tool} {outcome(response)}"] += 1

    with another_server(shim, tmp_path / "log") as (url, process):
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(calls(url, number))
            await asyncio.to_thread(until, lambda: answers.total() >= 100)
            process.send_signal(sent)
        assert await asyncio.to_thread(process.wait, 15) == 0
    assert answers.total() >= 100
    assert answers.keys() <= {"test_read OK", "test_add OK", "test_read BUSY", "test_add BUSY"}
    assert rows(uri, key) == answers
    assert ask(uri, "select count(*) from retail.test_rows") - before == answers["test_add OK"]


@bounded
async def test_what_runs_gets_its_time_and_no_more(
    uri: str, shim: str, key: str, tmp_path: Path
) -> None:
    """Three calls end in time; a fourth does not, and is cancelled in PostgreSQL and answered."""
    log = tmp_path / "log"
    with another_server(shim, log, ZAVA_STOP_SECONDS="3") as (url, process):
        async with client(url, key) as http, asyncio.TaskGroup() as group:
            query = json.dumps({"postgresql_query": LONG_QUERY})
            endless = group.create_task(
                http.post("/mcp", content=call("execute_sales_query", query))
            )
            with gate(uri):
                ending = [
                    group.create_task(http.post("/mcp", content=call("test_read", "{}")))
                    for _ in range(3)
                ]
                await asyncio.to_thread(until, lambda: len(ask(uri, WAITING) or []) == 3)
                await asyncio.to_thread(until, lambda: running_calls(uri) == 4)
                process.send_signal(signal.SIGTERM)
                await asyncio.to_thread(until, lambda: not listens(url))
            assert [outcome(await task) for task in ending] == ["OK"] * 3
            assert outcome(await endless) == "Request cancelled"
        assert await asyncio.to_thread(process.wait, 15) == 0
    assert running_calls(uri) == 0
    assert rows(uri, key) == {"test_read OK": 3, "execute_sales_query CANCELLED": 1}


@ANY_SIGNAL
def test_over_stdio_too(uri: str, shim: str, key: str, sent: signal.Signals) -> None:
    """What comes after the signal is refused, what came before is answered."""

    def message(number: int) -> str:
        params = {"name": "test_read", "arguments": {}, "_meta": MODERN_META}
        said = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        return json.dumps(said) + "\n"

    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim, ZAVA_API_KEY=key),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with gate(uri):
            process.stdin.write("".join(map(message, range(5))))
            process.stdin.flush()
            until(lambda: len(ask(uri, WAITING) or []) == 5)
            process.send_signal(sent)
            assert process.stderr is not None
            while '"stopping"' not in process.stderr.readline():
                assert process.poll() is None
            process.stdin.write(message(5))
            process.stdin.flush()
            refused = process.stdout.readline()
        answers = [json.loads(line) for line in process.stdout]
        assert process.wait(60) == 0
    assert sorted(answer["id"] for answer in answers) == list(range(5))
    assert [answer["result"]["isError"] for answer in answers] == [False] * 5
    assert "The server is stopping, try again." in refused
    assert rows(uri, key) == {"test_read OK": 5, "test_read BUSY": 1}


SESSIONS: LiteralString = "select count(*) from pg_stat_activity where datname = %s"
LOOKED_UP: LiteralString = (
    "select count(*) from pg_stat_activity where query like '%%mcp.authenticate(%%'"
    " and wait_event_type = 'Lock' and datname = current_database()"
)


@bounded
async def test_a_statement_that_does_not_end_keeps_no_server_and_no_row_from_the_log(
    uri: str, shim: str, key: str, tmp_path: Path
) -> None:
    query = json.dumps({"postgresql_query": LONG_QUERY})
    settings = {"ZAVA_STOP_SECONDS": "0.1"}
    with another_server(shim, tmp_path / "log", **settings) as (url, process):
        async with client(url, key) as http:
            body = call("execute_sales_query", query)
            slow = asyncio.create_task(http.post("/mcp", content=body))
            await asyncio.to_thread(until, lambda: running_calls(uri) == 1)
            with stopped(ask(uri, RUNNING, HANDLED)):
                process.send_signal(signal.SIGTERM)
                answer = (await slow).json()
                assert answer["error"]["message"] == "Request cancelled"
                assert await asyncio.to_thread(process.wait, 30) == 0
    assert rows(uri, key) == {"execute_sales_query CANCELLED": 1}
    await asyncio.to_thread(until, lambda: running_calls(uri) == 0)


@contextmanager
def away(uri: str) -> Iterator[None]:
    """Let nobody connect to a database, and end all sessions."""
    name, admin = name_of(uri), on_database(uri, "postgres")
    allow = f"alter database {name} allow_connections "
    end: LiteralString = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"{allow} false".encode())
        connection.execute(end, [name])
        try:
            yield
        finally:
            connection.execute(f"{allow} true".encode())


@bounded
async def test_a_database_that_is_away_keeps_no_server_and_no_client(
    uri: str, shim: str, tmp_path: Path
) -> None:
    """A call whose key cannot be looked up is answered; its row is in the server's log."""
    log, settings = tmp_path / "log", {"ZAVA_STOP_SECONDS": "0.5", "ZAVA_RETRY_SECONDS": "600"}
    fresh = new_key(uri)
    with another_server(shim, log, **settings) as (url, process), away(uri):
        async with client(url, fresh) as http:
            waiting = asyncio.create_task(http.post("/mcp", content=call("test_read", "{}")))
            await asyncio.to_thread(until, lambda: value(url, "database_away") == 1)
            await asyncio.to_thread(until, lambda: value(url, "calls_running") == 1)
            process.send_signal(signal.SIGTERM)
            response = await waiting
        assert await asyncio.to_thread(process.wait, 5) == 0
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    said = {"error": "unavailable", "error_description": "The database is unavailable, try again."}
    assert response.json() == said
    lost = [line for line in logged(log) if line["event"] == "not in the call log"]
    assert [(line["reason"], line["entry"]["tool"], line["entry"]["code"]) for line in lost] == [
        ("the server stops", "test_read", "UNAVAILABLE")
    ]
    assert "running task(s)" not in log.read_text()  # uvicorn's, which would answer 500


def test_over_stdio_a_database_that_is_away_keeps_no_client(uri: str, shim: str, key: str) -> None:
    params = {"name": "test_read", "arguments": {}, "_meta": MODERN_META}
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    ping = json.dumps(
        {"jsonrpc": "2.0", "id": 2, "method": "ping", "params": {"_meta": MODERN_META}}
    )
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(
            ZAVA_DATABASE_URL=shim,
            ZAVA_API_KEY=key,
            ZAVA_STOP_SECONDS="0.5",
            ZAVA_RETRY_SECONDS="600",
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        while '"serving"' not in process.stderr.readline():
            assert process.poll() is None
        with away(uri):
            until(lambda: not ask(on_database(uri, "postgres"), SESSIONS, name_of(uri)))
            process.stdin.write(f"{message}\n{ping}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == 2  # so it waits
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    [answer] = [json.loads(line) for line in out.splitlines()]
    assert (answer["id"], answer["error"]["message"]) == (1, "Request cancelled")


def test_a_cancellation_is_noticed_while_the_key_is_looked_up(
    uri: str, shim: str, key: str
) -> None:
    """Over stdio; what was not cancelled is done."""
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim, ZAVA_API_KEY=key),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout, sent = process.stdin, process.stdout, list[int]()

        def tell(**message: Any) -> None:
            stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            stdin.flush()

        def begin(tool: str, **arguments: str) -> bool:
            sent.append(len(sent))
            params = {"name": tool, "arguments": arguments, "_meta": MODERN_META}
            tell(id=sent[-1], method="tools/call", params=params)
            return True

        def ping() -> list[int]:
            """Return the ids of what is answered before."""
            tell(id="ping", method="ping", params={"_meta": MODERN_META})
            return list(iter(lambda: json.loads(stdout.readline())["id"], "ping"))

        assert ping() == []  # it has started
        with psycopg.connect(uri) as holder:
            holder.execute("lock table mcp_auth.api_keys in access exclusive mode")
            until(lambda: begin("test_read") and ask(uri, LOOKED_UP) == 1)
            begin("test_add", key="kept")
            begin("test_add", key="cancelled")
            tell(method="notifications/cancelled", params={"requestId": sent[-1]})
            answers = ping()  # it has read the cancellation
        answers += [json.loads(stdout.readline())["id"] for _ in sent[len(answers) : -1]]
        stdin.close()
        assert stdout.read() == ""
    assert sorted(answers) == sent[:-1]
    found: LiteralString = (
        "select array_agg(key) from retail.test_rows where key in ('kept', 'cancelled')"
    )
    assert ask(uri, found) == ["kept"]


def listens(url: str) -> bool:
    """Return whether a server takes connections."""
    try:
        httpx2.get(url)
    except httpx2.TransportError:
        return False
    return True
