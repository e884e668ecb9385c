"""Load from 16 clients while what it needs is taken away: nothing is wrong, lost or done twice.

``python tests/operations/chaos.py`` calls reads and writes for a minute, while PostgreSQL restarts
twice, once without a warning, its sessions are killed at random, and Redis stops and comes back.
Exit code 1 when an answer was wrong, a read failed, a sale was lost or recorded twice, or a call
has not exactly one row in the call log.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx2
import psycopg
from rich.console import Console
from servers import run_as_owner

from benchmarks import zava
from zava_mcp.local import cluster

ORDERS = 300
CLIENTS = 16
SAFE = {"fsync": "off", "full_page_writes": "off"}  # but what is committed survives a crash
SUMS = (  # of the demo's orders, which nobody changes
    "select count(*), sum(o.total_amount)::text, min(o.store_id::text), max(o.store_id::text)"
    " from retail.orders as o"
)
STOCK = 100_000  # of each product, so that no sale fails for want of it
TOOLS = f"""
create table retail.chaos_sales (sale text not null);
alter table retail.chaos_sales owner to mcp_tools;

create function api.chaos_sale(sale text) returns text language plpgsql volatile
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into retail.chaos_sales (sale) values (chaos_sale.sale);
    return chaos_sale.sale;
end
$$;
comment on function api.chaos_sale(text) is 'A sale that has no key.

@param sale  Its name.
@returns Its name.';
alter function api.chaos_sale(text) owner to mcp_tools;
revoke all on function api.chaos_sale(text) from public;
grant execute on function api.chaos_sale(text) to mcp_core, store_managers, head_office;
update mcp_auth.limits
set calls_per_minute = 1000000, concurrent_calls = 100, concurrent_queries = 100;
update retail.inventory set stock_level = {STOCK};
select mcp_catalog.refresh_catalog();
"""
# what a caller may sell, and to whom
GOODS = """
select
    (select c.customer_id::text from retail.customers as c where c.store_id = %(store)s limit 1),
    array(
        select p.sku from retail.inventory as i join retail.products as p using (product_id)
        where i.store_id = %(store)s order by p.sku limit 5
    )
