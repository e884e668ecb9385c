"""Statements in the form that a cluster of Citus takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from zava_mcp.config import Source
from zava_mcp.migrate.citus.distribution import ForeignKey, plain
from zava_mcp.migrate.citus.files import citus_form, for_citus
from zava_mcp.migrate.citus.policies import UnfitError
from zava_mcp.migrate.files import SqlFile, read_trees

COLUMNS = {"shop.notes": "note_id"}


def form(statement: str, procedural: bool = True) -> str:
    return " ".join(citus_form(statement, procedural, COLUMNS).split())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("owner_id = any((select f.ids())::uuid[])", "owner_id = ANY(CAST(f.ids() AS uuid[]))"),
        ("owner_id = (select f.id()) and a <> 'x'", "owner_id = f.id() AND a <> 'x'"),
        (
            "(select f.ids()) is not null",
            "pg_catalog.num_nonnulls(f.ids()) = 1 AND pg_catalog.num_nonnulls(note_id) = 1",
        ),
        ("(select f.may('a'))", "f.may('a') AND pg_catalog.num_nonnulls(note_id) = 1"),
    ],
)
def test_a_policy_asks_without_a_sub_select(expression: str, expected: str) -> None:
    found = form(f"create policy p on shop.notes for select to r using ({expression})")

    assert found.endswith(f"USING ({expected})")


def test_a_policy_that_fits_stays_as_it_is() -> None:
    statement = "create policy p on shop.notes for all to r using (true) with check (true)"

    assert form(statement) == statement


def test_a_policy_that_reads_a_table_needs_a_file_of_its_own() -> None:
    with pytest.raises(UnfitError, match="a sub-select that reads"):
        form("create policy p on shop.notes using (a in (select b from shop.other))")


def test_a_tracked_body_becomes_a_query_of_a_procedure() -> None:
    found = form(
        "create function f(a integer) returns table (b bigint) language sql stable "
        "set search_path = pg_catalog set plan_cache_mode = force_generic_plan "
        "begin atomic select sum(t.b) /* kept */ from shop.notes as t where t.a = f.a; end"
    )

    assert found == (
        "create function f(a integer) returns table (b bigint) language plpgsql stable "
        "set search_path = pg_catalog as $body$ #variable_conflict use_column begin "
        'return query select v."b"::bigint from ( select sum(t.b) /* kept */ '
        'from shop.notes as t where t.a = f.a ) as v ("b"); end $body$'
    )


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "f() returns integer",
            "begin return (select v.x from ( select 1 ) as v (x) limit 1); end",
        ),
        (
            "f() returns setof text",
            "begin return query select v.x::text from ( select 1 ) as v (x); end",
        ),
        ("f(out a integer)", 'begin select v.* into "a" from ( select 1 ) as v; end'),
    ],
)
def test_each_kind_of_result(head: str, expected: str) -> None:
    found = form(f"create function {head} language sql begin atomic select 1; end")

    assert found.endswith(f"as $body$ #variable_conflict use_column {expected} $body$")


@pytest.mark.parametrize(
    "head", ["f(b integer) returns table (b integer)", "f(found integer) returns integer"]
)
def test_a_name_that_a_procedure_cannot_have_leaves_it_sql(head: str) -> None:
    found = form(f"create function {head} language sql begin atomic select 1; end")

    assert found == f"create function {head} language sql as $body$ select 1 $body$"


def test_the_core_stays_sql() -> None:
    found = form(
        "create function f() returns integer language sql begin atomic select 1; end", False
    )

    assert found == "create function f() returns integer language sql as $body$ select 1 $body$"


def test_a_foreign_key_over_the_column_does_nothing_on_update() -> None:
    definition = (
        "FOREIGN KEY (a, b) REFERENCES t(a, b) ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE"
    )

    assert plain(ForeignKey("k", "s", "t", definition), deferred=True) == (
        "FOREIGN KEY (a, b) REFERENCES t (a, b) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED"
    )


ORIGINAL = """
create or replace function shop.f(a int, out b text) language sql begin atomic select '1'; end;
comment on function shop.f(int) is 'One.';
alter function shop.f(int) owner to shop_owner;
revoke all on function shop.f(int) from public;
create or replace trigger g after insert on shop.notes for each row execute function shop.g();
comment on trigger g on shop.notes is 'Each row.';
"""


def applied(folder: Path, instead: str) -> SqlFile:
    """Return a file as a cluster gets it, with ``instead`` in the folder citus."""
    for root, text in (("functions/shop", ORIGINAL), ("citus/functions/shop", instead)):
        (folder / root).mkdir(parents=True)
        (folder / root / "f.sql").write_text(text)
    return for_citus(read_trees([Source("shop", folder)])).managed["shop/functions/shop/f.sql"]


def test_a_cluster_gets_another_body_with_the_comment_owner_and_grants_of_the_file(
    tmp_path: Path,
) -> None:
    body = "create or replace function shop.f(a integer, out b text) language sql as 'select 2'"
    note = "comment on trigger g on shop.notes is 'Row by row.'"
    lines = applied(tmp_path, f"{body};\n{note};").text.split(";")

    assert [line.strip() for line in lines] == [
        body,
        "comment on function shop.f(int) is 'One.'",
        "alter function shop.f(int) owner to shop_owner",
        "revoke all on function shop.f(int) from public",
        "create or replace trigger g after insert on shop.notes for each row "
        "execute function shop.g()",
        note,
        "",
    ]


@pytest.mark.parametrize(
    ("instead", "problem"),
    [
        ("create function shop.f(a text) language sql as ''", r"has no function shop\.f\(text\)"),
        ("create policy p on shop.notes using (true)", r"has no policy p on shop\.notes"),
        ("revoke all on function shop.f(int) from public", "only create and comment here"),
    ],
)
def test_what_takes_the_place_of_nothing_stops_apply(
    tmp_path: Path, instead: str, problem: str
) -> None:
    with pytest.raises(UnfitError, match=rf"citus/functions/shop/f\.sql: .*{problem}"):
        applied(tmp_path, instead)
