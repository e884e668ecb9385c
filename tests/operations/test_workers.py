"""Several processes on one port: all of them reload, forget and stop; one that dies is replaced."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest
from scratch import migrate, name_of, new_database, on_database
from test_server import (
    LONG_QUERY,
    SERVE,
    answers,
    ask,
    environment,
    extra_tool,
    logged,
    run_sql,
    running_calls,
    until,
)
from test_server_bad_input import call, send

KEPT: LiteralString = "begin return (select count(*)::text from retail.categories); end"
ADD: LiteralString = "insert into retail.categories (name) values ('Tests')"


class Running(NamedTuple):
    """A server of two processes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def pids(self) -> set[int]:
        """The processes that serve."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in text.split()}

    def said(self, event: str) -> list[int]:
        """Which worker logged an event, each time."""
        return [entry["worker"] for entry in logged(self.log) if entry["event"] == event]

    def by_both(self, act: Callable[[], Any]) -> list[Any]:
        """Act until both workers have answered a call; give all that came."""
        before, found = len(self.said("call")), list[Any]()

        def once() -> bool:
            found.append(act())
            return set(self.said("call")[before:]) == {1, 2}

        until(once)
        return found


@contextmanager
def running(shim_url: str, log: Path, *options: str, **settings: str) -> Iterator[Running]:
    """Start a server of two processes, and stop it."""
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*SERVE, "--port", "0", "--workers", "2", *options],
            env=environment(ZAVA_DATABASE_URL=shim_url, **settings),
            stderr=stderr,
        )
    try:
        until(lambda: log.read_text().count('"serving"') == 2 or process.poll() is not None)
        urls = {entry["url"] for entry in logged(log) if entry["event"] == "serving"}
        [url] = urls
        yield Running(url, process, log)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def own(database: str, shim_url: str) -> Iterator[tuple[str, str]]:
    """A database of these tests' own: its owner's URI and the server's."""
    with new_database(database) as uri:
        migrate(uri, "apply")
        yield uri, on_database(shim_url, name_of(uri))


@pytest.fixture(scope="module")
def two(own: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(own[1], tmp_path_factory.mktemp("workers") / "log") as server:
        yield server


def new_key(uri: str) -> str:
    """The key of a new user of head office."""
    make: LiteralString = (
        "select mcp_auth.create_api_key(mcp_auth.add_user(gen_random_uuid()::text, %s))"
    )
    return str(ask(uri, make, "head_office"))


def value_of(response: httpx2.Response) -> Any:
    """What a tool gave, or the error in its place."""
    said = response.json()
    return said["result"].get("structuredContent", {}).get("value") if "result" in said else None


def test_each_process_answers(two: Running, own: tuple[str, str]) -> None:
    key = new_key(own[0])
    found = two.by_both(lambda: send(two.url, key, call("list_stores", "{}")).status_code)
    assert set(found) == {200}
    assert len(two.pids()) == 2


def test_each_process_hears_of_new_tools(two: Running, own: tuple[str, str]) -> None:
    key, before = new_key(own[0]), len(two.said("catalogue changed"))
    with extra_tool(own[0], "test_new", "begin return 'x'; end"):
        until(lambda: set(two.said("catalogue changed")[before:]) == {1, 2})
        found = two.by_both(lambda: value_of(send(two.url, key, call("test_new", "{}"))))
    assert set(found) == {"x"}


def test_each_process_forgets_what_was_kept(two: Running, own: tuple[str, str]) -> None:
    key = new_key(own[0])
    with extra_tool(own[0], "test_kept", KEPT, tags="cache=300s"):
        until(lambda: value_of(send(two.url, key, call("test_kept", "{}"))) is not None)
        [before] = set(two.by_both(lambda: value_of(send(two.url, key, call("test_kept", "{}")))))
        run_sql(own[0], ADD)
        after = two.by_both(lambda: value_of(send(two.url, key, call("test_kept", "{}"))))
    assert set(after) == {str(int(before) + 1)}


def test_one_that_dies_is_replaced(two: Running, own: tuple[str, str]) -> None:
    key, before, serving = new_key(own[0]), two.pids(), len(two.said("serving"))
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(two.said("serving")) == serving + 1)
    assert len(two.pids() & before) == 1
    assert len(two.pids()) == 2
    found = two.by_both(lambda: send(two.url, key, call("list_stores", "{}")).status_code)
    assert set(found) == {200}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_stop(own: tuple[str, str], tmp_path: Path, number: signal.Signals) -> None:
    with running(own[1], tmp_path / "log") as server:
        pids = server.pids()
        server.process.send_signal(number)
        assert server.process.wait(30) == 0
        assert sorted(server.said("stopping")) == [1, 2]
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert not answers(server.url)


def test_nobody_connects_to_what_stops(own: tuple[str, str], tmp_path: Path) -> None:
    """The parent takes no connection while its workers answer what runs."""
    query, key = json.dumps({"postgresql_query": LONG_QUERY}), new_key(own[0])
    with (
        running(own[1], tmp_path / "log", ZAVA_STOP_SECONDS="3") as server,
        ThreadPoolExecutor() as thread,
    ):
        slow = thread.submit(send, server.url, key, call("execute_sales_query", query))
        until(lambda: running_calls(own[0]) == 1)
        server.process.terminate()
        until(lambda: refuses(server.url))
        assert (server.process.poll(), running_calls(own[0])) == (None, 1)
        assert slow.result().json()["error"]["message"] == "Request cancelled"
        assert server.process.wait(30) == 0


def refuses(url: str) -> bool:
    """Return whether nobody takes a connection."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), 5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_none_outlives_the_one_that_started_them(own: tuple[str, str], tmp_path: Path) -> None:
    with running(own[1], tmp_path / "log") as server:
        pids = server.pids()
        server.process.kill()
        until(lambda: sorted(server.said("stopping")) == [1, 2])
        until(lambda: not answers(server.url))
    until(lambda: not any(is_alive(pid) for pid in pids))


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_holds_for_all_ends_the_start(shim_url: str) -> None:
    def started(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SERVE, "--workers", "2", *options],
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    nowhere = started("--port", "0", ZAVA_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (nowhere.returncode, nowhere.stderr.count("cannot connect") > 0) == (1, True)
    sessions = started("--port", "0", ZAVA_DATABASE_URL=shim_url, ZAVA_SESSIONS="5")
    assert sessions.returncode == 2
    assert "ZAVA_SESSIONS=5 needs ZAVA_WORKERS=1" in sessions.stderr
    taken = started("--port", "1", ZAVA_DATABASE_URL=shim_url, ZAVA_HOST="192.0.2.1")
    assert taken.returncode == 3