"""
# sales by key, and what does not add up
SOLD = """
select w.idempotency_key, count(o.order_id)
from mcp_tool.requests as w
left join retail.orders as o on o.order_id = (w.result ->> 'order_id')::uuid
group by w.idempotency_key
"""
UNEXPLAINED = f"""
select 'orders without a key: ' || count(*)
from retail.orders as o
where o.ordered_at > %(since)s and not exists (
    select from mcp_tool.requests as w where (w.result ->> 'order_id')::uuid = o.order_id
)
having count(*) > 0
union all
select format(
    '%%s lacks %%s units, and %%s were sold', i.product_id, {STOCK} - i.stock_level, s.units
)
from retail.inventory as i
cross join lateral (
    select coalesce(sum(l.quantity), 0) as units
    from retail.order_items as l
    join retail.orders as o using (store_id, order_id)
    where l.store_id = i.store_id and l.product_id = i.product_id and o.ordered_at > %(since)s
) as s
where {STOCK} - i.stock_level <> s.units
union all
select c::text from retail.check_rollups as c
"""

Json = dict[str, Any]


@dataclass
class Caller:
    """Who calls, and what must come of a query."""

    key: str
    sums: list[Any]
    customer: str | None = None  # to whom it may sell; head office sells to nobody
    skus: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """What came of the calls."""

    codes: Counter[str] = field(default_factory=Counter)  # by tool and code
    sent: dict[str, str] = field(default_factory=dict)  # code by sale
    keyed: dict[str, str] = field(default_factory=dict)  # code by key of record_sale
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0  # seconds

    @property
    def calls(self) -> int:
        """How many calls were answered."""
        return self.codes.total()


def run(folder: Path, seconds: float, seed: int, redis_program: str) -> Json:
    """Run all of it in a folder; give what was seen."""
    with ExitStack() as stack:
        uri = stack.enter_context(cluster.server(folder / "data", SAFE))
        if not zava.prepare(uri, ORDERS, "none"):
            raise SystemExit("the database could not be prepared")
        callers, since = prepare(uri, CLIENTS)
        redis = Redis(redis_program, folder)
        stack.callback(redis.stop)
        redis.start()
        port = free_port()
        shim = stack.enter_context(
            zava.serving(
                cluster.uri(folder / "data", zava.LOGIN),
                "127.0.0.1",
                port,
                folder / "server.log",
                ZAVA_EMBEDDER="none",
                ZAVA_REDIS_URL=redis.url,
                ZAVA_POOL_WAIT="30",
            )
        )
        url = f"http://127.0.0.1:{port}/mcp"
        began = time.monotonic()
        tally, done = asyncio.run(load(url, callers, since, folder, redis, seconds, seed))
        tally.wrong += asyncio.run(judged(uri, tally, since))
        return {
            "seconds": round(time.monotonic() - began, 1),
            "calls": tally.calls,
            "calls_by_outcome": dict(sorted(tally.codes.items())),
            "slowest_seconds": round(tally.slowest, 1),
            "done_to_it": dict(done),
            "server_runs": shim.poll() is None,
            "wrong": tally.wrong,
        }


def prepare(uri: str, clients: int) -> tuple[list[Caller], str]:
    """Make the tool and as many callers, 20 at most, and learn what each of these must see.

    Give the moment too: what was ordered after it is ours.
    """
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(TOOLS.encode())
        row = connection.execute("select now()::text").fetchone()
        assert row is not None
        since = row[0]
        stores = connection.execute(
            "select store_id::text from retail.stores order by 1"
        ).fetchall()
        callers = []
        for number in range(min(clients, 20)):
            scope = [stores[number % len(stores)][0]] if number % 4 else []
            audience = "store_managers" if scope else "head_office"
            key = connection.execute(
                "select mcp_auth.create_api_key(mcp_auth.add_user(%s, %s, %s::text[]))",
                [f"chaos {number}", audience, scope],
            ).fetchone()
            where = (
                " where o.store_id::text = any(%s)" if scope else " where %s::text[] is not null"
            )
            sums = connection.execute((SUMS + where).encode(), [scope]).fetchone()
            assert key is not None
            assert sums is not None
            caller = Caller(key[0], list(sums))
            if scope:
                goods = connection.execute(GOODS.encode(), {"store": scope[0]}).fetchone()
                assert goods is not None
                caller.customer, caller.skus = goods
            callers.append(caller)
        return callers, since


# The load ----------------------------------------------------------------------------------------


async def load(
    url: str,
    callers: list[Caller],
    since: str,
    folder: Path,
    redis: Redis,
    seconds: float,
    seed: int,
) -> tuple[Tally, Counter[str]]:
    """Call from all clients, and do harm meanwhile."""
    tally, done, over = Tally(), Counter[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        working = [
            group.create_task(client(url, caller, number, since, seed, tally, over))
            for number, caller in enumerate(callers)
        ]
        harm = group.create_task(asyncio.to_thread(harmed, folder, redis, seconds, seed, done))
        await harm
        over.set()
        await asyncio.wait(working)
    return tally, done


async def client(
    url: str,
    caller: Caller,
    number: int,
    since: str,
    seed: int,
    tally: Tally,
    over: asyncio.Event,
) -> None:
    """Be one client, who calls again and again."""
    draw = random.Random(seed + number)  # noqa: S311 -- the same calls for the same seed
    headers = {
        "Authorization": f"Bearer {caller.key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    kinds = ["query", "query", "date", "sale", *["keyed" for _ in caller.skus[:1]]]
    sums = f"{SUMS} where o.ordered_at <= '{since}'"
    async with httpx2.AsyncClient(headers=headers, timeout=120) as http:
        turn = 0
        while not over.is_set():
            turn += 1
            sale = f"{number} {turn}"
            kind = draw.choice(kinds)
            lines = [{"sku": sku, "quantity": 1 + turn % 3} for sku in caller.skus[: 1 + turn % 4]]
            whole: Json = {
                "customer_id": caller.customer,
                "lines": lines,
                "idempotency_key": f"{number}.{turn}",
            }
            asked: dict[str, tuple[str, Json]] = {
                "query": ("execute_sales_query", {"postgresql_query": sums}),
                "date": ("get_current_utc_date", {}),
                "sale": ("chaos_sale", {"sale": sale}),
                "keyed": ("record_sale", whole),
            }
            tool, arguments = asked[kind]
            began = time.monotonic()
            code, content = await call(http, url, tool, arguments, tally)
            tally.slowest = max(tally.slowest, time.monotonic() - began)
            tally.codes[f"{tool} {code}"] += 1
            if kind == "sale":
                tally.sent[sale] = code
            elif kind == "keyed":
                tally.keyed[f"{number}.{turn}"] = code
            elif code != "OK":
                tally.wrong.append(f"a read failed: {code} {content}")
            elif kind == "query" and content["rows"][0] != caller.sums:
                tally.wrong.append(f"{number} got {content['rows'][0]}, not {caller.sums}")


async def call(
    http: httpx2.AsyncClient, url: str, tool: str, arguments: Json, tally: Tally
) -> tuple[str, Any]:
    """Call a tool; give OK or the code of its error, and the content."""
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    }
    response = await http.post(url, json=body)
    if response.status_code != 200:
        tally.wrong.append(f"HTTP {response.status_code}: {response.text[:200]}")
        return f"HTTP {response.status_code}", {}
    result = response.json()["result"]
    if result.get("isError"):
        said = json.loads(result["content"][0]["text"])
        return str(said["code"]), said
    return "OK", result["structuredContent"]


# The harm ----------------------------------------------------------------------------------------


class Redis:
    """A Redis of our own, which stops and comes back."""

    def __init__(self, program: str, folder: Path) -> None:
        port = str(free_port())
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ("--bind", "127.0.0.1", "--port", port, "--save", "")
        self.command = [program, *options, "--dir", str(folder), "--logfile", str(folder / "redis")]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(self.command)

    def stop(self) -> None:
        """Stop it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def harmed(folder: Path, redis: Redis, seconds: float, seed: int, done: Counter[str]) -> None:
    """Kill a session at random every now and then, and do the rest at its time."""
    draw = random.Random(seed)  # noqa: S311
    plan = [
        (0.2, "redis stopped"),
        (0.3, "restart"),
        (0.6, "crash"),
        (0.7, "redis started"),
    ]
    began = time.monotonic()
    while (at := (time.monotonic() - began) / seconds) < 1:
        if plan and at >= plan[0][0]:
            _, what = plan.pop(0)
            match what:
                case "redis stopped":
                    redis.stop()
                case "redis started":
                    redis.start()
                case _:
                    restarted(folder / "data", "fast" if what == "restart" else "immediate")
            done[what] += 1
        else:
            done["sessions killed"] += killed(folder / "data", draw)
        time.sleep(draw.uniform(0.1, 0.4))


