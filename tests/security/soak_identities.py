"""Many callers at once over few database connections: nobody ever gets a row of somebody else.

``python tests/security/soak_identities.py`` makes 100,000 calls by 20 identities, interleaved
over a pool of 4, with wrong queries, refused keys, timeouts and clients that hang up mixed in.
Every answer is compared with what its caller must get. In the database of this run
mcp_auth.begin_request also looks, before it writes the context of a call, whether the call before
left one on the connection; it counts in sequences, which no rollback takes back. Exit code 1 when
anything was seen or left.

``--citus URL`` calls a cluster; with ``--may-fail`` workers may be stopped meanwhile, so that calls
end with an error, which is counted and compared with nothing.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table
from world import (
    REAL,
    Answer,
    Json,
    World,
    at,
    build,
    build_on_cluster,
    message,
    read,
    request,
    serving,
)

from benchmarks import zava
from zava_mcp.local import cluster

POOL = 4
WORKERS = 16  # calls at the same time
HANG_UP_SECONDS = 0.02
LONG = "select count(*) from retail.orders, generate_series(1, 1000000000)"
SUMS = (
    "select array_agg(distinct o.store_id::text order by o.store_id::text), count(*),"
    " sum(o.total_amount)::text from retail.orders as o"
)
CUSTOMERS = "select count(*), min(store_id::text), max(store_id::text) from retail.customers"
FAILED = {"DATABASE_ERROR", "MCP_ERROR", "server_error", "QUERY_TIMEOUT"}
NO_KEY = "zava_" + "0" * 16 + "_" + "0" * 64


@dataclass(frozen=True)
class Caller:
    """An identity, and what it must see."""

    name: str
    key: str
    stores: dict[str, str]  # name by id
    foreign: re.Pattern[str]  # ids and names of all the other stores
    other_store: str
    sums: list[Any]
    customers: list[Any]


@dataclass
class Tally:
    """What came of the calls."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by kind and outcome
    wrong: list[str] = field(default_factory=list)  # what differed from what was to come
    errors: Counter[str] = field(default_factory=Counter)  # of calls that may fail
    foreign_rows: int = 0
    may_fail: bool = False


def make_callers(connection: psycopg.Connection[Any], identities: int) -> list[Caller]:
    """Add users of every audience, turn by turn, and say what each must see."""
    rows = connection.execute(
        "with o as materialized (select store_id, count(*) as rows, sum(total_amount) as amount"
        " from retail.orders group by 1),"
        " c as materialized (select store_id, count(*) as rows from retail.customers group by 1)"
        " select s.store_id::text, s.name, s.region_id::text, coalesce(o.rows, 0),"
        " coalesce(o.amount, 0), coalesce(c.rows, 0) from attack.stores as s"
        " left join o using (store_id) left join c using (store_id) order by s.store_no"
    ).fetchall()
    regions = sorted({row[2] for row in rows})
    granted: list[tuple[str, list[str]]] = [("head_office", []), ("regional_managers", regions[:1])]
    granted += [("store_managers", [row[0]]) for row in rows]
    callers = []
    for number in range(identities):
        audience, scope = granted[number % len(granted)]
        name = f"soak {number}"
        key = connection.execute(
            "select mcp_auth.create_api_key(mcp_auth.add_user(%s, %s, %s::text[]))",
            [name, audience, scope],
        ).fetchone()
        assert key is not None
        seen = [row for row in rows if not scope or row[0] in scope or row[2] in scope]
        ids = sorted(row[0] for row in seen)
        hidden = [text for row in rows if row not in seen for text in row[:2]]
        customers = sum(row[5] for row in seen) if audience == "store_managers" else 0
        callers.append(
            Caller(
                name,
                key[0],
                {row[0]: row[1] for row in seen},
                re.compile("|".join(map(re.escape, hidden)) or r"(?!)"),
                hidden[0] if hidden else "00000000-0000-0000-0000-000000000000",
                [ids, sum(row[3] for row in seen), str(sum(row[4] for row in seen))],
                [customers, *([ids[0], ids[0]] if customers else [None, None])],
            )
        )
    return callers


