"""Reads on streaming replicas: as long as one is near enough, and on the primary otherwise."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import pytest
from servers import standby
from test_server import another_server, ask, extra_tool, run_sql, until
from test_server_bad_input import call, send

from benchmarks import zava
from zava_mcp.local import cluster

LAG = 2.0
TOOLS: LiteralString = """
create table retail.test_numbers (number bigint not null);
alter table retail.test_numbers owner to mcp_tools;
grant execute on function pg_is_in_recovery(), pg_postmaster_start_time() to mcp_tools;

create function api.test_newest(out number bigint, out is_replica boolean, out started timestamptz)
language sql stable
security definer set search_path = pg_catalog, pg_temp begin atomic
    select coalesce(max(n.number), 0), pg_is_in_recovery(), pg_postmaster_start_time()
    from retail.test_numbers as n;
end;
create function api.test_add(number bigint) returns boolean language sql volatile
security definer set search_path = pg_catalog, pg_temp begin atomic
    insert into retail.test_numbers (number) values (test_add.number)
    returning pg_is_in_recovery();
end;
comment on function api.test_newest() is 'A tool of the tests.

@returns The newest number, and where it was read: when that server was started.';
comment on function api.test_add(bigint) is 'A tool of the tests.

@param number  A number.
@returns Whether it was written on a replica.';
alter function api.test_newest() owner to mcp_tools;
alter function api.test_add(bigint) owner to mcp_tools;
revoke all on function api.test_newest(), api.test_add(bigint) from public;
grant execute on function api.test_newest(), api.test_add(bigint) to mcp_core, head_office;
select mcp_catalog.refresh_catalog();
"""
WHERE: LiteralString = (
    "begin return case when pg_is_in_recovery() then 'replica' else 'primary' end; end"
)


class Pair(NamedTuple):
    """A primary, its standby, and a server that knows both."""

    uri: str
    standby: str
    standby_dir: Path
    url: str
    key: str

    def read(self) -> tuple[int, bool]:
        """The newest number, and whether the standby said so."""
        content = self.call("test_newest", "{}")
        return content["number"], content["is_replica"]

    def add(self, number: int) -> bool:
        """Write a number; whether that was on a replica."""
        return bool(self.call("test_add", f'{{"number": {number}}}')["value"])

    def call(self, tool: str, arguments: str) -> Any:
        """What a tool answers."""
        result = send(self.url, self.key, call(tool, arguments)).json()["result"]
        assert not result["isError"], result
        return result["structuredContent"]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="zava-test-") as name:  # short, as sockets' must be
        yield from made(Path(name))


def made(folder: Path) -> Iterator[Pair]:
    """Start all three, and stop them."""
    with cluster.server(folder / "primary", cluster.THROW_AWAY) as uri:
        assert zava.prepare(uri, 100, "none")
        run_sql(uri, TOOLS)
        run_sql(uri, "update mcp_auth.limits set calls_per_minute = 1000000")
        add: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user('r', 'head_office'))"
        key = ask(uri, add)
        copy_dir = folder / "standby"
        with standby(uri, copy_dir) as copy:
            shim = cluster.uri(folder / "primary", zava.LOGIN)
            settings = {
                "ZAVA_REPLICA_URL": cluster.uri(copy_dir, zava.LOGIN),
                "ZAVA_REPLICA_LAG": str(LAG),
            }
            with another_server(shim, folder / "log", **settings) as (url, _):
                yield Pair(uri, copy, copy_dir, url, key)


@contextmanager
def paused(standby: str) -> Iterator[None]:
    """Meanwhile a standby reads nothing of what the primary writes."""
    ask(standby, "select pg_wal_replay_pause()")
    until(lambda: ask(standby, "select pg_get_wal_replay_pause_state()") == "paused")
    try:
        yield
    finally:
        ask(standby, "select pg_wal_replay_resume()")


def test_reads_go_to_the_replica_and_writes_to_the_primary(pair: Pair) -> None:
    until(lambda: pair.read()[1])
    assert pair.add(1) is False
    assert ask(pair.uri, "select count(*) from retail.test_numbers") == 1
    until(lambda: pair.read() == (1, True))


def test_a_read_is_never_older_than_the_lag(pair: Pair) -> None:
    """A standby that falls behind the primary for longer than the limit is not used."""
    until(lambda: pair.read()[1])
    ask(pair.standby, "select pg_wal_replay_pause()")
    until(lambda: ask(pair.standby, "select pg_get_wal_replay_pause_state()") == "paused")
    try:
        pair.add(2)
        written, old = time.monotonic(), []
        while True:
            began = time.monotonic()
            number, is_replica = pair.read()
            assert is_replica is (number == 1)
            if number == 2:
                break
            old.append(began - written)
        assert old, "the standby was asked while it was near"
        assert max(old) < LAG
        assert [pair.read() for _ in range(20)] == [(2, False)] * 20
    finally:
        ask(pair.standby, "select pg_wal_replay_resume()")
    until(lambda: pair.read() == (2, True))


def test_what_the_replica_does_not_know_yet_the_primary_does(pair: Pair) -> None:
    """A new tool: what the replica refuses, the primary is asked; a new caller has a ticket."""
    until(lambda: pair.read()[1])
    ask(pair.standby, "select pg_wal_replay_pause()")
    until(lambda: ask(pair.standby, "select pg_get_wal_replay_pause_state()") == "paused")
    new = call("test_where", "{}")
    try:
        add: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user('n', 'head_office'))"
        assert pair._replace(key=ask(pair.uri, add)).read()[1] is True
        with extra_tool(pair.uri, "test_where", WHERE):
            until(lambda: '"isError":false' in send(pair.url, pair.key, new).text)
            assert pair.call("test_where", "{}")["value"] == "primary"
    finally:
        ask(pair.standby, "select pg_wal_replay_resume()")


def test_without_the_replica_the_primary_answers(pair: Pair) -> None:
    until(lambda: pair.read()[1])
    cluster.stop(pair.standby_dir)
    assert [pair.read()[1] for _ in range(20)] == [False] * 20
    cluster.start(pair.standby_dir, cluster.THROW_AWAY)
    until(lambda: pair.read()[1])


def test_every_call_has_one_row_wherever_it_ran(pair: Pair) -> None:
    """The rows of reads on the replica are on the primary."""
    add: LiteralString = "select mcp_auth.create_api_key(mcp_auth.add_user('o', 'head_office'))"
    caller = pair._replace(key=ask(pair.uri, add))
    places: list[bool] = []

    def is_read_on_the_replica() -> bool:
        places.append(caller.read()[1])
        return places[-1]

    until(is_read_on_the_replica)  # which has to know the key by then
    caller.add(3)
    rows: LiteralString = (
        "select count(*) from mcp_log.call_log where code = 'OK' and credential_id = %s"
    )
    until(lambda: ask(pair.uri, rows, caller.key.split("_")[1]) == len(places) + 1)


def test_of_two_replicas_the_one_that_lags_is_not_asked(pair: Pair, tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="zava-test-") as name,
        standby(pair.uri, Path(name) / "second") as second,
    ):
        copies = (pair.standby_dir, Path(name) / "second")
        settings = {
            "ZAVA_REPLICA_URL": " ".join(cluster.uri(copy, zava.LOGIN) for copy in copies),
            "ZAVA_REPLICA_LAG": str(LAG),
        }
        shim = pair.uri.replace("postgres@", "zava_mcp@")
        with another_server(shim, tmp_path / "log", **settings) as (url, _):
            both = pair._replace(url=url)
            places = set[str]()

            def both_are_asked() -> bool:
                content = both.call("test_newest", "{}")
                places.update([content["started"]] if content["is_replica"] else [])
                return len(places) == 2

            until(both_are_asked)
            with paused(pair.standby):
                both.add(11)
                written = time.monotonic()
                until(lambda: both.read() == (11, True) and time.monotonic() - written > LAG)
                # the first would say less
                assert {both.read()[0] for _ in range(20)} == {11}
                with paused(second):
                    both.add(12)
                    until(lambda: both.read() == (12, False))
                    assert [both.read() for _ in range(20)] == [(12, False)] * 20
                until(lambda: both.read() == (12, True))
            places.clear()
            until(both_are_asked)


def test_a_replica_of_another_timeline_is_not_read(pair: Pair, tmp_path: Path) -> None:
    """After a failover one that still follows the old primary has a later position and no writes.

    A copy of the new primary is read.
    """
    written: LiteralString = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
    replayed: LiteralString = "select pg_last_wal_replay_lsn() - '0/0'::pg_lsn"
    goes_on: LiteralString = "select (pg_logical_emit_message(false, '', 'x'), pg_switch_wal())"
    with tempfile.TemporaryDirectory(prefix="zava-test-") as name:
        folder, log = Path(name), tmp_path / "log"
        with standby(pair.uri, folder / "new") as new:
            assert ask(new, "select pg_promote()")
            with standby(new, folder / "copy"):
                far = ask(new, written) + 10_000_000
                until(lambda: ask(pair.uri, goes_on) and ask(pair.standby, replayed) > far)
                shim = cluster.uri(folder / "new", zava.LOGIN)
                old, copy = (
                    cluster.uri(a, zava.LOGIN) for a in (pair.standby_dir, folder / "copy")
                )
                with another_server(shim, log, ZAVA_REPLICA_URL=old) as (url, _):
                    moved = pair._replace(url=url)
                    until(lambda: moved.read()[1] or "is no replica" in log.read_text())
                    assert moved.add(101) is False
                    assert [moved.read() for _ in range(20)] == [(101, False)] * 20
                    assert "is no replica on timeline 2" in log.read_text()
                with another_server(shim, log, ZAVA_REPLICA_URL=copy) as (url, _):
                    moved = pair._replace(url=url)
                    until(lambda: moved.read() == (101, True))


def test_a_database_that_is_no_replica_is_not_read(pair: Pair, tmp_path: Path) -> None:
    """Perhaps it was one, and was promoted: what it says is its own."""
    shim = pair.uri.replace("postgres@", "zava_mcp@")
    log = tmp_path / "log"
    with another_server(shim, log, ZAVA_REPLICA_URL=shim) as (url, _):
        until(lambda: "is no replica" in log.read_text())
        assert pair._replace(url=url).read()[1] is False
