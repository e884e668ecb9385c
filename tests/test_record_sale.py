"""Sales by many clients at once, through the MCP server: each key once, and no stock below zero."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from mcp import Client
from scratch import name_of, new_database, on_database
from test_server import another_server, ask, bounded, connected, data, error, run_sql

from benchmarks import zava


class Shop(NamedTuple):
    """A database of these tests' own, with the MCP server in front, and who sells in it."""

    uri: str
    url: str
    key: str
    store: str
    customer: str


@pytest.fixture(scope="module")
def shop(database: str, shim_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    with new_database(database) as uri:
        assert zava.prepare(uri, 200, "none")
        run_sql(uri, "insert into mcp_auth.limits values ('store_managers', 600, 60, 4)")
        own_shim_url = on_database(shim_url, name_of(uri))
        keys = zava.demo_keys(uri, own_shim_url, folder / "keys.json")
        [(store, customer, name)] = rows(
            uri,
            "select s.store_id::text, c.customer_id::text, s.name from retail.stores as s"
            " join retail.customers as c using (store_id) where s.name like '%Seattle' limit 1",
        )
        with another_server(own_shim_url, folder / "server.log") as (url, _process):
            yield Shop(uri, url, keys["stores"][name], store, customer)


def rows(uri: str, query: str) -> list[Any]:
    """What the database holds, seen by its owner."""
    with psycopg.connect(uri, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def products(shop: Shop, count: int, stock: int) -> list[str]:
    """Set the stock of some products of the store, and return their names."""
    [(skus,)] = rows(
        shop.uri,
        "with chosen as (select product_id from retail.inventory"
        f" where store_id = '{shop.store}' order by product_id limit {count}),"
        f" stocked as (update retail.inventory set stock_level = {stock}"
        f" where store_id = '{shop.store}' and product_id in (table chosen))"
        " select array_agg(p.sku order by p.product_id) from retail.products as p"
        " where p.product_id in (table chosen)",
    )
    return list(skus)


def stock(shop: Shop, sku: str) -> int:
    """How many units the store has."""
    [(level,)] = rows(
        shop.uri,
        "select i.stock_level from retail.inventory as i join retail.products as p"
        f" using (product_id) where i.store_id = '{shop.store}' and p.sku = '{sku}'",
    )
    return int(level)


def orders(shop: Shop) -> int:
    """How many orders there are in all stores."""
    return int(ask(shop.uri, "select count(*) from retail.orders"))


async def sell(
    client: Client, shop: Shop, key: str, *lines: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """Sell, and give the answer or the error."""
    arguments = {"customer_id": shop.customer, "lines": lines, "idempotency_key": key, **more}
    result = await client.call_tool("record_sale", arguments)
    return error(result) if result.is_error else data(result)


@bounded
async def test_fifty_sales_with_ten_keys_make_ten_orders(shop: Shop) -> None:
    [sku] = products(shop, 1, 100)
    before = orders(shop)
    async with connected(shop.url, shop.key) as client:
        answers = await asyncio.gather(
            *[sell(client, shop, f"ten-{n % 10}", {"sku": sku, "quantity": 1}) for n in range(50)]
        )
    assert len({answer["order_id"] for answer in answers}) == 10
    assert Counter(answer["is_repeat"] for answer in answers) == {False: 10, True: 40}
    assert {
        json.dumps({**answer, "is_repeat": None}, sort_keys=True) for answer in answers[::10]
    } == {json.dumps({**answers[0], "is_repeat": None}, sort_keys=True)}
    assert orders(shop) == before + 10
    assert stock(shop, sku) == 90
    assert rows(shop.uri, "table retail.check_rollups") == []


@bounded
async def test_of_twenty_buyers_five_get_the_last_five(shop: Shop) -> None:
    [sku] = products(shop, 1, 5)
    before = orders(shop)
    async with connected(shop.url, shop.key) as client:
        answers = await asyncio.gather(
            *[sell(client, shop, f"last-{n}", {"sku": sku, "quantity": 1}) for n in range(20)]
        )
    refused = [answer for answer in answers if "code" in answer]
    assert [answer["code"] for answer in refused] == ["CONFLICT"] * 15
    assert all(
        answer["message"].startswith("stock too low: the store has 0 of") for answer in refused
    )
    assert sorted(answer["lines"][0]["stock_level"] for answer in answers if "lines" in answer) == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert stock(shop, sku) == 0
    assert orders(shop) == before + 5
    [(keys,)] = rows(
        shop.uri,
        "select count(*) from mcp_tool.requests where idempotency_key like 'last-%'",
    )
    assert keys == 5  # a refused sale may be tried again with its key
    assert rows(shop.uri, "table retail.check_rollups") == []


@bounded
async def test_one_key_for_two_sales_at_once_is_one_sale(shop: Shop) -> None:
    [sku] = products(shop, 1, 100)
    before = orders(shop)
    async with connected(shop.url, shop.key) as client:
        answers = await asyncio.gather(
            *[sell(client, shop, "one", {"sku": sku, "quantity": 1 + n % 2}) for n in range(20)]
        )
    assert Counter(answer.get("code", "sold") for answer in answers) == {"sold": 10, "CONFLICT": 10}
    assert len({answer["order_id"] for answer in answers if "order_id" in answer}) == 1
    assert orders(shop) == before + 1
    [quantity] = {answer["lines"][0]["quantity"] for answer in answers if "lines" in answer}
    assert stock(shop, sku) == 100 - quantity


@bounded
async def test_sales_of_the_same_products_in_any_order_do_not_deadlock(shop: Shop) -> None:
    skus = products(shop, 4, 40)
    async with connected(shop.url, shop.key) as client:
        answers = await asyncio.gather(
            *[
                sell(
                    client,
                    shop,
                    f"turned-{n}",
                    *[{"sku": sku, "quantity": 1} for sku in (skus if n % 2 else skus[::-1])],
                )
                for n in range(40)
            ]
        )
    assert [answer for answer in answers if "code" in answer] == []
    assert [stock(shop, sku) for sku in skus] == [0, 0, 0, 0]
    assert rows(shop.uri, "table retail.check_rollups") == []


@bounded
async def test_a_dry_run_beside_sales_changes_nothing(shop: Shop) -> None:
    [sku] = products(shop, 1, 10)
    before = orders(shop)
    async with connected(shop.url, shop.key) as client:
        answers = await asyncio.gather(
            *[
                sell(client, shop, f"dry-{n}", {"sku": sku, "quantity": 1}, dry_run=n % 2 == 0)
                for n in range(10)
            ]
        )
    assert Counter(answer["is_dry_run"] for answer in answers) == {True: 5, False: 5}
    assert orders(shop) == before + 5
    assert stock(shop, sku) == 5