def watch_contexts(connection: psycopg.Connection[Any]) -> None:
    """Let mcp_auth.begin_request count its calls, and the contexts that it finds left."""
    connection.execute("create sequence attack.begun")
    connection.execute("create sequence attack.left_behind")
    connection.execute("grant usage on schema attack to mcp_core")
    connection.execute("grant usage on all sequences in schema attack to mcp_core")
    connection.execute("grant execute on function pg_catalog.nextval(regclass) to mcp_core")
    connection.execute(
        "select attack.weaken(p.oid::regprocedure, 'v_done := mcp_auth.set_context(v_identity);',"
        " $$perform nextval('attack.begun');"
        " if current_setting('app.current_rls_user_id', true) <> '' then"
        "     perform nextval('attack.left_behind');"
        " end if;"
        " perform mcp_auth.set_context(v_identity);$$)"
        " from pg_proc as p where p.oid::regproc = 'mcp_auth.begin_request'::regproc"
    )


def counted(connection: psycopg.Connection[Any], sequence: str) -> int:
    """Return how often a sequence was called."""
    query = f"select case when is_called then last_value else 0 end from attack.{sequence}"
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


# Calls -------------------------------------------------------------------------------------------


def ask(query: str) -> str:
    """Return the body of a free query."""
    return message("execute_sales_query", {"postgresql_query": query})


def first_row(answer: Answer) -> Any:
    """Return the first row of a query's answer."""
    return answer.content["rows"][0]


def stores(answer: Answer, caller: Caller) -> bool:
    """Return whether list_stores gave exactly the caller's stores."""
    return {row["store_id"]: row["name"] for row in answer.content["rows"]} == caller.stores


def performance(answer: Answer, caller: Caller) -> bool:
    """Return whether get_store_performance counted exactly the caller's orders."""
    return bool(answer.content["metrics"]["orders"] == caller.sums[1])


Check = Callable[[Answer, Caller], bool]
# kind: weight, body for a caller, outcome, and what the answer must be
KINDS: dict[str, tuple[int, Callable[[Caller], str], str, Check | None]] = {
    "orders": (400, lambda _: ask(SUMS), "own", lambda a, c: first_row(a) == c.sums),
    "customers": (200, lambda _: ask(CUSTOMERS), "own", lambda a, c: first_row(a) == c.customers),
    "stores": (150, lambda _: message("list_stores", {}), "own", stores),
    "performance": (
        100,
        lambda _: message("get_store_performance", {"time_period": "all_time"}),
        "own",
        performance,
    ),
    "failing query": (
        50,
        lambda _: ask("select 1 / 0 from retail.orders"),
        "VALIDATION_ERROR",
        None,
    ),
    "denied query": (
        30,
        lambda _: ask("select * from mcp_auth.users"),
        "AUTHORIZATION_ERROR",
        None,
    ),
    "another's store": (
        30,
        lambda c: message("get_store_performance", {"store_id": c.other_store}),
        "AUTHORIZATION_ERROR",
        None,
    ),
    "unknown tool": (15, lambda _: message("nothing", {}), "unknown_tool", None),
    "unknown key": (15, lambda _: ask(SUMS), "unauthorized", None),
    "timeout": (1, lambda _: ask(LONG), "QUERY_TIMEOUT", None),
    "client hangs up": (9, lambda _: ask(LONG), "hung up", None),
}


async def one_call(http: httpx2.AsyncClient, caller: Caller, kind: str, tally: Tally) -> None:
    """Make a call and compare its answer with what must come."""
    _, body, outcome, check = KINDS[kind]
    key = NO_KEY if kind == "unknown key" else caller.key
    sending = http.send(request(http, key, body(caller)))
    try:
        limit = HANG_UP_SECONDS if kind == "client hangs up" else 60
        answer = read(await asyncio.wait_for(sending, limit))
    except TimeoutError:
        answer = Answer("hung up", "")
    tally.outcomes[kind, answer.outcome] += 1
    sent = body(caller)
    if foreign := {text for text in caller.foreign.findall(answer.text) if text not in sent}:
        tally.foreign_rows += 1
        tally.wrong.append(f"{caller.name}, {kind}: {', '.join(sorted(foreign))}")
    elif tally.may_fail and answer.outcome != outcome and answer.outcome in FAILED:
        said = re.search(r'message\\": \\"([^"\\]*)', answer.text)
        tally.errors[f"{answer.outcome}: {said[1] if said else answer.text[:200]}"] += 1
    elif answer.outcome != outcome or (check and not check(answer, caller)):
        tally.wrong.append(f"{caller.name}, {kind}: {answer.outcome} {answer.text[:300]}")


