"""How much one caller may ask: calls a minute, calls at a time, bad tokens; with a real Redis.

The minute slides: the calls of the minute before count in part. So where a minute of the clock
begins in the middle of a test, one call more than the limit may get through it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from mcp import Client
from needs import path_of
from test_server import (
    LONG_QUERY,
    Connection,
    Keys,
    another_server,
    bounded,
    connected,
    data,
    error,
    extra_tool,
    logged,
    outcome_of,
    post,
    run_sql,
    running_calls,
    structured,
    until,
)
from test_server_bad_input import call, send

from zava_mcp.shim.identify.limits import Limits, RateLimitError, SharedWindows, Windows, network
from zava_mcp.shim.settings import Refusal

FEW = {"calls_per_minute": 5, "concurrent_calls": 3, "concurrent_queries": 1}
BAD_KEYS = [f"zava_{number:016x}_{'0' * 64}" for number in range(12)]


@contextmanager
def limited(database: str, **limits: int) -> Iterator[None]:
    """Other limits for head office than for everybody else."""
    values = {**FEW, **limits}
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "insert into mcp_auth.limits values ('head_office', %(calls_per_minute)s,"
            " %(concurrent_calls)s, %(concurrent_queries)s)",
            values,
        )
        try:
            yield
        finally:
            connection.execute("delete from mcp_auth.limits where audience = 'head_office'")


@contextmanager
def redis(port: int, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Redis of the test's own on the loopback address; its URL and its process."""
    program = path_of("redis-server")
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    log = folder / "redis.log"
    with log.open("w") as output, subprocess.Popen([program, *options], stdout=output) as process:
        try:
            until(lambda: "Ready to accept connections" in log.read_text())
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


async def admitted(limits: Limits, times: int, user: str = "u", **allowed: int) -> int:
    """How many of some calls, one after the other, are admitted."""
    count = 0
    for _ in range(times):
        try:
            async with limits.admit(user, {**FEW, **allowed}, is_query=False):
                count += 1
        except RateLimitError as refusal:
            said = refusal.details
            assert 1 <= said["retry_after"] <= 60
    return count


def ask_date(url: str, key: str) -> dict[str, Any]:
    """What a tool answers by plain HTTP; the SDK's client would list the tools before."""
    answer = send(url, key, call("get_current_utc_date", "{}")).json()
    said: dict[str, Any] = json.loads(answer["result"]["content"][0]["text"])
    return said


async def eventually(client: Client, tool: str, arguments: Any, is_error: bool) -> Any:
    """The first answer that is an error, or is none: what was known before lasts a second."""
    answer = await client.call_tool(tool, arguments)
    while answer.is_error != is_error:
        await asyncio.to_thread(time.sleep, 0.05)
        answer = await client.call_tool(tool, arguments)
    return answer


# Calls a minute ---------------------------------------------------------------------------------


def test_calls_a_minute_are_limited_and_others_are_not_disturbed(
    shim_url: str, keys: Keys, database: str, tmp_path: Path
) -> None:
    """The refusal says the limit and when to come back; it is on record as the others are."""
    log, key = tmp_path / "log", keys["head_office"]
    with limited(database), another_server(shim_url, log) as (url, _):
        answers = [ask_date(url, key) for _ in range(12)]
        listed = post(url, key).json()
        others = [ask_date(url, keys["stores"]["Zava Retail Seattle"]) for _ in range(12)]
    codes = [answer.get("code", "OK") for answer in answers]
    assert codes[:5] == ["OK"] * 5
    assert codes.count("OK") in (5, 6)
    seconds = answers[-1]["retry_after"]
    assert 1 <= seconds <= 60
    message = f"No more than 5 calls may begin within a minute: wait {seconds} seconds."
    assert {**answers[-1], "request_id": ""} == {
        "code": "RATE_LIMITED",
        "message": message,
        "retry_after": seconds,
        "request_id": "",
    }
    assert listed["error"]["code"] == -32603
    assert listed["error"]["message"].startswith("No more than 5 calls may begin within a minute")
    assert ["code" in answer for answer in others] == [False] * 12
    entries = [entry["code"] for entry in logged(log) if entry["event"] == "call"]
    assert entries == codes + ["OK"] * 12


