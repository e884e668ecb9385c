"""A cluster of Citus answers what one node answers, to the same callers and to nobody else.

Not run without ZAVA_CITUS_URL (benchmarks/citus.py). One PostgreSQL has the demo, and a database
of these tests on each node of the cluster has the same rows, users and keys; both are locked down.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from test_exports import MODERN, Server
from test_server import until

from benchmarks import zava
from benchmarks.citus import Node, at, fill, new_database
from zava_mcp.local import cluster
from zava_mcp.migrate.session import Settings
from zava_mcp.project.embed import embed_all

NAME = "zava_test_cluster"
ORDERS = 2000
QUERY = "execute_sales_query"
Json = dict[str, Any]


class Both(NamedTuple):
    """A node, the cluster with the same rows, and the callers of both."""

    node: psycopg.Connection[Any]
    cluster: psycopg.Connection[Any]
    node_uri: str
    cluster_uri: str
    shim: str  # of the node
    keys: dict[str, str]
    facts: dict[str, str]  # what @name@ in an argument stands for
    said: str  # by the first apply on the cluster

    def ask(self, who: str, tool: str, arguments: Json) -> tuple[str, str]:
        """Call a tool on the node and on the cluster; return both texts."""
        text = json.dumps(arguments)
        for name, value in self.facts.items():
            text = text.replace(f"@{name}@", value)
        return call(self.node, self.keys[who], tool, text), call(
            self.cluster, self.keys[who], tool, text
        )


def call(connection: psycopg.Connection[Any], key: str, tool: str, arguments: str) -> str:
    """Return the text of an answer, or of its error, with what names sessions left out."""
    try:
        row = connection.execute(
            "select mcp.call_tool(%s, %s, %s::jsonb)::text", [key, tool, arguments]
        ).fetchone()
    except psycopg.Error as error:
        return f"{error.sqlstate} {str(error).splitlines()[0]}"
    assert row is not None
    return str(row[0])


FACTS = """
select jsonb_build_object(
    'own', s.store_id,
    'other', (select o.store_id from retail.stores as o where o.region_id <> s.region_id limit 1),
    'product', (select i.product_id from retail.order_items as i where i.store_id = s.store_id
        group by 1 order by count(*) desc, 1 limit 1),
    'customer', (select o.customer_id from retail.orders as o where o.store_id = s.store_id
        group by 1 order by count(*) desc, 1 limit 1),
    'category', (select min(c.name) from retail.categories as c),
    'sku', (select p.sku from retail.inventory as i join retail.products as p using (product_id)
        where i.store_id = s.store_id order by i.stock_level desc, 1 limit 1),
    'second', (select p.sku from retail.inventory as i join retail.products as p using (product_id)
        where i.store_id = s.store_id order by i.stock_level desc, 1 offset 1 limit 1)
)
from retail.stores as s where s.name = %s
"""
SEATTLE = "Zava Retail Seattle"


@pytest.fixture(scope="module")
def both(citus_url: str) -> Iterator[Both]:
    with (
        tempfile.TemporaryDirectory(prefix="zava-test-") as name,
        cluster.server(Path(name), cluster.THROW_AWAY) as uri,
        new_database(citus_url, NAME) as on_cluster,
    ):
        assert zava.prepare(uri, ORDERS, "local")
        shim = cluster.uri(Path(name), zava.LOGIN)
        made = zava.demo_keys(uri, shim, Path(name) / "keys.json")
        with psycopg.connect(uri, autocommit=True) as node:
            node.execute("update mcp_auth.limits set calls_per_minute = 1000000")
            facts = node.execute(FACTS, [SEATTLE]).fetchone()
            assert facts
            with redirect_stderr(io.StringIO()) as said:
                fill(uri, on_cluster)
            embed_all(Settings(url=on_cluster), "local")
            keys = {
                **{f"store {store}": key for store, key in made["stores"].items()},
                "store": made["stores"][SEATTLE],
                "region": made["regional_manager"],
                "head office": made["head_office"],
            }
            with psycopg.connect(on_cluster, autocommit=True) as coordinator:
                yield Both(
                    node, coordinator, uri, on_cluster, shim, keys, facts[0], said.getvalue()
                )


TERMS = "select word, meaning, subject, query from mcp_catalog.terms order by 1"


def test_terms_stay_while_tables_change(both: Both) -> None:
    """At the commit of DDL Citus asks no shard for another role than the one that changed it."""
    expected = both.node.execute(TERMS).fetchall()
    assert any(query for *_, query in expected)
    assert "warning: " in both.said
    assert "is not offered" not in both.said
    built = "select refreshed_at from mcp_catalog.catalog_state"
    before = both.cluster.execute(built).fetchone()
    with both.cluster.transaction():
        both.cluster.execute("alter table retail.orders add column note text")
        both.cluster.execute("comment on column retail.orders.note is 'A note.'")
    try:
        assert both.cluster.execute(built).fetchone() != before
        assert both.cluster.execute(TERMS).fetchall() == expected
    finally:
        both.cluster.execute("alter table retail.orders drop column note")
    # they were tried afterwards; of one that does not run it is said why
    both.cluster.execute("select mcp_catalog.refresh_catalog()")
    assert both.cluster.execute(TERMS).fetchall() == expected
    found = both.cluster.execute("select mcp_catalog.query_fault('select 1 / 0')").fetchone()
    assert found == ("division by zero",)


YEAR = {"time_period": "last_12_months"}
# every tool, with arguments
CALLS: dict[str, list[Json]] = {
    "list_stores": [{}],
    "get_current_utc_date": [{}],
    "get_daily_sales": [
        {},
        {"time_period": "last_90_days", "page_size": 5},
        {"store_id": "@other@"},
        {"from_date": "2025-01-01", "to_date": "2025-02-28"},
    ],
    "get_category_performance": [{}, {"time_period": "all_time"}],
    "get_store_performance": [{}, YEAR, {"store_id": "@own@", "time_period": "this_year"}],
    "compare_stores": [{}, {"time_period": "last_year"}],
    "get_sales_trends": [
        {"granularity": "month"},
        {"granularity": "week", "time_period": "last_90_days"},
    ],
    "get_top_products": [{}, {"rank_by": "units", "category": "@category@", **YEAR}],
    "get_customer_analysis": [{}, YEAR],
    "list_customers": [{}, {"segment": "loyal", "page_size": 5}],
    "generate_business_insights": [
        {"analysis_type": "summary"},
        {"analysis_type": "customer_segmentation"},
        {"analysis_type": "product_performance"},
        {"analysis_type": "seasonal_trends", **YEAR},
    ],
    "get_inventory_status": [{}, {"status": "low", "page_size": 5}],
    "get_restock_suggestions": [{}],
    "get_frequently_bought_together": [{"product_id": "@product@"}],
    "recommend_products": [{"customer_id": "@customer@"}],
    "find_similar_products": [{"product_id": "@product@"}],
    "search_products_by_description": [
        {"query": "cordless drill for wood"},
        {"query": "paint", "in_stock_only": True, "price_max": 50},
    ],
    "search_tools": [{"query": "which days sold most"}, {"query": "customers", "max_results": 10}],
    "get_multiple_table_schemas": [{}],
    QUERY: [
        {"postgresql_query": query}
        for query in (
            "select count(*), sum(total_amount) from retail.orders",
            "select s.name, sum(d.net_amount) from retail.daily_totals as d"
            " join retail.stores as s using (store_id) group by 1 order by 2 desc",
            "select c.name, sum(i.line_amount) from retail.order_items as i"
            " join retail.products as p using (product_id)"
            " join retail.categories as c using (category_id) group by 1 order by 2 desc limit 3",
            "select count(*) from retail.orders join retail.order_items using (store_id, order_id)",
            "select count(*) from retail.customers",
            "select count(*) from retail.customers where first_name like 'A%' or email ~~* 'b%'",
            "select region_id, name from retail.regions order by name",
            "select count(*) from retail.product_costs",
            "select count(*) from retail.orders where store_id = '@other@'",
            "select d, sum(t) over (order by d) from (select order_date as d,"
            " sum(total_amount) as t from retail.orders group by 1) as x order by 1 limit 9",
            "select ctid from retail.orders limit 1",
            "select set_config('a.b', 'c', true) from retail.orders limit 1",
            "select * from mcp_auth.users",
            "select 1 / 0 from retail.orders",
        )
    ],
    "record_sale": [{"customer_id": "@customer@", "lines": []}],
    "record_return": [{"order_id": "@product@", "lines": [], "idempotency_key": "0"}],
    "adjust_inventory": [{"sku": "nothing", "change": 1, "idempotency_key": "0"}],
}
# about the calls of a server, of which each has its own
OWN = ["get_call_rate", "get_performance_summary", "get_slow_calls", "get_unmet_needs"]
# queries that Citus refuses, with its reason
REFUSED = {
    "select count(*) from retail.order_items as a join retail.order_items as b"
    " on a.product_id = b.product_id and a.order_id < b.order_id": (
        "XX000 the query contains a join that requires repartitioning"
    ),
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 5)"
    " select sum(n), (select count(*) from retail.orders) from r": (
        "0A000 recursive CTEs are only supported when they contain a filter on the distribution"
        " column"
    ),
    "select count(i.stock_level) from retail.products as p"
    " left join retail.inventory as i using (product_id)": (
        "XX000 failed to postpone qual containing lateral reference"
    ),
}


def test_every_tool_is_asked(both: Both) -> None:
    row = both.node.execute("select array_agg(t.name order by t.name) from mcp_catalog.tools as t")
    on_cluster = both.cluster.execute("select array_agg(name order by name) from mcp_catalog.tools")

    assert (found := row.fetchone()) == on_cluster.fetchone()
    assert found is not None
    assert found[0] == sorted([*CALLS, *OWN])


@pytest.mark.parametrize("who", ["store", "region", "head office"])
@pytest.mark.parametrize("tool", CALLS)
def test_the_cluster_answers_what_one_node_answers(both: Both, tool: str, who: str) -> None:
    for arguments in CALLS[tool]:
        node, on_cluster = both.ask(who, tool, arguments)
        assert on_cluster == node, arguments


@pytest.mark.parametrize("tool", OWN)
def test_reports_about_calls_are_of_the_server_that_was_called(both: Both, tool: str) -> None:
    for who in ("store", "region"):
        node, on_cluster = both.ask(who, tool, {})
        assert on_cluster == node
    node, on_cluster = both.ask("head office", tool, {})
    assert json.loads(on_cluster).keys() == json.loads(node).keys()


@pytest.mark.parametrize("query", REFUSED)
def test_queries_that_citus_refuses(both: Both, query: str) -> None:
    node, on_cluster = both.ask("head office", QUERY, {"postgresql_query": query})

    assert json.loads(node)["row_count"] == 1
    assert on_cluster == REFUSED[query]


def test_the_stores_add_up_to_head_office(both: Both) -> None:
    def revenue(who: str) -> float:
        _, text = both.ask(who, "get_store_performance", YEAR)
        return float(json.loads(text)["metrics"]["revenue"])

    stores = [revenue(who) for who in both.keys if who.startswith("store ")]
    assert len(stores) == 8
    assert min(stores) > 0
    assert round(sum(stores), 2) == revenue("head office")


# Writes -----------------------------------------------------------------------------------------

KEPT = {
    "daily_totals": "store_id, sales_date",
    "daily_sales": "store_id, sales_date, product_id",
    "customer_sales": "store_id, customer_id",
    "inventory": "store_id, product_id",
}
CHANGES = """
select table_name, operation, user_id::text, count(*) from retail.change_log
group by 1, 2, 3 order by 1, 2, 3
"""


def contents(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    """Return the rows of a table as text, but for when they were written."""
    row = f"select (to_jsonb(t) - 'updated_at')::text from retail.{table} as t"
    return connection.execute(f"{row} order by {KEPT[table]}".encode()).fetchall()


def test_writes_leave_the_same_answers_and_sums(both: Both) -> None:
    lines = [
        {"sku": "@sku@", "quantity": 2},
        {"sku": "@second@", "quantity": 1, "discount_amount": 1},
    ]
    sale = {"customer_id": "@customer@", "lines": lines, "idempotency_key": "cluster-1"}
    order = re.compile(r'"order_id": "([0-9a-f-]+)"')
    answers = [
        both.ask("store", "record_sale", sale),
        both.ask("store", "record_sale", sale),
        both.ask("store", "record_sale", {**sale, "idempotency_key": "2", "dry_run": True}),
        both.ask("store", "record_sale", {**sale, "idempotency_key": "3", "store_id": "@other@"}),
        both.ask(
            "store",
            "adjust_inventory",
            {"sku": "@second@", "change": -3, "reason": "broken", "idempotency_key": "4"},
        ),
    ]
    made = [order.search(text) for text in answers[0]]
    assert all(made), answers[0]
    returned = {"lines": [{"line_number": 1, "quantity": 1}], "restock": True}
    for place, connection in enumerate((both.node, both.cluster)):
        found = made[place]
        assert found
        text = json.dumps({"order_id": found[1], **returned, "idempotency_key": "5"})
        answers.append((call(connection, both.keys["store"], "record_return", text), ""))
    node = [answer[0] for answer in answers[:5]] + [answers[5][0]]
    on_cluster = [answer[1] for answer in answers[:5]] + [answers[6][0]]
    same = [order.sub('"order_id": ""', text) for text in on_cluster]
    assert same == [order.sub('"order_id": ""', text) for text in node]

    first, again, _dry, foreign, _stock, back = on_cluster
    assert json.loads(first)["is_repeat"] is False
    assert json.loads(again) == {**json.loads(first), "is_repeat": True}
    assert foreign.startswith("42501 ")
    assert json.loads(back)["is_repeat"] is False
    for table in KEPT:
        assert contents(both.cluster, table) == contents(both.node, table), table
    logged = both.node.execute(CHANGES).fetchall()
    assert both.cluster.execute(CHANGES).fetchall() == logged
    assert {row[0] for row in logged} >= {"orders", "order_items", "inventory"}


# The context -------------------------------------------------------------------------------------

SETTING = "app.current_rls_user_id"
NAMED = sql.SQL(SETTING)
ORDERS_SEEN = "select count(*) from retail.orders"


@pytest.fixture
def coordinator(both: Both) -> Iterator[psycopg.Connection[Any]]:
    """A session of its own on the coordinator."""
    with psycopg.connect(both.cluster_uri, autocommit=True) as connection:
        yield connection


def begin(connection: psycopg.Connection[Any], key: str) -> str:
    """Write the context of a caller in the running transaction; return what was written."""
    connection.execute("select mcp_auth.set_context(mcp_auth.identify(%s))", [key])
    row = connection.execute("select current_setting(%s)", [SETTING]).fetchone()
    assert row
    return str(row[0])


def count(connection: psycopg.Connection[Any], table: str = "retail.orders") -> Any:
    """Count the rows that mcp_tools sees; the SQLSTATE where that is refused."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("set local role mcp_tools")
            row = connection.execute(f"select count(*) from {table}".encode()).fetchone()
    except psycopg.Error as error:
        return error.sqlstate
    assert row
    return row[0]