async def call_all(
    url: str,
    callers: list[Caller],
    calls: int,
    seed: int,
    done: Callable[[], None],
    seconds: float = math.inf,
    may_fail: bool = False,
) -> Tally:
    """Make ``calls`` calls, WORKERS at a time, each by a caller and of a kind drawn by lot.

    No call begins after ``seconds``. With ``may_fail`` an error is no wrong answer.
    """
    draw = random.Random(seed)  # noqa: S311 -- the same calls for the same seed
    kinds, weights = list(KINDS), [kind[0] for kind in KINDS.values()]
    plan = ((draw.choice(callers), draw.choices(kinds, weights)[0]) for _ in range(calls))
    until, tally = time.monotonic() + seconds, Tally(may_fail=may_fail)

    async def work(http: httpx2.AsyncClient) -> None:
        for caller, kind in plan:
            await one_call(http, caller, kind, tally)
            done()
            if time.monotonic() > until:
                break

    limits = httpx2.Limits(max_connections=2 * WORKERS, max_keepalive_connections=WORKERS)
    async with (
        httpx2.AsyncClient(base_url=url, timeout=60, limits=limits) as http,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(WORKERS):
            group.create_task(work(http))
    return tally


def soak(
    world: World,
    folder: Path,
    calls: int,
    identities: int,
    seed: int,
    done: Callable[[], None],
    seconds: float = math.inf,
    may_fail: bool = False,
    **more: str,
) -> Json:
    """Run the calls on attack_real; give what was seen: counts, and what was wrong.

    ``more`` are settings of the server.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(at(world.owner, REAL), autocommit=True))
        watch_contexts(connection)
        callers = make_callers(connection, identities)
        settings = {"ZAVA_POOL_MIN": str(POOL), "ZAVA_POOL_MAX": str(POOL), **more}
        client = stack.enter_context(serving(world, REAL, folder / "soak.log", **settings))
        began = time.monotonic()
        url = str(client.base_url)
        tally = asyncio.run(call_all(url, callers, calls, seed, done, seconds, may_fail))
        spent, made = time.monotonic() - began, tally.outcomes.total()
        return {
            "calls": made,
            "identities": identities,
            "pool": POOL,
            "seconds": round(spent, 1),
            "calls_per_second": round(made / spent),
            "foreign_rows": tally.foreign_rows,
            "contexts_looked_for": counted(connection, "begun"),
            "contexts_left": counted(connection, "left_behind"),
            "outcomes": {f"{k}: {o}": n for (k, o), n in sorted(tally.outcomes.items())},
            "wrong": tally.wrong,
            "errors": dict(tally.errors.most_common(10)),
        }


def show(result: Json, console: Console) -> None:
    """Print the result."""
    table = Table("kind of call", "came", "calls")
    for name, count in result["outcomes"].items():
        table.add_row(*name.split(": "), f"{count:,}")
    console.print(table)
    console.print(
        f"{result['calls']:,} calls by {result['identities']} identities over a pool of"
        f" {result['pool']}: {result['seconds']} s, {result['calls_per_second']} calls/s"
    )
    console.print(
        f"answers with rows of another caller: {result['foreign_rows']}; answers that differ from"
        f" what must come: {len(result['wrong'])}; contexts left on a connection:"
        f" {result['contexts_left']}, looked for {result['contexts_looked_for']:,} times"
    )
    for text, count in result["errors"].items():
        console.print(f"{count:,} calls may fail and did: {text}", markup=False)


@click.command(help=__doc__.partition("\n")[0])
@click.option("--calls", default=100_000, show_default=True, type=click.IntRange(1))
@click.option("--identities", default=20, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the result there.")
@click.option("--citus", "url", help="On a cluster: the URI that scale.md names.")
@click.option("--may-fail", is_flag=True, help="Count errors, and call no answer wrong for one.")
def main(
    calls: int, identities: int, seed: int, file: Path | None, url: str | None, may_fail: bool
) -> None:
    """Soak a server of its own."""
    console = Console()
    columns = ("calls", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with tempfile.TemporaryDirectory(prefix="zava-soak-") as name:
        folder = Path(name)
        with (
            cluster.server(folder, cluster.THROW_AWAY) as uri,
            (
                build_on_cluster(uri, url) if url else build(uri, cluster.uri(folder, zava.LOGIN))
            ) as world,
            Progress(*columns, console=console) as progress,
        ):
            task = progress.add_task("calls", total=calls)
            result = soak(
                world,
                folder,
                calls,
                identities,
                seed,
                lambda: progress.advance(task),
                may_fail=may_fail,
            )
    show(result, console)
    if file:
        file.write_text(json.dumps(result, indent=2))
    for line in result["wrong"][:20]:
        console.print(line, style="red", markup=False)
    sys.exit(1 if result["wrong"] or result["contexts_left"] else 0)


if __name__ == "__main__":
    main()
