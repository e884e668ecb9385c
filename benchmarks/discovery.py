"""What 1,000 tools cost: tools/list, a search, the refresh of the catalogue and a call.

``python -m benchmarks.discovery`` measures them on an embedded server made for it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import psycopg

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
$c$;
alter function api.{name}() owner to mcp_tools;
revoke all on function api.{name}() from public;
grant execute on function api.{name}() to mcp_core, head_office;
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


def measure(uri: str, what: str) -> None:
    """Print what the tools that are there cost."""
    with psycopg.connect(uri, autocommit=True) as conn:
        row = conn.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user('Benchmark', 'head_office'))"
        ).fetchone()
        assert row
        key = row[0]

        def ask(query: str, *parameters: object) -> Callable[[], object]:
            return lambda: conn.execute(query.encode(), parameters).fetchall()

        def search(question: str) -> Callable[[], object]:
            def work() -> None:
                with conn.transaction():
                    conn.execute("select mcp_auth.begin_request(%s)", [key])
                    searches.append(timed(ask("select * from mcp_tool.search_tools(%s)", question)))

            return work

        searches = list[float]()
        for question in QUESTIONS:
            search(question)()
        listing = [timed(ask("select mcp.list_tools(%s)", key)) for _ in range(20)]
        call = [
            timed(ask("select mcp.call_tool(%s, 'list_stores', '{}')", key)) for _ in range(200)
        ]
        refresh = timed(ask("select mcp_catalog.refresh_catalog()"))
        (size,) = conn.execute("select pg_total_relation_size('mcp_catalog.tool_words')").fetchall()
        conn.execute("delete from mcp_auth.api_keys")
        conn.execute("delete from mcp_auth.users where name = 'Benchmark'")
    p95 = statistics.quantiles(searches, n=20)[-1]
    sys.stdout.write(
        f"{what}: search median {statistics.median(searches):.1f} ms, p95 {p95:.1f} ms; "
        f"a page of tools/list {statistics.median(listing):.1f} ms; "
        f"a call {statistics.median(call):.2f} ms; refresh {refresh:.0f} ms; "
        f"words {size[0] // 1024} kB\n"
    )


@click.command(help=__doc__.partition("\n")[0])
@click.option("--tools", "count", default=1000, show_default=True, help="Added to Zava's own.")
def main(count: int) -> None:
    """Measure before and after."""
    folder = Path(tempfile.mkdtemp(prefix="zava-bench-"))
    with cluster.server(folder, cluster.THROW_AWAY) as uri:
        settings = Settings(url=uri)
        run_apply(settings, settings.tree(), quiet=True)
        measure(uri, "as it is")
        with psycopg.connect(uri) as conn:
            conn.execute(tools(count).encode())
        measure(uri, f"with {count} tools more")


if __name__ == "__main__":
    main()
