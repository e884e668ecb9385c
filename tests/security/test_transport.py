"""What the protocol asks of an HTTP server and the SDK leaves open."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from test_server import Keys, another_server, extra_tool, post, running_calls, until

VERSION = "io.modelcontextprotocol/protocolVersion"
HEADERS = {"Accept": "application/json, text/event-stream"}


def enveloped(revision: Any, method: str = "tools/list") -> dict[str, Any]:
    """A message of 2026-07-28, whatever revision it names."""
    meta = {VERSION: revision, "io.modelcontextprotocol/clientCapabilities": {}}
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {"_meta": meta}}


@pytest.mark.parametrize(
    ("header", "envelope", "status", "code"),
    [
        ("2026-07-28", "2026-07-28", 200, None),
        ("2025-11-25", "2026-07-28", 400, -32020),
        ("2025-03-26", "2026-07-28", 400, -32020),
        (None, "2026-07-28", 400, -32020),
        ("2025-11-25", "2099-01-01", 400, -32020),
        ("2026-07-28", "2025-11-25", 400, -32020),
        ("2026-07-28", None, 400, -32020),
        ("2025-11-25", None, 400, -32020),
        ("2025-11-25", "2025-11-25", 200, None),
    ],
)
def test_header_and_envelope_name_the_same_revision(
    http_server: str,
    keys: Keys,
    header: str | None,
    envelope: str | None,
    status: int,
    code: int | None,
) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {keys['head_office']}"}
    headers |= {"Mcp-Method": "tools/list"}
    headers |= {"MCP-Protocol-Version": header} if header else {}
    response = httpx2.post(http_server, json=enveloped(envelope), headers=headers)
    assert response.status_code == status, response.text
    if code:
        assert response.json()["error"]["code"] == code
        assert response.json()["id"] == 7


def test_a_revision_that_nobody_speaks_is_told_so(http_server: str, keys: Keys) -> None:
    headers = {
        **HEADERS,
        "Authorization": f"Bearer {keys['head_office']}",
        "Mcp-Method": "tools/list",
        "MCP-Protocol-Version": "2099-01-01",
    }
    response = httpx2.post(http_server, json=enveloped("2099-01-01"), headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, -32022)


def test_no_page_of_another_origin_is_let_in_by_cors(http_server: str, keys: Keys) -> None:
    asked = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = httpx2.options(http_server, headers=asked)
    refused = post(http_server, keys["head_office"], Origin="http://evil.example")
    allowed = post(http_server, keys["head_office"], Origin="http://localhost:6274")
    assert (preflight.status_code, refused.status_code, allowed.status_code) == (405, 403, 200)
    for response in (
        preflight,
        refused,
        allowed,
        httpx2.get(http_server.replace("/mcp", "/healthz")),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_server_for_other_machines_lets_nobody_in_without_a_credential(
    shim_url: str, keys: Keys, tmp_path: Path
) -> None:
    """There is no setting that would switch authentication off."""
    settings = {"ZAVA_HOST": "0.0.0.0", "ZAVA_ALLOWED_HOSTS": "mcp.example"}  # noqa: S104
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        here = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert post(here, Host="mcp.example").status_code == 401
        assert post(here, "zava_x_y", Host="mcp.example").status_code == 401
        assert post(here, keys["head_office"], Host="mcp.example").status_code == 200


def test_what_was_judged_for_one_request_holds_for_its_headers_alone(
    http_server: str, keys: Keys
) -> None:
    """On one connection: good and bad headers in turn, twice, so that each was judged before."""
    list_tools = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    key = {"Authorization": f"Bearer {keys['head_office']}"}
    cases: list[tuple[list[tuple[str, str]], int]] = [
        ([], 200),
        ([("Host", "evil.example")], 421),
        ([("Origin", "http://evil.example")], 403),
        ([("Origin", "http://localhost:6274")], 200),
        ([("Origin", "http://evil.example"), ("Origin", "http://localhost:6274")], 403),
        ([("Accept", "text/html")], 406),
        ([("Content-Type", "text/plain")], 400),
        ([], 200),
    ]
    with httpx2.Client(headers={**HEADERS, "Content-Type": "application/json"}) as client:
        for _ in range(2):
            statuses = []
            for more, _status in cases:
                given = {**dict(client.headers), **key}
                given = {n: v for n, v in given.items() if n.title() not in dict(more)}
                headers = [*given.items(), *more]
                body = json.dumps(list_tools).encode()
                request = httpx2.Request("POST", http_server, headers=headers, content=body)
                statuses.append(client.send(request).status_code)
            assert statuses == [status for _, status in cases]
            anonymous = client.post(http_server, json=list_tools)
            assert anonymous.status_code == 401, "a credential is never taken from another request"


def test_two_credentials_are_none(http_server: str, keys: Keys) -> None:
    """A proxy and this server could each take another one."""
    good = ("Authorization", f"Bearer {keys['head_office']}")
    for other in (good, ("authorization", "Bearer x"), ("AUTHORIZATION", "Basic eDp5")):
        for both in ([good, other], [other, good]):
            assert httpx2.post(http_server, json={}, headers=both).status_code == 401


def test_an_assertion_is_no_credential_of_a_clients(http_server: str) -> None:
    response = post(http_server, "assert_61_1900000000_" + "0" * 64)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("who", "session", "cancels"),
    [
        ("head_office", "one", True),
        ("head_office", "two", False),
        ("regional_manager", "one", False),
        (None, "one", False),
    ],
)
def test_without_sessions_only_who_called_under_a_name_cancels_the_call(
    shim_url: str,
    keys: Keys,
    database: str,
    tmp_path: Path,
    who: str | None,
    session: str,
    cancels: bool,
) -> None:
    """A call waits for a table; a cancellation comes; then the table is free."""
    waits = "begin perform from retail.regions limit 1; return 'done'; end"

    def headers(key: str | None, session_id: str) -> dict[str, str]:
        given = {"Authorization": f"Bearer {key}"} if key else {}
        return {**HEADERS, **given, "Mcp-Session-Id": session_id}

    async def calls(http_server: str) -> httpx2.Response:
        params = {"name": "test_waits", "arguments": {}}
        call = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params}
        cancelled = {"requestId": 5}
        note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled}
        async with httpx2.AsyncClient(timeout=30) as http:
            with psycopg.connect(database) as holder:
                holder.execute("lock table retail.regions in access exclusive mode")
                mine = headers(keys["head_office"], "one")
                running = asyncio.create_task(http.post(http_server, json=call, headers=mine))
                await asyncio.to_thread(until, lambda: running_calls(database) == 1)
                theirs = headers(keys[who] if who else None, session)
                answer = await http.post(http_server, json=note, headers=theirs)
                assert answer.status_code == (202 if who else 401)
                if cancels:
                    await running
            return await running

    with (
        extra_tool(database, "test_waits", waits),
        another_server(shim_url, tmp_path / "log", ZAVA_SESSIONS="0") as (url, _),
    ):
        said = asyncio.run(calls(url)).json()
    if cancels:
        assert said["error"]["message"] == "Request cancelled"
    else:
        assert json.loads(said["result"]["content"][0]["text"]) == {"value": "done"}
    until(lambda: running_calls(database) == 0)
