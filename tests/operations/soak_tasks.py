"""Tasks and exports while servers and PostgreSQL are killed: each is done once, and none is lost.

``python tests/operations/soak_tasks.py`` asks one server for 1,000 tasks that write and 100 that
export, while 20 times without a warning the server that runs them is killed, the sessions of all
servers are ended, or PostgreSQL is restarted as after a crash. Before that, with nothing killed, it
compares calls beside 300 such tasks with calls beside none, and with calls beside a client that
executes the statement of the tasks, in the median.
Exit code 1 when a task is missing, was done twice or has failed, or when an export has not the file
that its row says.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx2
import psycopg
from chaos import restarted
from rich.console import Console
from test_server import another_server

from benchmarks import zava
from zava_mcp.local import cluster

ORDERS = 100
CALLS, BESIDE = 300, 300  # calls that are timed, and tasks beside them
PAUSES = (0.01, 0)  # seconds of a client between two calls: an assistant waits, a program does not
SAFE = {"fsync": "off", "full_page_writes": "off"}  # but what is committed survives a crash
TASKS_EXTENSION = "io.modelcontextprotocol/tasks"
TOOLS = """
create table retail.soak_done (number integer not null);
alter table retail.soak_done owner to mcp_tools;
create function api.soak_task(number integer) returns integer language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into retail.soak_done (number) values (soak_task.number);
    for i in 1 .. 20000 loop
        perform sha256(int4send(i));
    end loop;
    return soak_task.number;
end
$$;
comment on function api.soak_task(integer) is 'Write a number, and take some time.

@param number  The number.
@tool task=required destructive=false';
alter function api.soak_task(integer) owner to mcp_tools;
revoke all on function api.soak_task(integer) from public;
grant execute on function api.soak_task(integer) to mcp_core, head_office;
update mcp_auth.limits
set calls_per_minute = 1000000, tasks = 100000, concurrent_tasks = 50, exports = 100000;
update mcp_catalog.settings set value = '1500' where name = 'task_lease_ms';
select mcp_catalog.refresh_catalog();
"""
SUMMARY = """
select
    (select count(*) from retail.soak_done),
    (select count(distinct number) from retail.soak_done),
    (select jsonb_object_agg(s.state, s.count) from (
        select state, count(*) from mcp_log.tasks group by state) as s),
    (select max(attempts) from mcp_log.tasks),
    (select count(*) from mcp_log.tasks where attempts > 1),
    (select jsonb_object_agg(export_id || '.' || format, jsonb_build_array(
        row_count, encode(sha256, 'hex'))) from mcp_log.exports)
"""
QUERY = "select n, sqrt(n) as root from generate_series(1, 200000) as n"  # some tenths of a second
ROWS = 200_000
END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'zava_mcp'"
OPEN = "select count(*) from mcp_log.tasks where state in ('queued', 'running')"

KILLS = ("server", "sessions", "database")

Json = dict[str, Any]


def send(http: httpx2.Client, url: str, tool: str, arguments: Json) -> Json:
    """Call a tool as a client that knows tasks."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS_EXTENSION: {}}},
    }
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    result: Json = http.post(url, json=message, headers=headers).json()["result"]
    return result


def timed_calls(
    http: httpx2.Client, url: str, over: threading.Event, most: int, pause: float = PAUSES[0]
) -> list[float]:
    """Call a small tool again and again; return the milliseconds that each took."""
    found: list[float] = []
    while not over.is_set() and len(found) < most:
        began = time.monotonic()
        result = send(http, url, "get_current_utc_date", {})
        assert result["resultType"] == "complete"
        found.append((time.monotonic() - began) * 1000)
        time.sleep(pause)
    return found


@contextlib.contextmanager
def busy(uri: str, at_once: int) -> Iterator[None]:
    """Execute the statement of the tasks in sessions that are none, ``at_once`` of them."""
    over = threading.Event()

    def work() -> None:
        with psycopg.connect(uri, autocommit=True) as owner:
            while not over.is_set():
                owner.execute("select api.soak_task(-1)")

    with ThreadPoolExecutor(at_once) as pool:
        working = [pool.submit(work) for _ in range(at_once)]
        try:
            yield
        finally:
            over.set()
        for each in working:
            each.result()


def compared(http: httpx2.Client, url: str, uri: str, at_once: int, pause: float) -> Json:
    """Compare calls beside nothing, half before and half after, with calls beside tasks.

    And with calls beside clients that execute the statement of the tasks.
    """
    never = threading.Event()
    timed_calls(http, url, never, CALLS, pause)  # to warm up
    alone, beside = timed_calls(http, url, never, CALLS, pause), list[float]()
    for number in range(BESIDE * at_once):
        assert send(http, url, "soak_task", {"number": -1 - number})["resultType"] == "task"
    while is_open(uri):
        beside += timed_calls(http, url, never, 50, pause)
    with busy(uri, at_once):
        plain = timed_calls(http, url, never, 2 * CALLS, pause)
    alone += timed_calls(http, url, never, CALLS, pause)
    with psycopg.connect(uri) as owner:
        owner.execute("delete from retail.soak_done")
        owner.execute("delete from mcp_log.tasks")
    assert len(beside) >= CALLS
    medians = statistics.median(alone), statistics.median(beside), statistics.median(plain)
    return {
        "pause_ms": pause * 1000,
        "alone_ms": round(medians[0], 2),
        "beside_ms": round(medians[1], 2),
        "beside_statements_ms": round(medians[2], 2),
        "times_alone": round(medians[1] / medians[0], 2),
        "times_beside_statements": round(medians[1] / medians[2], 2),
        "calls_beside": len(beside),
    }


