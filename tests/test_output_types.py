"""What a tool answers fits the output schema that it offers, whatever its type and value.

A client that checks answers, as the SDK's does, throws one away whole that breaks its schema.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import psycopg
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from scratch import as_login, migrate, new_database, write

from benchmarks import zava

AUDIENCE, LOGIN = "type_readers", "types_mcp"
# type: values that it can have
VALUES = {
    "smallint": ["-32768", "null"],
    "bigint": ["9223372036854775807", "null"],
    "numeric": ["'NaN'", "'Infinity'", "'-Infinity'", "12345678901234567.890", "1e300", "null"],
    "real": ["'NaN'", "'-Infinity'", "1.5e-45", "null"],
    "double precision": ["'NaN'", "'Infinity'", "1e308", "-0.0", "null"],
    "boolean": ["true", "null"],
    "text": ["''", "repeat('x', 100)", r"E'\u202e\t\n'", "null"],
    "character": ["'x'", "null"],
    '"char"': ["'x'", "null"],
    "name": ["'x'", "null"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "null"],
    "date": ["'infinity'", "'0044-03-15 BC'", "'12026-01-01'", "'2026-02-28'", "null"],
    "timestamptz": ["'-infinity'", "'0044-03-15 BC'", "'12026-01-01'", "null"],
    "timestamp": ["'infinity'", "'2026-02-28 23:59:60'", "null"],
    "time": ["'24:00'", "null"],
    "timetz": ["'23:59:59.999999-15:59'", "null"],
    "interval": ["'-1 mon +2 days'", "null"],
    "money": ["1234.5", "null"],
    "bytea": [r"'\x00ff'", "''", "null"],
    "json": ["'null'", '\'{"a": [1, "x"]}\'', "'5'", "null"],
    "jsonb": ["'null'", "'[]'", "'true'", "null"],
    "inet": ["'::1'", "null"],
    "macaddr": ["'08:00:2b:01:02:03'", "null"],
    "bit(3)": ["b'101'", "null"],
    "varbit": ["''", "null"],
    "int4range": ["'empty'", "'[1,)'", "null"],
    "int4multirange": ["'{}'", "'{[1,2),[5,6)}'", "null"],
    "point": ["'(NaN,1)'", "null"],
    "polygon": ["'((0,0),(1,1))'", "null"],
    "tsvector": ["'a:1'", "null"],
    "tsquery": ["'a & b'", "null"],
    "oid": ["1", "null"],
    "xid8": ["'1'", "null"],
    "pg_lsn": ["'0/0'", "null"],
    "regclass": ["'pg_class'", "null"],
    "int2vector": ["'1 2'", "null"],
    "integer[]": ["'{{1,2},{3,4}}'", "'[0:1]={1,2}'", "'{}'", "'{NULL}'", "null"],
    "numeric[]": ["'{NaN,1}'", "'{{NaN}}'"],
    "text[]": ["'{{{a}}}'", "'{a,NULL}'"],
    "date[]": ["'{infinity}'"],
    "jsonb[]": [r"""'{"[1]",NULL}'"""],
    "types.mood[]": ["'{{good},{bad}}'", "'{good,NULL}'", "'{}'"],
    "types.mood": ["'good'", "null"],
    "types.feeling": ["'good'", "null"],
    "types.chosen": ["'a'", "null"],
    "types.score": ["'NaN'", "1.5", "null"],
    "types.share": ["0.5", "null"],
    "types.scores": ["'{NaN,1}'", "'{{1}}'", "null"],
    "types.day": ["'infinity'", "null"],
    "types.pair": ["row(null, null)", "row('NaN', '{{1}}')", "null"],
    "types.whole_pair": ["row(1, null)", "null"],
    "types.pairs": ["array[row(1, '{1}')::types.pair, null]", "null"],
    "types.pair[]": ["array[[row(1, '{1}')::types.pair]]", "'{}'"],
    "types.deep": ["row(row(1, null)::types.pair, null)", "row(null, array[null]::types.pair[])"],
    "types.notes": ["row(null, null, null)", "null"],
    "types.shape": ["row('round')", "null"],
}
TYPES = """
create schema types;
create schema types_api;
grant usage on schema types to mcp_core, mcp_tools;
select mcp_catalog.expose_schema('types_api');
select mcp_auth.add_server_login('types_mcp');
select mcp_auth.add_audience('type_readers', 'They read.');
create type types.mood as enum ('good', 'bad');
create domain types.feeling as types.mood;
create domain types.chosen as text check (value in ('a', 'b'));
comment on domain types.chosen is E'One.\\n@schema {"enum": ["a", "b"]}';
create domain types.score as numeric;
create domain types.share as numeric check (value between 0 and 1);
comment on domain types.share is E'A share.\\n@schema {"minimum": 0, "maximum": 1}';
create domain types.scores as types.score[];
create domain types.day as date;
create type types.pair as (a numeric, b integer[]);
create domain types.whole_pair as types.pair check ((value).a > 0);
create domain types.pairs as types.pair[];
create type types.deep as (one types.pair, many types.pair[]);
create table types.notes (id uuid not null, day date not null, kind types.mood not null);
grant select on types.notes to mcp_tools;
-- as an extension's type may have
create type types.shape as (name text);
create function types.to_json(value types.shape) returns json language sql security definer
set search_path = pg_catalog, pg_temp return json_build_array(1, (to_json.value).name);
grant execute on function types.to_json(types.shape) to mcp_core;
create cast (types.shape as json) with function types.to_json(types.shape);
"""
TOOL = """
create function types_api.{name}() returns {returns} language sql stable security definer
set search_path = pg_catalog, pg_temp as $body${body}$body$;
comment on function types_api.{name}() is 'A value.';
alter function types_api.{name}() owner to mcp_tools;
revoke all on function types_api.{name}() from public;
grant execute on function types_api.{name}() to mcp_core, type_readers;
"""


def tools() -> dict[str, tuple[str, str]]:
    """Return {name: (what it returns, its body)}: each value alone, in rows and in a column."""
    made = {}
    for number, (kind, values) in enumerate(VALUES.items()):
        for place, value in enumerate(values):
            made[f"one_{number}_{place}"] = (kind, f"select ({value})::{kind}")
        rows = ", ".join(f"(({value})::{kind})" for value in values)
        made[f"set_{number}"] = (f"setof {kind}", f"values {rows}")
        made[f"table_{number}"] = (
            f"table (v {kind}, w text)",
            f"select c, 'w' from (values {rows}) as r (c)",
        )
    made["no_row"] = ("types.notes", "select * from types.notes")
    made["no_rows"] = ("setof types.notes", "select * from types.notes")
    made["no_domain"] = ("types.whole_pair", "select null::types.whole_pair where false")
    return made


@pytest.fixture(scope="module")
def types(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A database with all these tools: its URI, and an API key."""
    project = tmp_path_factory.mktemp("types")
    write(project, {"zava.toml": '[project]\nname = "types"\n', "sql/.keep": ""})
    with ExitStack() as stack:
        stack.callback(drop_roles, server)
        uri = stack.enter_context(new_database(server))
        migrate(uri, "apply", project=project)
        with psycopg.connect(uri) as connection:
            connection.execute(TYPES.encode())
            for name, (returns, body) in tools().items():
                connection.execute(TOOL.format(name=name, returns=returns, body=body).encode())
            connection.execute("select mcp_catalog.refresh_catalog()")
            row = connection.execute(
                "select mcp_auth.create_api_key(mcp_auth.add_user('Reader', 'type_readers'))"
            ).fetchone()
            assert row is not None
            refused = connection.execute("table mcp_catalog.catalog_refusal").fetchall()
            assert refused == []
        yield uri, row[0]


