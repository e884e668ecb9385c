"""The fast lane and the SDK: two servers on one database answer the same requests alike.

They differ in ZAVA_FAST_LANE alone. Which of the two ways an answer went shows in the order of its
keys: the SDK puts a block's text before its type.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest
from scratch import migrate, name_of, new_database, on_database
from starlette.types import Message
from test_server import another_server, ask, run_sql, running_calls, until

from zava_mcp.shim import lane
from zava_mcp.shim.direct import Direct
from zava_mcp.shim.errors import BLOCK, BRACKETS, is_readable
from zava_mcp.shim.handlers import Said

ROWS, MODERN = "test_rows", "2026-07-28"
ERAS = (None, "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", MODERN)
META: dict[str, Any] = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
CLIENT = {"io.modelcontextprotocol/clientInfo": {"name": "a client", "version": "2"}}
HEADERS = ("content-type", "www-authenticate", "retry-after", "allow", "connection")
TOOLS: LiteralString = """
create function api.test_told(kind text) returns text language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if kind = 'late' then
        loop
            exit when clock_timestamp() > statement_timestamp() + interval '20 s';
        end loop;
    elsif length(kind) = 5 then
        raise exception using errcode = kind, message = 'it is ' || kind, hint = 'Do better.';
    end if;
    return kind;
end
$$;
comment on function api.test_told(text) is 'A tool of the tests.

@param kind  An SQLSTATE, late, or what comes back.
@returns The kind.
@tool timeout=400ms';
create function api.test_long() returns text language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$
begin
    loop
        exit when clock_timestamp() > statement_timestamp() + interval '20 s';
    end loop;
    return 'late';
end
$$;
comment on function api.test_long() is 'A tool of the tests.

@returns A word.
@tool timeout=30s';
create function api.test_rows(how_many integer default 3)
returns table (n integer, amount numeric, word text, nothing text, day date)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select
        g, g * 1.10, 'quote " \\ / ' || chr(8238) || chr(128722) || chr(233) || chr(9) || g,
        null::text, date '2026-01-01' + g
    from generate_series(1, how_many) as g;
end;
comment on function api.test_rows(integer) is 'A tool of the tests.

@param how_many  Rows.
@returns Rows.
@tool cache=1s';
create function api.test_number(digits integer) returns numeric language sql stable
security definer set search_path = pg_catalog, pg_temp
begin atomic
    select pg_catalog.power(10::numeric, digits) + 1;
end;
comment on function api.test_number(integer) is 'A tool of the tests.

@param digits  Digits.
@returns A long number.';
create function api.test_write(word text) returns text language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    return word;
end
$$;
comment on function api.test_write(text) is 'A tool of the tests.

@param word  A word.
@returns The word.';
create function api.test_content() returns mcp_tool.result language sql stable
security definer set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.results(mcp_tool.text('said'));
end;
comment on function api.test_content() is 'A tool of the tests.

@returns A text.';
alter function api.test_told(text) owner to mcp_tools;
alter function api.test_long() owner to mcp_tools;
alter function api.test_rows(integer) owner to mcp_tools;
alter function api.test_number(integer) owner to mcp_tools;
alter function api.test_write(text) owner to mcp_tools;
alter function api.test_content() owner to mcp_tools;
revoke all on function
    api.test_told(text), api.test_long(), api.test_rows(integer), api.test_number(integer),
    api.test_write(text), api.test_content()
from public;
grant execute on function
    api.test_told(text), api.test_long(), api.test_rows(integer), api.test_number(integer),
    api.test_content()
to mcp_core, head_office, store_managers;
grant execute on function api.test_write(text) to mcp_core, head_office;
select mcp_catalog.refresh_catalog();
"""


class Two(NamedTuple):
    """A database with the tools of these tests, and the two servers."""

    uri: str
    lane: str
    sdk: str

    def key(self, audience: str = "head_office") -> str:
        """A new user's API key."""
        make: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user(%s, %s))"
        return str(ask(self.uri, make, uuid.uuid4().hex, audience))


