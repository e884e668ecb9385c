"""`zava-mcp embed`: batches of what is pending, committed one by one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from endpoint import serving, vectors_for
from scratch import command_line, new_database

from zava_mcp.project.embed import Vectors, VectorsDumper

# the entry points as the core has them, over a table instead of a hook
EMBEDDINGS = """\
create schema mcp;
create table mcp.item (id text, source text, model text, embedding real[]);
insert into mcp.item (id) values ('a'), ('b'), ('c'), ('d'), ('e');
create function mcp.pending_embeddings(model text, batch integer) returns jsonb language sql as $$
    select jsonb_build_object('total', count(*), 'items', coalesce((
        select jsonb_agg(jsonb_build_object('id', id, 'text', 'thing ' || id) order by id)
        from (select id from mcp.item where embedding is null order by id limit batch) as i
    ), '[]')) from mcp.item where embedding is null
$$;
create function mcp.store_embeddings(model text, items jsonb, vectors real[])
returns integer language sql as $$
    with stored as (
        update mcp.item set model = $1, source = i.source,
            embedding = array(select unnest(vectors[i.n:i.n]))
        from rows from (jsonb_to_recordset(items) as (id text, source text))
            with ordinality as i (id, source, n)
        where i.id = item.id returning 1
    ) select count(*)::integer from stored
$$;
create function mcp.finish_embeddings(model text) returns jsonb language sql as $$
    select jsonb_build_object('rows', count(*)) from mcp.item where embedding is not null
$$;
"""


@pytest.fixture
def uri(database: str) -> Iterator[str]:
    with new_database(database) as own:
        execute(own, EMBEDDINGS)
        yield own


def execute(uri: str, query: str) -> list[Any]:
    with psycopg.connect(uri) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def embed(uri: str, *options: str, code: int = 0, settings: dict[str, str] | None = None) -> str:
    """Run the command; give what it printed, and its errors where it must fail."""
    done = subprocess.run(
        command_line("embed", "--database-url", uri, *options),
        env={**os.environ, **(settings or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


REPORT = {"exit": 0, "index": {"rows": 5}}


def test_it_does_what_is_left(uri: str) -> None:
    execute(uri, "update mcp.item set embedding = '{1}' where id = 'a'")
    report = json.loads(embed(uri, "--batch", "3", "--json"))
    assert report == REPORT | {"model": "all-MiniLM-L6-v2-int8", "stored": 4}
    assert execute(
        uri,
        "select id, source, model, cardinality(embedding), embedding[1536]"
        " from mcp.item order by id",
    ) == [("a", None, None, 1, None)] + [
        (name, f"thing {name}", "all-MiniLM-L6-v2-int8", 1536, 0.0) for name in "bcde"
    ]
    assert json.loads(embed(uri, "--json"))["stored"] == 0


def test_it_resumes_where_an_endpoint_stopped_it(uri: str) -> None:
    with serving() as endpoint:
        endpoint.answer = lambda asked: (
            (500, {}) if len(endpoint.asked) == 2 else (200, vectors_for(asked["input"]))
        )
        settings = {
            "ZAVA_EMBEDDING_BASE_URL": endpoint.url,
            "ZAVA_EMBEDDING_MODEL": "m",
            "ZAVA_EMBEDDING_RETRIES": "0",
        }
        options = ("--embedder", "openai", "--batch", "2")
        failed = embed(uri, *options, code=1, settings=settings)
        assert f"embedding failed: embedding endpoint {endpoint.url}" in failed
        stored = "select id from mcp.item where model = 'm' order by id"
        assert execute(uri, stored) == [("a",), ("b",)]
        report = json.loads(embed(uri, *options, "--json", settings=settings))
        assert report == REPORT | {"model": "m", "stored": 3}
        asked = [len(request["input"]) for request in endpoint.asked]
        assert asked == [2, 2, 2, 1], "what was stored is not embedded again"


def test_it_stops_when_nothing_is_stored(uri: str) -> None:
    execute(uri, "drop function mcp.store_embeddings")
    nothing = EMBEDDINGS.replace("where i.id = item.id", "where false")
    execute(uri, nothing[nothing.index("create function mcp.store_embeddings") :].split(";")[0])
    assert "stored nothing" in embed(uri, code=1)


@pytest.mark.parametrize("rows", [[[0.5, -2.0, 3.25]], [[1.0], [2.0], [1e-30]]])
def test_vectors_arrive_as_they_are(database: str, rows: list[list[float]]) -> None:
    with psycopg.connect(database) as connection:
        connection.adapters.register_dumper(Vectors, VectorsDumper)
        row = connection.execute("select %b, %b = %s::real[]", [Vectors(rows), Vectors(rows), rows])
        assert row.fetchone() == ([[pytest.approx(x) for x in r] for r in rows], True)