def test_a_changed_limit_holds_at_once(
    shim_url: str, keys: Keys, database: str, tmp_path: Path
) -> None:
    @bounded
    async def calls(url: str) -> None:
        async with connected(url, keys["head_office"], "legacy") as client:
            await eventually(client, "get_current_utc_date", {}, is_error=True)
            more: LiteralString = "update mcp_auth.limits set calls_per_minute = 99"
            run_sql(database, more + " where audience is not null")
            await eventually(client, "get_current_utc_date", {}, is_error=False)

    with limited(database), another_server(shim_url, tmp_path / "log") as (url, _):
        calls(url=url)


# Calls at a time --------------------------------------------------------------------------------


@bounded
async def test_calls_and_queries_at_a_time_are_limited(
    http_server: str, keys: Keys, database: str
) -> None:
    """One query and two calls run: no other query and no other call begins, until they end."""
    query = {"postgresql_query": "select 1"}
    slow: LiteralString = "begin return (" + LONG_QUERY + "); end"
    limits = {"calls_per_minute": 1000, "concurrent_calls": 2, "concurrent_queries": 1}
    with extra_tool(database, "test_slow", slow), limited(database, **limits):
        async with (
            connected(http_server, keys["head_office"]) as client,
            connected(http_server, keys["stores"]["Zava Retail Seattle"]) as other,
        ):
            running = asyncio.create_task(
                client.call_tool("execute_sales_query", {"postgresql_query": LONG_QUERY})
            )
            await asyncio.to_thread(until, lambda: running_calls(database) == 1)
            refused = await eventually(client, "execute_sales_query", query, is_error=True)
            assert error(refused) == {
                "code": "RATE_LIMITED",
                "message": "No more than 1 of your SQL queries may run at once: "
                "wait until one ends.",
                "retry_after": 1,
            }
            assert data(await client.call_tool("get_current_utc_date"))
            second = asyncio.create_task(client.call_tool("test_slow"))
            await asyncio.to_thread(until, lambda: running_calls(database) == 2)
            for tool, arguments in (("get_current_utc_date", {}), ("execute_sales_query", query)):
                assert error(await client.call_tool(tool, arguments))["message"] == (
                    "No more than 2 of your calls may run at once: wait until one ends."
                )
            assert data(await other.call_tool("execute_sales_query", query))["rows"] == [[1]]
            running.cancel()
            second.cancel()
            await asyncio.to_thread(until, lambda: running_calls(database) == 0)
            await eventually(client, "execute_sales_query", query, is_error=False)


# Redis ------------------------------------------------------------------------------------------


@pytest.mark.needs("redis-server")
def test_two_servers_count_together_in_redis(
    shim_url: str, keys: Keys, database: str, tmp_path: Path, free_port: int
) -> None:
    with limited(database), redis(free_port, tmp_path) as (redis_url, _):
        settings = {"ZAVA_REDIS_URL": redis_url}
        with (
            another_server(shim_url, tmp_path / "one", **settings) as (one, _),
            another_server(shim_url, tmp_path / "two", **settings) as (two, _),
        ):
            answers = [ask_date(url, keys["head_office"]) for url in [one, two] * 6]
    assert sum("code" not in answer for answer in answers) in (5, 6)
    assert "Redis does not answer" not in (tmp_path / "one").read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.needs("redis-server")
