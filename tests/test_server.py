"""`zava-mcp serve` as clients meet it: the real MCP client, HTTP and stdio, three identities."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, LiteralString

import anyio
import asyncpg
import httpx2
import jsonschema  # type: ignore[import-untyped]
import mcp_types as types
import psycopg
import pytest
from click.testing import CliRunner
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost

from benchmarks import zava
from zava_mcp.cli import cli
from zava_mcp.shim.answer import client as peer
from zava_mcp.shim.answer.errors import LATE_OUTCOME, Call, ValidationError, translate
from zava_mcp.shim.call.cache import Cache
from zava_mcp.shim.call.calls import HANDLE, Calls, Running
from zava_mcp.shim.call.database import Database
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.observe.operators import Metrics
from zava_mcp.shim.receive.stdio import LINE_BYTES, UNWRITTEN
from zava_mcp.shim.settings import Settings, load_settings

COMMAND = [sys.executable, "-m", "zava_mcp"]
SERVE = [*COMMAND, "serve"]
LEGACY, MODERN = "legacy", "2026-07-28"  # how the client opens: by the handshake, or without
BOTH_ERAS = pytest.mark.parametrize("mode", [LEGACY, MODERN])
UNKNOWN_KEY = "zava_0123456789abcdef_" + "0" * 61
LONG_QUERY = "select count(*) from generate_series(1, 100000) as a, generate_series(1, 100000) as b"

Keys = dict[str, Any]


# Helpers ----------------------------------------------------------------------------------------


def bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test for a minute at most."""

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(60):
                await test(**fixtures)

        asyncio.run(limited())

    return run


@asynccontextmanager
async def connected(url: str, key: str, mode: str = MODERN) -> AsyncIterator[Client]:
    """A client of the HTTP server with an API key."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(shim_url: str, key: str, mode: str = MODERN) -> AsyncIterator[Client]:
    """A client that starts the server itself."""
    async with Client(stdio_parameters(shim_url, key), mode=mode) as client:
        yield client


def stdio_parameters(shim_url: str, key: str) -> StdioServerParameters:
    """How a client starts the server."""
    return StdioServerParameters(
        command=SERVE[0],
        args=[*SERVE[1:], "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=key),
    )


def environment(**settings: str) -> dict[str, str]:
    """Our environment without its ZAVA_ variables, and settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZAVA_")}
    return {**kept, "ZAVA_EMBEDDER": "none", **settings}


