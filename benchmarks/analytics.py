"""How fast the analytic tools answer as the data grow, and what the rollups cost a sale.

    python -m benchmarks.analytics [--sizes 100000,1000000] [--json FILE]

A database of its own for each size, on a PostgreSQL of this command's own: the demo's eight stores
with 9000 order lines a day, so that ten times the lines are ten times the days and ten times the
customers. Every tool is called as head office, which sees all stores, through mcp.call_tool on the
server's own login. Beside it stand the same figures straight from the lines: benchmarks/straight/,
one query a question, run by a superuser, whom no policy slows. Where tool and query disagree, the
benchmark fails. A sale is an order with one line in a transaction of its own, with the triggers and
without; ten million lines take some 10 GB of disk.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import click
import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from benchmarks import zava
from zava_mcp.local import cluster

STRAIGHT = Path(__file__).with_name("straight")
SIZES = "100000,1000000,10000000"
LINES_A_DAY = 9000
LINES_AN_ORDER = 2.126  # of the generator, measured
SETTINGS = {"shared_buffers": "1GB", "work_mem": "32MB", "max_wal_size": "8GB"}
MAX_GROWTH, MIN_SPEEDUP, MAX_SALE = 1.5, 20, 2  # targets
ROLLUP, CUSTOMERS = "rollup", "customers"

Row = dict[str, Any]
Figure = Callable[[Any], Any]
console = Console(stderr=True)


class Question(NamedTuple):
    """What a tool is asked, and the figure in which the lines must agree with its answer.

    ``reads`` is CUSTOMERS where different customers are counted, which no sum by day can answer.
    """

    tool: str
    arguments: Row
    days: int
    figure: Figure
    straight_figure: Figure
    reads: str = ROLLUP

    @property
    def name(self) -> str:
        """Name it as its query's file, and the table, do."""
        return str(self.arguments.get("analysis_type", self.tool))


class Timing(NamedTuple):
    """Milliseconds: the median, and what 95 of 100 calls do not exceed."""

    median: float
    p95: float


class Size(NamedTuple):
    """What one size gave; the timings are by question, those of a sale by what it was."""

    lines: int
    orders: int
    customers: int
    days: int
    generated_seconds: float
    tools: dict[str, Timing]
    straight: dict[str, Timing]
    sales: dict[str, Timing]


def total(column: str) -> Figure:
    """Return what adds up a column of rows, a tool's or a query's."""

    def figure(answer: Any) -> Decimal:
        rows = answer["rows"] if isinstance(answer, dict) else answer
        return sum((Decimal(str(row[column] or 0)) for row in rows), Decimal(0))

    return figure


def first(column: str, row: int = 0) -> Figure:
    """Return what reads a column of one row, a tool's or a query's."""
    return lambda answer: (answer["rows"] if isinstance(answer, dict) else answer)[row][column]


def questions() -> list[Question]:
    """List what is asked: every analytic tool, about the last 30 or 90 days."""
    month = {"time_period": "last_30_days"}
    revenue = (total("revenue"), total("revenue"))
    return [
        Question("get_daily_sales", month, 30, *revenue),
        # the newest week still runs, the one before is whole
        Question("get_sales_trends", {}, 90, first("revenue", 1), first("revenue", 1)),
        Question("get_top_products", month, 30, *revenue),
        Question("get_category_performance", month, 30, *revenue),
        Question("compare_stores", month, 30, *revenue),
        Question("get_inventory_status", {}, 90, first("sku"), first("sku")),
        Question("get_restock_suggestions", {}, 90, first("sku"), first("sku")),
        Question(
            "generate_business_insights",
            {**month, "analysis_type": "product_performance"},
            30,
            lambda answer: answer["insights"][0]["figures"]["revenue"],
            first("revenue"),
        ),
        Question(
            "generate_business_insights",
            {**month, "analysis_type": "seasonal_trends"},
            30,
            lambda answer: bool(answer["insights"]),
            bool,
        ),
        Question(
            "get_store_performance",
            month,
            30,
            lambda answer: answer["metrics"]["revenue"],
            first("revenue"),
            CUSTOMERS,
        ),
        Question(
            "get_customer_analysis",
            month,
            30,
            lambda answer: answer["new_customers"],
            first("new_customers"),
            CUSTOMERS,
        ),
    ]


# A database of a size --------------------------------------------------------------------------