def drop_roles(server: str) -> None:
    """Drop what a database leaves on its server."""
    with psycopg.connect(server, autocommit=True) as connection:
        for role in (AUDIENCE, LOGIN):
            connection.execute(f"drop role if exists {role}".encode())


def test_every_answer_fits_its_schema(types: tuple[str, str]) -> None:
    """With the formats too, which other SDKs' validators check."""
    uri, key = types
    misfits = []
    with psycopg.connect(uri, autocommit=True) as connection:
        schemas = connection.execute(
            "select name, output_schema from mcp_catalog.tools order by name"
        ).fetchall()
        assert {name for name, _ in schemas} == set(tools())
        for name, schema in schemas:
            row = connection.execute("select mcp.call_tool(%s, %s, '{}')", [key, name]).fetchone()
            assert row is not None
            validator = jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            )
            validator.check_schema(schema)
            misfits += [(name, tools()[name], e.message) for e in validator.iter_errors(row[0])]
    assert misfits == []


def test_sdk_takes_every_answer(types: tuple[str, str]) -> None:
    uri, key = types

    async def talk(url: str) -> list[str]:
        refused = []
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            create_mcp_http_client(headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            for name in sorted(tools()):
                try:
                    result = await client.call_tool(name, {})
                except Exception as error:
                    refused.append(f"{name}: {error}")
                    continue
                assert not result.is_error, (name, result.content)
        return refused

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with zava.serving(as_login(uri, LOGIN), "127.0.0.1", port, ZAVA_EMBEDDER="none"):
        assert asyncio.run(talk(f"http://127.0.0.1:{port}/mcp")) == []


@pytest.mark.parametrize(
    ("kind", "types_of_value"),
    [("types.share", ["number", "null"]), ("types.score", ["number", "string", "null"])],
)
def test_a_domain_that_rules_out_what_is_no_number_is_a_number(
    types: tuple[str, str], kind: str, types_of_value: list[str]
) -> None:
    with psycopg.connect(types[0]) as connection:
        row: Any = connection.execute(
            "select mcp_catalog.type_schema(%s::regtype, -1, true) -> 'type'", [kind]
        ).fetchone()
    assert row[0] == types_of_value