def started(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start a server that is to end by itself."""
    return ended("serve", *options, **settings)


def ended(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of zava-mcp until it ends."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def another_server(shim_url: str, log: Path, **settings: str) -> Iterator[tuple[str, Any]]:
    """A server of the test's own, on a free port unless told; its log goes to a file."""
    with log.open("w") as stderr:
        process = subprocess.Popen(
            SERVE,
            env=environment(ZAVA_DATABASE_URL=shim_url, **{"ZAVA_PORT": "0", **settings}),
            stderr=stderr,
        )
        try:
            until(lambda: '"serving"' in log.read_text() or process.poll() is not None)
            [line] = [entry for entry in logged(log) if entry["event"] == "serving"]
            until(lambda: answers(line["url"]))
            yield line["url"], process
        finally:
            process.terminate()
            process.wait(60)


def answers(url: str) -> bool:
    """Return whether something listens."""
    try:
        return httpx2.get(url.replace("/mcp", "/healthz")).status_code == 200
    except httpx2.TransportError:
        return False


def logged(file: Path) -> list[dict[str, Any]]:
    """The entries of a log."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition; fail when it does not come in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def ask(uri: str, query: LiteralString, *parameters: Any) -> Any:
    """One value from the database, seen by its owner."""
    with psycopg.connect(uri, autocommit=True) as connection:
        row = connection.execute(query, parameters).fetchone()
        return row[0] if row else None


def run_sql(uri: str, *statements: LiteralString) -> None:
    """Change the database as its owner, all or nothing."""
    with psycopg.connect(uri) as connection:
        for statement in statements:
            connection.execute(statement)


def data(result: types.CallToolResult) -> dict[str, Any]:
    """The structured content of a call that succeeded."""
    assert not result.is_error, result.content
    assert result.structured_content is not None
    [block] = result.content
    assert isinstance(block, types.TextContent)
    content: dict[str, Any] = result.structured_content
    assert json.loads(block.text) == content
    return content


def error(result: types.CallToolResult) -> dict[str, Any]:
    """The error of a call that failed, without its request id."""
    assert result.is_error
    assert result.structured_content is None
    [block] = result.content
    assert isinstance(block, types.TextContent)
    said: dict[str, Any] = json.loads(block.text)
    assert len(said.pop("request_id")) == 32
    return said


async def count_orders(client: Client) -> int:
    """How many orders a caller sees."""
    query = {"postgresql_query": "select count(*) from retail.orders"}
    [[count]] = data(await client.call_tool("execute_sales_query", query))["rows"]
    return int(count)


def running_calls(database: str) -> int:
    """How many statements of the shim run now."""
    query: LiteralString = (
        "select count(*) from pg_stat_activity where state = 'active'"
        " and usename = 'zava_mcp' and query like '%%mcp.handle%%'"
    )
    return int(ask(database, query))


@contextmanager
def extra_tool(
    database: str,
    name: LiteralString,
    body: LiteralString,
    tags: LiteralString = "",
    audiences: LiteralString = "store_managers, head_office",
) -> Iterator[None]:
    """A tool that exists for the while of a test."""
    function = "api." + name + "()"
    run_sql(
        database,
        "create function " + function + " returns text language plpgsql stable security definer"
        " set search_path = pg_catalog, pg_temp as $$" + body + "$$",
        "comment on function " + function + " is $$A tool of the tests.\n\n@returns Text.\n"
        '@tool title="Test" ' + tags + "$$",
        "alter function " + function + " owner to mcp_tools",
        "revoke all on function " + function + " from public",
        "grant execute on function " + function + " to mcp_core, " + audiences,
        "select mcp_catalog.refresh_catalog()",
    )
    try:
        yield
    finally:
        run_sql(database, "drop function " + function, "select mcp_catalog.refresh_catalog()")


# Identities -------------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_each_identity_sees_its_own_rows(
    http_server: str, keys: Keys, database: str, mode: str
) -> None:
    """The manager sees one store's orders, the region's manager a region's, head office all."""
    total = ask(database, "select count(*) from retail.orders")
    seen = {}
    for store, key in keys["stores"].items():
        async with connected(http_server, key, mode) as client:
            seen[store] = await count_orders(client)
        own: LiteralString = (
            "select count(*) from retail.orders join retail.stores using (store_id)"
            " where stores.name = %s"
        )
        assert seen[store] == ask(database, own, store)
        assert 0 < seen[store] < total
    assert sum(seen.values()) == total
    async with connected(http_server, keys["head_office"], mode) as client:
        assert await count_orders(client) == total
    async with connected(http_server, keys["regional_manager"], mode) as client:
        stores = data(await client.call_tool("list_stores"))["rows"]
        assert 1 < len(stores) < len(seen)
        assert await count_orders(client) == sum(seen[store["name"]] for store in stores)


@bounded
async def test_store_performance_is_for_stores_in_scope(
    http_server: str, keys: Keys, database: str
) -> None:
    """A store outside the scope is refused in the very words that refuse one that is not there."""
    mine, other = "Zava Retail Seattle", "Zava Retail Tacoma"
    store_id: LiteralString = "select store_id::text from retail.stores where name = %s"
    foreign = ask(database, store_id, other)
    async with connected(http_server, keys["stores"][mine]) as client:
        own = data(await client.call_tool("get_store_performance", {"time_period": "all_time"}))
        assert own["store_name"] == mine
        assert own["metrics"]["orders"] > 0
        refused = await client.call_tool("get_store_performance", {"store_id": foreign})
        nowhere = {"store_id": "00000000-0000-0000-0000-000000000000"}
        missing = await client.call_tool("get_store_performance", nowhere)
    assert error(refused) == error(missing)
    assert error(refused)["code"] == "AUTHORIZATION_ERROR"
    assert error(refused)["message"] == "You are not allowed to do this."
    async with connected(http_server, keys["stores"][other]) as client:
        theirs = data(await client.call_tool("get_store_performance", {"store_id": foreign}))
    assert theirs["store_name"] == other


@bounded
async def test_a_hidden_tool_looks_like_one_that_is_not_there(
    http_server: str, keys: Keys, database: str
) -> None:
    """Head office calls a tool that the manager neither sees nor can tell from no tool at all."""
    manager, head_office = keys["stores"]["Zava Retail Seattle"], keys["head_office"]
    with extra_tool(database, "test_hidden", "begin return 'x'; end", audiences="head_office"):
        async with connected(http_server, head_office) as client:
            assert "test_hidden" in [tool.name for tool in (await client.list_tools()).tools]
            assert data(await client.call_tool("test_hidden")) == {"value": "x"}
        async with connected(http_server, manager) as client:
            assert "test_hidden" not in [tool.name for tool in (await client.list_tools()).tools]
            with pytest.raises(MCPError) as hidden:
                await client.call_tool("test_hidden")
            with pytest.raises(MCPError) as unknown:
                await client.call_tool("test_nothing")
    assert (hidden.value.code, hidden.value.message) == (-32602, "Unknown tool: test_hidden")
    assert (unknown.value.code, unknown.value.message) == (-32602, "Unknown tool: test_nothing")


# Credentials ------------------------------------------------------------------------------------


def post(url: str, key: str | None = None, **headers: str) -> httpx2.Response:
    """A list request by plain HTTP."""
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    return httpx2.post(url, json=message, headers={"Accept": "application/json", **headers})


def test_no_credential_is_a_401_that_says_what_to_send(http_server: str) -> None:
    for given in (None, "Basic emF2YQ==", "Bearer", "zava_0123456789abcdef_0"):
        response = post(http_server, **({"Authorization": given} if given else {}))
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer realm="zava-mcp"'
        assert response.json() == {
            "error": "missing_token",
            "error_description": "Send the header Authorization: Bearer zava_... "
            "with your API key.",
        }


def test_the_command_call_repeats_why_a_server_refuses(
    http_server: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(url: str, key: str) -> tuple[int, str]:
        monkeypatch.setenv("ZAVA_API_KEY", key)
        result = CliRunner().invoke(cli, ["call", "get_current_utc_date", "--url", url])
        return result.exit_code, result.output

    key = keys["head_office"]
    assert asked(http_server, key)[0] == 0
    code, said = asked(http_server, key[:-1] + ("0" if key[-1] != "0" else "1"))
    assert code == 1
    assert "answers 401 Unauthorized: The API key is unknown, expired or revoked." in said
    code, said = asked(http_server.replace("/mcp", "/nothing"), key)
    assert code == 1
    assert "/nothing answers 404 Not Found" in said


def test_a_credential_in_the_query_string_is_none(http_server: str, keys: Keys) -> None:
    key = keys["head_office"]
    assert post(http_server, key).status_code == 200
    for name in ("api_key", "access_token", "token"):
        assert post(f"{http_server}?{name}={key}").status_code == 401


def test_unknown_expired_and_revoked_keys_look_alike(http_server: str, database: str) -> None:
    create: LiteralString = (
        "select mcp_auth.create_api_key(user_id, 'test', now() + %s::interval) from mcp_auth.users"
        " where name = 'Head office of Zava Retail'"
    )
    expired, revoked = ask(database, create, "-1 s"), ask(database, create, "1 h")
    assert post(http_server, revoked).status_code == 200
    run_sql(database, "update mcp_auth.api_keys set revoked_at = now() where label = 'test'")
    until(lambda: post(http_server, revoked).status_code == 401, seconds=2)
    wrong_secret = revoked[:-1] + ("0" if revoked[-1] != "0" else "1")
    for key in (UNKNOWN_KEY, expired, revoked, wrong_secret, "nonsense", "zava__", "ключ"):
        headers = {b"Authorization": f"Bearer {key}".encode()}
        response = httpx2.post(http_server, json={}, headers=headers)
        assert response.status_code == 401, key
        assert response.headers["www-authenticate"] == (
            'Bearer realm="zava-mcp", error="invalid_token", '
            'error_description="The API key is unknown, expired or revoked."'
        )
        assert response.json() == {
            "error": "invalid_token",
            "error_description": "The API key is unknown, expired or revoked.",
        }


# by the database, or a second later by HTTP 401, which the SDK shows so
REVOKED = "unknown, expired or revoked|Server returned an error response"


@bounded
async def test_a_key_revoked_while_a_client_is_connected_stops_it(
    http_server: str, database: str
) -> None:
    create: LiteralString = (
        "select mcp_auth.create_api_key(user_id, 'test') from mcp_auth.users"
        " where name = 'Head office of Zava Retail'"
    )
    async with connected(http_server, ask(database, create)) as client:
        await count_orders(client)
        run_sql(database, "update mcp_auth.api_keys set revoked_at = now() where label = 'test'")
        change = {"sku": "A-1", "change": 1, "reason": "test", "idempotency_key": "revoked"}
        with pytest.raises(MCPError, match=REVOKED):
            await client.call_tool("adjust_inventory", change)

        async def read_on() -> None:  # as long as a ticket may stand for the key
            async with asyncio.timeout(2):
                while await count_orders(client):
                    pass

        with pytest.raises(MCPError, match=REVOKED):
            await read_on()


NEW_KEY: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user(%s, 'head_office'))"
WITHDRAWALS: dict[str, LiteralString] = {
    "revoked": "update mcp_auth.api_keys as k set revoked_at = now() from mcp_auth.users as u"
    " where u.user_id = k.user_id and u.name = 'revoked'",
    "inactive": "update mcp_auth.users set is_active = false where name = 'inactive'",
}


@pytest.mark.parametrize("how", WITHDRAWALS)
@bounded
async def test_a_stream_of_changes_ends_with_its_key(
    http_server: str, shim_url: str, database: str, keys: Keys, how: str
) -> None:
    """Over HTTP and stdio; the stream of another key goes on."""
    key = ask(database, NEW_KEY, how)
    async with (
        connected(http_server, key) as http,
        over_stdio(shim_url, key) as stdio,
        connected(http_server, keys["head_office"]) as other,
        http.listen(tools_list_changed=True) as over_http,
        stdio.listen(tools_list_changed=True) as by_stdio,
        other.listen(tools_list_changed=True) as goes_on,
    ):
        with extra_tool(database, "test_seen", "begin return 'x'; end"):
            for changes in (over_http, by_stdio):
                async for _ in changes:
                    break
        run_sql(database, WITHDRAWALS[how])
        for changes in (over_http, by_stdio):
            with pytest.raises(SubscriptionLost):
                async for _ in changes:
                    pass
        with extra_tool(database, "test_later", "begin return 'x'; end"):
            async for _ in goes_on:
                if "test_later" in [tool.name for tool in (await other.list_tools()).tools]:
                    break


def test_stdio_tells_a_revoked_key_nothing_of_changes(shim_url: str, database: str) -> None:
    """A handshake client is told of the new tool that came before, and not of the one after."""
    key = ask(database, NEW_KEY, "handshake")
    client = {"name": "test", "version": "1"}
    about = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=key),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        stdin, stdout, stderr = process.stdin, process.stdout, process.stderr

        def tell(**message: Any) -> None:
            stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            stdin.flush()

        def reply(**message: Any) -> dict[str, Any]:
            tell(id=1, **message)
            said: dict[str, Any] = json.loads(stdout.readline())
            return said

        reply(method="initialize", params=about)
        tell(method="notifications/initialized")
        reply(method="ping")
        with extra_tool(database, "test_before", "begin return 'x'; end"):
            kinds = {json.loads(stdout.readline())["method"] for _ in range(3)}
            assert "notifications/tools/list_changed" in kinds
        assert len([stdout.readline() for _ in range(3)]) == 3  # and that it has gone
        run_sql(database, "update mcp_auth.users set is_active = false where name = 'handshake'")
        until(lambda: "error" in reply(method="tools/list"))
        with extra_tool(database, "test_after", "begin return 'x'; end"):
            while "catalogue changed" not in stderr.readline():
                assert process.poll() is None
        assert reply(method="ping") == {"jsonrpc": "2.0", "id": 1, "result": {}}
        stdin.close()
        assert stdout.read() == ""


