"""zava-mcp new tool --from-shape: a draft from the free queries that callers send."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from scratch import Project, new_database
from test_migrate_commands import new_project

from zava_mcp.project.shapes import with_arguments

FREE = """\
create or replace function shop_api.run_sql(query mcp_tool.query_text)
returns mcp_tool.query_result
language sql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, pg_temp
begin atomic
    select
        q.columns,
        q.rows,
        q.row_count,
        q.truncated
    from mcp_tool.run_query(run_sql.query, 10) as q;
end;

comment on function shop_api.run_sql(mcp_tool.query_text) is $comment$
Run one SELECT.

@param query  A SELECT.
@tool sandbox
$comment$;

alter function shop_api.run_sql(mcp_tool.query_text) owner to mcp_sandbox;
revoke all on function shop_api.run_sql(mcp_tool.query_text) from public;
grant execute on function shop_api.run_sql(mcp_tool.query_text) to mcp_core;
"""
LOG = """
    insert into mcp_log.call_log (log_id, request_id, tool, started_at, duration_ms, row_count,
        bytes, code, arguments, arguments_digest)
    select mcp_tool.uuidv7(), gen_random_uuid()::text, 'run_sql', now() - n * interval '1 minute',
        1, 1, 10, 'OK', %s::jsonb, sha256('')
    from generate_series(1, %s) as n
"""
QUERIES = [
    (
        "select n.tenant_id, count(*) from shop.notes as n where n.tenant_id = 'x' and"
        " n.body ilike '%b%' and n.note_id not in ('a', 'b') group by n.tenant_id limit 5",
        3,
    ),
    ("select x from shop.nothing where y = 1", 2),
    ("select now() - interval '3 days' as since, 1", 1),
]


@pytest.fixture(scope="module")
def shop(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a tool for free queries, which was called."""
    folder = new_project(tmp_path_factory.mktemp("shapes"))
    with new_database(server) as uri:
        made = Project(uri, folder)
        made.write({"functions/shop_api/tools/run_sql.sql": FREE})
        made.run("apply")
        for query, calls in QUERIES:
            made.rows(LOG, json.dumps({"query": query}), calls)
        yield made


def test_a_tool_is_drafted_from_a_query(shop: Project) -> None:
    """It applies as it is, and is refused to others; the comment is to be written."""
    report = shop.json("new", "tool", "count_notes", "--from-shape", "1")
    path, test = report["written"]
    text = (shop.sql / path).read_text()
    assert "-- drafted from a free query that callers sent 3 times\n" in text
    assert (
        "count_notes(wanted_tenant_id uuid, body text, note_id uuid[], max_results bigint)" in text
    )
    assert "returns table (tenant_id uuid, count bigint)" in text
    assert (
        "begin atomic\n"
        "    select n.tenant_id, count(*)\n"
        "    from shop.notes as n\n"
        "    where n.tenant_id = count_notes.wanted_tenant_id and n.body ilike count_notes.body"
        " and n.note_id <> all(count_notes.note_id)\n"
        "    group by n.tenant_id\n"
        "    limit count_notes.max_results;\n"
    ) in text
    assert "@param note_id  TODO: what it selects.\n" in text
    shop.run("apply", "--yes")
    done = shop.json("test", f"sql/{test}")
    assert (done["assertions"], done["failed"]) == (1, 0)
    assert "already there" in shop.run("new", "tool", "count_notes", "--from-shape", "1", code=64)


def test_what_cannot_be_drafted_is_said(shop: Project) -> None:
    said = shop.run("new", "tool", "count_x", "--from-shape", "2", code=1)
    assert 'relation "shop.nothing" does not exist' in said
    assert "select x from shop.nothing where y = ?" in said
    assert "the log of 30 days has 3 shapes of free queries" in shop.run(
        "new", "tool", "count_x", "--from-shape", "4", code=64
    )
    assert "goes with tool" in shop.run("new", "policy", "a.b", "--from-shape", "1", code=64)
    assert not list(shop.sql.rglob("count_x.sql"))


def test_columns_without_a_name_get_one(shop: Project) -> None:
    path = shop.json("new", "tool", "since_when", "--from-shape", "3")["written"][0]
    text = (shop.sql / path).read_text()
    assert "since_when(value interval, value_2 text)" in text
    assert "returns table (since timestamp with time zone, column_2 text)" in text
    assert "select now() - since_when.value::interval as since, since_when.value_2" in text
    (shop.sql / path).unlink()


@pytest.mark.parametrize(
    ("shape", "query", "names"),
    [
        ("select 1", "select 1", []),
        ("select a from t where b.c = ?", "select a from t where b.c = $1", ["c"]),
        (
            "select a where d between ? and ? and e in (?) offset ?",
            "select a where d between $1 and $2 and e = any($3) offset $4",
            ["d", "d_to", "e", "value"],
        ),
        (
            "select a where b > date ? and b < date ?",
            "select a where b > $1::date and b < $2::date",
            ["b", "b_2"],
        ),
        ("select a where b = ? or b = ?", "select a where b = $1 or b = $2", ["b", "b_2"]),
    ],
)
def test_values_become_arguments(shape: str, query: str, names: list[str]) -> None:
    assert with_arguments(shape) == (query, names)
