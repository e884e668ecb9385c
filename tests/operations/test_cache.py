"""Answers that are kept: for callers of one scope, until something changes, and for nobody else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import httpx2
import pytest
from test_limits import redis
from test_server import (
    another_server,
    ask,
    bounded,
    data,
    extra_tool,
    over_stdio,
    run_sql,
    until,
)
from test_server_bad_input import call, send

from zava_mcp.shim.answer.results import Result
from zava_mcp.shim.call.cache import Cache, memory

STORES = "list_stores"  # of the demo: it says cache=300s
RENAME: LiteralString = "update retail.stores set name = replace(name, 'Zava', 'Zawa')"
RENAME_BACK: LiteralString = "update retail.stores set name = replace(name, 'Zawa', 'Zava')"


class Place(NamedTuple):
    """A server of these tests' own, and the database behind it."""

    url: str
    uri: str

    def new_key(self, audience: str, scope: list[str]) -> str:
        """The key of a new user."""
        make: LiteralString = (
            "select mcp_auth.create_api_key("
            "mcp_auth.add_user(gen_random_uuid()::text, %s, %s::text[]))"
        )
        return str(ask(self.uri, make, audience, scope))

    def counted(self) -> tuple[int, int]:
        """How many answers were kept ones, and how many had to be made."""
        return counted(self.url)

    def rows_of(self, key: str) -> int:
        """How many calls of a key are on record."""
        query: LiteralString = "select count(*) from mcp_log.call_log where credential_id = %s"
        return int(ask(self.uri, query, key.split("_")[1]))