@bounded
async def test_where_a_ticket_is_refused_the_credential_is_sent(
    http_server: str, keys: Keys, database: str
) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        before = await count_orders(client)
        assert before > 0
        run_sql(database, "select mcp_auth.rotate_signing_key('ticket')")
        assert await count_orders(client) == before


@bounded
async def test_a_read_that_became_a_write_unheard_is_sent_with_the_credential(
    http_server: str, keys: Keys, database: str
) -> None:
    body: LiteralString = "begin return 'written'; end"
    with extra_tool(database, "test_became", body):
        async with connected(http_server, keys["head_office"]) as client:
            before = None
            while before is None:  # until the server has read the new catalogue
                with contextlib.suppress(MCPError):
                    before = data(await client.call_tool("test_became"))
            run_sql(
                database,
                "alter table mcp_catalog.tools disable trigger user",  # the server hears nothing
                "update mcp_catalog.tools set is_read_only = false where name = 'test_became'",
                "alter table mcp_catalog.tools enable trigger user",
            )
            after = data(await client.call_tool("test_became"))
    assert before == after == {"value": "written"}


@bounded
async def test_what_a_tool_refuses_by_itself_is_not_asked_again(
    http_server: str, database: str
) -> None:
    """Its SQLSTATE is that of a refused ticket; the statement is counted once all the same."""
    body: LiteralString = "begin raise invalid_authorization_specification; end"
    create: LiteralString = (  # a key of its own, whose ticket is of the present key of tickets
        "select mcp_auth.create_api_key(user_id, 'refused') from mcp_auth.users"
        " where name = 'Head office of Zava Retail'"
    )
    counted = re.compile(r'query_duration_count{type="test_refusing"} (.*)')
    with extra_tool(database, "test_refusing", body):
        async with connected(http_server, ask(database, create)) as client:
            found = None
            while found is None:  # until the server has read the new catalogue
                with pytest.raises(MCPError, match="unknown, expired or revoked"):
                    await client.call_tool("test_refusing")
                metrics = httpx2.get(http_server.replace("/mcp", "/metrics")).text
                found = counted.search(metrics)
    assert found[1] == "1.0"


