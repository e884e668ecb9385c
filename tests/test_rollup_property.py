"""Whatever happens to orders and lines, on two connections at once, the rollups stay exact.

Hypothesis makes up the sequences; days are closed at any moment. Two sessions take turns, each in a
transaction of its own; one that has to wait for the other goes on when that one ends, and a
deadlock takes back its victim. After each step the session that took it asks retail.check_rollups,
which recomputes everything from the lines, inside its transaction; at the end so does a third one,
and the rebuild changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scratch import migrate, new_database

SETUP = """
insert into retail.regions (region_id, name)
values ('00000000-0000-7000-8000-0000000000f1', 'North');
insert into retail.stores (store_id, name, location, time_zone, region_id, manager_id)
select ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'Store ' || n, 'Somewhere', z,
    '00000000-0000-7000-8000-0000000000f1', mcp_auth.add_user('M' || n, 'head_office')
from (values (1, 'America/Los_Angeles'), (2, 'Asia/Tokyo')) as s (n, z);
insert into retail.categories (category_id, name)
values ('00000000-0000-7000-8000-0000000000c1', 'Tools');
insert into retail.product_types (type_id, category_id, name)
values ('00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000c1', 'Any');
insert into retail.products (product_id, sku, name, description, category_id, type_id, base_price)
select ('00000000-0000-7000-8000-0000000000e' || n)::uuid, 'P-' || n, 'Product ' || n, '.',
    '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000d1', n
from generate_series(1, 3) as n;
insert into retail.customers (store_id, customer_id, first_name, last_name)
select ('00000000-0000-7000-8000-00000000000' || s)::uuid,
    ('00000000-0000-7000-8000-00000000a' || s || '0' || n)::uuid, 'C', 'C'
from generate_series(1, 2) as s
cross join generate_series(1, 2) as n;
"""

# ids hold what they are of: store, customer within it, number of the order, product
STORE = "('00000000-0000-7000-8000-00000000000' || {store})::uuid"
ORDER = "('00000000-0000-7000-8000-0000000b' || {store} || lpad({number}::text, 3, '0'))::uuid"
CUSTOMER = "('00000000-0000-7000-8000-00000000a' || {store} || '0' || {customer})::uuid"
PRODUCT = "('00000000-0000-7000-8000-0000000000e' || {product})::uuid"
# around midnight, the end of a month and of a year, in either store's time zone
MOMENT = "timestamptz '2026-01-01 00:30+00' + {hours} * interval '7 hours'"
SOME = "mod(abs(hashtext(t::text)), 3) = {third}"  # a third of the rows

ORDERS = f"""
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select {STORE}, {ORDER}, {CUSTOMER}, {MOMENT} + n * interval '9 hours'
from generate_series(0, {{count}}) as n
on conflict do nothing
""".replace("{number}", "({number} + n)")
LINES = f"""
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
select t.store_id, t.order_id, n, t.order_date, {PRODUCT}, {{quantity}}, 1.25, 0.10 * n
from retail.orders as t
cross join generate_series(1, {{count}} + 1) as n
where {SOME}
on conflict on constraint order_items_pkey do update set quantity = excluded.quantity + 1
"""
STEPS = {
    "orders": ORDERS,
    "orders with lines": f"with o as ({ORDERS} returning *)"
    + """
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select o.store_id, o.order_id, 1, o.order_date, """
    + PRODUCT
    + """, {quantity}, 2 from o
