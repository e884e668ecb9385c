"""/mcp/{group}: a client is given the tools of the groups that its address names."""

from __future__ import annotations

from typing import Any

import anyio
import httpx2
import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import ToolListChangedNotification

from zava_mcp.shim.answer.client import Client as Peer
from zava_mcp.shim.receive.message import make_client, parse_head, parse_request

pytestmark = pytest.mark.anyio


@pytest.fixture
def grouped(database: str) -> dict[str, set[str]]:
    """The tools of head office, by group."""
    query = """
        select g.name, array_agg(t.name)
        from mcp_catalog.tools as t
        cross join lateral unnest(t.groups) as g (name)
        where has_function_privilege('head_office', t.function, 'execute')
        group by g.name
    """
    with psycopg.connect(database) as conn:
        return {group: set(tools) for group, tools in conn.execute(query).fetchall()}


async def listed(url: str, key: str, mode: Any) -> set[str]:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        create_mcp_http_client(headers) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("get_current_utc_date", {})
        assert not result.is_error, "what is not listed can be called"
        return tools


@pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
async def test_an_address_names_groups(
    http_server: str, keys: dict[str, Any], grouped: dict[str, set[str]], mode: str
) -> None:
    key = keys["head_office"]
    everything = await listed(f"{http_server}/all", key, mode)
    assert everything == set().union(*grouped.values())
    core = await listed(http_server, key, mode)
    assert core == grouped["core"]
    assert "search_tools" in core < everything
    stock = await listed(f"{http_server}/stock", key, mode)
    assert stock == grouped["stock"]
    assert stock < everything
    both = await listed(f"{http_server}/stock,operations/", key, mode)
    assert both == grouped["stock"] | grouped["operations"]


def test_requests_with_the_same_meta_keep_their_groups() -> None:
    text = b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"progressToken":1}}}'
    requests = [
        parse_request(parse_head(text), None, {}, groups) for groups in (("sales",), ("stock",))
    ]
    assert requests[0].client is requests[1].client, "parsed once"
    clients = [make_client(each, "", "", Peer) for each in requests]
    assert [client.groups for client in clients] == [("sales",), ("stock",)]


async def test_a_session_lists_what_it_found(
    http_server: str, keys: dict[str, Any], grouped: dict[str, set[str]]
) -> None:
    """The client is told, and no other session lists it."""
    everything = set().union(*grouped.values())
    wanted = min(everything - grouped["core"])
    changed = anyio.Event()

    async def hear(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed.set()

    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    async with (
        create_mcp_http_client(headers) as http,
        Client(
            streamable_http_client(http_server, http_client=http),
            mode="legacy",
            message_handler=hear,
        ) as client,
    ):
        before = {tool.name for tool in (await client.list_tools()).tools}
        answer = await client.call_tool("search_tools", {"query": wanted, "max_results": 2})
        found = {row["name"] for row in answer.structured_content["rows"]}
        with anyio.fail_after(30):
            await changed.wait()
        after = {tool.name for tool in (await client.list_tools()).tools}
    assert wanted in found
    assert before == grouped["core"]
    assert after == grouped["core"] | found
    assert await listed(http_server, keys["head_office"], "legacy") == grouped["core"]


async def test_a_search_lists_no_tool_of_others(
    http_server: str, keys: dict[str, Any], database: str
) -> None:
    """A store manager who asks for a tool of head office by its name does not get it listed."""
    query = """
        select t.name from mcp_catalog.tools as t
        where has_function_privilege('head_office', t.function, 'execute')
            and not has_function_privilege('store_managers', t.function, 'execute')
        order by 1 limit 1
    """
    with psycopg.connect(database) as conn:
        [forbidden] = conn.execute(query).fetchone() or [""]
    assert forbidden
    key = next(iter(keys["stores"].values()))
    async with (
        create_mcp_http_client({"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(http_server, http_client=http), mode="legacy") as client,
    ):
        await client.call_tool("search_tools", {"query": forbidden})
        names = {tool.name for tool in (await client.list_tools()).tools}
    assert "search_tools" in names
    assert forbidden not in names


@pytest.mark.parametrize(("path", "most"), [("", 16_000), ("/all", 24_000)])
def test_a_list_is_short(http_server: str, keys: dict[str, Any], path: str, most: int) -> None:
    """Bytes of the whole answer to head office, with the output schema of each tool."""
    headers = {
        "Authorization": f"Bearer {keys['head_office']}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    response = httpx2.post(f"{http_server}{path}", json=message, headers=headers)
    tools = response.json()["result"]["tools"]
    assert all(tool["outputSchema"] for tool in tools)
    assert len(response.content) <= most


def test_a_group_that_there_is_not_has_no_address(http_server: str, keys: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    for path in ("nothing", "stock,nothing", "stock/x", "Stock"):
        assert httpx2.post(f"{http_server}/{path}", json={}, headers=headers).status_code == 404
    assert httpx2.post(f"{http_server}/stock", json={}).status_code == 401