@pytest.fixture(scope="module")
def place(
    database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    log = tmp_path_factory.mktemp("cache") / "log"
    with another_server(shim_url, log) as (url, _):
        yield Place(url, database)


@pytest.fixture(scope="module")
def two_stores(database: str) -> list[str]:
    """The ids of two stores."""
    query: LiteralString = "select array_agg(store_id::text order by name) from retail.stores"
    return list(ask(database, query)[:2])


def counted(url: str) -> tuple[int, int]:
    """Read /metrics."""
    text = httpx2.get(url.replace("/mcp", "/metrics")).text
    found = dict(re.findall(r"^(cache_\w+_total) ([0-9.]+)$", text, re.MULTILINE))
    return int(float(found["cache_hit_total"])), int(float(found["cache_miss_total"]))


def answer(url: str, key: str, tool: str = STORES, arguments: str = "{}") -> Any:
    """What a tool answers, or the error."""
    response = send(url, key, call(tool, arguments))
    if response.headers["content-type"].startswith("text/event-stream"):
        [text] = re.findall(r"^data: (\{.*)$", response.text, re.MULTILINE)
    else:
        text = response.text
    said = json.loads(text)
    if "error" in said:
        return said["error"]
    return json.loads(said["result"]["content"][0]["text"]) if "result" in said else said


def names(said: Any) -> list[str]:
    """The names of the stores in an answer."""
    return [row["name"] for row in said["rows"]]


# Whose answers are whose -------------------------------------------------------------------------


def test_it_is_shared_within_a_scope_and_by_nobody_else(
    place: Place, two_stores: list[str]
) -> None:
    one, other = two_stores
    manager, deputy = (place.new_key("store_managers", [one]) for _ in range(2))
    neighbour = place.new_key("store_managers", [other])
    head, nobody = place.new_key("head_office", []), place.new_key("store_managers", [])

    seen: dict[str, Any] = {}
    for who, key, expected in [
        ("manager", manager, (0, 1)),
        ("deputy", deputy, (1, 0)),  # the same audience and scope
        ("neighbour", neighbour, (0, 1)),
        ("head", head, (0, 1)),
        ("nobody", nobody, (0, 1)),
        ("manager", manager, (1, 0)),
        ("head", head, (1, 0)),
    ]:
        before = place.counted()
        said = answer(place.url, key)
        after = place.counted()
        assert (after[0] - before[0], after[1] - before[1]) == expected, who
        assert seen.setdefault(who, said) == said

    assert seen["manager"] == seen["deputy"]
    assert [row["store_id"] for row in seen["manager"]["rows"]] == [one]
    assert [row["store_id"] for row in seen["neighbour"]["rows"]] == [other]
    assert seen["head"]["row_count"] == ask(place.uri, "select count(*) from retail.stores")
    assert seen["nobody"]["rows"] == []
    until(lambda: [place.rows_of(key) for key in (manager, deputy, head)] == [2, 1, 2])


def test_what_is_not_tagged_is_never_kept(place: Place, two_stores: list[str]) -> None:
    key, before = place.new_key("store_managers", two_stores[:1]), place.counted()
    query = '{"postgresql_query": "select count(*) from retail.orders"}'

    assert answer(place.url, key, "execute_sales_query", query) == answer(
        place.url, key, "execute_sales_query", query
    )

    assert place.counted() == before


def test_other_arguments_are_another_answer(place: Place, two_stores: list[str]) -> None:
    key, tool = place.new_key("store_managers", two_stores[:1]), "search_products_by_description"
    few, before = '{"query": "hammer", "max_results": 1}', place.counted()

    first = answer(place.url, key, tool, few)
    same = answer(place.url, key, tool, few)
    other = answer(place.url, key, tool, '{"query": "hammer", "max_results": 2}')

    assert first == same != other
    assert place.counted() == (before[0] + 1, before[1] + 2)


# What ends an answer -----------------------------------------------------------------------------


def test_a_change_of_a_table_is_seen(place: Place, two_stores: list[str]) -> None:
    key = place.new_key("store_managers", two_stores[:1])
    [name] = names(answer(place.url, key))
    assert names(answer(place.url, key)) == [name]

    run_sql(place.uri, RENAME)
    try:
        until(lambda: names(answer(place.url, key)) == [name.replace("Zava", "Zawa")])
    finally:
        run_sql(place.uri, RENAME_BACK)

    until(lambda: names(answer(place.url, key)) == [name])


@pytest.mark.parametrize(
    ("change", "back", "outcome"),
    [
        (
            "revoke execute on function api.list_stores() from store_managers",
            "grant execute on function api.list_stores() to store_managers",
            "refused",
        ),
        (
            "update mcp_auth.users set scope = '{}' where user_id = '%s'",
            "select",
            "nothing",
        ),
        (
            "update mcp_auth.users set audience = 'head_office' where user_id = '%s'",
            "select",
            "everything",
        ),
        (
            "update mcp_auth.users set is_active = false where user_id = '%s'",
            "select",
            "refused",
        ),
        (
            "update mcp_auth.api_keys set revoked_at = now() where user_id = '%s'",
            "select",
            "refused",
        ),
    ],
    ids=["revoked grant", "other scope", "other audience", "inactive user", "revoked key"],
)
def test_whoever_loses_a_right_loses_the_answers(
    place: Place, two_stores: list[str], change: LiteralString, back: LiteralString, outcome: str
) -> None:
    """The colleague of the same scope keeps the answer alive meanwhile."""
    manager, deputy = (place.new_key("store_managers", two_stores[:1]) for _ in range(2))
    user = str(
        ask(
            place.uri,
            "select user_id from mcp_auth.api_keys where key_id = %s",
            manager.split("_")[1],
        )
    )
    assert answer(place.url, manager) == answer(place.url, deputy)
    every = int(ask(place.uri, "select count(*) from retail.stores"))

    def is_so() -> bool:
        answer(place.url, deputy)
        said = answer(place.url, manager)
        rows = said.get("row_count") if isinstance(said, dict) else None
        return rows == {"refused": None, "nothing": 0, "everything": every}[outcome]

    run_sql(place.uri, change.replace("%s", user))
    try:
        until(is_so)
        assert is_so(), "and so it stays"
    finally:
        run_sql(place.uri, back)


@bounded
async def test_stdio_answers_as_its_caller_is_now(
    place: Place, shim_url: str, two_stores: list[str]
) -> None:
    manager = place.new_key("store_managers", two_stores[:1])
    narrow: LiteralString = (
        "update mcp_auth.users set scope = '{}' where user_id ="
        " (select user_id from mcp_auth.api_keys where key_id = %s) returning 1"
    )
    async with over_stdio(shim_url, manager) as client:
        assert data(await client.call_tool(STORES))["row_count"] == 1
        assert data(await client.call_tool(STORES))["row_count"] == 1, "a cached answer"
        assert ask(place.uri, narrow, manager.split("_")[1]) == 1
        while data(await client.call_tool(STORES))["row_count"]:
            pass


def test_a_task_is_kept_for_nobody(place: Place) -> None:
    """A tool may be both: what is no task is kept for others."""
    tool, extension = "test_task_or_answer", "io.modelcontextprotocol/tasks"
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {extension: {}}},
    }
    headers = {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
    }
    body = call(tool, "{}", f', "_meta": {json.dumps(meta)}')
    keys = [place.new_key("head_office", []) for _ in range(2)]
    body_of_tool = "begin return 'done'; end"
    with extra_tool(place.uri, "test_task_or_answer", body_of_tool, "cache=60s task=allowed"):
        until(lambda: answer(place.url, keys[0], tool) == {"value": "done"})
        tasks = [send(place.url, key, body, **headers).json()["result"] for key in keys]
        assert [task["resultType"] for task in tasks] == ["task", "task"]
        assert tasks[0]["taskId"] != tasks[1]["taskId"]
        assert answer(place.url, keys[1], tool) == {"value": "done"}


# One computation, and a store that fails --------------------------------------------------------


def fresh_cache() -> Cache:
    """A cache in memory that hears of changes."""
    cache = Cache(memory(100))
    cache.listening()
    return cache


async def answer_of(cache: Cache, seconds: float, compute: Callable[[], Awaitable[str]]) -> Any:
    """What a cache answers for the key k."""

    async def result() -> Result:
        return Result(json.dumps(await compute()))

    return json.loads((await cache.answer(("k",), seconds, result)).data)