def on_worker(both: Both) -> tuple[str, str]:
    """Return the URI of a worker, and a shard of retail.orders that it has."""
    row = both.cluster.execute(
        "select s.nodename, s.nodeport, s.shard_name from citus_shards as s"
        " where s.table_name = 'retail.orders'::regclass and s.shardid ="
        " get_shard_id_for_distribution_column('retail.orders', %s::uuid)",
        [both.facts["own"]],
    ).fetchone()
    assert row
    return at(both.cluster_uri, node=Node(*row[:2])), str(row[2])


def test_a_context_counts_in_its_transaction_alone(
    both: Both, coordinator: psycopg.Connection[Any]
) -> None:
    """Forged, replayed and copied ones are refused, on the coordinator and on a worker."""
    key = both.keys["store"]
    own = both.node.execute(f"{ORDERS_SEEN} where store_id = %s", [both.facts["own"]]).fetchone()
    everything = both.node.execute(ORDERS_SEEN).fetchone()
    assert own is not None
    assert everything is not None
    worker, shard = on_worker(both)
    setting = f"select set_config('{SETTING}', %s, true)".encode()

    with coordinator.transaction(force_rollback=True):
        written = begin(coordinator, key)
        assert count(coordinator) == own[0] < everything[0]
        # of another session, which goes on: on the coordinator, and on the worker with the rows
        for uri, table in ((both.cluster_uri, "retail.orders"), (worker, shard)):
            with psycopg.connect(uri) as thief:
                assert count(thief, table) == 0
                thief.execute(setting, [written])
                assert count(thief, table) == "42501"
        head = "|head_office|"
        for forged in (
            written.replace("|store_managers|", head),
            written[:-1] + ("0" if written[-1] != "0" else "1"),
            written.replace(both.facts["own"], both.facts["other"]),
        ):
            assert forged != written
            # as a statement, which Citus sends on to the workers
            coordinator.execute(sql.SQL("set local {} = {}").format(NAMED, sql.Literal(forged)))
            assert count(coordinator) == "42501"
    with coordinator.transaction(force_rollback=True):
        assert count(coordinator) == 0
        coordinator.execute(setting, [written])
        assert count(coordinator) == "42501"


