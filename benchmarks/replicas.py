"""What replicas take off the primary: the same reads with none, with one and with two of them.

    python -m benchmarks.replicas [--seconds 10] [--rounds 3]

A primary with a demo, two standbys of it, and three servers: one that knows no replica, one that
knows the first, one that knows both. In a round each has its turn; a few clients ask for the stock,
which is never answered from a cache, as head office. CPU is that of each PostgreSQL's processes and
of the server, in milliseconds a call. The ratio of calls a second is that of a round, and of them
the median: it grows as far as the machine has processors for the replicas, which share them with
the primary, the server and the clients here. What leaves the primary is what others can use.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import click
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import load, zava
from benchmarks.tool_call import cpu_of
from zava_mcp.local import cluster

REPLICAS = 2
# not one with cache=: what is to be cached is read from the primary
TOOL, ARGUMENTS = "get_inventory_status", {"page_size": 20}
SERVER = {
    "ZAVA_EMBEDDER": "none",
    "ZAVA_LOG_LEVEL": "warning",
}


class Turn(NamedTuple):
    """What a server did in its turn: calls a second, and milliseconds of CPU a call."""

    calls_per_second: float
    primary: float
    replicas: float
    server: float
    failures: int


def request_of(key: str) -> bytes:
    """Return the HTTP request of the report."""
    params = {"name": TOOL, "arguments": ARGUMENTS}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    body = json.dumps(message)
    head = (
        "POST /mcp HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "MCP-Protocol-Version: 2025-06-18",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join([*head, "", body]).encode()


def postmaster(folder: Path) -> psutil.Process:
    """Return the first process of a PostgreSQL."""
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def measure(clients: int, seconds: float, rounds: int, orders: int) -> dict[int, list[Turn]]:
    """Return the turns of each server, by how many replicas it knows."""
    with ExitStack() as stack:
        # short, as sockets' must be
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zava-bench-")))
        uri = stack.enter_context(cluster.server(folder / "primary", cluster.THROW_AWAY))
        zava.prepare(uri, orders, "none")
        shim = cluster.uri(folder / "primary", zava.LOGIN)
        key = zava.demo_keys(uri, shim, folder / "keys.json")["head_office"]
        with psycopg.connect(uri, autocommit=True) as owner:
            owner.execute("update mcp_auth.limits set calls_per_minute = 1000000")
            owner.execute("update mcp_auth.limits set concurrent_calls = 1000")
        copies = [folder / f"replica{number}" for number in range(REPLICAS)]
        for copy in copies:
            stack.enter_context(zava.standby(uri, copy))
        replicas = [postmaster(copy) for copy in copies]
        primary = postmaster(folder / "primary")
        urls = [cluster.uri(copy, zava.LOGIN) for copy in copies]
        ports, servers = [], []
        for count in range(REPLICAS + 1):
            ports.append(zava.free_port())
            known = {"ZAVA_REPLICA_URL": " ".join(urls[:count])} if count else {}
            serving = zava.serving(
                shim, "127.0.0.1", ports[-1], folder / f"log{count}", **SERVER, **known
            )
            servers.append(psutil.Process(stack.enter_context(serving).pid))
        request = request_of(key)
        found: dict[int, list[Turn]] = {count: [] for count in range(REPLICAS + 1)}
        for number in range(rounds + 1):
            for count in sorted(found, reverse=bool(number % 2)):

                def probe(count: int = count) -> list[float]:
                    return [cpu_of([primary]), cpu_of(replicas), cpu_of([servers[count]])]

                window, taken = asyncio.run(
                    load.over_http(ports[count], request, clients, seconds, probe)
                )
                calls = len(window.times)
                first, others, shim_cpu = (1000 * each / calls for each in taken)
                turn = Turn(calls / window.seconds, first, others, shim_cpu, window.failures)
                if number:  # the first is not counted: the servers look for their replicas
                    found[count].append(turn)
        return found


def median(turns: list[Turn], name: str) -> float:
    """Return the median of what turns have."""
    return statistics.median(float(getattr(turn, name)) for turn in turns)


def show(found: dict[int, list[Turn]], console: Console) -> None:
    """Print the table."""
    table = Table(
        "replicas", "calls/s", "ratio", "primary", "replicas", "server", title="ms of CPU"
    )
    for count, turns in found.items():
        ratios = [
            turn.calls_per_second / none.calls_per_second
            for turn, none in zip(turns, found[0], strict=True)
        ]
        table.add_row(
            str(count),
            f"{median(turns, 'calls_per_second'):.0f}",
            f"{statistics.median(ratios):.2f}",
            *(f"{median(turns, name):.2f}" for name in ("primary", "replicas", "server")),
        )
    console.print(table)
    failures = sum(turn.failures for turns in found.values() for turn in turns)
    moved = 1 - median(found[REPLICAS], "primary") / median(found[0], "primary")
    console.print(f"{moved:.0%} of the primary's CPU a call left it; {failures} calls failed")


@click.command(help=__doc__.partition("\n")[0])
@click.option("--clients", default=8, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=10.0, show_default=True, help="Of each turn.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--orders", default=20_000, show_default=True, help="Orders of the demo.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the result there.")
def main(clients: int, seconds: float, rounds: int, orders: int, file: Path | None) -> None:
    """Measure, and print a table."""
    found = measure(clients, seconds, rounds, orders)
    show(found, Console())
    if file:
        result: dict[str, Any] = {
            str(count): [turn._asdict() for turn in turns] for count, turns in found.items()
        }
        file.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