def run(folder: Path, tasks: int, exports: int, kills: int, at_once: int, seed: int) -> Json:
    """Run all of it in a folder; return what was seen."""
    draw = random.Random(seed)  # noqa: S311 -- the same kills for the same seed
    files = folder / "exports"
    settings = {"ZAVA_EMBEDDER": "none", "ZAVA_EXPORTS": str(files)}
    with ExitStack() as stack:
        uri = stack.enter_context(cluster.server(folder / "data", SAFE))
        if not zava.prepare(uri, ORDERS, "none"):
            raise SystemExit("the database could not be prepared")
        shim = cluster.uri(folder / "data", zava.LOGIN)
        with psycopg.connect(uri, autocommit=True) as owner:
            owner.execute(TOOLS.encode())
        keys = zava.demo_keys(uri, shim, folder / "keys.json")
        url, _ = stack.enter_context(
            another_server(shim, folder / "log", ZAVA_TASKS="0", **settings)
        )
        assert urlsplit(url).port
        headers = {
            "Authorization": f"Bearer {keys['head_office']}",
            "Accept": "application/json",
            "MCP-Protocol-Version": "2026-07-28",
        }
        http = stack.enter_context(httpx2.Client(headers=headers, timeout=120))
        worker = {"ZAVA_TASKS": str(at_once), **settings}
        with another_server(shim, folder / "first", **worker):
            calls = [compared(http, url, uri, at_once, pause) for pause in PAUSES]
        export = {"postgresql_query": QUERY, "export": "csv"}
        wanted: list[tuple[str, Json]]
        wanted = [("soak_task", {"number": number}) for number in range(tasks)]
        wanted += [("execute_sales_query", export)] * exports
        draw.shuffle(wanted)
        for tool, arguments in wanted:
            assert send(http, url, tool, arguments)["resultType"] == "task"
        over, meanwhile = threading.Event(), list[float]()
        calling = threading.Thread(
            target=lambda: meanwhile.extend(timed_calls(http, url, over, 1_000_000))
        )
        began = time.monotonic()
        calling.start()
        killed = dict.fromkeys(KILLS, 0)
        while is_open(uri):
            log = folder / f"worker-{sum(killed.values())}"
            with another_server(shim, log, **worker) as (_, process):
                what = draw.choice(KILLS)
                kill_at = time.monotonic() + draw.uniform(0.2, 1.5)
                may_kill = sum(killed.values()) < kills
                while is_open(uri) and not (may_kill and time.monotonic() > kill_at):
                    time.sleep(0.05)
                if may_kill and is_open(uri):
                    killed[what] += 1
                    kill(what, process, uri, folder)
        seconds = time.monotonic() - began
        over.set()
        calling.join()
        with psycopg.connect(uri) as owner:
            row = owner.execute(SUMMARY.encode()).fetchone()
        assert row is not None
        rows = {name: [ROWS, digest(files / name)] for name in row[5] or {}}
        is_right = (row[0], row[1], row[2]) == (tasks, tasks, {"completed": tasks + exports})
        is_right = is_right and len(rows) == exports and row[5] == rows
        return {
            "tasks": tasks,
            "exports": exports,
            "kills": killed,
            "seconds": round(seconds, 1),
            "written": row[0],
            "distinct": row[1],
            "states": row[2],
            "most_attempts": row[3],
            "begun_again": row[4],
            "files": len(rows),
            "left": len([*files.iterdir()]) - len(rows),  # by what was killed, for the upkeep
            "calls": calls,
            "calls_during_kills": len(meanwhile),
            "wrong": [] if is_right else row,
        }


def digest(file: Path) -> str:
    """Return the SHA-256 of a file; nothing where there is none."""
    with contextlib.suppress(FileNotFoundError), file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
    return ""


def is_open(uri: str) -> bool:
    """Return whether a task waits or runs."""
    with psycopg.connect(uri) as owner:
        row = owner.execute(OPEN).fetchone()
    return bool(row and row[0])


def kill(what: str, process: subprocess.Popen[bytes], uri: str, folder: Path) -> None:
    """Kill a server, the sessions of all servers, or PostgreSQL, at once."""
    if what == "server":
        process.kill()
        process.wait(10)
    elif what == "sessions":
        with psycopg.connect(uri) as owner:
            owner.execute(END_SESSIONS)
    else:
        restarted(folder / "data", "immediate")


@click.command()
@click.option("--tasks", default=1000, show_default=True)
@click.option("--exports", default=100, show_default=True)
@click.option("--kills", default=20, show_default=True)
@click.option("--at-once", default=1, show_default=True, help="tasks of a server: ZAVA_TASKS")
@click.option("--seed", default=1, show_default=True)
def main(tasks: int, exports: int, kills: int, at_once: int, seed: int) -> None:
    """Print what was seen; exit code 1 when something was wrong."""
    with tempfile.TemporaryDirectory(prefix="zava-soak-") as name:
        report = run(Path(name), tasks, exports, kills, at_once, seed)
    Console().print_json(json.dumps(report))
    sys.exit(1 if report["wrong"] else 0)


if __name__ == "__main__":
    main()