def test_credentials_and_arguments_stay_out_of_the_log(
    shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    """One line a call: who, which tool, how long, what came of it."""
    log, key = tmp_path / "log", keys["head_office"]

    @bounded
    async def calls(url: str) -> None:
        async with connected(url, key) as client:
            await client.call_tool("execute_sales_query", {"postgresql_query": "select 'zebra'"})
            await client.call_tool("execute_sales_query", {"postgresql_query": "zebra"})

    with another_server(shim_url, log) as (url, _):
        calls(url=url)
        post(url, UNKNOWN_KEY)
    text = log.read_text()
    assert key.rpartition("_")[2] not in text
    assert UNKNOWN_KEY.rpartition("_")[2] not in text
    assert "zebra" not in text
    entries = [entry for entry in logged(log) if entry["event"] == "call"]
    assert [(e["tool"], e["code"]) for e in entries] == [
        ("execute_sales_query", "OK"),
        ("execute_sales_query", "VALIDATION_ERROR"),
    ]
    for entry in entries:
        assert set(entry) == {
            "event",
            "level",
            "timestamp",
            "request_id",
            "user",
            "tool",
            "duration_ms",
            "code",
        }


def test_from_warning_on_only_what_goes_wrong_is_in_the_log(
    database: str, shim_url: str, keys: Keys, free_port: int, tmp_path: Path
) -> None:
    """A call is in the call log all the same."""
    log, client = tmp_path / "log", uuid.uuid4().hex
    settings = {"ZAVA_LOG_LEVEL": "warning", "ZAVA_EMBEDDING_MODEL": "no such model"}
    url = f"http://127.0.0.1:{free_port}/mcp"
    headers = {"Authorization": f"Bearer {keys['head_office']}", "User-Agent": client}
    headers["Accept"] = "application/json"

    with zava.serving(shim_url, "127.0.0.1", free_port, log, **settings):
        for arguments in ({}, {"limit": 0}):
            params = {"name": "list_stores", "arguments": arguments}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            assert httpx2.post(url, json=message, headers=headers).status_code == 200
    [entry] = logged(log)
    assert (entry["level"], entry["event"]) == ("warning", "no embedder")
    codes: LiteralString = (
        "select array_agg(l.code order by l.log_id) from mcp_log.call_log as l where l.client = %s"
    )
    assert ask(database, codes, client) == ["OK", "VALIDATION_ERROR"]


# The protocol -----------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_tools_are_listed_with_schemas_that_their_results_fit(
    http_server: str, keys: Keys, mode: str
) -> None:
    async with connected(f"{http_server}/all", keys["head_office"], mode) as client:
        listed = await client.list_tools()
        assert await client.list_tools() == listed
        assert [tool.name for tool in listed.tools] == sorted(tool.name for tool in listed.tools)
        if mode == MODERN:
            assert (listed.ttl_ms, listed.cache_scope) == (60_000, "private")
        found = data(await client.call_tool("search_products_by_description", {"query": "water"}))
        values = {
            "query": "water",
            "postgresql_query": "select 1 as a, 2 as a",
            "product_id": found["rows"][0]["product_id"],
        }
        called = set()
        for tool in listed.tools:
            assert tool.title
            assert tool.description
            assert tool.annotations is not None
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            if not tool.annotations.read_only_hint:
                continue  # a tool that writes would change what other tests count
            required = tool.input_schema.get("required", [])
            if not values.keys() >= set(required):
                continue  # a tool of whose arguments this test knows nothing
            arguments = {name: values[name] for name in required}
            called.add(tool.name)
            result = data(await client.call_tool(tool.name, arguments))
            assert tool.output_schema is not None
            jsonschema.validate(result, tool.output_schema)
        assert called >= {
            "execute_sales_query",
            "find_similar_products",
            "get_frequently_bought_together",
            "get_sales_trends",
        }


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_handshake_revision_is_spoken(http_server: str, keys: Keys, version: str) -> None:
    headers = {
        "Authorization": f"Bearer {keys['head_office']}",
        "Accept": "application/json, text/event-stream",
    }
    info = {"name": "test", "version": "1"}
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": info}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    response = httpx2.post(http_server, json=message, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    [data] = re.findall(r"^data: ({.+)$", response.text, re.MULTILINE)  # the first may be empty
    result = json.loads(data)["result"]
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "zava-mcp"
    assert result["capabilities"]["tools"] == {"listChanged": True}
    assert result["instructions"]


@bounded
async def test_the_client_without_handshake_discovers_the_server(
    http_server: str, keys: Keys
) -> None:
    async with connected(http_server, keys["head_office"], "auto") as client:
        assert client.protocol_version == "2026-07-28"
        assert client.instructions


@BOTH_ERAS
@bounded
async def test_progress_and_log_messages_arrive_before_the_result(
    http_server: str, keys: Keys, database: str, mode: str
) -> None:
    """Progress that does not grow is left out."""
    steps = """begin
        perform mcp_tool.progress(1, 3, 'one'); perform mcp_tool.progress(2, 3, 'two');
        perform mcp_tool.progress(2, 3, 'again'); perform mcp_tool.progress(3);
        perform mcp_tool.log('info', 'halfway'); return 'done'; end"""
    seen: list[tuple[float, float | None, str | None]] = []

    async def seen_progress(
        progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        seen.append((progress, total, message))

    with extra_tool(database, "test_steps", steps):
        async with connected(http_server, keys["head_office"], mode) as client:
            result = await client.call_tool("test_steps", progress_callback=seen_progress)
            assert data(result) == {"value": "done"}
            assert seen == [(1.0, 3.0, "one"), (2.0, 3.0, "two"), (3.0, None, None)]
            assert data(await client.call_tool("test_steps")) == {"value": "done"}
            assert len(seen) == 3


@bounded
async def test_log_messages_go_to_those_who_asked(
    http_server: str, shim_url: str, keys: Keys, database: str
) -> None:
    """By request as of 2026-07-28; before, on stdio, by logging/setLevel."""
    body = """begin
        perform mcp_tool.log('debug', 'small');
        perform mcp_tool.log('warning', 'big');
        return 'x'; end"""
    seen: list[tuple[str, Any]] = []

    async def on_log(params: types.LoggingMessageNotificationParams) -> None:
        seen.append((params.level, params.data))

    key = keys["head_office"]
    with extra_tool(database, "test_logs", body):
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
            Client(
                streamable_http_client(http_server, http_client=http),
                mode=MODERN,
                logging_callback=on_log,
            ) as client,
        ):
            await client.call_tool("test_logs")
            assert seen == []
            level: Any = {"io.modelcontextprotocol/logLevel": "info"}
            await client.call_tool("test_logs", meta=level)
            assert seen == [("warning", "big")]
        parameters = stdio_parameters(shim_url, key)
        async with Client(parameters, mode=LEGACY, logging_callback=on_log) as client:
            await client.call_tool("test_logs")
            assert len(seen) == 1
            await client.session.send_request(
                types.SetLevelRequest(params=types.SetLevelRequestParams(level="debug")),
                types.EmptyResult,
            )
            await client.call_tool("test_logs")
            assert seen[1:] == [("debug", "small"), ("warning", "big")]


@BOTH_ERAS
@pytest.mark.parametrize("transport", ["http", "stdio"])
@bounded
async def test_a_cancelled_call_ends_its_statement(
    http_server: str, shim_url: str, keys: Keys, database: str, mode: str, transport: str
) -> None:
    key = keys["stores"]["Zava Retail Spokane"]
    over_http = connected(http_server, key, mode)
    opened = over_http if transport == "http" else over_stdio(shim_url, key, mode)
    async with opened as client:
        async with anyio.create_task_group() as group:
            query = {"postgresql_query": LONG_QUERY}
            group.start_soon(client.call_tool, "execute_sales_query", query)
            await asyncio.to_thread(until, lambda: running_calls(database) == 1)
            group.cancel_scope.cancel()
        await asyncio.to_thread(until, lambda: running_calls(database) == 0, 5)
        assert await count_orders(client) > 0


def test_a_client_that_hangs_up_ends_its_statement(
    http_server: str, keys: Keys, database: str
) -> None:
    params = {"name": "execute_sales_query", "arguments": {"postgresql_query": LONG_QUERY}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "Authorization": f"Bearer {keys['head_office']}",
        "Accept": "application/json, text/event-stream",
    }
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(http_server, json=message, headers=headers, timeout=httpx2.Timeout(1))
    until(lambda: running_calls(database) == 0, 5)


@bounded
async def test_a_tool_is_stopped_at_its_own_timeout(
    http_server: str, keys: Keys, database: str
) -> None:
    endless = "begin loop null; end loop; end"
    with extra_tool(database, "test_endless", endless, tags="timeout=1s"):
        async with connected(http_server, keys["head_office"]) as client:
            began = time.monotonic()
            said = error(await client.call_tool("test_endless"))
            assert time.monotonic() - began < 5
    assert said == {
        "code": "QUERY_TIMEOUT",
        "message": "The tool did not finish within 1 seconds.",
        "hint": "Narrow the question: a shorter period, fewer rows, or a filter.",
    }
    until(lambda: running_calls(database) == 0, 5)


@bounded
async def test_clients_are_told_when_the_tools_change(
    http_server: str, shim_url: str, keys: Keys, database: str
) -> None:
    """Over HTTP to those that listen as of 2026-07-28, over stdio in both eras."""
    told = anyio.Event()

    async def on_message(message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            told.set()

    key = keys["head_office"]
    async with (
        connected(http_server, key) as listening,
        over_stdio(shim_url, key, LEGACY) as legacy,
        listening.listen(tools_list_changed=True) as changes,
    ):
        assert "test_new" not in [tool.name for tool in (await legacy.list_tools()).tools]
        legacy.session._message_handler = on_message
        with extra_tool(database, "test_new", "begin return 'x'; end"):
            async for _ in changes:
                break
            assert "test_new" in [tool.name for tool in (await listening.list_tools()).tools]
            await told.wait()
            assert "test_new" in [tool.name for tool in (await legacy.list_tools()).tools]


@bounded
async def test_the_server_outlives_its_database_connections(
    http_server: str, keys: Keys, database: str
) -> None:
    """Every connection of the login is cut, the listening one too; then a new tool is announced."""
    cut: LiteralString = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'zava_mcp'"
    )
    async with connected(http_server, keys["head_office"]) as client:
        await count_orders(client)
        assert ask(database, cut) > 1
        query = {"postgresql_query": "select 1"}
        while (result := await client.call_tool("execute_sales_query", query)).is_error:
            assert error(result) == {
                "code": "DATABASE_ERROR",
                "message": "The database is unavailable, try again.",
            }
        async with client.listen(tools_list_changed=True) as changes:
            with extra_tool(database, "test_later", "begin return 'x'; end"):
                async for _ in changes:
                    break
                assert data(await client.call_tool("test_later")) == {"value": "x"}


# The HTTP transport -----------------------------------------------------------------------------


def test_foreign_hosts_and_origins_are_refused(http_server: str, keys: Keys) -> None:
    key = keys["head_office"]
    assert post(http_server, key, Origin="http://evil.example").status_code == 403
    assert post(http_server, key, Host="evil.example").status_code == 421
    assert post(http_server, key, Origin="http://localhost:6274").status_code == 200


def test_a_server_for_other_machines_answers_to_its_names_alone(
    shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    settings = {
        "ZAVA_HOST": "0.0.0.0",  # noqa: S104
        "ZAVA_ALLOWED_HOSTS": "MCP.Example, tools.example:8443",
        "ZAVA_ALLOWED_ORIGINS": "https://App.example",
    }
    key = keys["head_office"]
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        here = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        for host in ("mcp.example", "mcp.example:80", "tools.example:8443"):
            assert post(here, key, Host=host).status_code == 200
        for host in ("127.0.0.1", "mcp.example.evil", "tools.example"):
            assert post(here, key, Host=host).status_code == 421
        host = "mcp.example"
        assert post(here, key, Host=host, Origin="https://app.example").status_code == 200
        assert post(here, key, Host=host, Origin="http://localhost:6274").status_code == 403


def test_what_is_no_post_needs_a_session(http_server: str, keys: Keys) -> None:
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    for method, status in (("GET", 400), ("DELETE", 400), ("PUT", 405)):
        answer = httpx2.request(method, http_server, headers=headers)
        assert (answer.status_code, answer.headers.get("mcp-session-id")) == (status, None)
    headers["MCP-Protocol-Version"] = "2026-07-28"
    for method in ("GET", "DELETE", "PUT"):
        assert httpx2.request(method, http_server, headers=headers).status_code == 405


def test_health_needs_no_credential(http_server: str) -> None:
    response = httpx2.get(http_server.replace("/mcp", "/healthz"))
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_http_server(
    shim_url: str, keys: Keys, tmp_path: Path, number: int
) -> None:
    """With exit code 0, though a client still listens for changes."""
    log = tmp_path / "log"

    @bounded
    async def interrupted(url: str, process: subprocess.Popen[bytes]) -> None:
        async with (
            connected(url, keys["head_office"]) as client,
            client.listen(tools_list_changed=True),
        ):
            process.send_signal(number)
            assert await asyncio.to_thread(process.wait, 10) == 0

    with another_server(shim_url, log) as (url, process):
        interrupted(url=url, process=process)
    assert "Traceback" not in log.read_text()


# stdio ------------------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_stdio_serves_the_owner_of_the_key(
    shim_url: str, keys: Keys, database: str, mode: str
) -> None:
    own: LiteralString = (
        "select count(*) from retail.orders join retail.stores using (store_id)"
        " where stores.name = 'Zava Retail Kirkland'"
    )
    async with over_stdio(shim_url, keys["stores"]["Zava Retail Kirkland"], mode) as client:
        assert await count_orders(client) == ask(database, own) > 0
        with pytest.raises(MCPError) as unknown:
            await client.call_tool("test_nothing")
    assert unknown.value.code == -32602


def test_stdio_ends_with_its_input_and_says_nothing_else(shim_url: str, keys: Keys) -> None:
    done = started("--stdio", ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=keys["head_office"])
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_stdio_server(shim_url: str, keys: Keys, number: int) -> None:
    settings = environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=keys["head_office"])
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        while b'"serving"' not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        assert process.wait(60) == 0
        assert b"Traceback" not in process.stderr.read()


