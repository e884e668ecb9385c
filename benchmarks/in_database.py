"""What the signed request context costs: a call, and a query under policies, with it and without.

    python -m benchmarks.in_database [--json]

Two databases, the same to the byte, except that in one of them ("plain") auth.set_context writes
who calls as it is and auth.context believes it. The dispatcher, the tools and the policies are the
same. Loops run inside the server, a transaction a call, so that neither the network nor a driver is
measured; the rounds of the two databases alternate, so that what else the machine does meets both.
They are made on a PostgreSQL of this command's own, or on the server of DATABASE_URL, whose login
has to be allowed to create databases, and dropped at the end.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from urllib.parse import urlsplit

import click
import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import localdb

TARGET_US = 100  # more, a call
ORDERS = 2000
VARIANTS = ("plain", "signed")

PLAIN = """
create or replace function auth.set_context(identity auth.identity)
returns void language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config(
        'app.current_rls_user_id',
        concat_ws('|', identity.user_id, identity.audience, identity.scope), true
    );
end
$$;
create or replace function auth.context()
returns auth.identity language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_raw text := nullif(current_setting('app.current_rls_user_id', true), '');
    v_field text[] := string_to_array(v_raw, '|');
    v_identity auth.identity;
begin
    if v_raw is null then
        return null;
    end if;
    v_identity.user_id := v_field[1];
    v_identity.audience := v_field[2];
    v_identity.scope := v_field[3];
    return v_identity;
end
$$;
"""
THREE_TABLES = """
create function api.three_tables()
returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
    select count(*)
    from retail.orders as o
    inner join retail.order_items as i on o.store_id = i.store_id and o.order_id = i.order_id
    inner join retail.customers as c on o.store_id = c.store_id and o.customer_id = c.customer_id
    where o.order_id = '00000000-0000-0000-0000-000000000000';
end;
comment on function api.three_tables() is 'Look one order up in three tables with policies.';
grant create on schema api to zava_tools;
alter function api.three_tables() owner to zava_tools;
revoke create on schema api from zava_tools;
revoke all on function api.three_tables() from public;
grant execute on function api.three_tables() to zava_auth, store_managers;
select mcp.refresh_catalog();
"""
CALLS = """
do $do$
begin
    for i in 1 .. {count} loop
        perform mcp.call_tool({key}, {tool}, '{{}}');
        commit;
    end loop;
end
$do$
"""
QUERIES = """
do $do$
begin
    perform auth.begin_request({key});
    for i in 1 .. {count} loop
        perform api.three_tables();
    end loop;
end
$do$
"""


class Measure(NamedTuple):
    """What is timed: a loop, and the tool that it calls."""

    name: str
    loop: LiteralString
    tool: str


MEASURES = (
    Measure("call, no table", CALLS, "get_current_utc_date"),
    Measure("call, three tables with policies", CALLS, "three_tables"),
    Measure("query alone, three tables with policies", QUERIES, "three_tables"),
)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Give the URI of a server to make databases on."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    settings = {**localdb.THROW_AWAY, "autovacuum": "off"}
    with (
        tempfile.TemporaryDirectory(prefix="zava-bench-") as folder,
        localdb.server(Path(folder), settings) as uri,
    ):
        yield uri


@contextlib.contextmanager
def databases(uri: str) -> Iterator[tuple[dict[str, psycopg.Connection[Any]], str]]:
    """Make the two databases; give a connection to each, and an API key that both know."""
    tag = uuid.uuid4().hex[:8]
    names = {variant: f"zava_bench_{tag}_{variant}" for variant in VARIANTS}
    urls = {
        variant: urlsplit(uri)._replace(path=f"/{names[variant]}").geturl() for variant in names
    }
    with psycopg.connect(uri, autocommit=True) as maintenance, contextlib.ExitStack() as stack:
        for name in names.values():
            drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            stack.callback(maintenance.execute, drop)
        signed, plain = sql.Identifier(names["signed"]), sql.Identifier(names["plain"])
        maintenance.execute(sql.SQL("create database {}").format(signed))
        fill(urls["signed"])
        with psycopg.connect(urls["signed"]) as connection:
            keys: Any = connection.execute("select retail.create_demo_keys()").fetchone()
            connection.execute(THREE_TABLES)
        maintenance.execute(sql.SQL("create database {} template {}").format(plain, signed))
        opened = {
            variant: stack.enter_context(psycopg.connect(url, autocommit=True))
            for variant, url in urls.items()
        }
        opened["plain"].execute(PLAIN)
        for connection in opened.values():
            connection.execute("vacuum analyze")
        yield opened, min(keys[0]["stores"].values())


def fill(url: str) -> None:
    """Apply sql/ and make a small demo; what is said about it goes to stderr."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as folder:
        subprocess.run(
            [
                *(sys.executable, localdb.ROOT / "localdb.py", "prepare"),
                *("--data-dir", folder, "--database-url", url),
                *("--orders", str(ORDERS), "--embedder", "none"),
            ],
            stdout=sys.stderr,
            check=True,
        )


