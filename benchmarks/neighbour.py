"""What a caller waits beside others who send the largest messages that the server takes.

``python -m benchmarks.neighbour`` makes a database of its own, serves it, and times one caller's
calls, first alone, then beside 6 connections that each send a message a second, for each shape of
message. It prints the 99th percentile of the caller's times, and its ratio to alone.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import zava
from zava_mcp.shim.receive.http import BODY_BYTES, OTHER_BYTES
from zava_mcp.shim.receive.message import META_BYTES

CONNECTIONS = 6
EVERY = 1.0  # second each of them sends a message
PAUSE = 0.02  # seconds between two calls of the caller who is timed
FREE = "update mcp_auth.limits set calls_per_minute = 1000000, concurrent_calls = 1000"


def call(arguments: str, more: str = "", method: str = "tools/call") -> bytes:
    """Return a message, whose parts are JSON text."""
    params = f'{{"name": "list_stores", "arguments": {arguments}{more}}}'
    return f'{{"jsonrpc": "2.0", "id": 1, "method": "{method}", "params": {params}}}'.encode()


def messages() -> dict[str, bytes]:
    """Return a message of each shape, as large as the server takes."""
    room = BODY_BYTES - 1000
    keys = ",".join(f'"k{n}": 1' for n in range(room // 13))
    return {
        "numbers": call('{"a": [' + ",".join(["1.5"] * (room // 4)) + "]}"),
        "keys": call("{" + keys + "}"),
        "depth": call('{"a": ' + "[" * 900 + "1" + "]" * 900 + "}"),
        "string": call('{"a": "' + "a" * room + '"}'),
        "escapes": call('{"a": "' + "\\u0041" * (room // 6) + '"}'),
        "_meta": call("{}", ', "_meta": {' + keys[: META_BYTES - 20].rpartition(",")[0] + "}"),
        "answers": call("{}", ', "inputResponses": {"a": {"b": "' + "a" * (room - 200) + '"}}'),
        "batch": b"[" + b",".join([call("{}")] * (room // 110)) + b"]",
        "another method": call('{"a": "' + "a" * (OTHER_BYTES - 300) + '"}', method="ping"),
        "a prompt": call('{"a": "' + "a" * (room - 200) + '"}', method="prompts/get"),
        "too large": call('{"a": "' + "a" * (BODY_BYTES + 1000) + '"}'),
    }


async def hostile(
    client: httpx2.AsyncClient, url: str, key: str, body: bytes, first: float
) -> None:
    """Send a message again and again, until cancelled."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    await asyncio.sleep(first)
    while True:
        began = time.monotonic()
        await client.post(url, content=body, headers=headers)
        await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - began)))


async def timed(client: httpx2.AsyncClient, url: str, key: str, seconds: float) -> list[float]:
    """Call a tool for so long; return the milliseconds of each call."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    end, times = time.monotonic() + seconds, []
    while time.monotonic() < end:
        began = time.perf_counter()
        response = await client.post(url, content=call("{}"), headers=headers)
        times.append((time.perf_counter() - began) * 1000)
        assert '"isError":true' not in response.text, response.text
        assert response.status_code == 200, response.text
        await asyncio.sleep(PAUSE)
    return times


async def measured(url: str, keys: list[str], seconds: float) -> list[dict[str, Any]]:
    """Time the first caller, alone and beside each shape."""
    found: list[dict[str, Any]] = []
    async with httpx2.AsyncClient(timeout=60) as ours, httpx2.AsyncClient(timeout=60) as theirs:
        await timed(ours, url, keys[0], 1)
        for name, body in {"alone": b"", **messages()}.items():
            others = [
                asyncio.create_task(hostile(theirs, url, keys[1], body, n * EVERY / CONNECTIONS))
                for n in range(CONNECTIONS)
                if body
            ]
            times = await timed(ours, url, keys[0], seconds)
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            cuts = statistics.quantiles(times, n=100)
            found.append({"shape": name, "bytes": len(body), "p50": cuts[49], "p99": cuts[98]})
    for line in found:
        line["ratio"] = line["p99"] / found[0]["p99"]
    return found


@click.command(help=__doc__.partition("\n")[0])
@click.option("--seconds", default=8.0, show_default=True, help="For each shape.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures there.")
def main(seconds: float, file: Path | None) -> None:
    """Run it, and print the table."""
    with zava.served(100) as server:
        with psycopg.connect(server.uri, autocommit=True) as owner:
            owner.execute(FREE)
        keys = [server.keys["head_office"], server.keys["regional_manager"]]
        found = asyncio.run(measured(f"{server.origin}/mcp", keys, seconds))
    table = Table("message", "bytes", "p50 ms", "p99 ms", "p99 beside alone")
    for line in found:
        figures = (f"{line['p50']:.1f}", f"{line['p99']:.1f}", f"{line['ratio']:.2f}")
        table.add_row(line["shape"], f"{line['bytes']:,}", *figures)
    Console().print(table)
    if file:
        file.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