@pytest.fixture(scope="module")
def two(database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("lane")
    with new_database(database) as uri:
        migrate(uri, "apply")
        run_sql(uri, TOOLS)
        own = on_database(shim_url, name_of(uri))
        slow = {"ZAVA_FAST_LANE": "false"}
        with (
            another_server(own, folder / "lane") as (fast_url, _),
            another_server(own, folder / "sdk", **slow) as (sdk_url, _),
        ):
            yield Two(uri, fast_url, sdk_url)


def request(
    tool: str, arguments: Any, era: str | None, meta: dict[str, Any] | None = None, **more: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """A call as a client of a revision sends it: the message and its headers."""
    params: dict[str, Any] = {"name": tool, "arguments": arguments}
    headers = {"Accept": "application/json, text/event-stream"}
    if era == MODERN:
        params["_meta"] = {**META, **(meta or {})}
        headers |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    elif meta is not None:
        params["_meta"] = meta
    if era:
        headers["MCP-Protocol-Version"] = era
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params, **more}, headers


def send(url: str, key: str, message: Any, headers: dict[str, str]) -> httpx2.Response:
    """Send a message, or bytes in its place."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    given = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
    given = {name: value for name, value in given.items() if value}
    return httpx2.post(url, content=body, headers=given, timeout=30)


def plain(value: Any) -> Any:
    """An answer without what no two calls have in common."""
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    if isinstance(value, str):
        if value.startswith("{"):
            return plain(json.loads(value))
        return re.sub(r"[0-9a-f]{32}|wait \d+ seconds", "*", value)
    return value


def seen(response: httpx2.Response) -> tuple[Any, ...]:
    """What of a response has to be equal."""
    body = response.text
    if body and response.headers.get("content-type", "").startswith("application/json"):
        body = plain(response.json())
        if isinstance(body, dict):
            said = body.get("result", {}).get("content", [{}])[0].get("text", "")
            if isinstance(said, dict) and "retry_after" in said:
                said["retry_after"] = "*"
    kept = {name: plain(response.headers[name]) for name in HEADERS if name in response.headers}
    return response.status_code, kept, "mcp-session-id" in response.headers, body


def is_lane(response: httpx2.Response) -> bool:
    """Return whether a result came by the lane."""
    return b'"content":[{"type":"text","text":' in response.content


def compare(
    two: Two, key: str, message: Any, headers: dict[str, str]
) -> tuple[httpx2.Response, httpx2.Response]:
    """Send a request to both; they answer alike."""
    fast, sdk = (send(url, key, message, headers) for url in (two.lane, two.sdk))
    assert seen(fast) == seen(sdk)
    return fast, sdk


# Results -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("test_rows", {}),
        ("test_rows", {"how_many": 0}),
        ("test_rows", {"how_many": 300}),
        ("test_rows", None),
        ("test_told", {"kind": "é \u2028 \u202e 🛒 \x7f \t"}),
        ("test_number", {"digits": 30}),
        ("test_number", {"digits": 4200}),
        ("test_write", {"word": "w"}),
        ("list_stores", {}),
    ],
)
def test_results_are_equal(two: Two, era: str | None, tool: str, arguments: Any) -> None:
    message, headers = request(tool, arguments, era)
    fast, sdk = compare(two, two.key(), message, headers)
    assert fast.status_code == 200
    assert (is_lane(fast), is_lane(sdk)) == (True, False)
    result = fast.json()["result"]
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    assert result["isError"] is False
    assert not re.search("[\u202e\u2028]", result["content"][0]["text"])


@pytest.mark.parametrize("era", [None, MODERN])
@pytest.mark.parametrize("number", [0, -1, 10**30, "a", "é\u2028", ""])
def test_ids_come_back(two: Two, era: str | None, number: Any) -> None:
    message, headers = request(ROWS, {}, era, id=number)
    fast, _ = compare(two, two.key(), message, headers)
    assert is_lane(fast)
    assert fast.json()["id"] == number


# Errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("era", [None, "2025-11-25", MODERN])
@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("test_rows", {"x": 1}, "VALIDATION_ERROR"),
        ("test_rows", {"how_many": "many"}, "VALIDATION_ERROR"),
        ("test_told", {}, "VALIDATION_ERROR"),
        ("test_told", {"kind": "a\0b"}, "VALIDATION_ERROR"),
        ("test_number", {"digits": 5000}, "VALIDATION_ERROR"),
        ("test_told", {"kind": "42501"}, "AUTHORIZATION_ERROR"),
        ("test_told", {"kind": "P0002"}, "NOT_FOUND"),
        ("test_told", {"kind": "23505"}, "CONFLICT"),
        ("test_told", {"kind": "53100"}, "DATABASE_ERROR"),
        ("test_told", {"kind": "P0001"}, "MCP_ERROR"),
        ("test_told", {"kind": "late"}, "QUERY_TIMEOUT"),
        ("execute_sales_query", {"postgresql_query": "selec 1"}, "VALIDATION_ERROR"),
        ("get_store_performance", {"store_id": str(uuid.UUID(int=0))}, "AUTHORIZATION_ERROR"),
    ],
)
def test_errors_are_equal(two: Two, era: str | None, tool: str, arguments: Any, code: str) -> None:
    fast, _ = compare(two, two.key(), *request(tool, arguments, era))
    assert is_lane(fast)
    result = fast.json()["result"]
    assert result["isError"] is True
    assert json.loads(result["content"][0]["text"])["code"] == code


@pytest.mark.parametrize("era", [None, MODERN])
def test_a_tool_of_others_is_unknown(two: Two, era: str | None) -> None:
    key = two.key("store_managers")
    fast, _ = compare(two, key, *request("test_write", {"word": "w"}, era))
    none, _ = compare(two, key, *request("test_nothing", {}, era))
    assert fast.status_code == none.status_code == (400 if era else 200)
    assert fast.json()["error"] == {"code": -32602, "message": "Unknown tool: test_write"}


@pytest.mark.parametrize("era", [None, MODERN])
def test_a_key_that_was_revoked_a_moment_ago(two: Two, era: str | None) -> None:
    """The server believes in it for a second; the database does not."""
    revoke: LiteralString = "select mcp_auth.revoke_api_key(%s)"
    message, headers = request(ROWS, {"how_many": 1}, era)
    answers: set[Any] = set()
    for url in (two.lane, two.sdk):
        said: dict[str, Any] = {}
        while "jsonrpc" not in said:  # unless it took longer than that
            key = two.key()
            assert send(url, key, message, headers).status_code == 200
            ask(two.uri, revoke, key.split("_")[1])
            # by another tool, whose answer is not kept
            response = send(url, key, *request("test_told", {"kind": "x"}, era))
            said = response.json()
        answers.add((response.status_code, json.dumps(said, sort_keys=True)))
    assert answers == {
        (
            400 if era else 200,
            '{"error": {"code": -32600, "message": "The credential is unknown, expired or revoked."'
            '}, "id": 7, "jsonrpc": "2.0"}',
        )
    }


@pytest.mark.parametrize("era", [None, MODERN])
def test_one_call_too_many(two: Two, era: str | None) -> None:
    keys = {url: two.key("store_managers") for url in (two.lane, two.sdk)}
    run_sql(two.uri, "insert into mcp_auth.limits values ('store_managers', 2, 8, 4)")
    try:
        said = {
            url: [seen(send(url, key, *request(ROWS, {}, era))) for _ in range(3)]
            for url, key in keys.items()
        }
    finally:
        run_sql(two.uri, "delete from mcp_auth.limits where audience = 'store_managers'")
    assert said[two.lane] == said[two.sdk]
    assert said[two.lane][2][3]["result"]["content"][0]["text"]["code"] == "RATE_LIMITED"


@pytest.mark.parametrize("era", [None, MODERN])
def test_no_connection_is_free(two: Two, shim_url: str, tmp_path: Path, era: str | None) -> None:
    own = on_database(shim_url, name_of(two.uri))
    few = {"ZAVA_POOL_MIN": "1", "ZAVA_POOL_MAX": "1", "ZAVA_POOL_WAIT": "0.2"}
    said = []
    for number, is_fast in enumerate(("true", "false")):
        settings = {**few, "ZAVA_FAST_LANE": is_fast}
        with another_server(own, tmp_path / str(number), **settings) as (url, _):
            key = two.key()
            send(url, key, *request(ROWS, {"how_many": 1}, era))
            with ThreadPoolExecutor() as threads:
                long = threads.submit(cut_off, url, key, *request("test_long", {}, era))
                until(lambda: running_calls(two.uri) == 1)
                response = send(url, key, *request("test_told", {"kind": "x"}, era))
                long.result()()
                until(lambda: running_calls(two.uri) == 0)
            said.append(seen(response))
    assert said[0] == said[1]
    assert said[0][3]["result"]["content"][0]["text"]["code"] == "BUSY"


# What is checked before ---------------------------------------------------------------------------


@pytest.mark.parametrize("era", [None, MODERN])
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer zava_0123456789abcdef_" + "0" * 64}, 401),
        ({"Authorization": "Basic eA=="}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 400),
        ({"Accept": "text/html"}, 406),
        ({"MCP-Protocol-Version": "2031-01-01"}, 400),
        ({"Padding": "x" * 17_000}, 431),
    ],
)
def test_refusals_are_equal(
    two: Two, era: str | None, changed: dict[str, str], status: int
) -> None:
    message, headers = request(ROWS, {}, era)
    fast, _ = compare(two, two.key(), message, headers | changed)
    assert fast.status_code == status


@pytest.mark.parametrize(
    "changed",
    [
        {"Mcp-Method": "tools/list"},
        {"Mcp-Method": ""},
        {"Mcp-Name": "test_told"},
        {"Mcp-Name": ""},
        {"Mcp-Name": "=?base64?dGVzdF9yb3dz"},
        {"MCP-Protocol-Version": "2025-11-25"},
        {"MCP-Protocol-Version": ""},
    ],
)
def test_headers_that_say_another_thing_than_the_body(two: Two, changed: dict[str, str]) -> None:
    message, headers = request(ROWS, {}, MODERN)
    fast, _ = compare(two, two.key(), message, headers | changed)
    assert fast.status_code == 400


def test_a_name_in_base64_is_read(two: Two) -> None:
    message, headers = request(ROWS, {}, MODERN)
    fast, _ = compare(two, two.key(), message, headers | {"Mcp-Name": "=?base64?dGVzdF9yb3dz?="})
    assert fast.status_code == 200
    assert is_lane(fast)


@pytest.mark.parametrize("era", [None, MODERN])
def test_a_body_over_the_limit(two: Two, era: str | None) -> None:
    message, headers = request("test_told", {"kind": "x" * (4 << 20)}, era)
    fast, _ = compare(two, two.key(), message, headers)
    assert fast.status_code == 413


# What is left to the SDK --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("era", "meta", "headers"),
    [
        (None, {"progressToken": 1}, {}),
        (MODERN, {"progressToken": "t"}, {}),
        (MODERN, {"io.modelcontextprotocol/logLevel": "info"}, {}),
        (MODERN, {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}, {}),
        (None, {}, {"Mcp-Session-Id": "0" * 32}),
        (MODERN, {}, {"Mcp-Session-Id": "0" * 32}),
        (MODERN, {}, {"Mcp-Param-Word": "w"}),
        (MODERN, {}, {"Last-Event-Id": "1"}),
        (MODERN, {"x": "y" * 5000}, {}),
        (None, {"io.modelcontextprotocol/protocolVersion": MODERN}, {}),
        (MODERN, {"io.modelcontextprotocol/clientCapabilities": {"roots": 1}}, {}),
        (MODERN, {"io.modelcontextprotocol/clientInfo": {"name": 1}}, {}),
    ],
)
def test_what_is_unusual_is_left(
    two: Two, era: str | None, meta: dict[str, Any], headers: dict[str, str]
) -> None:
    message, given = request(ROWS, {"how_many": 1}, era, meta)
    fast, _ = compare(two, two.key(), message, given | headers)
    assert not is_lane(fast)


@pytest.mark.parametrize("era", [None, MODERN])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"\xff"',
        b'{"jsonrpc": "2.0", "id": 1.0, "method": "tools/call", "params": {"name": "test_rows"}}',
        b'{"jsonrpc": "2.0", "id": null, "method": "tools/call", "params": {"name": "test_rows"}}',
        b'{"jsonrpc": "1.0", "id": 1, "method": "tools/call", "params": {"name": "test_rows"}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 1}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}',
        b'{"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "test_rows"}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}',
        b'[{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "test_rows"}}]',
    ],
)
def test_other_messages_are_left(two: Two, era: str | None, body: bytes) -> None:
    _, headers = request(ROWS, {}, era)
    fast, _ = compare(two, two.key(), body, headers)
    assert not is_lane(fast)


@pytest.mark.parametrize("era", [None, MODERN])
@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", '"\\ud800"', "[" * 300 + "]" * 300])
def test_arguments_that_readers_differ_about_are_left(two: Two, era: str | None, text: str) -> None:
    message, headers = request("test_told", {"kind": "*"}, era)
    body = json.dumps(message).replace('"*"', text).encode()
    fast, _ = compare(two, two.key(), body, headers)
    assert not is_lane(fast)


@pytest.mark.parametrize("era", [None, MODERN])
@pytest.mark.parametrize("more", [{"task": {}}, {"extra": 1}, {"requestState": "s"}])
def test_more_parameters_are_left(two: Two, era: str | None, more: dict[str, Any]) -> None:
    message, headers = request(ROWS, {"how_many": 1}, era)
    message["params"] |= more
    fast, _ = compare(two, two.key(), message, headers)
    assert not is_lane(fast)


@pytest.mark.parametrize("era", [None, MODERN])
def test_content_of_its_own_is_left(two: Two, era: str | None) -> None:
    fast, _ = compare(two, two.key(), *request("test_content", {}, era))
    assert not is_lane(fast)
    assert fast.json()["result"]["content"] == [{"type": "text", "text": "said"}]


def test_a_header_that_comes_twice_is_left(two: Two) -> None:
    message, headers = request(ROWS, {"how_many": 1}, MODERN)
    key, answers = two.key(), []
    for url in (two.lane, two.sdk):
        given = [*headers.items(), ("Authorization", f"Bearer {key}"), ("Mcp-Name", ROWS)]
        answers.append(httpx2.post(url, json=message, headers=given))
    assert seen(answers[0]) == seen(answers[1])
    assert answers[0].status_code == 400


def test_a_server_that_is_traced_leaves_all(two: Two, shim_url: str, tmp_path: Path) -> None:
    own = on_database(shim_url, name_of(two.uri))
    traced = {"OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}
    with another_server(own, tmp_path / "log", **traced) as (url, _):
        answer = send(url, two.key(), *request(ROWS, {"how_many": 1}, MODERN))
    assert answer.status_code == 200
    assert not is_lane(answer)


# The records of it --------------------------------------------------------------------------------


def test_the_call_log_and_the_counters_are_equal(two: Two) -> None:
    """Every outcome by both, and the rows differ in what no two calls share."""
    calls: list[tuple[str, Any, str | None, dict[str, Any] | None]] = [
        (ROWS, {"how_many": 2}, None, None),
        (ROWS, {"how_many": 0}, MODERN, CLIENT),
        ("test_told", {"kind": "é"}, MODERN, None),
        ("test_told", {"kind": "P0001"}, None, None),
        ("test_told", {"kind": "late"}, MODERN, CLIENT),
        ("test_told", {"kind": "a\0b"}, MODERN, CLIENT),
        ("test_told", {}, None, {"anything": "else"}),
        ("test_write", {"word": "w"}, MODERN, CLIENT),
        ("test_number", {"digits": 5000}, None, None),
        ("test_nothing", {}, MODERN, None),
    ]
    counted = {url: counters(url) for url in (two.lane, two.sdk)}
    keys = {url: two.key() for url in (two.lane, two.sdk)}
    for url, key in keys.items():
        for tool, arguments, era, meta in calls:
            message, headers = request(tool, arguments, era, meta)
            send(url, key, message, headers | {"User-Agent": "a\ttest"})
    query: LiteralString = (
        "select coalesce(jsonb_agg(jsonb_build_array(tool, code, row_count, bytes, client,"
        " arguments, encode(arguments_digest, 'hex'), trace_id) order by started_at), '[]')"
        " from mcp_log.call_log where credential_id = %s"
    )
    rows = {}
    for url, key in keys.items():
        until(lambda key=key: len(ask(two.uri, query, key.split("_")[1])) == len(calls))  # type: ignore[misc]
        rows[url] = ask(two.uri, query, key.split("_")[1])
    assert rows[two.lane] == rows[two.sdk]
    assert [row[1] for row in rows[two.lane]] == [
        *("OK", "OK", "OK", "MCP_ERROR", "QUERY_TIMEOUT", "VALIDATION_ERROR", "VALIDATION_ERROR"),
        *("OK", "VALIDATION_ERROR", "UNKNOWN_TOOL"),
    ]
    assert {row[4] for row in rows[two.lane]} == {"atest", "a client 2"}
    grown = [
        {name: value - counted[url].get(name, 0) for name, value in counters(url).items()}
        for url in (two.lane, two.sdk)
    ]
    assert grown[0] == grown[1]
    assert grown[0]['operation_success_total{operation="test_rows"}'] == 2


def counters(url: str) -> dict[str, float]:
    """What a server has counted, but for what it asks by itself."""
    text = httpx2.get(url.replace("/mcp", "/metrics")).text
    line = re.compile(r"^((?:operation|query|cache)\w*_(?:total|count)\S*) (\S+)$", re.MULTILINE)
    found = line.findall(text)
    return {name: float(value) for name, value in found if "authenticate" not in name}


# Calls that end before their time -----------------------------------------------------------------


def cut_off(url: str, key: str, message: Any, headers: dict[str, str]) -> Callable[[], None]:
    """Send a request; give what hangs up."""
    body = json.dumps(message).encode()
    given = {
        **headers,
        "Host": urlsplit(url).netloc,
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=15)
    connection.sendall(f"POST /mcp HTTP/1.1\r\n{lines}\r\n".encode() + body)
    return connection.close


@pytest.mark.parametrize("era", [None, MODERN])
def test_who_hangs_up_cancels(two: Two, era: str | None) -> None:
    keys = {url: two.key() for url in (two.lane, two.sdk)}
    query: LiteralString = (
        "select coalesce(jsonb_agg(code), '[]') from mcp_log.call_log where credential_id = %s"
    )
    for url, key in keys.items():
        hang_up = cut_off(url, key, *request("test_long", {}, era))
        until(lambda: running_calls(two.uri) == 1)
        hang_up()
        until(lambda: running_calls(two.uri) == 0, 5)
        until(lambda key=key: ask(two.uri, query, key.split("_")[1]) == ["CANCELLED"])  # type: ignore[misc]
        assert send(url, key, *request(ROWS, {}, era)).status_code == 200


@pytest.mark.parametrize("era", [None, MODERN])
def test_a_server_that_stops_gives_up(
    two: Two, shim_url: str, tmp_path: Path, era: str | None
) -> None:
    own, said = on_database(shim_url, name_of(two.uri)), []
    for number, is_fast in enumerate(("true", "false")):
        settings = {"ZAVA_FAST_LANE": is_fast, "ZAVA_STOP_SECONDS": "0.2"}
        with another_server(own, tmp_path / str(number), **settings) as (url, process):
            key = two.key()
            with ThreadPoolExecutor() as threads:
                late = threads.submit(send, url, key, *request("test_long", {}, era))
                until(lambda: running_calls(two.uri) == 1)
                process.terminate()
                said.append(seen(late.result()))
            assert process.wait(15) == 0
    assert said[0] == said[1]
    assert said[0][3]["error"] == {"code": -32800, "message": "Request cancelled"}


def test_a_server_without_sessions_knows_calls_by_the_id_it_gave(
    two: Two, shim_url: str, tmp_path: Path
) -> None:
    own = on_database(shim_url, name_of(two.uri))
    key, cancelled = two.key(), {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    with another_server(own, tmp_path / "log", ZAVA_SESSIONS="0") as (url, _):
        first = send(url, key, *request(ROWS, {}, "2025-11-25"))
        assert is_lane(first)
        named = {"Mcp-Session-Id": first.headers["mcp-session-id"]}
        message, headers = request("test_long", {}, "2025-11-25")
        with ThreadPoolExecutor() as threads:
            late = threads.submit(send, url, key, message, headers | named)
            until(lambda: running_calls(two.uri) == 1)
            for number in (8, 7):
                said = {**cancelled, "params": {"requestId": number}}
                assert send(url, key, said, headers | named).status_code == 202
            answer = late.result()
    assert answer.json()["error"] == {"code": -32800, "message": "Request cancelled"}
    assert "mcp-session-id" not in answer.headers


def test_a_long_call_becomes_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does with the SDK after 15 seconds, so that proxies see life."""
    monkeypatch.setattr(lane, "STREAM_SECONDS", 0)
    monkeypatch.setattr(lane, "WATCH_SECONDS", 0)
    sent: list[Message] = []
    pinged = asyncio.Event()

    async def send_message(message: Message) -> None:
        sent.append(message)
        if len(sent) > 2:
            pinged.set()

    async def talk() -> None:
        reply = lane.Reply(send_message, is_stream=True)
        with lane.watched(Direct("", {}, "", ("", "", "")), asyncio.Future, reply):
            await pinged.wait()
        await reply.end(200, [], b"{}")

    asyncio.run(talk())
    start, *bodies = sent
    assert (b"content-type", b"text/event-stream") in start["headers"]
    assert {body["body"] for body in bodies[:-1]} == {b": ping\r\n\r\n"}
    assert bodies[-1]["body"] == b"event: message\r\ndata: {}\r\n\r\n"


# What is said of an answer without reading it -----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"rows": [], "row_count": 0, "truncated": false}', 0),
        ('{"rows": [{"a": 1}], "row_count": 1, "truncated": true}', 1),
        ('{"value": {"rows": [1], "row_count": 1, "truncated": true}}', None),
        ('{"rows": [1], "row_count": 9}', 9),
        ('{"rows": 1, "row_count": 9, "truncated": true}', None),
        ('{"a": 1, "rows": [], "row_count": 2, "truncated": false}', 2),
        ('{"rows": [], "x, \\"row_count": 5, "truncated": false}', None),
        ('{"rows": [], "row_count": 3, "x\\"truncated": false}', 3),
        ("{}", None),
    ],
)
def test_rows_are_counted_as_they_stand(text: str, rows: int | None) -> None:
    assert Said(text).rows == rows


@pytest.mark.parametrize("before", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_a_long_number_is_found_wherever_it_stands(before: int) -> None:
    assert not is_readable('"' + "x" * before + '", ' + "1" * (2 * BLOCK + 1))
    assert is_readable('"' + "x" * before + '", ' + "1" * (BLOCK - 1))
    assert not is_readable("[" * BRACKETS)


def test_connections_are_kept(two: Two) -> None:
    """Two calls by one connection, the second sent before the first is answered."""
    key = two.key()
    message, headers = request(ROWS, {"how_many": 1}, None)
    body = json.dumps(message).encode()
    given = {**headers, "Host": urlsplit(two.lane).netloc, "Authorization": f"Bearer {key}"}
    given |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    place = urlsplit(two.lane)
    with closing(
        socket.create_connection((place.hostname or "", place.port or 0), timeout=15)
    ) as connection:
        connection.sendall(2 * (f"POST /mcp HTTP/1.1\r\n{lines}\r\n".encode() + body))
        received = b""
        while received.count(b'"isError":false') < 2:
            some = connection.recv(65536)
            assert some
            received += some
    assert received.count(b"HTTP/1.1 200 OK") == 2
