"""How long a query that used to run past every timeout keeps its caller and its backend.

``python -m benchmarks.runaway`` makes a database of its own, serves it, and sends queries as a
store manager, each with a built-in that once ran for tens of seconds. It prints the seconds until
the answer, the seconds until no backend of the server runs a query, the most connections that
/metrics showed in use meanwhile, and the answer.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks import zava

LONG = "from (select repeat('a', 9000) as a, repeat('b', 9000) as b from generate_series(1, 8)) x"
LARGE = "from (select string_agg(repeat('a', 9000), '') as s from generate_series(1, 3400)) x"
QUERIES = {
    "arrays that overlap": "select array_agg(g) && array_agg(-g) from generate_series(1, 110000) g",
    "an array in another": "select array_agg(g) <@ array_agg(-g) from generate_series(1, 110000) g",
    "translate": f"select length(translate(string_agg(a, ''), string_agg(b, ''), '')) {LONG}",
    "btrim": f"select length(btrim(string_agg(a, ''), string_agg(b, '') || 'a')) {LONG}",
    "normalize": "select length(normalize(string_agg(repeat(chr(769) || chr(803), 4000), '')))"
    " from generate_series(1, 20)",
    "keys of a document": "select jsonb_agg(g::text) ?| array_agg('k' || g)"
    " from generate_series(1, 60000) g",
    "keys taken from one": "select jsonb_agg(g::text) - array_agg('k' || g)"
    " from generate_series(1, 60000) g",
    **{
        f"{count:,} digests of 30 MB": f"select {'||'.join(['md5(s)'] * count)} {LARGE}"
        for count in (330, 1100)
    },
    "580 times in upper case": f"select {'+'.join(['length(upper(s))'] * 580)} {LARGE}",
}
BUSY = (
    "select count(*) from pg_stat_activity where usename = %s and state = 'active'"
    " and query like '%%mcp.handle%%'"
)
LOOK_SECONDS = 0.02
LONGEST = 120.0


async def in_use(client: httpx2.AsyncClient, origin: str) -> int:
    """Return the connections in use that /metrics shows."""
    text = (await client.get(f"{origin}/metrics")).text
    found = re.search(r"^pool_in_use(?:\{[^}]*\})? ([0-9.]+)$", text, re.MULTILINE)
    return int(float(found[1])) if found else -1


async def measured(origin: str, key: str, uri: str) -> list[dict[str, Any]]:
    """Send each query once, and watch until its backend is idle."""
    found = []
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    database = await psycopg.AsyncConnection.connect(uri, autocommit=True)
    async with database, httpx2.AsyncClient(timeout=LONGEST) as client:
        for name, query in QUERIES.items():
            params = {"name": "execute_sales_query", "arguments": {"postgresql_query": query}}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            began, answered, most, answer = time.monotonic(), 0.0, 0, ""
            call = asyncio.create_task(client.post(f"{origin}/mcp", json=message, headers=headers))
            while time.monotonic() - began < LONGEST:
                await asyncio.sleep(LOOK_SECONDS)
                most = max(most, await in_use(client, origin))
                if call.done() and not answered:
                    answered = time.monotonic() - began
                    answer = call.result().json()["result"]["content"][0]["text"]
                row = await (await database.execute(BUSY, [zava.LOGIN])).fetchone()
                if answered and row == (0,):
                    break
            idle = time.monotonic() - began
            said = json.loads(answer).get("message", "answered")
            found.append(
                {"query": name, "answer": answered, "idle": idle, "in_use": most, "said": said}
            )
    return found


@click.command(help=__doc__.partition("\n")[0])
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures there.")
def main(file: Path | None) -> None:
    """Run it, and print the table."""
    with zava.served(100) as server:
        key = next(iter(server.keys["stores"].values()))
        found = asyncio.run(measured(server.origin, key, server.uri))
    table = Table("query", "answer s", "backend idle s", "most in use", "answer")
    for line in found:
        seconds = f"{line['answer']:.2f}", f"{line['idle']:.2f}"
        table.add_row(line["query"], *seconds, str(line["in_use"]), line["said"][:60])
    Console().print(table)
    if file:
        file.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