@bounded
async def test_many_who_wait_are_served_by_one_computation() -> None:
    cache, began, release = fresh_cache(), 0, asyncio.Event()

    async def compute() -> str:
        nonlocal began
        began += 1
        await release.wait()
        return "answer"

    waiting = [asyncio.create_task(answer_of(cache, 60, compute)) for _ in range(50)]
    await asyncio.sleep(0)
    release.set()

    assert await asyncio.gather(*waiting) == ["answer"] * 50
    assert began == 1
    assert await answer_of(cache, 60, compute) == "answer"
    assert began == 1
    assert cache.computing == {}


@bounded
async def test_who_waited_for_one_that_was_given_up_goes_on_alone() -> None:
    cache, began, calls = fresh_cache(), asyncio.Event(), 0

    async def never() -> str:
        began.set()
        return await asyncio.Future()

    async def compute() -> str:
        nonlocal calls
        calls += 1
        return "answer"

    first = asyncio.create_task(answer_of(cache, 60, never))
    await began.wait()
    second = asyncio.create_task(answer_of(cache, 60, compute))
    await asyncio.sleep(0)
    assert calls == 0, "it waits"
    first.cancel()

    assert await second == "answer"
    assert (calls, cache.computing) == (1, {})


@bounded
async def test_what_was_read_before_a_change_is_not_found_after_it() -> None:
    """Also when it is ready only after the change."""
    cache, reading, release = fresh_cache(), asyncio.Event(), asyncio.Event()

    async def old() -> str:
        reading.set()
        await release.wait()
        return "old"

    async def new() -> str:
        return "new"

    slow = asyncio.create_task(answer_of(cache, 60, old))
    await reading.wait()
    cache.changed("retail.stores 1 1")
    assert await answer_of(cache, 60, new) == "new"
    release.set()
    assert await slow == "old", "who asked before gets what was then"
    assert await answer_of(cache, 60, old) == "new"


@bounded
async def test_nothing_is_kept_while_nobody_listens() -> None:
    cache, calls = fresh_cache(), 0

    async def compute() -> str:
        nonlocal calls
        calls += 1
        return str(calls)

    assert [await answer_of(cache, 60, compute) for _ in range(2)] == ["1", "1"]
    cache.not_listening()
    cache.changed("a write of our own must not end that")
    assert cache.state == "unhealthy"
    assert [await answer_of(cache, 60, compute) for _ in range(2)] == ["2", "3"]
    cache.listening()
    assert [await answer_of(cache, 60, compute) for _ in range(2)] == ["4", "4"]
    assert [await answer_of(cache, 0, compute) for _ in range(2)] == ["5", "6"]


# Redis -------------------------------------------------------------------------------------------


def test_a_redis_that_is_away_at_the_start_is_unhealthy(
    shim_url: str, tmp_path: Path, free_port: int
) -> None:
    """Before anybody has used it, and until it answers."""
    settings = {"ZAVA_REDIS_URL": f"redis://127.0.0.1:{free_port}/0"}
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        assert "\ncache_up 0.0\n" in httpx2.get(url.replace("/mcp", "/metrics")).text
        ready = url.replace("/mcp", "/readyz")
        assert httpx2.get(ready).json()["cache"] == "unhealthy"
        with redis(free_port, tmp_path):
            until(lambda: httpx2.get(ready).json()["cache"] == "healthy")


@pytest.mark.needs("redis-server")
def test_servers_share_answers_by_redis_and_do_without_when_it_dies(
    database: str, shim_url: str, tmp_path: Path, free_port: int, two_stores: list[str]
) -> None:
    with redis(free_port, tmp_path) as (address, process):
        settings = {"ZAVA_REDIS_URL": address}
        with (
            another_server(shim_url, tmp_path / "log1", **settings) as (first, _),
            another_server(shim_url, tmp_path / "log2", **settings) as (second, _),
        ):
            key = Place(first, database).new_key("store_managers", two_stores[:1])
            [name] = names(answer(first, key))
            answer(second, key)

            run_sql(database, RENAME)  # both hear of it, and have the same answers from here on
            renamed = [name.replace("Zava", "Zawa")]
            try:
                for url in (first, second):
                    until(lambda url=url: names(answer(url, key)) == renamed)  # type: ignore[misc]
            finally:
                run_sql(database, RENAME_BACK)
            until(lambda: names(answer(first, key)) == [name])
            until(lambda: names(answer(second, key)) == [name])
            other = Place(first, database).new_key("store_managers", two_stores[1:])
            before = counted(second)
            assert names(answer(first, other)) == names(answer(second, other))
            assert counted(second) == (before[0] + 1, before[1]), "the first had made it"

            process.kill()
            process.wait()
            assert names(answer(first, key)) == [name]
            ready = httpx2.get(first.replace("/mcp", "/readyz"))
            assert (ready.status_code, ready.json()["cache"]) == (200, "unhealthy")
            assert "the cache is not used for now" in (tmp_path / "log1").read_text()
            assert address not in (tmp_path / "log1").read_text()
