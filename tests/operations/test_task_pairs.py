"""Tasks of clients that know none: NAME_start, get_task and cancel_task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scratch import name_of, on_database
from test_exports import LEGACY, MODERN, Server, uri
from test_retry import new_key
from test_server import another_server, ask, run_sql, until

__all__ = ["uri"]
PAIR = {"test_count_start", "get_task", "cancel_task"}
COUNT = (
    "create table retail.gate ()",
    "grant select on retail.gate to mcp_tools",
    """
    create function api.test_count(waits boolean)
    returns table (n bigint)
    language plpgsql
    stable
    security definer
    set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform mcp_tool.progress(1, 2, 'half');
        if waits then
            perform from retail.gate;
        end if;
        return query select count(*) from retail.stores;
    end
    $$
    """,
    """
    comment on function api.test_count(boolean) is
    E'Count stores.\\n\\n@param waits  For the gate.\\n@tool task=allowed task_timeout=10m pair'
    """,
    "alter function api.test_count(boolean) owner to mcp_tools",
    "revoke all on function api.test_count(boolean) from public",
    "grant execute on function api.test_count(boolean) to mcp_core, head_office",
    "select mcp_catalog.refresh_catalog()",
)
PROGRESS = "half (1 of 2)"
NO_TASK = "there is no such task of yours"


@pytest.fixture(scope="module")
def server(uri: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a tool that is tagged pair."""
    run_sql(uri, *COUNT)
    shim, folder = on_database(shim_url, name_of(uri)), tmp_path_factory.mktemp("pairs")
    with another_server(shim, folder / "log") as (url, process):
        yield Server(url, new_key(uri), uri, shim, Path(), process)


def call(server: Server, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool as a client that knows no tasks; return the result."""
    found: dict[str, Any] = server.send("tools/call", LEGACY, name=name, arguments=arguments)
    assert "result" in found, found
    result: dict[str, Any] = found["result"]
    return result


@contextmanager
def closed(server: Server) -> Iterator[str]:
    """Begin a task that waits for the end of the block; yield its id."""
    with psycopg.connect(server.uri) as owner:
        owner.execute("lock table retail.gate in access exclusive mode")
        answer = call(server, "test_count_start", waits=True)["structuredContent"]
        assert answer["state"] == "working"
        assert "get_task" in answer["next"]
        yield str(answer["task_id"])


def test_a_client_without_tasks_is_offered_the_pair(server: Server) -> None:
    def names(revision: str) -> set[str]:
        return {tool["name"] for tool in server.send("tools/list", revision)["result"]["tools"]}

    assert names(LEGACY) >= PAIR | {"test_count"}
    assert names(MODERN) & (PAIR | {"test_count"}) == {"test_count"}


def test_a_task_goes_on_and_answers_later(server: Server) -> None:
    def state() -> Any:
        return call(server, "get_task", task_id=task_id)["structuredContent"]

    with closed(server) as task_id:
        until(lambda: state()["progress"] is not None)
        working = state()
        assert (working["task_id"], working["state"]) == (task_id, "working")
        assert working["progress"] == PROGRESS
    until(lambda: "rows" in state())
    result = call(server, "get_task", task_id=task_id)
    direct = call(server, "test_count", waits=False)
    assert result["structuredContent"] == direct["structuredContent"]
    assert json.loads(result["content"][0]["text"]) == json.loads(direct["content"][0]["text"])
    rows = "select jsonb_agg(distinct tool) from mcp_log.call_log where credential_id = %s"
    logged = ["get_task", "test_count", "test_count_start"]
    key_id = server.key.split("_")[1]
    until(lambda: ask(server.uri, rows, key_id) == logged)


def test_nobody_else_has_it(server: Server) -> None:
    other = server._replace(key=new_key(server.uri))
    with closed(server) as task_id:
        for tool in ("get_task", "cancel_task"):
            refused = call(other, tool, task_id=task_id)
            assert refused["isError"] is True
            assert json.loads(refused["content"][0]["text"])["message"] == NO_TASK
        working = (
            "select state in ('queued', 'running') from mcp_log.tasks where task_id::text = %s"
        )
        assert ask(server.uri, working, task_id) is True
        cancelled = call(server, "cancel_task", task_id=task_id)["structuredContent"]
        assert cancelled["state"] == "cancelled"
        runs = "select count(*) from pg_stat_activity where application_name like %s"
        until(lambda: ask(server.uri, runs, f"zava-mcp {task_id}%") == 0)
        assert (
            call(server, "get_task", task_id=task_id)["structuredContent"]["state"] == "cancelled"
        )