""",
    "lines": LINES,
    "quantities": f"update retail.order_items as t set quantity = {{quantity}} + 1 where {SOME}",
    "products": f"update retail.order_items as t set product_id = {PRODUCT} where {SOME}",
    "the same": f"update retail.order_items as t set quantity = quantity where {SOME}",
    "dates": f"update retail.orders as t set ordered_at = {MOMENT} where {SOME}",
    "customers": f"update retail.orders as t set customer_id = {CUSTOMER}"
    f" where {SOME} and t.store_id = {STORE}",
    "keys": f"update retail.orders as t set order_id = gen_random_uuid() where {SOME}",
    "delete lines": f"delete from retail.order_items as t where {SOME}",
    "delete empty orders": "delete from retail.orders as t where not exists (select"
    " from retail.order_items as i where i.store_id = t.store_id and i.order_id = t.order_id)",
    "delete orders": "with i as (delete from retail.order_items where"
    f" store_id = {STORE}) delete from retail.orders where store_id = {STORE}",
    "time zone": "update retail.stores set time_zone = case when time_zone = 'Asia/Tokyo'"
    f" then 'America/Los_Angeles' else 'Asia/Tokyo' end where store_id = {STORE}",
    "close": "select retail.close_days(date '2026-01-01' + {hours} / 4)",
    "truncate lines": "truncate retail.order_items",
    "truncate": "truncate retail.order_items, retail.orders",
}
SOLD = [  # before the first step
    {"store": 1 + n % 2, "customer": 1 + n % 4 // 2, "product": 1 + n % 3, "number": 30 + 4 * n}
    | {"count": 1, "quantity": 2, "hours": 5 * n}
    for n in range(8)
]
COPY = (
    "copy retail.order_items (store_id, order_id, line_number, order_date, product_id, quantity,"
    " unit_price) from stdin"
)
COPIED = (
    f"select t.store_id, t.order_id, 40 + {{number}}, t.order_date, {PRODUCT}, {{quantity}}, 3"
    f" from retail.orders as t where {SOME} and not exists (select from retail.order_items as i"
    " where i.store_id = t.store_id and i.order_id = t.order_id"
    " and i.line_number = 40 + {number})"
)
END = ["commit", "rollback"]
# what another session may cause, and what a row that was just made somewhere else may
EXPECTED = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,  # rather later than in the way of the sales
    psycopg.errors.SerializationFailure,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.RestrictViolation,
    psycopg.errors.UniqueViolation,
)

numbers = st.fixed_dictionaries(
    {
        "store": st.integers(1, 2),
        "customer": st.integers(1, 2),
        "product": st.integers(1, 3),
        "number": st.integers(0, 20),
        "count": st.integers(0, 3),
        "quantity": st.integers(1, 5),
        "hours": st.integers(-110, 110),
        "third": st.integers(0, 2),
    }
)
often = [*["orders", "orders with lines", "lines", "copy"] * 3, *["close", *END] * 2]
names = st.sampled_from([*STEPS, *often])
taken_back = st.sampled_from([False] * 4 + [True])
steps = st.lists(st.tuples(st.integers(0, 1), names, numbers, taken_back), min_size=12, max_size=30)


class Session:
    """A connection whose statements may wait for those of the other one."""

    def __init__(self, uri: str, isolation: psycopg.IsolationLevel) -> None:
        self.connection = psycopg.connect(uri, options="-c deadlock_timeout=10ms")
        self.connection.isolation_level = isolation
        self.thread = ThreadPoolExecutor(1)
        self.running: Future[None] | None = None

    def do(self, name: str, values: dict[str, int], taken_back: bool) -> None:
        """Take a step; a session that still waits takes none."""
        if self.running is None:
            self.running = self.thread.submit(self._do, name, values, taken_back)

    def settle(self, monitor: psycopg.Connection[Any]) -> bool:
        """Wait until the step is done or waits for the other session; say whether it is done."""
        while self.running is not None:
            if wait_for([self.running], timeout=0.01).done:
                done, self.running = self.running, None
                done.result()
            elif blocked(monitor, self.connection.info.backend_pid):
                return False
        return True

    def _do(self, name: str, values: dict[str, int], taken_back: bool) -> None:
        try:
            if name in END:
                self.connection.execute(name.encode())
                return
            if taken_back:
                self.connection.execute("savepoint before")
            self._change(name, values)
            assert_exact(self.connection)
            if taken_back:
                self.connection.execute("rollback to before")
                assert_exact(self.connection)
        except EXPECTED:
            self.connection.rollback()

    def _change(self, name: str, values: dict[str, int]) -> None:
        if name == "copy":
            found = self.connection.execute(filled(COPIED, values)).fetchall()
            with self.connection.cursor().copy(COPY) as copy:
                for row in found:
                    copy.write_row(row)
        else:
            self.connection.execute(filled(STEPS[name], values))

    def close(self) -> None:
        """End the thread and the connection."""
        self.thread.shutdown()
        self.connection.close()


def filled(text: str, values: dict[str, int]) -> bytes:
    """Put the numbers into a statement."""
    return re.sub(r"\{(\w+)\}", lambda match: f"({values[match[1]]})", text).encode()


def blocked(monitor: psycopg.Connection[Any], process: int) -> bool:
    """Return whether a session waits for a lock of another one."""
    row = monitor.execute("select pg_blocking_pids(%s) <> '{}'", [process]).fetchone()
    return bool(row and row[0])


def assert_exact(connection: psycopg.Connection[Any]) -> None:
    """Compare the rollups with the lines, as far as a session sees them."""
    assert connection.execute("table retail.check_rollups").fetchall() == []


@pytest.fixture(scope="module")
def uri(database: str) -> Iterator[str]:
    """A database with two stores and nothing sold."""
    with new_database(database) as own:
        migrate(own, "apply")
        with psycopg.connect(own) as connection:
            connection.execute(SETUP)
        yield own


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(taken=steps, second=st.sampled_from(["READ_COMMITTED", "REPEATABLE_READ"]))
def test_rollups_equal_what_the_lines_add_up_to(
    uri: str, taken: list[tuple[int, str, dict[str, int], bool]], second: str
) -> None:
    isolation = [psycopg.IsolationLevel.READ_COMMITTED, psycopg.IsolationLevel[second]]
    sessions = [Session(uri, level) for level in isolation]
    try:
        with psycopg.connect(uri, autocommit=True) as monitor:
            monitor.execute("truncate retail.order_items, retail.orders")
            for sold in SOLD:
                monitor.execute(filled(STEPS["orders with lines"], sold))
            assert_exact(monitor)
            for who, name, values, taken_back in taken:
                if second == "REPEATABLE_READ" and name.startswith("truncate"):
                    continue  # not MVCC-safe: an older snapshot sees a table that is empty already
                if name == "close" and isolation[who] != psycopg.IsolationLevel.READ_COMMITTED:
                    continue  # refused, as the next test shows
                sessions[who].do(name, values, taken_back)
                for session in sessions:
                    session.settle(monitor)
            # the one that does not wait ends first, and the other then can
            for session in sorted(sessions, key=lambda each: each.running is not None):
                assert session.settle(monitor)
                session.do("commit", {}, taken_back=False)
                assert session.settle(monitor)
            assert_exact(monitor)
            rebuilt = monitor.execute("select retail.rebuild_daily_sales()").fetchone()
            assert rebuilt == (0,)
    finally:
        for session in sessions:
            session.close()


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_days_are_not_closed_by_an_older_snapshot(uri: str, level: str) -> None:
    with psycopg.connect(uri) as connection:
        connection.isolation_level = psycopg.IsolationLevel[level]
        with pytest.raises(psycopg.errors.InvalidTransactionState, match="read committed alone"):
            connection.execute("select retail.close_days()")


def test_a_sale_of_a_day_that_is_being_closed_waits_and_counts(uri: str) -> None:
    """One that began before holds the days open; one with a snapshot from before is refused."""
    first, second, third = (
        filled(STEPS["orders with lines"], {**SOLD[0], "number": n, "count": 0, "hours": -n})
        for n in (1, 2, 3)
    )
    closing = b"select retail.close_days('2026-01-31')"
    with (
        psycopg.connect(uri, autocommit=True) as monitor,
        psycopg.connect(uri) as seller,
        psycopg.connect(uri) as closer,
        ThreadPoolExecutor(1) as thread,
    ):
        monitor.execute("truncate retail.order_items, retail.orders")
        seller.execute(first)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            closer.execute(closing)
        closer.rollback()
        seller.commit()
        closer.execute(closing)
        waiting = thread.submit(seller.execute, second)
        while not blocked(monitor, seller.info.backend_pid):
            assert not waiting.done()
        closer.commit()
        waiting.result()
        assert_exact(seller)
        seller.commit()
        assert_exact(monitor)

        seller.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        seller.execute("select")
        monitor.execute("select retail.close_days('2026-02-28')")
        with pytest.raises(psycopg.errors.SerializationFailure):
            seller.execute(third)


def test_many_changes_open_the_days_again_while_somebody_sells(uri: str) -> None:
    """The one who sells is waited for, and who comes meanwhile waits."""
    many = (
        "insert into retail.orders (store_id, order_id, customer_id, ordered_at)"
        f" select {STORE}, gen_random_uuid(), {CUSTOMER},"
        " timestamptz '2024-01-01 12:00+00' + n * interval '1 day'"
        " from generate_series(1, 600) as n"
    )
    numbers = {**SOLD[0], "store": 1}
    sold = "select count(*) from retail.year_to_date_sales"
    with (
        psycopg.connect(uri, autocommit=True) as monitor,
        psycopg.connect(uri) as seller,
        psycopg.connect(uri) as mover,
        ThreadPoolExecutor(1) as thread,
    ):
        monitor.execute("truncate retail.order_items, retail.orders")
        monitor.execute(filled(many, numbers))
        for third in range(3):
            monitor.execute(filled(STEPS["lines"], {**numbers, "count": 0, "third": third}))
        monitor.execute("select retail.close_days()")
        assert monitor.execute(sold.encode()).fetchone() > (600,)  # type: ignore[operator]
        seller.execute(filled(STEPS["quantities"], {**numbers, "third": 1}))
        moving = thread.submit(
            mover.execute, b"update retail.orders set ordered_at = ordered_at - interval '2 years'"
        )
        while not blocked(monitor, mover.info.backend_pid):
            assert not moving.done()
        assert_exact(seller)
        seller.commit()
        moving.result()
        assert_exact(mover)
        mover.commit()
        assert_exact(monitor)
        assert monitor.execute(sold.encode()).fetchone() == (0,)
        monitor.execute("select retail.close_days()")
        assert_exact(monitor)
        assert monitor.execute("select retail.rebuild_daily_sales()").fetchone() == (0,)