def restarted(data: Path, mode: str) -> None:
    """Restart PostgreSQL, by "immediate" as after a crash."""
    folder = data / "postgres"
    options = ("-D", folder, "-l", folder / "server.log", "-m", mode, "-w", "restart")
    run_as_owner([cluster.bin_dir() / "pg_ctl", *options], folder)


def killed(data: Path, draw: random.Random) -> int:
    """Kill one session of the server, if there is one."""
    with psycopg.connect(cluster.uri(data), autocommit=True) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where usename = 'zava_mcp'"
        ).fetchall()
        if found:
            connection.execute("select pg_terminate_backend(%s)", draw.choice(found))
    return min(len(found), 1)


# The verdict -------------------------------------------------------------------------------------


async def judged(uri: str, tally: Tally, since: str) -> list[str]:
    """Compare what the clients were told with what the database holds."""
    wrong = []
    deadline = time.monotonic() + 30
    with psycopg.connect(uri, autocommit=True) as connection:
        while True:  # the last reads are logged a second later
            counted = connection.execute(
                "select count(*), count(distinct request_id) from mcp_log.call_log"
            ).fetchone()
            if counted == (tally.calls, tally.calls) or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.2)
        if counted != (tally.calls, tally.calls):
            wrong.append(f"{tally.calls} calls, but rows and requests: {counted}")
        codes = {
            f"{tool} {code}": count
            for tool, code, count in connection.execute(
                "select tool, code, count(*) from mcp_log.call_log group by tool, code"
            )
        }
        wrong += [
            f"{name}: {tally.codes[name]} answers, {codes.get(name, 0)} rows"
            for name in ("execute_sales_query OK", "get_current_utc_date OK")
            if codes.get(name, 0) != tally.codes[name]
        ]
        for tool, sent, query in (
            (
                "chaos_sale",
                tally.sent,
                "select sale, count(*) from retail.chaos_sales group by sale",
            ),
            ("record_sale", tally.keyed, SOLD),
        ):
            times = Counter[str](dict(connection.execute(query.encode()).fetchall()))
            wrong += [f"recorded twice: {sale}" for sale, count in times.items() if count > 1]
            wrong += [
                f"answered but lost: {sale}"
                for sale, code in sent.items()
                if code == "OK" and not times[sale]
            ]
            if codes.get(f"{tool} OK", 0) != times.total():
                wrong.append(f"{tool}: {times.total()} sales, {codes.get(f'{tool} OK', 0)} rows")
        failed = [code for code in tally.keyed.values() if code != "OK"]
        wrong += [f"a sale with a key failed: {code}" for code in failed]
        found = connection.execute(UNEXPLAINED.encode(), {"since": since}).fetchall()
        wrong += [text for (text,) in found]
    return wrong


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@click.command(help=__doc__.partition("\n")[0])
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(5))
@click.option("--seed", default=1, show_default=True)
def main(seconds: float, seed: int) -> None:
    """Do it on a database and a server of its own."""
    program = shutil.which("redis-server")
    if program is None:
        raise click.ClickException("redis-server is missing: apt install redis-server")
    with tempfile.TemporaryDirectory(prefix="zava-chaos-") as name:
        result = run(Path(name), seconds, seed, program)
    Console().print_json(json.dumps(result))
    sys.exit(1 if result["wrong"] or not result["server_runs"] else 0)


if __name__ == "__main__":
    main()