def test_a_signal_ends_the_stdio_server_of_a_client_that_is_gone(shim_url: str, keys: Keys) -> None:
    """More answers than the queue holds are unwritten, and every thread may wait for room there."""
    message = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "list_stores"}}
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=keys["head_office"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        for number in range(2 * UNWRITTEN):
            process.stdin.write(json.dumps({**message, "id": number}).encode() + b"\n")
        process.stdin.flush()
        logged = 0
        while logged < 2 * UNWRITTEN:
            logged += b'"event": "call"' in process.stderr.readline()
            assert process.poll() is None
        process.terminate()
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["file", "pipe", "pipe that does not block"])
def test_stdio_reads_whatever_stdin_is(
    shim_url: str, keys: Keys, tmp_path: Path, kind: str
) -> None:
    """Also a file, which no event loop watches, a line that is too long, and one without an end."""
    call = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "list_stores"}}
    too_long, good, last = (json.dumps({**call, "id": number}) for number in (1, 2, 3))
    path = tmp_path / "input"
    path.write_text("\n".join([too_long + " " * LINE_BYTES, good, "", last]))
    with path.open() as file, subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
        assert cat.stdout is not None
        os.set_blocking(cat.stdout.fileno(), kind == "pipe")
        done = subprocess.run(
            [*SERVE, "--stdio"],
            env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=keys["head_office"]),
            stdin=file if kind == "file" else cat.stdout,
            capture_output=True,
            timeout=60,
            check=True,
        )
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    refusal = answers.pop(None)
    assert refusal["error"]["message"] == f"A message has at most {LINE_BYTES} bytes."
    assert set(answers) == {2, 3}
    assert all(answer["result"]["structuredContent"]["row_count"] for answer in answers.values())


