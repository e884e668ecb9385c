"""The workbench at / and the pages of tools, as HTTP and MCP clients meet them; no browser."""

from __future__ import annotations

import json
import uuid
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, LiteralString

import httpx2
import mcp_types as types
import psycopg
import pytest
from mcp import Client, MCPError
from mcp.client.extension import ClientExtension
from mcp.client.streamable_http import streamable_http_client
from test_server import (
    BOTH_ERAS,
    LEGACY,
    MODERN,
    Keys,
    another_server,
    ask,
    bounded,
    started,
    until,
)

from zava_mcp.pages import EMBEDDED, UI
from zava_mcp.pages.workbench import OWN_SESSIONS, SESSIONS

pytestmark = pytest.mark.needs("pages")
PAGE = "ui://mcp/tools/get_daily_sales"
PICTURE = {
    "tool": "get_daily_sales",
    "title": "Daily sales",
    "kind": "line",
    "x": "sales_date",
    "y": ["revenue"],
}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture
def origin(http_server: str) -> str:
    return http_server.removesuffix("/mcp")


@pytest.fixture
def browser(origin: str) -> httpx2.Client:
    """A browser with a page of the server open."""
    return httpx2.Client(base_url=origin, headers={"Origin": origin, "Accept": "application/json"})


def cookie_of(response: httpx2.Response) -> Any:
    return SimpleCookie(response.headers["set-cookie"])["zava_session"]


# The pages of tools -----------------------------------------------------------------------------


class Pages(ClientExtension):
    """The extension, as a host announces it."""

    identifier = UI

    def settings(self) -> dict[str, Any]:
        return {"mimeTypes": ["text/html;profile=mcp-app"]}


def client(http: httpx2.AsyncClient, url: str, mode: str, *, announces: bool) -> Client:
    return Client(
        streamable_http_client(url, http_client=http),
        mode=mode,
        extensions=[Pages()] if announces else [],
    )


@BOTH_ERAS
@pytest.mark.parametrize("announces", [True, False])
@bounded
async def test_a_tool_tells_its_page_to_clients_that_announce_them(
    http_server: str, keys: Keys, mode: str, announces: bool
) -> None:
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        client(http, http_server, mode, announces=announces) as caller,
    ):
        tools = {tool.name: tool for tool in (await caller.list_tools()).tools}
        answer = await caller.call_tool("get_daily_sales", {"time_period": "last_7_days"})
    meta = tools["get_daily_sales"].meta
    if announces:
        assert meta is not None
        assert meta["ui"] == {"resourceUri": PAGE}
        assert {name: meta["zava-mcp/picture"][name] for name in PICTURE} == PICTURE
        groups = {"zava-mcp/groups": ["sales", "data", "core"], "zava-mcp/arguments": []}
        assert tools["get_current_utc_date"].meta == groups  # it has no picture
    else:
        assert [tool.name for tool in tools.values() if tool.meta] == []
    block = answer.content[0]
    assert isinstance(block, types.TextContent)
    assert json.loads(block.text) == answer.structured_content


@pytest.mark.parametrize("mode", [LEGACY, MODERN])
@bounded
async def test_the_page_holds_the_picture_and_asks_no_other_host(
    http_server: str, keys: Keys, mode: str
) -> None:
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        client(http, http_server, mode, announces=True) as caller,
    ):
        [page] = (await caller.read_resource(PAGE)).contents
        with pytest.raises(MCPError, match="Unknown resource: ui://mcp/tools/no_such"):
            await caller.read_resource("ui://mcp/tools/no_such")
    assert isinstance(page, types.TextResourceContents)
    assert page.mime_type == "text/html;profile=mcp-app"
    picture = json.loads(page.text.split(EMBEDDED)[1].split("</script>")[0])
    assert {name: picture[name] for name in PICTURE} == PICTURE
    assert "src=" not in page.text.split("<script>")[0]
    assert "eval(" not in page.text
    assert "new Function" not in page.text


# The workbench ----------------------------------------------------------------------------------


def test_the_page_has_a_strict_policy(browser: httpx2.Client) -> None:
    for path, kind in {
        "/": "text/html; charset=utf-8",
        "/workbench.css": "text/css; charset=utf-8",
        "/workbench.js": "text/javascript; charset=utf-8",
    }.items():
        response = browser.get(path)
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"