def run(connection: psycopg.Connection[Any], measure: Measure, key: str, count: int) -> float:
    """Run a loop; give microseconds a turn."""
    statement = sql.SQL(measure.loop).format(count=count, key=key, tool=measure.tool)
    began = time.perf_counter()
    connection.execute(statement)
    return (time.perf_counter() - began) / count * 1e6


def measured(rounds: int, count: int) -> list[dict[str, Any]]:
    """Time every measure in both databases, round by round; give the figures in microseconds."""
    times: dict[tuple[str, str], list[float]] = {}
    progress = Progress(console=Console(stderr=True), transient=True)
    with server() as uri, databases(uri) as (connections, key), progress:
        task = progress.add_task("rounds", total=rounds + 1)
        for number in range(rounds + 1):
            order = VARIANTS if number % 2 else VARIANTS[::-1]
            for measure in MEASURES:
                for variant in order:
                    taken = run(connections[variant], measure, key, count)
                    if number:  # the first round warms up
                        times.setdefault((measure.name, variant), []).append(taken)
            progress.advance(task)
    return [
        figures(measure.name, *(times[measure.name, v] for v in VARIANTS)) for measure in MEASURES
    ]


def figures(name: str, plain: list[float], signed: list[float]) -> dict[str, Any]:
    """Sum up the rounds of one measure; what was measured side by side is compared pair by pair."""
    pairs = list(zip(plain, signed, strict=True))
    return {
        "measure": name,
        "plain_us": round(statistics.median(plain), 1),
        "plain_min_us": round(min(plain), 1),
        "signed_us": round(statistics.median(signed), 1),
        "signed_min_us": round(min(signed), 1),
        "difference_us": round(statistics.median(s - p for p, s in pairs), 1),
        "difference_of_min_us": round(min(signed) - min(plain), 1),
        "ratio": round(statistics.median(s / p for p, s in pairs), 2),
    }


def table(results: list[dict[str, Any]], rounds: int, count: int) -> Table:
    """Lay the figures out for people."""
    caption = f"microseconds, median (minimum) of {rounds} rounds of {count}"
    laid_out = Table(title="The signed request context", caption=caption)
    for heading in ("", "plain setting", "signed", "difference", "ratio"):
        laid_out.add_column(heading, justify="right" if heading else "left")
    for r in results:
        laid_out.add_row(
            r["measure"],
            f"{r['plain_us']} ({r['plain_min_us']})",
            f"{r['signed_us']} ({r['signed_min_us']})",
            f"{r['difference_us']} ({r['difference_of_min_us']})",
            f"{r['ratio']}",
        )
    return laid_out


@click.command(help=__doc__.partition("\n")[0])
@click.option("--rounds", type=click.IntRange(1), default=41, show_default=True)
@click.option("--calls", type=click.IntRange(1), default=200, show_default=True, help="A round.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def main(rounds: int, calls: int, as_json: bool) -> None:
    """Measure and print."""
    results = measured(rounds, calls)
    worst = max(result["difference_us"] for result in results)
    if as_json:
        said = {"rounds": rounds, "calls": calls, "target_us": TARGET_US, "results": results}
        click.echo(json.dumps(said, indent=2))
        return
    console = Console()
    console.print(table(results, rounds, calls))
    state = "met" if worst <= TARGET_US else "missed"
    console.print(f"At most {TARGET_US} µs more a call: {state}, at most {worst} µs were measured.")


if __name__ == "__main__":
    main()