def test_stdio_loses_nothing_in_a_pipe_that_does_not_block(shim_url: str, keys: Keys) -> None:
    """Its reader comes late, and the pipe holds a few answers."""
    message = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "list_stores"}}
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=keys["head_office"]),
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(writing)
        assert process.stdin is not None
        assert process.stderr is not None
        for number in range(60):
            process.stdin.write(json.dumps({**message, "id": number}).encode() + b"\n")
        process.stdin.flush()
        logged = 0
        while logged < 60:
            logged += b'"event": "call"' in process.stderr.readline()
        process.stdin.close()
        with os.fdopen(reading, "rb") as stream:
            answered = [json.loads(line)["id"] for line in stream]
    assert sorted(answered) == list(range(60))


@pytest.mark.parametrize(
    ("key", "state"), [(None, "is not set"), (UNKNOWN_KEY, "is unknown, expired or revoked")]
)
def test_stdio_does_not_start_without_a_good_key(
    shim_url: str, key: str | None, state: str
) -> None:
    given = {"ZAVA_API_KEY": key} if key else {}
    done = started("--stdio", ZAVA_DATABASE_URL=shim_url, **given)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"ZAVA_API_KEY {state}" in done.stderr
    assert UNKNOWN_KEY not in done.stderr


# Start ------------------------------------------------------------------------------------------


def test_a_superuser_is_refused_by_name(database: str) -> None:
    login = ask(database, "select session_user")
    done = started(ZAVA_DATABASE_URL=database)
    assert done.returncode == 1
    assert f"refusing to serve with the login {login}: " in done.stderr
    assert "superuser" in done.stderr


def test_a_core_older_than_the_server_is_refused_by_name(database: str, shim_url: str) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        newest = "delete from mcp_migrate.version where tree = 'core' and id = (%s) returning *"
        last = "select max(id) from mcp_migrate.version where tree = 'core'"
        cursor = owner.execute(newest % last)
        row = cursor.fetchone()
        assert row is not None
        try:
            done = started(ZAVA_DATABASE_URL=shim_url)
        finally:
            values = ", ".join(["%s"] * len(row))
            owner.execute(f"insert into mcp_migrate.version values ({values})".encode(), row)
    number = dict(zip((each.name for each in cursor.description or ()), row, strict=True))["id"]
    assert done.returncode == 1
    assert f"older than this server: core/{number} not applied" in done.stderr
    assert "zava-mcp migrate apply" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_teaches(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, zava.ROOT / "server.py", "--help"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    for name in Settings.model_fields:
        assert f"ZAVA_{name.upper()}" in done.stdout
    assert "Exit code" in done.stdout
    assert done.stdout == ended("serve", "--help").stdout, "server.py is zava-mcp serve"


TLS_URL = "postgresql://zava_mcp:hush@127.0.0.1:1/zava"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ZAVA_PROT": "1"}, "ZAVA_PROT is not a setting, did you mean ZAVA_PORT?"),
        ({"ZAVA_PORT": "http"}, "ZAVA_PORT: Input should be a valid integer"),
        ({"ZAVA_PORT": "70000"}, "ZAVA_PORT: Input should be less than or equal to 65535"),
        ({"ZAVA_POOL_MIN": "9", "ZAVA_POOL_MAX": "3"}, "ZAVA_POOL_MIN=9 is over ZAVA_POOL_MAX=3"),
        ({"ZAVA_EMBEDDER": "magic"}, "ZAVA_EMBEDDER: Input should be 'local', 'openai' or 'none'"),
        ({"ZAVA_DATABASE_URL": "mysql://a:hush@h/d"}, "ZAVA_DATABASE_URL is not like postgresql:"),
        ({"ZAVA_DATABASE_URL": ""}, "ZAVA_DATABASE_URL: it is empty"),
        (
            {"ZAVA_DATABASE_URL": f"{TLS_URL}?sslmode=verify-full", "HOME": "/no-home"},
            "ZAVA_DATABASE_URL: the file /no-home/.postgresql/root.crt (sslrootcert) of"
            " sslmode=verify-full is missing or not readable",
        ),
        (
            {"ZAVA_DATABASE_URL": f"{TLS_URL}?sslmode=require&sslrootcert=/no/ca.pem"},
            "ZAVA_DATABASE_URL: the file /no/ca.pem (sslrootcert) of sslmode=require is missing",
        ),
        (
            {"ZAVA_DATABASE_URL": f"{TLS_URL}?sslrootcert=system"},
            "ZAVA_DATABASE_URL: sslrootcert=system is not supported: name a file of CA",
        ),
        ({"ZAVA_HOST": "0.0.0.0"}, "set ZAVA_ALLOWED_HOSTS"),  # noqa: S104
        (
            {"ZAVA_TRUSTED_PROXIES": "10.0.0.0/8,localhost"},
            "ZAVA_TRUSTED_PROXIES: localhost is no IP address and no network",
        ),
        ({"ZAVA_TRUSTED_PROXIES": "10.0.0.1/8"}, "ZAVA_TRUSTED_PROXIES: 10.0.0.1/8 is no IP"),
        (
            {"ZAVA_ALLOWED_HOSTS": "https://mcp.example.com"},
            "ZAVA_ALLOWED_HOSTS: https://mcp.example.com is no host name",
        ),
        ({"ZAVA_ALLOWED_HOSTS": "mcp.example/mcp"}, "ZAVA_ALLOWED_HOSTS: mcp.example/mcp is no"),
    ],
)
def test_a_wrong_setting_is_named(shim_url: str, settings: dict[str, str], message: str) -> None:
    done = started(**{"ZAVA_DATABASE_URL": shim_url, **settings})
    assert done.returncode == 2
    assert message in done.stderr
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_of_dev_are_no_mistake(shim_url: str, keys: Keys) -> None:
    done = started(
        "--stdio",
        ZAVA_DATABASE_URL=shim_url,
        ZAVA_API_KEY=keys["head_office"],
        ZAVA_DATA_DIR="x",
        ZAVA_DEMO_SIZE="1",
    )
    assert done.returncode == 0