def test_an_answer_names_its_call_in_the_log(http_server: str, keys: Keys, database: str) -> None:
    headers = {"Authorization": f"Bearer {keys['head_office']}"}
    params = {"name": "list_stores", "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answers = [httpx2.post(http_server, json=message, headers=headers) for _ in range(2)]
    numbers = [answer.headers["x-request-id"] for answer in answers]
    assert numbers[0] != numbers[1]
    logged: LiteralString = (
        "select array_agg(tool) from mcp_log.call_log where request_id = any(%s)"
    )
    until(lambda: ask(database, logged, numbers) == ["list_stores", "list_stores"])


def test_a_key_becomes_a_session_that_ends(browser: httpx2.Client, keys: Keys) -> None:
    assert browser.get("/session").json() == {"signed_in": False, "provider": False}
    assert browser.post("/mcp", json=LIST).status_code == 401

    response = browser.post("/session", json={"key": keys["head_office"]})

    assert response.status_code == 204
    cookie = cookie_of(response)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert cookie["max-age"] == cookie["expires"] == ""
    assert keys["head_office"] not in cookie.value
    assert browser.get("/session").json() == {"signed_in": True, "provider": False}
    listed = browser.post("/mcp/all", json=LIST)
    assert listed.status_code == 200
    assert "get_daily_sales" in listed.text

    kept = {"Cookie": f"zava_session={cookie.value}"}
    assert browser.delete("/session").status_code == 204
    assert browser.post("/mcp", json=LIST, headers=kept).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"key": "zava_0123456789abcdef_0"}, 401, "unknown, expired or revoked"),
        ({"key": ""}, 401, "Authorization: Bearer zava_..."),
        ({"key": "é"}, 401, "letters, digits and underscores"),
        ({"key": "a\r\nX-Evil: 1"}, 401, "letters, digits and underscores"),
        ({}, 400, "at most 4096 bytes"),
        ({"key": 1}, 400, "at most 4096 bytes"),
        ({"key": "a" * 5000}, 400, "at most 4096 bytes"),
    ],
)
def test_a_bad_key_is_refused(
    browser: httpx2.Client, body: dict[str, Any], status: int, text: str
) -> None:
    response = browser.post("/session", json=body)
    assert response.status_code == status
    assert text in response.json()["error_description"]
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},  # the same site to a browser, but not the same origin
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_no_other_page_uses_the_session(
    browser: httpx2.Client, keys: Keys, headers: dict[str, str]
) -> None:
    assert browser.post("/session", json={"key": keys["head_office"]}).status_code == 204
    forms = {"Content-Type": "application/x-www-form-urlencoded"}

    assert browser.post("/mcp", json=LIST, headers=headers).status_code in {401, 403}
    assert browser.post("/session", content=b"key=x", headers=headers | forms).status_code == 403
    assert browser.delete("/session", headers=headers).status_code == 403
    assert browser.post("/mcp", json=LIST).status_code == 200, "the session is still there"


def test_sign_ins_of_one_user_end_no_session_of_others(
    browser: httpx2.Client, origin: str, keys: Keys
) -> None:
    """Of one user the last OWN_SESSIONS stay, however many there are of all."""

    def session(who: str) -> dict[str, str]:
        response = browser.post("/session", json={"key": keys[who]})
        return {"Cookie": f"zava_session={cookie_of(response).value}"}

    other, first = session("regional_manager"), session("head_office")
    kept = [session("head_office") for _ in range(SESSIONS)][-OWN_SESSIONS:]
    browser.cookies.clear()
    answers = [browser.post("/mcp", json=LIST, headers=each) for each in (other, *kept, first)]
    assert [answer.status_code for answer in answers] == [200] * (1 + OWN_SESSIONS) + [401]


def test_a_host_that_is_none_of_ours_gets_no_page(browser: httpx2.Client) -> None:
    for path in ("/", "/session"):
        assert browser.get(path, headers={"Host": "evil.example"}).status_code == 421


def test_a_revoked_key_ends_what_its_session_may(
    browser: httpx2.Client, database: str, tmp_path: Path, shim_url: str
) -> None:
    name = f"Workbench {uuid.uuid4()}"
    with psycopg.connect(database, autocommit=True) as owner:
        row = owner.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user(%s, 'head_office', '{}'))", [name]
        ).fetchone()
        assert row is not None
        assert browser.post("/session", json={"key": row[0]}).status_code == 204
        assert browser.post("/mcp", json=LIST).status_code == 200
        owner.execute(
            "select mcp_auth.revoke_api_keys(user_id) from mcp_auth.users where name = %s", [name]
        )
        owner.execute("update mcp_auth.users set is_active = false where name = %s", [name])
    with another_server(shim_url, tmp_path / "log") as (url, _):  # one that remembers nothing
        refused = browser.post(
            url.replace("/mcp", "/session"),
            json={"key": row[0]},
            headers={"Origin": url.removesuffix("/mcp")},
        )
        assert refused.status_code == 401


def test_it_can_be_switched_off(shim_url: str, tmp_path: Path) -> None:
    with another_server(shim_url, tmp_path / "log", ZAVA_WORKBENCH="off") as (url, _):
        assert httpx2.get(url.replace("/mcp", "/")).status_code == 404


def test_it_is_not_there_off_the_loopback_address(shim_url: str, tmp_path: Path) -> None:
    public = {"ZAVA_HOST": "0.0.0.0", "ZAVA_ALLOWED_HOSTS": "127.0.0.1"}  # noqa: S104
    with another_server(shim_url, tmp_path / "a", **public) as (url, _):
        here = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert httpx2.get(here.replace("/mcp", "/")).status_code == 404
    on = {"ZAVA_WORKBENCH": "on"}
    with another_server(shim_url, tmp_path / "b", **public, **on) as (url, _):
        here = url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert httpx2.get(here.replace("/mcp", "/")).status_code == 200


def test_it_needs_one_process(shim_url: str) -> None:
    done = started(ZAVA_DATABASE_URL=shim_url, ZAVA_PORT="0", ZAVA_WORKBENCH="on", ZAVA_WORKERS="2")
    assert done.returncode == 2
    assert "ZAVA_WORKBENCH=on needs ZAVA_WORKERS=1" in done.stderr
