"""What 1,000 tools cost: tools/list, searches, memory, the refresh of the catalogue and a call.

``python -m benchmarks.discovery`` measures them on an embedded server made for it. The tools get
vectors that mean nothing: it is the time of a search that counts here.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import psutil
import psycopg

from benchmarks import peers
from zava_mcp.local import cluster
from zava_mcp.migrate.apply import run_apply
from zava_mcp.migrate.session import Settings

NOUNS = [
    "order",
    "customer",
    "product",
    "invoice",
    "delivery",
    "refund",
    "shift",
    "budget",
    "supplier",
    "voucher",
]
VERBS = [
    "count",
    "list",
    "compare",
    "find",
    "explain",
    "forecast",
    "rank",
    "check",
    "audit",
    "summarise",
]
MAKE = """
create function api.{name}() returns table (n integer, label text) language sql stable
security definer set search_path = pg_catalog, pg_temp as $$select {number}, 'x'$$;
comment on function api.{name}() is $c${verb} each {noun} of part {number} of the house.

Use it to {verb} what the {noun} of part {number} costs, by day and person.

@example "How many of the {noun} in part {number}?" -> {name}()
@tool group=made
$c$;
alter function api.{name}() owner to mcp_tools;
revoke all on function api.{name}() from public;
grant execute on function api.{name}() to mcp_core, head_office;
"""
LISTS = {"/mcp": None, "/mcp/all": "{all}"}
MODEL = "made up"
VECTORS = """
insert into mcp_catalog.passage_vectors (model, digest, vector)
select
    %s,
    p.digest,
    array(select (random() - 0.5)::real from generate_series(1, 384) where p.digest is not null)
from (select distinct digest from mcp_catalog.tool_passages) as p
on conflict do nothing
"""
QUESTIONS = [f"Which {noun} should we {verb} first?" for noun in NOUNS for verb in VERBS]


def tools(count: int) -> str:
    """Return the SQL that makes tools."""
    made = list[str]()
    for number in range(count):
        noun, verb = NOUNS[number % 10], VERBS[number // 10 % 10]
        name = f"{verb}_{noun}_{number}"
        made.append(MAKE.format(name=name, noun=noun, verb=verb, number=number))
    return "".join(made)


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def listed(conn: psycopg.Connection[tuple[str]], key: str, groups: str | None) -> int:
    """Return the bytes of all pages of tools/list."""
    size, cursor = 0, None
    while True:
        row = conn.execute(
            "select mcp.list_tools(%s, %s, groups => %s::text[])", [key, cursor, groups]
        ).fetchone()
        assert row
        page = json.loads(json.dumps(row[0]))
        text = json.dumps({"tools": page["tools"]}, ensure_ascii=False, separators=(",", ":"))
        size += len(text.encode())
        cursor = page.get("nextCursor")
        if not cursor:
            return size


def resident(uri: str, key: str, log: Path) -> float:
    """Return the MB that a server of these tools takes after a list and a call."""
    server = peers.ours(uri, key)[0]
    with peers.running(server, log) as (process, _):
        return psutil.Process(process.pid).memory_info().rss / 1e6


def measure(uri: str, what: str, log: Path) -> None:
    """Print what the tools that are there cost."""
    with psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("select mcp_catalog.refresh_catalog()")
        conn.execute(VECTORS, [MODEL])
        row = conn.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user('Benchmark', 'head_office'))"
        ).fetchone()
        assert row
        key = row[0]

        def ask(query: str, *parameters: object) -> Callable[[], object]:
            return lambda: conn.execute(query.encode(), parameters).fetchall()

        means = timed(ask("select mcp_catalog.refresh_tool_vectors()"))
        refresh = timed(ask("select mcp_catalog.refresh_catalog()"))

        def search(question: str, vector: list[float] | None) -> float:
            with conn.transaction():
                conn.execute("select mcp_auth.begin_request(%s)", [key])
                conn.execute("select set_config('app.embedding_model', %s, true)", [MODEL])
                query = "select * from mcp_tool.search_tools(%s, 3, %s::real[])"
                return timed(ask(query, question, vector))

        pick = random.Random(1)  # noqa: S311
        vector = [pick.random() - 0.5 for _ in range(384)] + [0.0] * 1152
        ways = {"words": None, "both": vector}
        searches = {
            way: [search(question, given) for question in QUESTIONS] for way, given in ways.items()
        }
        listing = [timed(ask("select mcp.list_tools(%s)", key)) for _ in range(20)]
        call = [
            timed(ask("select mcp.call_tool(%s, 'list_stores', '{}')", key)) for _ in range(2000)
        ]
        sizes = {name: listed(conn, key, groups) for name, groups in LISTS.items()}
        memory = resident(uri, key, log)
        conn.execute("delete from mcp_auth.api_keys")
        conn.execute("delete from mcp_auth.users where name = 'Benchmark'")
    found = "; ".join(
        f"search by {way} median {statistics.median(taken):.1f} ms, "
        f"p95 {statistics.quantiles(taken, n=20)[-1]:.1f} ms"
        for way, taken in searches.items()
    )
    sys.stdout.write(
        f"{what}: tools/list {sizes['/mcp']} bytes at /mcp, {sizes['/mcp/all']} at /mcp/all, "
        f"a page {statistics.median(listing):.1f} ms; {found}; "
        f"a call {statistics.median(call):.2f} ms; refresh {refresh:.0f} ms, "
        f"with vectors of all tools {means:.0f} ms more; "
        f"the server takes {memory:.0f} MB\n"
    )


@click.command(help=__doc__.partition("\n")[0])
@click.option("--tools", "count", default=1000, show_default=True, help="Added to Zava's own.")
def main(count: int) -> None:
    """Measure before and after."""
    folder = Path(tempfile.mkdtemp(prefix="zava-bench-"))
    with cluster.server(folder, cluster.THROW_AWAY) as uri:
        settings = Settings(url=uri)
        run_apply(settings, settings.tree(), quiet=True)
        measure(uri, "as it is", folder / "log")
        with psycopg.connect(uri) as conn:
            conn.execute(tools(count).encode())
        measure(uri, f"with {count} tools more", folder / "log")


if __name__ == "__main__":
    main()