def test_an_unreachable_database_is_said_in_one_line() -> None:
    done = started(ZAVA_DATABASE_URL="postgresql://zava_mcp:hush@127.0.0.1:1/zava")
    assert done.returncode == 1
    assert "cannot connect to the database of ZAVA_DATABASE_URL" in done.stderr
    assert "hush" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_connection_string_of_libpq_is_taken(shim_url: str, keys: Keys, tmp_path: Path) -> None:
    """As a provider prints it: with parameters that only libpq knows."""
    more = "&channel_binding=require&connect_timeout=5&keepalives=1&keepalives_idle=30"
    with another_server(f"{shim_url}{more}", tmp_path / "log") as (url, _):
        assert post(url, keys["head_office"]).status_code == 200


def test_an_at_sign_in_a_password_is_named() -> None:
    done = started(ZAVA_DATABASE_URL="postgresql://zava_mcp:hush@me@127.0.0.1:1/zava")
    assert done.returncode == 2
    assert "ZAVA_DATABASE_URL: user or password holds an @: write %40 for it" in done.stderr
    assert "hush" not in done.stderr


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("hu[sh", " is no URL"),
        ("hu]sh", " is no URL"),
        ("hu#sh", ": its port is no number"),
        ("hu?sh", ": its port is no number"),
        ("hu/sh", ": its port is no number"),
    ],
)
def test_a_password_that_is_not_encoded_is_no_riddle(password: str, problem: str) -> None:
    url = "postgresql://zava_mcp:" + password + "@127.0.0.1:1/zava"
    done = started(ZAVA_DATABASE_URL=url)
    assert done.returncode == 2
    assert f"ZAVA_DATABASE_URL{problem}; in a user or password write %23 for #" in done.stderr
    assert "hu" not in done.stderr
    assert "Traceback" not in done.stderr


# Embeddings and retries, with what they need in the place of a model and a database --------------


