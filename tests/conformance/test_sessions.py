"""Sessions over HTTP: whose they are, how they end, and a broken stream that goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import httpx2
import pytest
from place import Place
from test_clients import running
from test_server import NEW_KEY, ask, bounded, extra_tool, run_sql, until

from zava_mcp.shim.receive.sessions import OWN_SESSIONS

VERSION = "2025-11-25"


def headers(place: Place, who: str = "head_office", **more: str) -> dict[str, str]:
    """What a client of the handshake sends with each request."""
    return {
        "Authorization": f"Bearer {place.keys[who]}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSION,
        **more,
    }


def message(method: str, number: int | None = 1, **params: Any) -> dict[str, Any]:
    """A message of JSON-RPC; without a number it is a notification."""
    named = {} if number is None else {"id": number}
    return {"jsonrpc": "2.0", "method": method, "params": params, **named}


async def begin(http: httpx2.AsyncClient, place: Place, who: str = "head_office") -> dict[str, str]:
    """Open a session; give the headers that belong to it."""
    about = {"name": "test", "version": "1"}
    first = message("initialize", protocolVersion=VERSION, capabilities={}, clientInfo=about)
    opened = await http.post(place.direct, json=first, headers=headers(place, who))
    assert opened.status_code == 200
    mine = headers(place, who, **{"Mcp-Session-Id": opened.headers["mcp-session-id"]})
    ready = message("notifications/initialized", None)
    assert (await http.post(place.direct, json=ready, headers=mine)).status_code == 202
    return mine


@asynccontextmanager
async def long_call(
    http: httpx2.AsyncClient, place: Place, mine: dict[str, str], seconds: int
) -> AsyncIterator[AsyncIterator[str]]:
    """A call that runs so long; the lines of its stream."""
    params = {"name": "test_long_running", "arguments": {"seconds": seconds}}
    call = message("tools/call", 7, **params, _meta={"progressToken": "p"})
    async with http.stream("POST", place.direct, json=call, headers=mine) as response:
        yield response.aiter_lines()


@bounded
async def test_a_session_is_of_who_opened_it(place: Place) -> None:
    """To everybody else it looks as if there were none."""
    async with httpx2.AsyncClient(timeout=30) as http:
        mine = await begin(http, place)
        theirs = {**mine, "Authorization": f"Bearer {place.keys['regional_manager']}"}
        nowhere = {**mine, "Mcp-Session-Id": "0" * 32}
        said = []
        for given in (theirs, nowhere):
            for method in ("POST", "GET", "DELETE"):
                body: dict[str, Any] = {"json": message("tools/list")} if method == "POST" else {}
                response = await http.request(method, place.direct, headers=given, **body)
                assert response.status_code == 404
                said.append(response.json())
        assert said == [said[0]] * len(said)
        assert (
            await http.post(place.direct, json=message("tools/list"), headers=mine)
        ).status_code == 200


@bounded
async def test_who_ends_a_session_ends_its_calls(place: Place) -> None:
    async with httpx2.AsyncClient(timeout=30) as http:
        mine = await begin(http, place)
        async with long_call(http, place, mine, 20):
            await asyncio.to_thread(until, lambda: running(place, "test_long_running") == 1)
            assert (await http.delete(place.direct, headers=mine)).status_code == 200
            await asyncio.to_thread(until, lambda: running(place, "test_long_running") == 0, 5)
        gone = await http.post(place.direct, json=message("tools/list"), headers=mine)
        assert gone.status_code == 404


@bounded
async def test_a_cancelled_call_of_a_session_leaves_the_database(place: Place) -> None:
    async with httpx2.AsyncClient(timeout=30) as http:
        mine = await begin(http, place)
        async with long_call(http, place, mine, 20) as lines:
            await asyncio.to_thread(until, lambda: running(place, "test_long_running") == 1)
            cancel = message("notifications/cancelled", None, requestId=7)
            assert (await http.post(place.direct, json=cancel, headers=mine)).status_code == 202
            await asyncio.to_thread(until, lambda: running(place, "test_long_running") == 0, 5)
            data = [json.loads(line[6:]) async for line in lines if line.startswith("data: {")]
        assert data[-1]["error"]["message"] == "Request cancelled"


@bounded
async def test_a_client_that_lost_its_stream_gets_the_rest(place: Place) -> None:
    """The call goes on meanwhile, once; another session gets nothing of it."""
    async with httpx2.AsyncClient(timeout=30) as http:
        mine, other = await begin(http, place), await begin(http, place)
        async with long_call(http, place, mine, 2) as lines:
            last = ""
            async for line in lines:
                if line.startswith("id: "):
                    last = line[4:]
                if '"progress":1' in line:
                    break
        with pytest.raises(httpx2.ReadTimeout):
            await stream(http, place, {**other, "Last-Event-ID": last}, seconds=1)
        data = await stream(http, place, {**mine, "Last-Event-ID": last})
        assert [said["params"]["progress"] for said in data[:-1]] == [2]
        assert data[-1]["id"] == 7
        assert not data[-1]["result"]["isError"]


@bounded
async def test_the_stream_of_a_session_ends_with_its_key(place: Place) -> None:
    """It tells of a change before; when the key is revoked it ends, and opens no more."""
    place.keys["revoked"] = ask(place.database, NEW_KEY, "revoked")
    async with httpx2.AsyncClient(timeout=30) as http:
        mine = await begin(http, place, "revoked")
        async with http.stream("GET", place.direct, headers=mine) as response:
            lines = response.aiter_lines()
            with extra_tool(place.database, "test_seen", "begin return 'x'; end"):
                async for line in lines:
                    if "notifications/tools/list_changed" in line:
                        break
            revoke: LiteralString = (
                "update mcp_auth.users set is_active = false where name = 'revoked'"
            )
            run_sql(place.database, revoke)
            async for _ in lines:  # until it ends
                pass
        assert (await http.get(place.direct, headers=mine)).status_code == 401


async def stream(
    http: httpx2.AsyncClient, place: Place, given: dict[str, str], seconds: float = 30
) -> list[dict[str, Any]]:
    """The messages that come on a stream until a call is answered."""
    said: list[dict[str, Any]] = []
    async with http.stream("GET", place.direct, headers=given, timeout=seconds) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                said.append(json.loads(line[6:]))
                if "result" in said[-1] or "error" in said[-1]:
                    return said
    raise httpx2.ReadTimeout("the stream ended without an answer")


@bounded
async def test_one_user_has_so_many_sessions_and_others_keep_theirs(place: Place) -> None:
    """One session too many ends the one that was unused for longest."""
    async with httpx2.AsyncClient(timeout=30) as http:
        manager = await begin(http, place, "regional_manager")
        first, second = await begin(http, place), await begin(http, place)
        ping = message("ping")
        for _ in range(OWN_SESSIONS - 1):
            assert (await http.post(place.direct, json=ping, headers=first)).status_code == 200
            await begin(http, place)
        assert (await http.post(place.direct, json=ping, headers=second)).status_code == 404
        for kept in (manager, first):
            assert (await http.post(place.direct, json=ping, headers=kept)).status_code == 200


@bounded
async def test_each_session_has_its_own_level_of_log_messages(place: Place) -> None:
    async with httpx2.AsyncClient(timeout=30) as http:
        loud, quiet = await begin(http, place), await begin(http, place)
        for mine, level in ((loud, "debug"), (quiet, "error")):
            set_level = message("logging/setLevel", 2, level=level)
            response = await http.post(place.direct, json=set_level, headers=mine)
            assert response.status_code == 200
        call = message("tools/call", 3, name="test_tool_with_logging", arguments={})
        for mine, count in ((loud, 3), (quiet, 0)):
            response = await http.post(place.direct, json=call, headers=mine)
            assert response.text.count("notifications/message") == count
        alone = await http.post(
            place.direct,
            json=message("logging/setLevel", 2, level="debug"),
            headers=headers(place),
        )
        assert "needs a session" in alone.json()["error"]["message"]
