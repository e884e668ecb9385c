"""Malformed messages and requests: none is a 500, none stops the server or stays in it.

FUZZ is how many there are of each kind; make soak sends 10,000 in all.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place import Place
from test_server import ask, post, until

EXAMPLES = int(os.environ.get("FUZZ", "200"))
PLAIN = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
GROWTH = 100 << 20  # bytes that the server may take for all of them
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
METHODS = [
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "tasks/get",
    "x",
]
KEYS = [
    "name",
    "arguments",
    "uri",
    "cursor",
    "level",
    "ref",
    "argument",
    "context",
    "_meta",
    "value",
    "type",
    "requestId",
    "protocolVersion",
    "capabilities",
    "clientInfo",
    "inputResponses",
    "requestState",
    "notifications",
    "resourceSubscriptions",
    "progressToken",
    "message",
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientCapabilities",
    "io.modelcontextprotocol/logLevel",
]
ENVELOPE: dict[str, Any] = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}, "roots": {}},
}
NAMES = [
    "test_simple_text",
    "test_elicitation",
    "test_error_handling",
    "test_simple_prompt",
    "test://static-text",
    "test://template/1/data",
]
WORDS = [*NAMES, "ref/prompt", "debug", "2025-11-25", "2026-07-28", "\0", "\ud800", "\u202e", ""]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=20),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | scalars,
        "id": st.integers(0, 5) | values,
        "method": st.sampled_from(METHODS) | scalars,
        "params": st.dictionaries(st.sampled_from(KEYS), values, max_size=5) | values,
        "result": values,
        "error": values,
    },
)
calls = st.fixed_dictionaries(  # which get far
    {
        "jsonrpc": st.just("2.0"),
        "id": st.integers(0, 5),
        "method": st.sampled_from(["tools/call", "prompts/get", "resources/read"])
        | st.sampled_from(METHODS),
    },
    optional={
        "params": st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(NAMES),
                "uri": st.sampled_from(NAMES),
                "arguments": st.dictionaries(st.sampled_from(["message", "arg1"]), values),
                "level": st.sampled_from(["debug", "loud"]),
                "cursor": scalars,
                "inputResponses": st.dictionaries(st.text(max_size=5), values),
                "requestState": scalars,
                "_meta": st.dictionaries(st.sampled_from(KEYS), values),
            },
        )
    },
)
texts = st.one_of(calls, calls, messages, st.lists(messages, max_size=3), values).map(json.dumps)
cut = texts.flatmap(lambda text: st.integers(0, len(text)).map(lambda length: text[:length]))
whole = texts.map(str.encode)
bodies = st.one_of(whole, whole, cut.map(str.encode), st.binary(max_size=60))
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
types = ["*/*", "application/json", "application/json, text/event-stream", "text/plain"]
revisions = ["2024-11-05", "2025-03-26", "2025-11-25", "2026-07-28"]
headers: st.SearchStrategy[dict[str, str]] = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(types) | visible,
        "Content-Type": st.sampled_from(types) | visible,
        "MCP-Protocol-Version": st.sampled_from(revisions) | visible,
        "Mcp-Session-Id": st.just("mine") | visible,
        "Last-Event-ID": st.sampled_from(["1", "2"]) | visible,
        "Mcp-Method": st.sampled_from(METHODS) | visible,
        "Mcp-Name": st.sampled_from(NAMES) | visible,
    },
)


methods = st.just("POST") | st.sampled_from(["POST", "GET", "DELETE", "PUT"])


def test_malformed_messages(place: Place) -> None:
    """Whatever the message, its headers and the way it is sent, the answer is no 5xx."""
    with Unharmed(place) as unharmed, httpx2.Client(timeout=30) as http:

        @FUZZ
        @given(methods, bodies, headers)
        def send(method: str, body: bytes, given: dict[str, str]) -> None:
            status = unharmed.status(http, method, body, given)
            assert 200 <= status < 500, status

        send()


def test_malformed_calls_without_handshake(place: Place) -> None:
    """What a 2026-07-28 envelope holds, and headers that agree with it."""
    with Unharmed(place) as unharmed, httpx2.Client(timeout=30) as http:

        @FUZZ
        @given(calls, st.dictionaries(st.sampled_from(KEYS), values, max_size=3))
        def send(call: dict[str, Any], meta: dict[str, Any]) -> None:
            params = {**call.get("params", {}), "_meta": {**meta, **ENVELOPE}}
            named = params.get("uri" if call["method"] == "resources/read" else "name", "")
            given = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": call["method"]}
            given |= {"Mcp-Name": named} if named else {}
            body = json.dumps({**call, "params": params}).encode()
            status = unharmed.status(http, "POST", body, given)
            assert 200 <= status < 500, status

        send()


def test_malformed_requests(place: Place) -> None:
    """Bytes that are no HTTP, or nearly: an answer of 4xx, or none and a closed connection."""
    key = place.keys["head_office"]
    good = (
        f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        'Content-Type: application/json\r\nContent-Length: 46\r\n\r\n{"jsonrpc":"2.0","id":1,'
        '"method":"tools/list"}'
    ).encode()
    places = st.integers(0, len(good))
    changed = st.tuples(places, places, st.binary(max_size=8)).map(
        lambda change: good[: min(change[:2])] + change[2] + good[max(change[:2]) :]
    )
    with Unharmed(place):

        @FUZZ
        @given(st.binary(max_size=200) | changed)
        def send(data: bytes) -> None:
            parts = urlsplit(place.direct)
            with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
                answer = b""
                with contextlib.suppress(ConnectionError):  # closed before it was read
                    connection.sendall(data)
                    connection.shutdown(socket.SHUT_WR)
                    answer = connection.makefile("rb").readline()
            assert re.match(rb"$|HTTP/1\.1 [24]\d\d ", answer), answer

        send()


class Unharmed:
    """A server that must be at the end what it was before."""

    def __init__(self, place: Place) -> None:
        self.place, self.process = place, psutil.Process(place.server.pid)
        self.headers = {"Authorization": f"Bearer {place.keys['head_office']}"}

    def __enter__(self) -> Unharmed:
        """See what the server has, with a session that messages may name."""
        self.begin()
        self.memory, self.files = self.process.memory_info().rss, self.open_files()
        return self

    def open_files(self) -> int:
        """Count its files, but for connections to the database: its pool grows as calls overlap."""
        sessions: int = ask(self.place.database, SESSIONS)
        return int(self.process.num_fds()) - sessions

    def begin(self) -> None:
        """Open the session."""
        params = {"protocolVersion": "2025-11-25", "capabilities": {}}
        params |= {"clientInfo": {"name": "fuzz", "version": "1"}}
        first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        opened = httpx2.post(self.place.direct, json=first, headers={**PLAIN, **self.headers})
        self.session = opened.headers["mcp-session-id"]

    def status(self, http: httpx2.Client, method: str, body: bytes, given: dict[str, str]) -> int:
        """Send a request, and give the status; a stream without end is left at once."""
        sent, names_session = (
            {**PLAIN, **self.headers, **given},
            given.get("Mcp-Session-Id") == "mine",
        )
        if names_session:
            sent["Mcp-Session-Id"] = self.session
            if method == "DELETE":
                self.begin()  # for the messages after this one
        with http.stream(method, self.place.direct, content=body, headers=sent) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                response.read()
            return int(response.status_code)

    def __exit__(self, *raised: Any) -> None:
        """Find the server alive, idle, no larger, and answering."""
        assert self.process.is_running()
        until(lambda: ask(self.place.database, ACTIVE) == 0)
        until(lambda: self.open_files() <= self.files + 5)
        assert self.process.memory_info().rss - self.memory < GROWTH
        assert post(self.place.direct, self.place.keys["head_office"]).status_code == 200
        events = [json.loads(line)["event"] for line in self.place.log.read_text().splitlines()]
        assert "failure" not in events


ACTIVE = (
    "select count(*) from pg_stat_activity where usename = 'zava_mcp' and state = 'active'"
    " and datname = current_database()"
)
SESSIONS = (
    "select count(*) from pg_stat_activity where usename = 'zava_mcp'"
    " and datname = current_database()"
)