# What a server does beside calls ------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers(both: Both, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """A server on the node, and one on the cluster."""
    with ExitStack() as stack:
        found = []
        for name, shim in (
            ("node", both.shim),
            ("cluster", at(both.cluster_uri, user=zava.LOGIN)),
        ):
            folder, port = tmp_path_factory.mktemp(name), zava.free_port()
            settings = {"ZAVA_EXPORTS": str(folder / "exports"), "ZAVA_EMBEDDER": "none"}
            stack.enter_context(zava.serving(shim, "127.0.0.1", port, folder / "log", **settings))
            url = f"http://127.0.0.1:{port}/mcp"
            found.append(Server(url, both.keys["store"], "", shim, folder / "exports"))
        yield found


def file_of(server: Server, tool: str, arguments: Json) -> str:
    """Export a result; return the file."""
    result = server.send("tools/call", name=tool, arguments=arguments)["result"]
    assert result["isError"] is False, result
    export = result["structuredContent"]["export"]
    response = server.get(export)
    response.raise_for_status()
    assert len(response.content) == export["bytes"]
    return response.text


@pytest.mark.parametrize("who", ["store", "region", "head office"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_exports_have_the_rows_of_their_caller(
    both: Both, servers: list[Server], kind: str, who: str
) -> None:
    query = (  # but for what these tests sold, with ids of their own
        "select o.store_id, o.order_id, i.line_number, i.quantity, i.line_amount"
        " from retail.orders as o join retail.order_items as i using (store_id, order_id)"
        " where o.order_date < current_date - 2 order by 1, 2, 3"
    )
    paged = {"store": "list_customers"}.get(who, "get_inventory_status")
    for tool, arguments in ((QUERY, {"postgresql_query": query}), (paged, {})):
        node, on_cluster = (
            file_of(server._replace(key=both.keys[who]), tool, {**arguments, "export": kind})
            for server in servers
        )
        assert on_cluster == node
        if who != "region":
            assert (both.facts["other"] in on_cluster) is (who == "head office")
        assert on_cluster.count("\n") > 20


def test_an_export_in_a_task_is_done_once(both: Both, servers: list[Server]) -> None:
    query = "select store_id, count(*) as orders from retail.orders group by 1"
    files = []
    for server in servers:
        task = server.task(query)

        def is_done(server: Server = server, task: str = task) -> bool:
            found = server.send("tasks/get", MODERN, taskId=task)["result"]
            assert found["status"] in ("working", "completed"), found
            return bool(found["status"] == "completed")

        until(is_done)
        found = server.send("tasks/get", MODERN, taskId=task)["result"]["result"]
        files.append(server.get(found["structuredContent"]["export"]).text)
    assert files[1] == files[0]
    assert both.facts["own"] in files[1]
    assert both.facts["other"] not in files[1]


def test_a_file_is_for_its_caller_alone(both: Both, servers: list[Server]) -> None:
    _, server = servers
    export = server.export("select count(*) from retail.orders")

    assert server.get(export, both.keys["head office"]).status_code == 404
    assert server.get(export).status_code == 200
