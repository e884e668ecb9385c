"""What the server takes from a connection, at most: how much, how slowly, and how many."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import ClassVar, LiteralString
from urllib.parse import urlsplit

import pytest
from test_server import Keys, another_server, answers, ask, extra_tool, post, until
from test_server_bad_input import call, send

from zava_mcp.shim.receive.serving import Joined


@pytest.fixture(scope="module")
def hasty(shim_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that waits half a second for a request."""
    log = tmp_path_factory.mktemp("hasty") / "log"
    with another_server(shim_url, log, ZAVA_RECEIVE_TIMEOUT="0.5") as (url, _):
        yield url


def connect(url: str) -> socket.socket:
    """A connection that nothing was sent on."""
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=15)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def rest(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    received = b""
    while some := connection.recv(65536):
        received += some
    return received


def head(url: str, key: str, length: int) -> bytes:
    """The header of a POST with a body of some length."""
    return (
        f"POST /mcp HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nAuthorization: Bearer {key}\r\n"
        "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


# Sizes ------------------------------------------------------------------------------------------


def test_headers_are_bounded(http_server: str, keys: Keys) -> None:
    """One long header or many short ones; with and without a key; and no body is read before."""
    key = keys["head_office"]
    assert post(http_server, key, Padding="x" * 15_000).status_code == 200
    many = {f"Padding-{number}": "x" * 100 for number in range(200)}
    for headers in ({"Padding": "x" * 17_000}, many):
        refused = post(http_server, key, **headers)
        assert refused.status_code == 431
        assert refused.json()["error"] == "headers_too_large"
        assert "16384 are allowed" in refused.json()["error_description"]
        assert post(http_server, None, **headers).status_code == 431


def test_white_space_after_a_header_is_none_of_its_value(http_server: str, keys: Keys) -> None:
    """A client that expects to be asked for the body is asked; RFC 9110, 5.5."""
    body = call("list_stores", "{}")
    header = head(http_server, keys["head_office"], len(body))
    with connect(http_server) as connection:
        connection.sendall(header.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue \r\n\r\n"))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("line", [b"Padding: " + b"x" * 5_000_000, b"GET /" + b"x" * 5_000_000])
def test_a_header_without_end_is_cut_off(http_server: str, keys: Keys, line: bytes) -> None:
    with closing(connect(http_server)) as connection:
        try:
            start = b"" if line.startswith(b"GET") else b"GET /healthz HTTP/1.1\r\n"
            connection.sendall(start + line)
            received = rest(connection)
        except (BrokenPipeError, ConnectionResetError):  # closed with some of it unread
            received = b"HTTP/1.1 400 "
    assert received.startswith(b"HTTP/1.1 400 ")
    assert post(http_server, keys["head_office"]).status_code == 200


# Times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [b"", b"POST /mcp HTTP/1.1\r\nHost: loc"])
def test_a_header_that_does_not_come_is_not_waited_for(hasty: str, sent: bytes) -> None:
    with closing(connect(hasty)) as connection:
        connection.sendall(sent)
        assert rest(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("credential", ["good", "bad"])
def test_a_body_that_comes_drop_by_drop_is_not_waited_for(
    hasty: str, keys: Keys, credential: str
) -> None:
    """Though something comes all the time; without a good key, that may be what is said."""
    key = keys["head_office"] if credential == "good" else "zava_nobody"
    received = b""
    with closing(connect(hasty)) as connection:
        connection.sendall(head(hasty, key, 1_000_000))
        connection.settimeout(0.02)
        for _ in range(1000):
            try:
                if not (some := connection.recv(65536)):
                    break
                received += some
            except TimeoutError:
                connection.sendall(b" ")
            except ConnectionResetError:
                break
    expected = {b"408"} if credential == "good" else {b"401", b"408"}
    assert received.split(b" ")[1] in expected


def test_a_request_that_does_not_arrive_whole_is_not_executed(
    hasty: str, keys: Keys, database: str
) -> None:
    """Though what came is a whole message; its client may send it again."""
    message = call("test_part", "{}")
    calls: LiteralString = "select count(*) from mcp_log.call_log where tool = 'test_part'"
    with extra_tool(database, "test_part", "begin return 'done'; end"):
        for is_patient in (True, False):
            with closing(connect(hasty)) as connection:
                connection.sendall(head(hasty, keys["head_office"], len(message) + 1) + message)
                if is_patient:
                    assert rest(connection).startswith(b"HTTP/1.1 408 ")
        answer = send(hasty, keys["head_office"], message)
        assert answer.json()["result"]["structuredContent"] == {"value": "done"}
        until(lambda: ask(database, calls) > 0)
    assert ask(database, calls) == 1


def test_a_second_request_on_a_connection_has_no_more_time(hasty: str, keys: Keys) -> None:
    """Half of it came with the first one, so nothing announces it."""
    first = call("get_current_utc_date", "{}")
    with closing(connect(hasty)) as connection:
        request = head(hasty, keys["head_office"], len(first)) + first
        connection.sendall(request + head(hasty, keys["head_office"], 100) + b"{")
        received = rest(connection)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 408 ") == 1


def test_an_answer_may_take_longer_than_a_request(hasty: str, keys: Keys, database: str) -> None:
    late: LiteralString = "clock_timestamp() > statement_timestamp() + interval '1.5 s'"
    slow: LiteralString = "begin loop exit when " + late + "; end loop; return 'late'; end"
    with extra_tool(database, "test_slow", slow):
        answer = send(hasty, keys["head_office"], call("test_slow", "{}"))
    assert answer.json()["result"]["structuredContent"] == {"value": "late"}


# Connections ------------------------------------------------------------------------------------


def test_connections_are_limited(shim_url: str, keys: Keys, tmp_path: Path) -> None:
    """One more than allowed is told so, and let in when another has gone."""
    settings = {"ZAVA_MAX_CONNECTIONS": "3"}
    with another_server(shim_url, tmp_path / "log", **settings) as (url, _), ExitStack() as idle:
        for _ in range(2):
            idle.enter_context(closing(connect(url)))
        assert post(url, keys["head_office"]).status_code == 200
        third = connect(url)
        until(lambda: not answers(url))
        busy = post(url, keys["head_office"])
        assert (busy.status_code, busy.text) == (503, "Service Unavailable")
        third.close()
        until(lambda: answers(url))
        assert post(url, keys["head_office"]).status_code == 200


def test_what_a_step_writes_goes_out_at_once_and_before_the_connection_ends() -> None:
    """Also when the client ends its side at the same moment, and reads on."""

    class Transport:
        """What uvloop's does: from the end of the client's side on it is closing."""

        written: ClassVar[list[bytes]] = []
        ends = False

        def is_closing(self) -> bool:
            return self.ends

        def write(self, data: bytes) -> None:
            self.written.append(data)

        def close(self) -> None:
            self.ends = True

    async def run() -> list[bytes]:
        transport = Transport()
        joined = Joined(transport)  # type: ignore[arg-type]
        joined.write(b"head ")
        joined.write(b"body ")
        await asyncio.sleep(0)
        joined.write(b"next ")
        joined.close()
        joined.write(b"late")
        await asyncio.sleep(0)
        return transport.written

    assert asyncio.run(run()) == [b"head body ", b"next ", b"late"]