def test_a_dead_redis_leaves_each_process_counting(
    tmp_path: Path, free_port: int, number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Gone, or there and silent: never no limit; and Redis counts again when it is back."""

    async def before(one: Limits, two: Limits) -> None:
        assert await admitted(one, 3) + await admitted(two, 9) in (5, 6)

    async def after(one: Limits, two: Limits) -> None:
        assert await admitted(one, 9) in (5, 6)
        assert await admitted(two, 9) in (5, 6)
        assert await admitted(one, 9, "another") in (5, 6)

    async def again(one: Limits, two: Limits) -> None:
        for each in (one, two):
            assert each.shared is not None
            each.shared.away_until = 0
        assert await admitted(one, 3, "new") + await admitted(two, 9, "new") in (5, 6)

    async def all_of_it() -> None:
        with redis(free_port, tmp_path) as (url, process):
            one, two = Limits(SharedWindows(url)), Limits(SharedWindows(url))
            await before(one, two)
            process.send_signal(number)
            if number == signal.SIGKILL:
                process.wait(60)
            await after(one, two)
        with redis(free_port, tmp_path):
            await again(one, two)

    asyncio.run(all_of_it())
    said = capfd.readouterr().out
    assert said.count("Redis does not answer, this process counts alone") == 2


def test_without_redis_each_process_counts_its_own() -> None:
    async def both() -> None:
        one, two = Limits(), Limits()
        assert await admitted(one, 9) in (5, 6)
        assert await admitted(two, 9) in (5, 6)
        assert await admitted(one, 9, "another") in (5, 6)

    asyncio.run(both())


def test_events_of_the_minute_before_count_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six a minute: after six there is room for one more when a sixth of the next has passed."""
    clock = [60_000.0]
    monkeypatch.setattr("zava_mcp.shim.identify.limits.time.monotonic", lambda: clock[0])
    windows = Windows()
    assert [windows.hit("a", 6) for _ in range(6)] == [0] * 6
    assert windows.hit("a", 6) == 60  # what is refused does not count
    assert windows.hit("b", 6) == 0
    clock[0] += 30
    assert windows.wait("a", 6) == 30
    clock[0] += 30  # the next minute
    assert windows.wait("a", 6) == 1
    clock[0] += 1
    assert windows.hit("a", 6) == 0
    assert windows.wait("a", 6) == 9
    clock[0] += 19  # four of six are left of the minute before, and one of this
    assert windows.hit("a", 6) == 0
    assert windows.wait("a", 6) == 1
    assert [windows.wait("a", limit) for limit in (3, 2, 0)] == [30, 40, 100]
    clock[0] += 120  # a whole minute without any
    assert [windows.hit("a", 6) for _ in range(7)] == [0] * 6 + [40]


@pytest.mark.parametrize("url", ["http://:hush@127.0.0.1", "127.0.0.1:6379", "redis://:hush@h:x/0"])
def test_a_wrong_redis_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        SharedWindows(url)
    assert refused.value.message == "ZAVA_REDIS_URL is not like redis://:password@host:6379/0"


def test_a_refused_call_takes_no_connection() -> None:
    limits, connection = Limits(), Connection(structured("{}"))
    limits.calls["u"] = 9
    assert error(outcome_of(connection, {}, limits=limits))["code"] == "RATE_LIMITED"
    assert connection.statements == []
    limits.calls["u"] = 8
    assert data(outcome_of(connection, {}, limits=limits)) == {}
    assert len(connection.statements) == 1
    assert limits.calls["u"] == 8


# Bad tokens -------------------------------------------------------------------------------------


def test_bad_tokens_are_limited_by_address(shim_url: str, keys: Keys, tmp_path: Path) -> None:
    """What the client says of its address counts for nothing; a key that was good stays so."""
    known, new = keys["head_office"], keys["stores"]["Zava Retail Seattle"]
    settings = {"ZAVA_BAD_TOKENS": "5"}
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        assert post(url, known).status_code == 200
        lies = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(len(BAD_KEYS))]
        answers = [post(url, key, **lie) for key, lie in zip(BAD_KEYS, lies, strict=True)]
        codes = [answer.status_code for answer in answers]
        assert codes[:5] == [401] * 5
        assert codes.count(401) in (5, 6)
        assert set(codes) == {401, 429}
        refused = answers[-1]
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"] == "too_many_bad_tokens"
        assert post(url, known).status_code == 200
        assert post(url, new).status_code == 429
        assert post(url).status_code == 401  # no credential, no guess


def test_behind_a_configured_proxy_each_client_has_its_own_count(
    shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    settings = {"ZAVA_BAD_TOKENS": "5", "ZAVA_TRUSTED_PROXIES": "127.0.0.1"}
    one, other = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        codes = [post(url, key, **one).status_code for key in BAD_KEYS]
        assert codes[-1] == 429
        assert post(url, BAD_KEYS[0], **other).status_code == 401
        assert post(url, keys["head_office"], **other).status_code == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_what_counts_as_one_client(address: str, counted: str) -> None:
    """An IPv6 client has a whole network to choose addresses from."""
    assert network(address) == counted