class Connection:
    """A connection whose statements do what a list says, one after the other."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes, self.statements = list(outcomes), list[tuple[Any, ...]]()

    async def fetchval(self, *statement: Any, timeout: float) -> Any:  # noqa: ASYNC109
        """Give or raise the next outcome."""
        self.statements.append((*statement, timeout))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def acquire(self, timeout: float) -> Connection:  # noqa: ASYNC109, ARG002
        """Be a pool of one."""
        return self

    async def release(self, connection: Connection, timeout: float) -> None:  # noqa: ASYNC109
        """Take it back."""

    def is_closed(self) -> bool:
        """Return whether it was closed."""
        return False

    def get_server_pid(self) -> int:
        """Return the process id of the backend."""
        return 1


def structured(text: str) -> str:
    """What mcp.handle answers of a tool that says so."""
    return f'{{"structuredContent":{text},"isError":false}}'


def outcome_of(
    connection: Connection,
    arguments: dict[str, Any],
    vector: Any = None,
    limits: Limits | None = None,
) -> types.CallToolResult:
    """Call the tool t of a server with that connection."""
    calls = calls_of(connection, vector, limits)
    allowed = {"calls_per_minute": 9, "concurrent_calls": 9, "concurrent_queries": 9}
    identity = {"user_id": "u", "limits": allowed}
    caller, client = Caller("zava_key", identity), peer.Client("", "2026-07-28", is_modern=True)
    sent = json.dumps(arguments).encode()
    params = json.dumps({"name": "t", "arguments": arguments}).encode()
    answer = asyncio.run(calls.answer(caller, client, "tools/call", "t", params, sent))
    return types.CallToolResult.model_validate_json(answer.body, by_name=False)


def calls_of(connection: Connection, vector: Any = None, limits: Limits | None = None) -> Calls:
    """The calls of a server with that connection and the tool t."""
    settings = load_settings(database_url="postgresql://nowhere")
    embed = {"query": {"parameter": "query_embedding", "dimensions": 3}}
    tool = {"timeout_ms": 5000, "embed": embed, "sandbox": False, "writes": True}
    tool |= {"repeatable": False, "content": False, "asks_first": False, "task": False}
    tool |= {"exports": False}
    catalog = {"version": "1", "log_arguments": False, "tools": {"t": tool}}
    database = Database(connection, connection, connection, settings, "database_url")
    calls = Calls(settings, database, vector, limits or Limits(), Metrics(), Cache())
    calls.catalog = catalog
    return calls


def test_a_write_that_ends_at_our_timer_has_an_unknown_outcome() -> None:
    """What the database ends is undone; what we give up may be done."""
    said = error(outcome_of(Connection(TimeoutError()), {}))
    assert said["code"] == "QUERY_TIMEOUT"
    assert said["message"] == LATE_OUTCOME.format(5)
    undone = error(outcome_of(Connection(postgres_error(C="57014", M="canceled")), {}))
    assert undone["message"] == "The tool did not finish within 5 seconds."


def test_a_client_that_does_not_read_keeps_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "NOTICE_SECONDS", 0.01)

    class Deaf(peer.Client):
        """A client whose messages are never read."""

        async def notify(self, method: str, params: dict[str, Any]) -> None:  # noqa: ARG002
            await asyncio.Event().wait()

    class Listening:
        """A connection with one notice of progress."""

        def add_log_listener(self, listener: Any) -> None:
            notice = SimpleNamespace(sqlstate=peer.PROGRESS, detail='{"progress": 1}')
            listener(self, notice)

        def remove_log_listener(self, _: Any) -> None:
            """Do nothing."""

    async def run() -> None:
        async with asyncio.timeout(10), Deaf(progress_token=1).forwarding_notices(Listening()):
            pass

    asyncio.run(run())


def test_a_call_can_be_cancelled_after_another_of_its_id_has_ended() -> None:
    calls, key = calls_of(Connection()), ("credential", "session", "7")

    async def run() -> None:
        is_over = asyncio.Event()

        async def call(until: asyncio.Event) -> None:
            with Running(calls, peer.Client(), key):
                await until.wait()

        first, second = (asyncio.create_task(call(each)) for each in (is_over, asyncio.Event()))
        await asyncio.sleep(0)
        is_over.set()
        await first
        calls.cancel(key)
        async with asyncio.timeout(10):
            with pytest.raises(MCPError, match="cancelled"):
                await second
        assert not calls.running

    asyncio.run(run())


def test_a_cancellation_that_comes_too_late_or_for_another_does_nothing() -> None:
    """Of a request that has ended; and who cancels the whole task is not told of the request."""
    calls, client = calls_of(Connection()), peer.Client()

    async def late() -> str:
        with Running(calls, client):
            pass
        assert client.cancel is not None
        client.cancel()
        await asyncio.sleep(0)
        return "done"

    async def both() -> None:
        with Running(calls, client):
            await asyncio.Event().wait()

    async def run() -> None:
        assert await asyncio.create_task(late()) == "done"
        task = asyncio.create_task(both())
        await asyncio.sleep(0)
        assert client.cancel is not None
        client.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not calls.running

    asyncio.run(run())


def test_a_slot_goes_to_who_waits_for_longest_and_is_never_lost() -> None:
    """Also when who gets it is cancelled at that moment, or has given up before."""
    database = calls_of(Connection()).database
    database.settings.pool_max = 1

    async def run() -> None:
        await database.take_slot()
        gone, late, last = (asyncio.create_task(database.take_slot()) for _ in range(3))
        await asyncio.sleep(0)
        assert (database.in_use, database.waiting) == (1, 3)
        gone.cancel()
        await asyncio.sleep(0)
        assert database.waiting == 2
        database.free_slot()  # to the one that is cancelled before it hears of it
        late.cancel()
        async with asyncio.timeout(10):
            await last
        assert gone.cancelled()
        assert late.cancelled()
        assert (database.in_use, database.waiting) == (1, 0)
        database.free_slot()
        assert database.in_use == 0

    asyncio.run(run())


def test_what_was_rolled_back_is_tried_again() -> None:
    failed = postgres_error(C="40001", M="could not serialize")
    done = structured('{"value": 1}')
    locked = postgres_error(C="40P01", M="deadlock detected")
    connection = Connection(failed, locked, failed, done)
    assert data(outcome_of(connection, {})) == {"value": 1}
    assert len(connection.statements) == 4
    assert error(outcome_of(Connection(*[failed] * 4), {})) == {
        "code": "CONFLICT",
        "message": "Another change conflicted with this one. Try again.",
    }


def test_a_text_goes_with_its_vector_and_its_model() -> None:
    connection = Connection(structured("{}"))
    outcome_of(connection, {"query": "hose"}, lambda text: ("m", [1.0, 2.0, float(len(text))]))
    [(statement, key, method, params, context, limit)] = connection.statements
    assert (statement, key, method, limit) == (HANDLE, "zava_key", "tools/call", 5.0)
    assert json.loads(params) == {"name": "t", "arguments": {"query": "hose"}}
    sent = json.loads(context)
    assert sent["embedding_model"] == "m"
    assert sent["embeddings"] == {"query_embedding": [1.0, 2.0, 4.0]}


@pytest.mark.parametrize("query", ["hose", "", " ", None, 7])
def test_without_a_vector_the_call_goes_on(query: Any) -> None:
    """No embedder, one that fails, or nothing to embed: the database gets the argument alone."""

    def failing(text: str) -> Any:
        assert text == "hose"
        raise RuntimeError("no model")

    for vector in (None, failing):
        connection = Connection(structured("{}"))
        assert data(outcome_of(connection, {"query": query}, vector)) == {}
        request = json.loads(connection.statements[0][4])
        assert set(request) == {"revision", "request_id", "client", "capabilities"}


# Errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("22023", "MCP_ERROR"),
        ("23514", "MCP_ERROR"),
        ("23505", "CONFLICT"),
        ("23503", "CONFLICT"),
        ("25006", "MCP_ERROR"),
        ("28000", types.INVALID_REQUEST),
        ("40001", "CONFLICT"),
        ("40P01", "CONFLICT"),
        ("42501", "AUTHORIZATION_ERROR"),
        ("42883", "MCP_ERROR"),
        ("53300", "DATABASE_ERROR"),
        ("57014", "QUERY_TIMEOUT"),
        ("57P01", "DATABASE_ERROR"),
        ("58030", "DATABASE_ERROR"),
        ("08006", "DATABASE_ERROR"),
        ("P0001", "MCP_ERROR"),
        ("P0002", "NOT_FOUND"),
        ("XX000", "DATABASE_ERROR"),
    ],
)
def test_each_sqlstate_becomes_its_code(state: str, code: str | int) -> None:
    """And what only the operator may read stays out of it."""
    raised = postgres_error(C=state, M="what happened", D="detail of row 7", W="in function f")
    failure = translate(raised, call_of("t", {"a": 1}))
    assert failure.code == code
    said = str(failure) + repr(getattr(failure, "details", ""))
    assert "detail" not in said
    assert "function f" not in said


@pytest.mark.parametrize(
    ("fields", "details"),
    [
        ({"C": "22023", "c": "a", "n": "x"}, {"field": "a", "value": 1, "constraint": "x"}),
        ({"C": "22004", "c": "b"}, {"field": "b"}),
        ({"C": "23514", "c": "a", "n": "x"}, {"field": "a", "value": 1, "constraint": "x"}),
        ({"C": "42601", "q": "selec", "p": "1"}, {"field": "sql", "position": 1}),
        ({"C": "42P11", "c": "sql"}, {"field": "sql", "value": "selec"}),
        ({"C": "22012", "W": 'SQL statement "selec"'}, {"field": "sql"}),
        ({"C": "25006", "q": "selec"}, {"field": "sql"}),
    ],
)
def test_the_clients_own_mistake_names_the_argument(
    fields: dict[str, str], details: dict[str, Any]
) -> None:
    raised = postgres_error(M="what happened", H="what to do", **fields)
    failure = translate(raised, call_of("t", {"a": 1, "sql": "selec"}))
    assert isinstance(failure, ValidationError)
    assert str(failure) == "what happened"
    assert failure.details == {"hint": "what to do", **details}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([1, 2], [1, 2]),
        ([1.5] * 1000, ("[" + "1.5, " * 1000)[:200]),
        ("x" * 1000, "x" * 200),
        ({"a": "é" * 1000}, ('{"a": "' + "é" * 1000)[:200]),
    ],
)
def test_a_long_value_is_repeated_in_part(value: Any, said: Any) -> None:
    arguments = json.dumps({"a": value}, ensure_ascii=False).encode()
    call = Call("tools/call", "t", "{}", arguments, 5)
    failure = translate(postgres_error(C="22023", M="no", c="a"), call)
    assert isinstance(failure, ValidationError)
    assert failure.details["value"] == said


@pytest.mark.parametrize("fields", [{"C": "42703", "c": "cost"}, {"C": "42P01", "q": "select x"}])
def test_a_fault_in_a_tools_own_body_says_nothing_of_it(fields: dict[str, str]) -> None:
    raised = postgres_error(M='relation "retail.secret" does not exist', **fields)
    call = call_of("t", {"sql": "selec"})
    failure = translate(raised, call)
    assert failure.code == "MCP_ERROR"
    assert str(failure) == f"Internal error, quote request id {call.id}."


def test_an_unknown_tool_is_a_protocol_error() -> None:
    raised = postgres_error(C="42883", M="unknown tool", n="unknown_tool")
    failure = translate(raised, call_of("n" * 10_000, {}))
    assert failure.code == types.INVALID_PARAMS
    assert str(failure) == "Unknown tool: " + "n" * 100


def call_of(name: str, arguments: dict[str, Any]) -> Call:
    """A call of a tool."""
    return Call("tools/call", name, "{}", json.dumps(arguments).encode(), 5)


def postgres_error(**fields: str) -> asyncpg.PostgresError:
    """What asyncpg makes of an ErrorResponse with these fields."""
    return asyncpg.PostgresError.new(fields)
