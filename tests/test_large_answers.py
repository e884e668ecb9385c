"""The largest answers reach the SDK's client, whose parser of events takes 1 MiB a message."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from test_server import LEGACY, MODERN, Keys, bounded, connected, extra_tool, over_stdio

TOOL = "execute_sales_query"
WAYS = pytest.mark.parametrize(
    ("mode", "transport"), [(LEGACY, "http"), (MODERN, "http"), (LEGACY, "stdio")]
)
# what a row is, and how many of them an answer holds
ROWS = {
    "letters": ("repeat('x', 9000)", 54),
    "quotes, each of which makes six": ("repeat('\"', 3000)", 54),
    "hidden characters, each of which makes thirteen": (r"repeat(E'\u202e', 3000)", 25),
}


@WAYS
@pytest.mark.parametrize("row", ROWS)
@bounded
async def test_rows_that_an_answer_does_not_hold_are_cut(
    http_server: str, shim_url: str, keys: Keys, mode: str, transport: str, row: str
) -> None:
    value, held = ROWS[row]
    query = f"select {value} as v from generate_series(1, 1000)"
    key = keys["head_office"]
    opened = (
        connected(http_server, key, mode)
        if transport == "http"
        else over_stdio(shim_url, key, mode)
    )
    async with opened as client:
        result = await client.call_tool(TOOL, {"postgresql_query": query, "max_rows": 1000})
        found: Any = result.structured_content
        assert (found["row_count"], len(found["rows"]), found["truncated"]) == (held, held, True)
        [block] = result.content
        assert isinstance(block, types.TextContent)
        assert json.loads(block.text) == found


@WAYS
@bounded
async def test_a_value_that_an_answer_does_not_hold_is_an_error(
    http_server: str, shim_url: str, keys: Keys, database: str, mode: str, transport: str
) -> None:
    key = keys["head_office"]
    opened = (
        connected(http_server, key, mode)
        if transport == "http"
        else over_stdio(shim_url, key, mode)
    )
    with extra_tool(database, "test_long", "begin return repeat('x', 500000); end"):
        async with opened as client:
            result = await client.call_tool("test_long")
    [block] = result.content
    assert result.is_error
    assert isinstance(block, types.TextContent)
    said = json.loads(block.text)
    assert said.pop("request_id")
    assert said == {
        "code": "VALIDATION_ERROR",
        "message": "the answer has 1000032 bytes, and may have 1000000",
        "hint": "Ask for less: fewer columns, a shorter period, a smaller page, or a filter.",
        "constraint": "max_answer_bytes",
    }


@bounded
async def test_messages_of_a_call_are_cut_and_hide_nothing(
    http_server: str, keys: Keys, database: str
) -> None:
    seen: list[Any] = []
    steps: list[str | None] = []

    async def on_log(params: types.LoggingMessageNotificationParams) -> None:
        seen.append(params.data)

    async def on_progress(
        progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        steps.append(message)

    body = r"""begin
        perform mcp_tool.log('info', E'a\u202eb' || repeat('x', 2000000));
        perform mcp_tool.progress(1, 2, E'\u200bc' || repeat('x', 2000000));
        return 'x'; end"""
    with extra_tool(database, "test_messages", body):
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {keys['head_office']}"}) as http,
            Client(
                streamable_http_client(http_server, http_client=http),
                mode=MODERN,
                logging_callback=on_log,
            ) as client,
        ):
            level: Any = {"io.modelcontextprotocol/logLevel": "info"}
            await client.call_tool("test_messages", meta=level, progress_callback=on_progress)
    assert seen == [r"a\u202eb" + "x" * 9997 + " ..."]
    assert steps == [r"\u200bc" + "x" * 998 + " ..."]
