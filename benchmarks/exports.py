r"""What an export costs: a whole result as a file, beside psql's \copy of the same query.

``python -m benchmarks.exports`` makes a table of a million rows with a policy, serves it, and has a
task export it, in turns with ``\copy`` as CSV. It prints the seconds of both, their ratio, and by
how much the memory of the server grew. Exit code 1 when the ratio is over 1.5 or the growth over
20 MB; of Parquet, over 4 or 100 MB.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console

from benchmarks import zava
from zava_mcp.local import cluster

ORDERS = 2000
MOST = {"csv": (1.5, 20.0), "parquet": (4.0, 100.0)}  # ratio, and MB of memory
LIMITS = "update mcp_auth.limits set calls_per_minute = 1000000, export_bytes = 1000000000000"
TABLE = """
create table retail.lines as
select
    s.store_id, gen_random_uuid() as line_id, g.n % 100 + 1 as quantity,
    (g.n % 10000 / 100.0)::numeric(12, 2) as unit_price, 0.00::numeric(12, 2) as discount_amount,
    timestamptz '2026-01-01' + g.n * interval '1 second' as ordered_at, s.name as store, g.n
from generate_series(1, {rows}) as g (n)
inner join (
    select store_id, name, row_number() over (order by name) as place, count(*) over () as stores
    from retail.stores
) as s on s.place = g.n % s.stores + 1;
alter table retail.lines enable row level security;
create policy lines_select on retail.lines for select to mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid []));
grant select on retail.lines to mcp_sandbox;
vacuum analyze retail.lines;
"""
QUERY = "select * from retail.lines"
EVERY = 0.1  # seconds between two looks at the task and at the memory
SETTINGS = {**cluster.THROW_AWAY, "synchronize_seqscans": "off"}  # rows in one order
TASKS = "io.modelcontextprotocol/tasks"

Json = dict[str, Any]


def send(http: httpx2.Client, method: str, name: str, params: Json) -> Json:
    """Send a request as a client that knows tasks; return the result."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    headers = {"Mcp-Method": method, "Mcp-Name": name}
    found: Json = http.post("/mcp", json=message, headers=headers).json()["result"]
    return found


def export(http: httpx2.Client, query: str, format_: str) -> tuple[float, Json]:
    """Export a query; return the seconds until there is an answer, and what it says of the file."""
    began = time.monotonic()
    tool = "execute_sales_query"
    arguments = {"postgresql_query": query, "export": format_}
    task = send(http, "tools/call", tool, {"name": tool, "arguments": arguments})
    while task["status"] == "working":
        time.sleep(EVERY)
        task = send(http, "tasks/get", task["taskId"], {"taskId": task["taskId"]})
    seconds = time.monotonic() - began
    if task["status"] != "completed" or task["result"]["isError"]:
        raise SystemExit(f"no export: {task}")
    found: Json = task["result"]["structuredContent"]["export"]
    return seconds, found


def copy(uri: str, query: str, file: Path) -> float:
    """Copy a query by psql; return the seconds."""
    psql = shutil.which("psql", path=f"{cluster.bin_dir()}:{os.environ['PATH']}")
    if psql is None:
        raise SystemExit("psql is missing")
    command = f"\\copy ({query}) to '{file}' (format csv, header)"
    began = time.monotonic()
    subprocess.run([psql, uri, "-X", "-q", "-c", command], check=True)
    return time.monotonic() - began


def memory(process: int) -> float:
    """Return the memory of a process in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def watched(process: int) -> Iterator[list[float]]:
    """Look at the memory of a process meanwhile; the list has what was seen, in MB."""
    over, seen = threading.Event(), [memory(process)]

    def look() -> None:
        while not over.wait(EVERY):
            seen.append(memory(process))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def measured(folder: Path, rows: int, turns: int, format_: str) -> Json:
    """Export and copy in turns; return what was seen."""
    with cluster.server(folder / "data", SETTINGS) as uri:
        if not zava.prepare(uri, ORDERS, "none"):
            raise SystemExit("the database could not be prepared")
        with psycopg.connect(uri, autocommit=True) as owner:
            for statement in (LIMITS, *TABLE.format(rows=rows).split(";\n")):
                owner.execute(statement.encode())
        shim = cluster.uri(folder / "data", zava.LOGIN)
        key = zava.demo_keys(uri, shim, folder / "keys.json")["head_office"]
        port, files = zava.free_port(), folder / "exports"
        settings = {"ZAVA_EMBEDDER": "none", "ZAVA_EXPORTS": str(files)}
        headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json",
            "MCP-Protocol-Version": "2026-07-28",
        }
        address = f"http://127.0.0.1:{port}"
        with (
            zava.serving(shim, "127.0.0.1", port, folder / "log", **settings) as server,
            httpx2.Client(base_url=address, headers=headers, timeout=60) as http,
        ):
            export(http, f"{QUERY} limit 10", format_)  # what is loaded once
            exported, copied, seen = [], [], [memory(server.pid)]
            for _ in range(turns):
                copied.append(copy(uri, QUERY, folder / "copied.csv"))
                with watched(server.pid) as sizes:
                    seconds, found = export(http, QUERY, format_)
                exported.append(seconds)
                seen += sizes[1:]
                file = files / found["path"].removeprefix("/exports/")
                same = found["rows"] == rows and digest(file) == found["sha256"]
                if format_ == "csv":
                    same = same and found["sha256"] == digest(folder / "copied.csv")
                file.unlink()
        return {
            "format": format_,
            "rows": rows,
            "bytes": found["bytes"],
            "export_seconds": [round(each, 2) for each in exported],
            "copy_seconds": [round(each, 2) for each in copied],
            "ratio": round(statistics.median(exported) / statistics.median(copied), 2),
            "memory_mb": round(seen[0], 1),
            "growth_mb": round(max(seen) - seen[0], 1),
            "same_file": same,
            "load": round(os.getloadavg()[0], 2),
        }


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, help="Rows of the export.")
@click.option("--turns", default=3, show_default=True, help="How often; the median counts.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(MOST)),
    default="csv",
    show_default=True,
    help="Format of the export; psql copies CSV.",
)
def main(rows: int, turns: int, format_: str) -> None:
    """Print what was seen; exit code 1 when an export takes too long or too much memory."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as name:
        report = measured(Path(name), rows, turns, format_)
    Console().print_json(json.dumps(report))
    ratio, megabytes = MOST[format_]
    sys.exit(report["ratio"] > ratio or report["growth_mb"] > megabytes)


if __name__ == "__main__":
    main()
