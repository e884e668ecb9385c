"""Many more callers than connections: each is answered or told "busy", and memory stays as it is.

``python tests/operations/load.py`` makes 100,000 calls, 1,000 at a time, to a server with a pool of
10, and watches the memory of the server. Exit code 1 when an answer was anything but a result or
"busy", or the memory grew.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import httpx2
import psutil
import psycopg
from chaos import free_port
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from benchmarks import zava
from zava_mcp.local import cluster

POOL = 10
GROWTH = 1.1  # of the memory, from when all callers have called until the end
SAMPLES = 50
FREE = "update mcp_auth.limits set calls_per_minute = 1000000, concurrent_calls = 1000"

Json = dict[str, Any]
Done = Callable[[], None]


def run(
    shim_url: str, keys: list[str], folder: Path, calls: int, concurrency: int, done: Done
) -> Json:
    """Make ``calls`` calls with some keys, several at a time; return what was seen."""
    port = free_port()
    settings = {"ZAVA_POOL_MAX": str(POOL), "ZAVA_MAX_CONNECTIONS": str(2 * concurrency)}
    with zava.serving(
        shim_url, "127.0.0.1", port, folder / "server.log", ZAVA_EMBEDDER="none", **settings
    ) as shim:
        memory: list[int] = []
        process = psutil.Process(shim.pid)

        def called(number: int) -> None:
            done()
            if number % max(calls // SAMPLES, 1) == 0:
                memory.append(process.memory_info().rss)

        began = time.monotonic()
        url = f"http://127.0.0.1:{port}/mcp"
        outcomes = asyncio.run(call_all(url, keys, calls, concurrency, called))
        seconds = time.monotonic() - began
    settled = memory[len(memory) // 5 :]  # when every caller has had some answers
    return {
        "calls": calls,
        "at_a_time": concurrency,
        "pool": POOL,
        "seconds": round(seconds, 1),
        "calls_per_second": round(calls / seconds),
        "outcomes": dict(outcomes),
        "memory_mb": {
            "settled": round(settled[0] / 2**20, 1),
            "end": round(settled[-1] / 2**20, 1),
            "most": round(max(memory) / 2**20, 1),
        },
        "good": outcomes.keys() <= {"OK", "BUSY"} and settled[-1] <= settled[0] * GROWTH,
    }


def prepare(uri: str) -> list[str]:
    """Make the database and the keys of 20 users, who may call as they like."""
    zava.prepare(uri, 100, "none")
    with psycopg.connect(uri) as connection:
        connection.execute(FREE)
        made = connection.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user('load ' || n, 'head_office'))"
            " from generate_series(1, 20) as n"
        )
        return [key for (key,) in made]


async def call_all(
    url: str, keys: list[str], calls: int, concurrency: int, called: Callable[[int], None]
) -> Counter[str]:
    """Make the calls; give how often each outcome came."""
    left, outcomes = iter(range(calls)), Counter[str]()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)

    async def work(http: httpx2.AsyncClient, numbers: Iterator[int], key: str) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        for number in numbers:
            params = {"name": "list_stores", "arguments": {}}
            body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
            try:
                response = await http.post(url, json=body, headers=headers)
                outcomes[outcome(response)] += 1
            except httpx2.TransportError as error:
                outcomes[repr(error)] += 1
            called(number)

    async with (
        httpx2.AsyncClient(timeout=120, limits=limits) as http,
        asyncio.TaskGroup() as group,
    ):
        for number in range(concurrency):
            group.create_task(work(http, left, keys[number % len(keys)]))
    return outcomes


def outcome(response: httpx2.Response) -> str:
    """OK, BUSY, or what else came."""
    if response.status_code == 503 and "in use" in response.text:
        return "BUSY"  # before it was known who calls
    if response.status_code != 200:
        return f"HTTP {response.status_code} {response.text[:200]}"
    result = response.json()["result"]
    return json.loads(result["content"][0]["text"])["code"] if result["isError"] else "OK"


@click.command(help=__doc__.partition("\n")[0])
@click.option("--calls", default=100_000, show_default=True, type=click.IntRange(1000))
@click.option("--concurrency", default=1000, show_default=True, type=click.IntRange(1))
def main(calls: int, concurrency: int) -> None:
    """Do it on a database and a server of its own."""
    console = Console()
    columns = ("calls", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="zava-load-") as name,
        Progress(*columns, console=console) as progress,
    ):
        folder = Path(name)
        with cluster.server(folder, cluster.THROW_AWAY) as uri:
            keys = prepare(uri)
            task = progress.add_task("calls", total=calls)
            shim_url = cluster.uri(folder, zava.LOGIN)
            result = run(shim_url, keys, folder, calls, concurrency, lambda: progress.advance(task))
    console.print_json(json.dumps(result))
    sys.exit(0 if result["good"] else 1)


if __name__ == "__main__":
    main()
