"""The one path: the same answer whichever way a client comes, and what is wrong with a message."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from test_server import SERVE, Keys, another_server, environment, extra_tool
from test_server_bad_input import MODERN_HEADERS, MODERN_META, call, send

SQL = '{"postgresql_query": "select 1.10 as v"}'
TOOL = "execute_sales_query"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def meta() -> str:
    """The envelope of a client of 2026-07-28."""
    return ', "_meta": ' + json.dumps(MODERN_META)


TRACED = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

spans = SimpleSpanProcessor(ConsoleSpanExporter(out=open({file!r}, "a")))
trace.set_tracer_provider(TracerProvider())
trace.get_tracer_provider().add_span_processor(spans)
"""  # what opentelemetry-instrument does: it is set up before the server is imported


@pytest.fixture(params=["untraced", "traced"])
def tracing(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Where spans are written, and the environment of a server that writes them, or that does not.

    Python imports sitecustomize at its start.
    """
    spans = tmp_path / "spans"
    if request.param == "untraced":
        return spans, {}
    (tmp_path / "sitecustomize.py").write_text(TRACED.format(file=str(spans)))
    return spans, {"PYTHONPATH": str(tmp_path)}


def test_a_number_keeps_its_digits_on_every_way(
    shim_url: str, keys: Keys, tmp_path: Path, tracing: tuple[Path, dict[str, str]]
) -> None:
    """Stateless, in a session and over stdio, in both eras, whether it is traced or not."""
    key, (spans, settings) = keys["head_office"], tracing
    modern = {**MODERN_HEADERS, "Mcp-Name": TOOL}
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _):
        opened = send(url, key, json.dumps(INITIALIZE).encode())
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        bodies = [
            send(url, key, call(TOOL, SQL)).text,
            send(url, key, call(TOOL, SQL, meta()), **modern).text,
            send(url, key, call(TOOL, SQL), **session).text,
        ]
    bodies += piped(shim_url, key, call(TOOL, SQL), **settings)
    bodies += piped(shim_url, key, call(TOOL, SQL, meta()), **settings)
    assert len(bodies) == 5
    for body in bodies:
        assert '"structuredContent":{"rows": [[1.10]]' in body
        assert r"[[1.10]]" in body.replace('"structuredContent":{"rows": [[1.10]]', "", 1)
    written = spans.read_text() if spans.exists() else ""
    assert written.count('"name": "tools/call"') == (5 if settings else 0)


def piped(shim_url: str, key: str, *messages: bytes, **settings: str) -> list[str]:
    """What the server answers to lines on stdin; the key came from a file, with its line end."""
    run = subprocess.run(
        [*SERVE, "--stdio"],
        env=environment(ZAVA_DATABASE_URL=shim_url, ZAVA_API_KEY=f"{key}\n", **settings),
        input=b"".join(message.replace(b"\n", b" ") + b"\n" for message in messages),
        capture_output=True,
        timeout=30,
        check=True,
    )
    return run.stdout.decode().splitlines()


@pytest.mark.parametrize("number", ["1.0", "null", "[1]", "true", "{}"])
@pytest.mark.parametrize("is_modern", [False, True])
def test_an_id_that_is_none_is_said_so(
    http_server: str, keys: Keys, number: str, is_modern: bool
) -> None:
    body = call("list_stores", "{}", meta() if is_modern else "").replace(
        b'"id": 7', b'"id": ' + number.encode()
    )
    more = {**MODERN_HEADERS, "Mcp-Name": "list_stores"} if is_modern else {}
    response = send(http_server, keys["head_office"], body, **more)
    said = response.json()
    assert (response.status_code, said["id"], said["error"]["code"]) == (400, None, -32600)
    assert "$.id" in said["error"]["message"]


def test_a_method_hides_nothing_on_any_way(http_server: str, shim_url: str, keys: Keys) -> None:
    key, body = keys["head_office"], b'{"jsonrpc": "2.0", "id": 1, "method": "tools/\\u202e"}'
    [line] = piped(shim_url, key, body)
    for said in (json.loads(line), send(http_server, key, body).json()):
        hidden = {"code": -32601, "message": "Method not found", "data": r"tools/\u202e"}
        assert said == {"jsonrpc": "2.0", "id": 1, "error": hidden}


def test_a_batch_is_refused_in_one_sentence(http_server: str, keys: Keys) -> None:
    response = send(http_server, keys["head_office"], b"[" + call("list_stores", "{}") + b"]")
    assert response.status_code == 400
    assert response.json()["error"] == {
        "code": -32600,
        "message": "Batches are not taken: send one message at a time.",
    }


@pytest.mark.parametrize("arguments", ['"{}"', "[]", "7"])
def test_arguments_that_are_no_object_are_named(
    http_server: str, keys: Keys, arguments: str
) -> None:
    said = send(http_server, keys["head_office"], call("list_stores", arguments)).json()["error"]
    assert (said["code"], said["data"]["field"]) == (-32602, "arguments")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/event-stream", "text/event-stream"),
    ],
)
@pytest.mark.parametrize("path", ["", "/"])
def test_what_a_client_accepts_it_gets(
    http_server: str, keys: Keys, accept: str, kind: str, path: str
) -> None:
    body = call("list_stores", "{}")
    headers = {"Authorization": f"Bearer {keys['head_office']}", "Content-Type": "application/json"}
    with httpx2.Client() as http:
        http.headers.pop("accept", None)
        headers |= {"Accept": accept} if accept else {}
        response = http.post(http_server + path, content=body, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    data = response.text if kind == "application/json" else response.text.split("data: ")[1]
    assert json.loads(data)["result"]["isError"] is False


def test_nothing_is_sent_to_who_accepts_neither(http_server: str, keys: Keys) -> None:
    body, key = call("list_stores", "{}"), keys["head_office"]
    assert send(http_server, key, body, Accept="text/html").status_code == 406


def test_two_hosts_are_none(http_server: str, keys: Keys) -> None:
    """A proxy and this server could each take another one (RFC 9112)."""
    where, body = urlsplit(http_server), call("list_stores", "{}")
    with closing(HTTPConnection(where.hostname or "", where.port or 0, timeout=30)) as http:
        http.putrequest("POST", "/mcp", skip_host=True)
        for host in ("localhost", "127.0.0.1"):
            http.putheader("Host", host)
        http.putheader("Authorization", f"Bearer {keys['head_office']}")
        http.putheader("Content-Type", "application/json")
        http.putheader("Content-Length", str(len(body)))
        http.endheaders(body)
        assert http.getresponse().status == 400


def test_pages_of_named_origins_may_call(shim_url: str, keys: Keys, tmp_path: Path) -> None:
    asks = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, mcp-protocol-version",
    }
    named = {"ZAVA_ALLOWED_ORIGINS": asks["Origin"]}
    with another_server(shim_url, tmp_path / "log", **named) as (url, _):
        preflight = httpx2.options(url, headers=asks)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == asks["Origin"]
        response = send(
            url, keys["head_office"], json.dumps(INITIALIZE).encode(), Origin=asks["Origin"]
        )
        exposed = response.headers["access-control-expose-headers"].lower()
        assert {"mcp-session-id", "www-authenticate"} <= set(exposed.split(", "))
        elsewhere = httpx2.options(url, headers={**asks, "Origin": "https://evil.example"})
        assert elsewhere.status_code == 400


def test_a_preflight_names_the_setting(http_server: str) -> None:
    refused = httpx2.options(http_server, headers={"Origin": "https://app.example"})
    assert (refused.status_code, "ZAVA_ALLOWED_ORIGINS" in refused.text) == (405, True)


def test_what_an_author_raises_is_said(http_server: str, keys: Keys, database: str) -> None:
    body = "begin raise exception 'stock is low' using hint = 'Order more.'; end"
    with extra_tool(database, "test_raises", body):
        response = send(http_server, keys["head_office"], call("test_raises", "{}"))
    said: dict[str, Any] = json.loads(response.json()["result"]["content"][0]["text"])
    assert (said["code"], said["message"], said["hint"]) == (
        "MCP_ERROR",
        "stock is low",
        "Order more.",
    )


def test_large_arguments_are_refused_before_they_are_looked_at(
    http_server: str, keys: Keys
) -> None:
    numbers = "[" + ",".join(["1.5"] * 240_000) + "]"
    said = send(http_server, keys["head_office"], call("list_stores", '{"a": ' + numbers + "}"))
    named = json.loads(said.json()["result"]["content"][0]["text"])
    assert (named["code"], named["field"]) == ("VALIDATION_ERROR", "a")
    other = b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": %b}}' % numbers.encode()
    assert send(http_server, keys["head_office"], other).status_code == 400
