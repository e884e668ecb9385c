"""What a client can get wrong, each with its clear error: the same in both eras of the protocol."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from mcp import MCPError
from test_server import BOTH_ERAS, Keys, bounded, connected, data, error

ONE_QUERY = "one SQL query of at most 10000 bytes"
NO_DATE = "invalid input syntax for type date"
NOWHERE = "00000000-0000-0000-0000-000000000000"
MODERN_HEADERS = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def send(url: str, key: str, body: bytes, **headers: str) -> httpx2.Response:
    """A body by plain HTTP."""
    given = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        **headers,
    }
    return httpx2.post(url, content=body, headers=given, timeout=30)


def call(tool: str, arguments: str, meta: str = "") -> bytes:
    """A tools/call whose arguments are JSON text."""
    params = f'"name": {json.dumps(tool)}, "arguments": {arguments}{meta}'
    return (
        '{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {' + params + "}}"
    ).encode()


# Tools and arguments ----------------------------------------------------------------------------


@BOTH_ERAS
@pytest.mark.parametrize("name", ["nothing", "mcp_auth.users", "n" * 10_000, "nul\0", "'; drop"])
@bounded
async def test_an_unknown_tool_is_a_protocol_error(
    http_server: str, keys: Keys, mode: str, name: str
) -> None:
    async with connected(http_server, keys["head_office"], mode) as client:
        with pytest.raises(MCPError) as unknown:
            await client.call_tool(name, {"a": 1})
    assert unknown.value.code == -32602
    assert unknown.value.message == "Unknown tool: " + name[:100].replace("\0", "\\u0000")


@BOTH_ERAS
@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (
            "get_store_performance",
            {"stor": NOWHERE},
            {
                "message": "unknown argument: stor",
                "hint": "The arguments are: from_date, store_id, time_period, to_date.",
                "field": "stor",
                "value": NOWHERE,
                "constraint": "a known argument",
            },
        ),
        (
            "get_current_utc_date",
            {"zone": None},
            {
                "message": "unknown argument: zone",
                "hint": "This tool takes no arguments.",
                "field": "zone",
                "constraint": "a known argument",
            },
        ),
        (
            "get_store_performance",
            {"store_id": 7},
            {
                "message": "store_id must be a UUID",
                "field": "store_id",
                "value": 7,
                "hint": "Send 7 in quotes.",
                "constraint": "a UUID",
            },
        ),
        (
            "get_store_performance",
            {"store_id": "Seattle"},
            {
                "message": "store_id must be a UUID",
                "field": "store_id",
                "value": "Seattle",
                "constraint": "a UUID",
            },
        ),
        (
            "execute_sales_query",
            {"postgresql_query": "select 1", "max_rows": 1001},
            {
                "message": "max_rows must be a number from 1 to 1000",
                "field": "max_rows",
                "value": 1001,
                "constraint": "a number from 1 to 1000",
            },
        ),
    ],
)
@bounded
async def test_a_wrong_argument_is_named(
    http_server: str, keys: Keys, mode: str, tool: str, arguments: dict[str, Any], said: Any
) -> None:
    async with connected(http_server, keys["head_office"], mode) as client:
        result = await client.call_tool(tool, arguments)
    assert error(result) == {"code": "VALIDATION_ERROR", **said}


@pytest.mark.parametrize("arguments", [{}, {"query": None}, {"query": "  "}, {"query": ["water"]}])
@bounded
async def test_a_missing_or_empty_argument_is_named(
    http_server: str, keys: Keys, arguments: dict[str, Any]
) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        said = error(await client.call_tool("search_products_by_description", arguments))
    assert said["code"] == "VALIDATION_ERROR"
    assert said["field"] == "query"
    assert said["message"].startswith("query must be text")


@bounded
async def test_a_period_that_does_not_exist_names_those_that_do(
    http_server: str, keys: Keys
) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        wrong = {"time_period": "fortnight"}
        said = error(await client.call_tool("get_store_performance", wrong))
    assert (said["code"], said["field"]) == ("VALIDATION_ERROR", "time_period")
    assert said["value"] == "fortnight"
    assert "last_30_days" in said["message"]


@bounded
async def test_a_store_that_does_not_exist_is_not_told_apart(http_server: str, keys: Keys) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        said = error(await client.call_tool("get_store_performance", {"store_id": NOWHERE}))
    assert said["code"] == "AUTHORIZATION_ERROR"
    assert said["message"] == "You are not allowed to do this."


@bounded
async def test_a_vector_is_nothing_that_a_client_may_send(http_server: str, keys: Keys) -> None:
    """Vectors, of the right length or not, come from the server alone."""
    async with connected(http_server, keys["head_office"]) as client:
        for vector in ([0.1] * 3, [0.1] * 1536, "[1,2,3]"):
            arguments = {"query": "water", "query_embedding": vector}
            result = await client.call_tool("search_products_by_description", arguments)
            said = error(result)
            assert (said["code"], said["field"]) == ("VALIDATION_ERROR", "query_embedding")


# SQL --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select 1; select 2", "cannot open multi-query plan as cursor"),
        ("delete from retail.orders", "cannot open DELETE query as cursor"),
        ("update retail.orders set total_amount = 0", "cannot open UPDATE query as cursor"),
        ("create table retail.x (a integer)", "cannot open CREATE TABLE query as cursor"),
        ("set role postgres", "cannot open SET query as cursor"),
        ("", f"postgresql_query must be {ONE_QUERY}"),
        (f"select '{'x' * 20_000}'", f"postgresql_query must be {ONE_QUERY}"),
        ("select 1/0", "division by zero"),
        ("select 1/(x - 3) from generate_series(1, 9) as x", "division by zero"),
        ("select x::text::date from generate_series(1, 9) as x", f'{NO_DATE}: "1"'),
    ],
    ids=lambda text: text[:40],
)
@bounded
async def test_anything_but_one_select_is_refused_in_postgresqls_words(
    http_server: str, keys: Keys, query: str, message: str
) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        result = await client.call_tool("execute_sales_query", {"postgresql_query": query})
    said = error(result)
    assert (said["code"], said["message"]) == ("VALIDATION_ERROR", message)
    assert said["field"] == "postgresql_query"
    assert said.get("value", "") == query[:200]


@bounded
async def test_an_error_in_the_query_has_its_position(http_server: str, keys: Keys) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        query = {"postgresql_query": "select nope from retail.orders"}
        said = error(await client.call_tool("execute_sales_query", query))
    assert said == {
        "code": "VALIDATION_ERROR",
        "message": 'column "nope" does not exist',
        "field": "postgresql_query",
        "position": 8,
    }


@bounded
async def test_a_table_out_of_reach_is_not_described(http_server: str, keys: Keys) -> None:
    async with connected(http_server, keys["head_office"]) as client:
        query = {"postgresql_query": "select * from mcp_auth.api_keys"}
        said = error(await client.call_tool("execute_sales_query", query))
    assert said == {"code": "AUTHORIZATION_ERROR", "message": "You are not allowed to do this."}


# Text -------------------------------------------------------------------------------------------


@BOTH_ERAS
@bounded
async def test_unicode_comes_back_as_it_went(http_server: str, keys: Keys, mode: str) -> None:
    text = "Zoë ☃ 🪴 \u2028 \u202e \\u0000 ' \" $$ %s"
    quoted = text.replace("'", "''")
    async with connected(http_server, keys["head_office"], mode) as client:
        query = {"postgresql_query": f"select '{quoted}'"}
        assert data(await client.call_tool("execute_sales_query", query))["rows"] == [[text]]


@BOTH_ERAS
@bounded
async def test_a_nul_is_refused_and_located(http_server: str, keys: Keys, mode: str) -> None:
    async with connected(http_server, keys["head_office"], mode) as client:
        arguments = {"postgresql_query": "select 'a\0b'", "max_rows": 5}
        said = error(await client.call_tool("execute_sales_query", arguments))
        named = error(await client.call_tool("get_current_utc_date", {"a\0b": 1}))
    assert (said["code"], said["field"]) == ("VALIDATION_ERROR", "postgresql_query")
    assert said["message"] == "postgresql_query holds what the database cannot store"
    assert said["value"] == "select 'a\0b'"
    assert named["field"] == "a\0b"


@pytest.mark.parametrize("value", [r'"x\ud800y"', "NaN", "-Infinity", '{"a": ["\\udc00"]}'])
def test_what_is_no_text_or_number_is_a_parse_error(
    http_server: str, keys: Keys, value: str
) -> None:
    meta = ', "_meta": ' + json.dumps(MODERN_META)
    body = call("search_products_by_description", '{"query": ' + value + "}", meta)
    headers = {**MODERN_HEADERS, "Mcp-Name": "search_products_by_description"}
    response = send(http_server, keys["head_office"], body, **headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, -32700)
    assert "surrogate" in response.json()["error"]["message"]


def test_a_number_beyond_every_type_is_refused_and_shown(http_server: str, keys: Keys) -> None:
    body = call("execute_sales_query", '{"postgresql_query": "select 1", "max_rows": 1e400}')
    result = send(http_server, keys["head_office"], body).json()["result"]
    refusal = json.loads(result["content"][0]["text"])
    assert (refusal["code"], refusal["field"]) == ("VALIDATION_ERROR", "max_rows")
    assert refusal["value"] == "1e400"


@pytest.mark.parametrize("modern", [False, True])
def test_one_in_meta_is_refused_too(http_server: str, keys: Keys, modern: bool) -> None:
    meta = json.dumps({**(MODERN_META if modern else {}), "x": 0}).replace('"x": 0', '"x": 1e400')
    body = call("get_current_utc_date", "{}", f', "_meta": {meta}')
    headers = {**MODERN_HEADERS, "Mcp-Name": "get_current_utc_date"} if modern else {}
    error = send(http_server, keys["head_office"], body, **headers).json()["error"]
    assert (error["code"], error["data"]["field"]) == (-32602, "_meta")


# Messages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("body", [b"", b'{"jsonrpc": "2.0", ', b"\xff\xfe", b"hello"])
def test_malformed_json_is_a_parse_error(
    http_server: str, keys: Keys, modern: bool, body: bytes
) -> None:
    response = send(http_server, keys["head_office"], body, **(MODERN_HEADERS if modern else {}))
    assert response.status_code == 400
    assert response.json()["error"]["code"] == -32700
    assert response.json()["id"] is None


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b'[{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}]']
)
@pytest.mark.parametrize("modern", [False, True])
def test_what_is_no_single_request_is_refused(
    http_server: str, keys: Keys, modern: bool, body: bytes
) -> None:
    response = send(http_server, keys["head_office"], body, **(MODERN_HEADERS if modern else {}))
    assert response.status_code == 400
    assert response.json()["error"]["code"] in (-32600, -32602)


@pytest.mark.parametrize("arguments", ["[1]", '"a"', "7"])
def test_arguments_that_are_no_object_are_invalid_params(
    http_server: str, keys: Keys, arguments: str
) -> None:
    body = call("list_stores", arguments)
    answer = send(http_server, keys["head_office"], body).json()
    assert answer["error"]["code"] == -32602


def test_an_unknown_method_and_an_unknown_cursor_are_protocol_errors(
    http_server: str, keys: Keys
) -> None:
    for method, params, code in (
        ("tools/destroy", {}, -32601),
        ("tools/list", {"cursor": "x"}, -32602),
    ):
        message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        answer = send(http_server, keys["head_office"], json.dumps(message).encode()).json()
        assert (answer["id"], answer["error"]["code"]) == (7, code)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_10_mb_is_refused(http_server: str, keys: Keys, chunked: bool) -> None:
    """Whether it says its size or not; without a key it is not even read."""
    body = call("list_stores", '{"a": "' + "x" * 10_000_000 + '"}')
    content = (body[start : start + 65536] for start in range(0, len(body), 65536))
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    sent = content if chunked else body
    response = httpx2.post(http_server, content=sent, headers=headers, timeout=30)
    assert response.status_code == 413
    assert send(http_server, "zava_nobody", body).status_code == 401


def test_a_long_but_allowed_body_is_answered(http_server: str, keys: Keys) -> None:
    body = call("search_products_by_description", '{"query": "' + "x" * 1_000_000 + '"}')
    answer = send(http_server, keys["head_office"], body).json()
    said = json.loads(answer["result"]["content"][0]["text"])
    assert (said["code"], said["field"]) == ("VALIDATION_ERROR", "query")
    assert said["value"] == "x" * 200
