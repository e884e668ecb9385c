"""Tasks as clients of both eras meet them, and the servers that run them, which may be killed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from place import DATABASE, Place
from test_clients import running
from test_server import SERVE, another_server, ask, environment, until

MODERN, LEGACY = "2026-07-28", "2025-11-25"
BOTH_ERAS = pytest.mark.parametrize("revision", [MODERN, LEGACY])
TASKS = "io.modelcontextprotocol/tasks"
MISSING, UNKNOWN = -32021, -32602
Json = dict[str, Any]


class Client(NamedTuple):
    """A client that sends plain messages."""

    place: Place
    revision: str = MODERN
    who: str = "head_office"
    extensions: tuple[str, ...] = (TASKS,)

    def send(self, method: str, **params: Any) -> Json:
        """Send a request; return the whole response."""
        headers = {
            "Authorization": f"Bearer {self.place.keys[self.who]}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": self.revision,
        }
        if self.revision == MODERN:
            headers |= {"Mcp-Method": method}
            name = params.get("taskId") if method.startswith("tasks/") else params.get("name")
            headers |= {"Mcp-Name": name} if name else {}
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {
                    "extensions": {name: {} for name in self.extensions}
                },
            }
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        found: Json = httpx2.post(
            self.place.direct, json=message, headers=headers, timeout=60
        ).json()
        return found

    def begin(self, tool: str, **arguments: Any) -> str:
        """Call a tool as a task; return the id of that."""
        wanted = {} if self.revision == MODERN else {"task": {"ttl": 60_000}}
        result = self.send("tools/call", name=tool, arguments=arguments, **wanted)["result"]
        task = result if self.revision == MODERN else result["task"]
        assert task["status"] == "working"
        return str(task["taskId"])

    def get(self, task_id: str) -> Json:
        """Ask for a task."""
        found: Json = self.send("tasks/get", taskId=task_id)["result"]
        return found

    def ended(self, task_id: str) -> Json:
        """Ask for a task until it has ended."""
        until(lambda: self.get(task_id)["status"] not in ("working", "input_required"))
        return self.get(task_id)


def rows(place: Place, statement: str, *parameters: Any) -> list[Any]:
    """Ask the database as its owner."""
    with psycopg.connect(place.database, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def worker(place: Place, shim_url: str, log: Path, **settings: str) -> Iterator[Any]:
    """A server that runs tasks; its process."""
    shim = urlsplit(shim_url)._replace(path=f"/{DATABASE}").geturl()
    with another_server(shim, log, **settings) as (_, process):
        yield process


@pytest.fixture
def works(place: Place, shim_url: str, tmp_path: Path) -> Iterator[None]:
    """Run tasks meanwhile."""
    with worker(place, shim_url, tmp_path / "log"):
        yield


@BOTH_ERAS
@pytest.mark.usefixtures("works")
def test_a_task_tells_how_far_it_is_and_ends_with_its_result(place: Place, revision: str) -> None:
    client = Client(place, revision)
    began = time.monotonic()
    task_id = client.begin("slow_compute", seconds=4, label="adding")
    assert time.monotonic() - began < 3.5  # the answer did not wait for it
    seen: list[str] = []

    def sees_progress() -> bool:
        said = client.get(task_id).get("statusMessage")
        if said and said not in seen:
            seen.append(said)
        return len(seen) >= 2

    until(sees_progress)
    assert seen[0].startswith("adding (")
    assert seen[0].endswith(" of 10)")
    done = client.ended(task_id)
    assert done["status"] == "completed"
    if revision == MODERN:
        result = done["result"]
        assert done["resultType"] == "complete"
    else:
        assert "result" not in done
        result = client.send("tasks/result", taskId=task_id)["result"]
        related = result.pop("_meta")["io.modelcontextprotocol/related-task"]
        assert related == {"taskId": task_id}
        listed = client.send("tasks/list")["result"]["tasks"]
        assert task_id in [each["taskId"] for each in listed]
    text = {"type": "text", "text": "Computed for 4 seconds."}
    assert result == {"content": [text], "isError": False}
    logged = "select tool, code from mcp_log.call_log where request_id = %s"
    until(lambda: rows(place, logged, f"{task_id}-1") == [("slow_compute", "OK")])


def test_a_task_outlasts_the_limits_of_calls(place: Place, shim_url: str, tmp_path: Path) -> None:
    login = urlsplit(shim_url).username
    limits = {"statement_timeout": "60s", "transaction_timeout": "90s"}
    for limit in limits:
        rows(place, f"alter role {login} in database {DATABASE} set {limit} = '2s'")
    try:
        with worker(place, shim_url, tmp_path / "log"):
            task_id = Client(place).begin("slow_compute", seconds=4)
            assert Client(place).ended(task_id)["status"] == "completed"
    finally:
        for limit, usual in limits.items():
            rows(place, f"alter role {login} in database {DATABASE} set {limit} = '{usual}'")
    attempts = "select attempts from mcp_log.tasks where task_id = %s"
    assert rows(place, attempts, task_id) == [(1,)]


@BOTH_ERAS
@pytest.mark.usefixtures("works")
def test_a_cancelled_task_leaves_the_database(place: Place, revision: str) -> None:
    client = Client(place, revision)
    task_id = client.begin("slow_compute", seconds=60)
    until(lambda: running(place, "slow_compute") == 1)
    answer = client.send("tasks/cancel", taskId=task_id)["result"]
    assert answer.get("status") == (None if revision == MODERN else "cancelled")
    until(lambda: running(place, "slow_compute") == 0, 5)
    assert client.get(task_id)["status"] == "cancelled"
    again = client.send("tasks/cancel", taskId=task_id)
    assert "result" in again if revision == MODERN else again["error"]["code"] == UNKNOWN
    if revision == LEGACY:
        ended = client.send("tasks/result", taskId=task_id)["error"]
        assert ended == {"code": -32603, "message": "The task was cancelled."}


@pytest.mark.usefixtures("works")
def test_the_result_of_2025_is_waited_for(place: Place) -> None:
    client = Client(place, LEGACY)
    began = time.monotonic()
    task_id = client.begin("slow_compute", seconds=2)
    result = client.send("tasks/result", taskId=task_id)["result"]
    assert time.monotonic() - began >= 2
    assert result["isError"] is False


@BOTH_ERAS
@pytest.mark.usefixtures("works")
def test_nobody_else_is_told_of_a_task(place: Place, revision: str) -> None:
    """Nor the same caller after a change of scope: each looks as if there were none."""
    mine = Client(place, revision, "regional_manager")
    theirs = Client(place, revision, "head_office")
    task_id = mine.begin("slow_compute", seconds=0)
    assert mine.ended(task_id)["status"] == "completed"
    methods = (
        "tasks/get",
        "tasks/cancel",
        "tasks/update" if revision == MODERN else "tasks/result",
    )

    def refusals(client: Client) -> set[tuple[int, str] | None]:
        answers = [client.send(method, taskId=task_id, inputResponses={}) for method in methods]
        errors = [each.get("error") for each in answers]
        return {(each["code"], each["message"]) if each else None for each in errors}

    none = {(UNKNOWN, f"Unknown task: {task_id}")}
    assert refusals(theirs) == none
    scope = ask(
        place.database,
        "with old as (select user_id, scope from mcp_auth.users where user_id ="
        " mcp_auth.api_key_owner(%s)) update"
        " mcp_auth.users as u set scope = '{}' from old where u.user_id = old.user_id"
        " returning old.scope",
        place.keys[mine.who],
    )
    try:
        until(lambda: refusals(mine) == none, 5)
    finally:
        rows(
            place,
            "update mcp_auth.users set scope = %s where user_id = mcp_auth.api_key_owner(%s)",
            scope,
            place.keys[mine.who],
        )
    until(lambda: "result" in mine.send("tasks/get", taskId=task_id), 5)


def test_clients_that_know_no_tasks(place: Place) -> None:
    plain = Client(place, MODERN, extensions=())
    error = plain.send("tools/call", name="count_slowly", arguments={"number": 0})["error"]
    assert error["code"] == MISSING
    assert error["data"] == {"requiredCapabilities": {"extensions": {TASKS: {}}}}
    old = Client(place, LEGACY)
    refused = old.send("tools/call", name="count_slowly", arguments={"number": 0})["error"]
    assert refused["code"] == -32601
    at_once = plain.send("tools/call", name="slow_compute", arguments={"seconds": 0})["result"]
    assert at_once["content"][0]["text"] == "Computed for 0 seconds."


def test_a_server_is_killed_and_another_finds_its_task(
    place: Place, shim_url: str, tmp_path: Path
) -> None:
    client = Client(place)
    rows(place, "delete from conformance_help.counted")
    rows(place, "update mcp_catalog.settings set value = '1500' where name = 'task_lease_ms'")
    try:
        with worker(place, shim_url, tmp_path / "first") as first:
            task_id = client.begin("count_slowly", number=7, seconds=3)
            until(lambda: running(place, "count_slowly") == 1)
            first.kill()
            first.wait(10)
            assert client.get(task_id)["status"] == "working"
        with worker(place, shim_url, tmp_path / "second"):
            done = client.ended(task_id)
    finally:
        rows(place, "update mcp_catalog.settings set value = '15000' where name = 'task_lease_ms'")
    assert done["result"]["structuredContent"] == {"value": 7}
    assert rows(place, "select number from conformance_help.counted") == [(7,)]
    assert rows(place, "select attempts from mcp_log.tasks where task_id = %s", task_id) == [(2,)]
    logged = "select code from mcp_log.call_log where request_id like %s"
    assert rows(place, logged, f"{task_id}-%") == [("OK",)]


def test_a_server_that_stops_gives_its_task_back(
    place: Place, shim_url: str, tmp_path: Path
) -> None:
    client = Client(place)
    rows(place, "delete from conformance_help.counted")
    with worker(place, shim_url, tmp_path / "first", ZAVA_STOP_SECONDS="0") as first:
        task_id = client.begin("count_slowly", number=8, seconds=3)
        until(lambda: running(place, "count_slowly") == 1)
        first.terminate()
        first.wait(30)
    released = "select state, attempts from mcp_log.tasks where task_id = %s"
    assert rows(place, released, task_id) == [("queued", 0)]
    assert rows(place, "select from conformance_help.counted") == []
    with worker(place, shim_url, tmp_path / "second"):
        assert client.ended(task_id)["result"]["structuredContent"] == {"value": 8}
    assert rows(place, "select number from conformance_help.counted") == [(8,)]


def test_a_stdio_server_that_stops_gives_its_task_back(place: Place, shim_url: str) -> None:
    shim = urlsplit(shim_url)._replace(path=f"/{DATABASE}").geturl()
    settings = {"ZAVA_DATABASE_URL": shim, "ZAVA_API_KEY": place.keys["head_office"]}
    client = Client(place)
    rows(place, "delete from conformance_help.counted")
    with subprocess.Popen(
        [*SERVE, "--stdio"],
        env=environment(**settings, ZAVA_STOP_SECONDS="0"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        task_id = client.begin("count_slowly", number=9, seconds=30)
        until(lambda: running(place, "count_slowly") == 1)
        process.terminate()
        assert process.wait(30) == 0
    released = "delete from mcp_log.tasks where task_id = %s returning state, attempts"
    assert rows(place, released, task_id) == [("queued", 0)]
    assert rows(place, "select from conformance_help.counted") == []


def test_many_tasks_run_once_each(place: Place, shim_url: str, tmp_path: Path) -> None:
    """Two servers take what is there: none is lost, none is done twice."""
    client, count = Client(place), 40
    rows(place, "delete from conformance_help.counted")
    with ExitStack() as stack:
        stack.enter_context(worker(place, shim_url, tmp_path / "first", ZAVA_TASKS="3"))
        stack.enter_context(worker(place, shim_url, tmp_path / "second", ZAVA_TASKS="3"))
        tasks = [client.begin("count_slowly", number=number) for number in range(count)]
        until(
            lambda: rows(place, "select count(*) from conformance_help.counted") == [(count,)], 120
        )
        assert {client.ended(task_id)["status"] for task_id in tasks} == {"completed"}
    numbers = rows(place, "select number from conformance_help.counted order by number")
    assert numbers == [(number,) for number in range(count)]
