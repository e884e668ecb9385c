"""How the cost of Zava grows with stores, lines and calls, to ten thousand stores.

    python -m benchmarks.growth [--sizes 20000,60000,180000] [--json FILE]

Measures the demo at some sizes, each in a database of its own on a PostgreSQL of this command's
own: rows and bytes of each table with its indexes, what tools take for a caller of one store and of
all, and what a sale takes. From the largest it reckons what more stores take: a straight line. That
says where the first limit is within a factor of two or three, and knows nothing of memory that is
too small, nor of anything else that uses the machine.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from benchmarks.analytics import Question, Row, call_tool, console, database, one, timed

SIZES = "20000,60000,180000"
STORES = (8, 100, 1_000, 10_000)
LINES_A_DAY = 1_000  # of a store
YEARS = 3  # that everything is kept
BUSY_HOURS = 4  # in which a day's sales and calls would be done at the pace of the busiest hour
CALLS_A_DAY = 50  # that the manager of a store makes
MONTH = {"time_period": "last_30_days"}
ASKED: dict[str, Row] = {
    "get_daily_sales": MONTH,
    "get_store_performance": MONTH,
    "get_category_performance": MONTH,
    "get_inventory_status": {},
}
# what each table grows with
UNITS = {
    "orders": "line",
    "order_items": "line",
    "change_log": "logged line",
    "daily_sales": "store and day",
    "year_to_date_sales": "store and day",
    "daily_totals": "store and day",
    "inventory": "store",
    "customers": "store",
    "customer_sales": "store",
}


STOCKED = """
select p.sku, (
    select c.customer_id from retail.customers as c where c.store_id = i.store_id limit 1
) as customer_id
from retail.inventory as i
join retail.stores as s using (store_id)
join retail.products as p using (product_id)
where s.name = %s
order by i.stock_level desc, i.product_id
limit 2
"""


ENOUGH = """
update retail.inventory as i
set stock_level = i.stock_level + 1000
from retail.stores as s, retail.products as p
where i.store_id = s.store_id and i.product_id = p.product_id and s.name = %s and p.sku = any(%s)
"""


class Size(NamedTuple):
    """What one size gave; ``tools`` is milliseconds for one store and for all stores.

    ``units`` counts what UNITS names. A sale, of two lines, is timed through its tool.
    """

    units: dict[str, int]
    rows: dict[str, int]
    bytes: dict[str, int]
    tools: dict[str, tuple[float, float]]
    sale: float


class Estimate(NamedTuple):
    """The cost of a number of stores: GB by table, the busiest second, ms of head office."""

    stores: int
    gigabytes: dict[str, float]
    sales_a_second: float
    calls_a_second: float
    sale_cpus: float
    call_cpus: float
    head_office: dict[str, float]


# Measuring ----------------------------------------------------------------------------------------


def measure(lines: int, calls: int) -> Size:
    """Generate a size and measure it."""
    console.rule(f"{lines:,} lines")
    with (
        database(lines) as (uri, shim_uri, days, _),
        psycopg.connect(uri, autocommit=True, row_factory=dict_row) as owner,
        psycopg.connect(shim_uri, autocommit=True) as shim,
    ):
        keys: Row = one(owner, "select retail_demo.create_keys() as keys")["keys"]
        store, key = next(iter(keys["stores"].items()))
        tools = {}
        for tool, arguments in ASKED.items():
            ask = Question(tool, arguments, 30, bool, bool)
            small, large = (
                timed(partial(call_tool, shim, who, ask), calls)[1].median
                for who in (key, keys["head_office"])
            )
            tools[tool] = (small, large)
        stores = count(owner, "stores")
        units = {
            "line": count(owner, "order_items"),
            "store": stores,
            "store and day": stores * days,
        }
        sale = time_sales(owner, shim, store, key, calls)
        # the generator logs no change, the sales of this benchmark do
        units["logged line"] = count(owner, "order_items") - units["line"]
        owner.execute("vacuum analyze")
        rows = {name: count(owner, name) for name in UNITS}
        sizes = {
            name: one(owner, f"select pg_total_relation_size('retail.{name}') as bytes")["bytes"]
            for name in UNITS
        }
    return Size(units, rows, sizes, tools, sale)


def count(owner: psycopg.Connection[Row], table: str) -> int:
    """Count the rows of a table."""
    found: int = one(owner, f"select count(*) as rows from retail.{table}")["rows"]
    return found


def time_sales(
    owner: psycopg.Connection[Row], shim: psycopg.Connection[Any], store: str, key: str, calls: int
) -> float:
    """Record sales of two lines through the tool; return the median in milliseconds."""
    sold = owner.execute(STOCKED.encode(), [store]).fetchall()
    owner.execute(ENOUGH.encode(), [store, [each["sku"] for each in sold]])
    owner.commit()
    sale = {
        "customer_id": str(sold[0]["customer_id"]),
        "lines": [{"sku": each["sku"], "quantity": 1} for each in sold],
    }

    def sell() -> None:
        arguments = {**sale, "idempotency_key": str(uuid.uuid4())}
        answer = call_tool(shim, key, Question("record_sale", arguments, 0, bool, bool))
        if "order_id" not in answer:
            raise click.ClickException(f"a sale was refused: {answer}")

    return timed(sell, calls)[1].median


# Reckoning ----------------------------------------------------------------------------------------


def estimate(size: Size, stores: int) -> Estimate:
    """Estimate the cost of a number of stores from the rows of a unit and the bytes of a row."""
    days = 365 * YEARS
    wanted = {"store": stores, "store and day": stores * days}
    wanted |= dict.fromkeys(("line", "logged line"), stores * LINES_A_DAY * days)
    rows = {n: size.rows[n] / size.units[unit] * wanted[unit] for n, unit in UNITS.items()}
    gigabytes = {n: rows[n] * size.bytes[n] / max(1, size.rows[n]) / 1e9 for n in UNITS}
    orders_a_line = size.rows["orders"] / size.units["line"]
    sales = stores * LINES_A_DAY * orders_a_line / (BUSY_HOURS * 3600)
    asked = stores * CALLS_A_DAY / (BUSY_HOURS * 3600)
    one_store = sum(small for small, _ in size.tools.values()) / len(size.tools)
    head_office = {
        # what all stores take is no less than what one takes, but for noise
        tool: small + max(0, large - small) / (size.units["store"] - 1) * (stores - 1)
        for tool, (small, large) in size.tools.items()
    }
    return Estimate(
        stores, gigabytes, sales, asked, sales * size.sale / 1000, asked * one_store / 1000,
        head_office,
    )  # fmt: skip


# Report -------------------------------------------------------------------------------------------


def measured(sizes: Sequence[Size]) -> Table:
    """Lay the sizes side by side."""
    table = Table(title="Measured")
    table.add_column("")
    for size in sizes:
        table.add_column(f"{size.units['line']:,} lines", justify="right")
    for name, unit in UNITS.items():
        per_unit = [size.rows[name] / size.units[unit] for size in sizes]
        each = [size.bytes[name] / max(1, size.rows[name]) for size in sizes]
        cells = [f"{n:,.2f}, {b:,.0f} B" for n, b in zip(per_unit, each, strict=True)]
        table.add_row(f"{name}, a {unit}", *cells)
    table.add_section()
    for tool in ASKED:
        table.add_row(
            f"{tool}, ms: one store, all", *["{:.1f}, {:.1f}".format(*s.tools[tool]) for s in sizes]
        )
    table.add_row("record_sale, ms", *[f"{size.sale:.1f}" for size in sizes])
    return table


def reckoned(estimates: Sequence[Estimate]) -> Table:
    """Lay the estimates side by side."""
    table = Table(title=f"Reckoned: {LINES_A_DAY:,} lines a store and day, kept {YEARS} years")
    table.add_column("")
    for each in estimates:
        table.add_column(f"{each.stores:,} stores", justify="right")
    for name in UNITS:
        table.add_row(f"{name}, GB", *[f"{each.gigabytes[name]:,.1f}" for each in estimates])
    table.add_row("all, GB", *[f"{sum(each.gigabytes.values()):,.0f}" for each in estimates])
    table.add_section()
    table.add_row("sales a second", *[f"{each.sales_a_second:,.1f}" for each in estimates])
    table.add_row("CPUs busy with sales", *[f"{each.sale_cpus:,.1f}" for each in estimates])
    table.add_row(
        "calls of managers a second", *[f"{each.calls_a_second:,.1f}" for each in estimates]
    )
    table.add_row("CPUs busy with calls", *[f"{each.call_cpus:,.1f}" for each in estimates])
    table.add_section()
    for tool in ASKED:
        table.add_row(
            f"{tool} of head office, ms", *[f"{e.head_office[tool]:,.0f}" for e in estimates]
        )
    return table


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--sizes", default=SIZES, show_default=True, help="Order lines, smallest first.")
@click.option("--calls", default=20, show_default=True, type=click.IntRange(6))
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures here too.")
def main(sizes: str, calls: int, file: Path | None) -> None:
    """Measure every size, reckon from the largest, and print both tables."""
    found = [measure(int(lines), calls) for lines in sizes.split(",")]
    estimates = [estimate(found[-1], stores) for stores in STORES]
    if file:
        figures = {
            "measured": [size._asdict() for size in found],
            "reckoned": [each._asdict() for each in estimates],
        }
        file.write_text(json.dumps(figures, indent=2) + "\n")
    screen = Console(width=None if Console().is_terminal else 160)
    screen.print(measured(found))
    screen.print(reckoned(estimates))


if __name__ == "__main__":
    main()