@contextmanager
def database(lines: int) -> Iterator[tuple[str, str, int, float]]:
    """Fill a database; yield its owner's and the server's URI, its days, and how long it took."""
    days = max(7, round(lines / LINES_A_DAY))
    with (
        tempfile.TemporaryDirectory(prefix="zava-bench-") as folder,
        cluster.server(Path(folder), SETTINGS) as uri,
    ):
        started = time.perf_counter()
        zava.prepare(uri, round(lines / LINES_AN_ORDER), "none", timedelta(days=days))
        seconds = time.perf_counter() - started
        yield uri, cluster.uri(Path(folder), zava.LOGIN), days, seconds


# Timing -----------------------------------------------------------------------------------------


def timed(call: Callable[[], Any], times: int) -> tuple[Any, Timing]:
    """Call ``times`` times after one that warms up; give the last answer and the timing."""
    answer, taken = call(), []
    for _ in range(times):
        started = time.perf_counter()
        answer = call()
        taken.append((time.perf_counter() - started) * 1000)
    return answer, timing(taken)


def timing(taken: Sequence[float]) -> Timing:
    """Sum up milliseconds."""
    return Timing(statistics.median(taken), statistics.quantiles(taken, n=20)[-1])


def measure(lines: int, calls: int) -> Size:
    """Generate a size and time everything there is to time in it."""
    console.rule(f"{lines:,} lines")
    with (
        database(lines) as (uri, shim_uri, days, seconds),
        psycopg.connect(uri, autocommit=True, row_factory=dict_row) as owner,
        psycopg.connect(shim_uri, autocommit=True) as shim,
    ):
        keys: Row = one(owner, "select retail_demo.create_keys() as keys")["keys"]
        found = one(
            owner,
            "select (select count(*) from retail.order_items) as lines,"
            " (select count(*) from retail.orders) as orders,"
            " (select count(*) from retail.customers) as customers,"
            " (select array_agg(s.store_id) from retail.stores as s) as stores,"
            " (now() at time zone 'America/Los_Angeles')::date as today",  # as all stores
        )
        tools, straight = {}, {}
        for question in questions():
            answer, tools[question.name] = timed(
                partial(call_tool, shim, keys["head_office"], question), calls
            )
            rows, straight[question.name] = timed(
                partial(ask_lines, owner, question, found["stores"], found["today"]),
                max(3, calls // 6),
            )
            said, expected = question.figure(answer), question.straight_figure(rows)
            if isinstance(expected, Decimal):
                said = Decimal(str(said))
            if said != expected:
                raise click.ClickException(
                    f"{question.name}: the tool says {said}, the lines {expected}"
                )
            console.print(
                f"{question.name:28} {tools[question.name].median:9.1f} ms"
                f" {straight[question.name].median:9.1f} ms straight"
            )
        sales = time_sales(uri, calls)
    return Size(
        found["lines"], found["orders"], found["customers"], days, seconds, tools, straight, sales
    )


def one(connection: psycopg.Connection[Row], query: str) -> Row:
    """Return the only row of a query."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def call_tool(connection: psycopg.Connection[Any], key: str, question: Question) -> Any:
    """Ask as the server does, in one statement."""
    row = connection.execute(
        "select mcp.call_tool(%s, %s, %s)",
        [key, question.tool, json.dumps(question.arguments)],
        prepare=True,
    ).fetchone()
    return row[0] if row else None


def ask_lines(
    connection: psycopg.Connection[Row], question: Question, stores: list[Any], today: date
) -> list[Row]:
    """Ask the lines; periods end today, and the one before has as many days."""
    start = today - timedelta(days=question.days - 1)
    return connection.execute(
        (STRAIGHT / f"{question.name}.sql").read_bytes(),
        {
            "stores": stores,
            "days": question.days,
            "first": start,
            "last": today,
            "before": start - timedelta(days=question.days),
        },
    ).fetchall()


# A sale -----------------------------------------------------------------------------------------

LATER = "set constraints retail.order_items_order_id_fkey deferred"
LINE = """
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
values (%(store_id)s, %(order_id)s, 1, %(today)s, %(product_id)s, 1, %(base_price)s)
"""
ORDER = """
insert into retail.orders (store_id, order_id, customer_id, order_date, total_amount)
values (%(store_id)s, %(order_id)s, %(customer_id)s, %(today)s, %(base_price)s)
"""
WANTED = """
select i.store_id, i.product_id, p.base_price, c.customer_id,
    (now() at time zone s.time_zone)::date as today
from retail.inventory as i
join retail.stores as s using (store_id)
join retail.products as p using (product_id)
join lateral (
    select c.customer_id from retail.customers as c
    where c.store_id = i.store_id offset i.stock_level limit 1
) as c on true
order by md5(i::text)
limit 500
"""


def time_sales(uri: str, rounds: int) -> dict[str, Timing]:
    """Time sales with the triggers and without, in turns, durably and without waiting for the disk.

    The rows and their order are those of api.record_sale: the line, then its order. It leaves the
    rollups wrong, so it comes last.
    """
    taken: dict[str, list[float]] = {}
    # the path that functions have, so that plans of foreign-key checks serve both
    path = "-c search_path=pg_catalog,pg_temp"
    with psycopg.connect(uri, autocommit=True, row_factory=dict_row, options=path) as connection:
        sales = connection.execute(WANTED.encode()).fetchall()
        for each in range(rounds):
            for triggers in ("enable", "disable"):
                for table in ("orders", "order_items"):
                    connection.execute(f"alter table retail.{table} {triggers} trigger user")
                for durable in ("on", "off"):
                    connection.execute(f"set synchronous_commit = {durable}")
                    kind = "sale" if triggers == "enable" else "bare insert"
                    name = f"{kind}, {'durable' if durable == 'on' else 'not durable'}"
                    for number in range(20):
                        sale = sales[(each * 20 + number) % len(sales)]
                        sale["order_id"] = uuid.uuid4()
                        started = time.perf_counter()
                        with connection.transaction():
                            connection.execute(LATER)
                            connection.execute(LINE, sale, prepare=True)
                            connection.execute(ORDER, sale, prepare=True)
                        if number >= 5:  # the first ones plan
                            taken.setdefault(name, []).append(
                                (time.perf_counter() - started) * 1000
                            )
    return {name: timing(values) for name, values in taken.items()}


# Report -----------------------------------------------------------------------------------------


def report(sizes: Sequence[Size]) -> Table:
    """Lay the sizes side by side; growth is from the last but one to the last."""
    table = Table(title="Milliseconds: median (95 of 100 within)")
    table.add_column("question")
    for size in sizes:
        table.add_column(f"{size.lines:,} lines", justify="right")
    table.add_column("growth", justify="right")
    table.add_column("straight", justify="right")
    table.add_column("times faster", justify="right")
    for question in sorted(questions(), key=lambda q: q.reads, reverse=True):
        timings = [size.tools[question.name] for size in sizes]
        growth = timings[-1].median / timings[-2].median if len(sizes) > 1 else 1.0
        straight = sizes[-1].straight[question.name].median
        speedup = straight / timings[-1].median
        is_bound = question.reads == ROLLUP
        table.add_row(
            question.name + ("" if is_bound else " *"),
            *[f"{timing.median:.1f} ({timing.p95:.1f})" for timing in timings],
            marked(f"{growth:.2f}", is_bound and growth > MAX_GROWTH),
            f"{straight:.0f}",
            marked(f"{speedup:.0f}", is_bound and speedup < MIN_SPEEDUP),
        )
    table.add_section()
    for name in sizes[-1].sales:
        timings = [size.sales[name] for size in sizes]
        table.add_row(name, *[f"{timing.median:.2f} ({timing.p95:.2f})" for timing in timings])
    for durable in ("durable", "not durable"):
        ratios = [
            size.sales[f"sale, {durable}"].median / size.sales[f"bare insert, {durable}"].median
            for size in sizes
        ]
        table.add_row(
            f"sale / bare insert, {durable}",
            *[marked(f"{ratio:.2f}", ratio > MAX_SALE) for ratio in ratios],
        )
    table.add_section()
    table.add_row("generated, s", *[f"{size.generated_seconds:.0f}" for size in sizes])
    table.add_row("days, customers", *[f"{size.days:,}, {size.customers:,}" for size in sizes])
    table.caption = "* counts different customers, which grow with the period alone"
    return table


def marked(text: str, is_missed: bool) -> str:
    """Show a missed target in red."""
    return f"[red]{text}[/]" if is_missed else text


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--sizes", default=SIZES, show_default=True, help="Order lines, smallest first.")
@click.option("--calls", default=30, show_default=True, type=click.IntRange(6))
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here too.")
def main(sizes: str, calls: int, file: Path | None) -> None:
    """Measure every size, one after the other, and print the table."""
    measured = [measure(int(lines), calls) for lines in sizes.split(",")]
    if file:
        file.write_text(json.dumps([plain(size) for size in measured], indent=2) + "\n")
    # a file takes whole names
    Console(width=None if Console().is_terminal else 140).print(report(measured))


def plain(size: Size) -> Row:
    """Return a size as JSON has it."""
    timings = {
        field: {name: timing._asdict() for name, timing in cast(Row, value).items()}
        for field, value in size._asdict().items()
        if isinstance(value, dict)
    }
    return {**size._asdict(), **timings}


if __name__ == "__main__":
    main()
