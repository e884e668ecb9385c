"""Exports as Parquet: what a file holds is what the table holds, value by value."""

from __future__ import annotations

import base64
import datetime
import decimal
import hashlib
import json
import math
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
from pyarrow import parquet
from test_exports import MODERN, Server, server, uri
from test_server import another_server, run_sql, until

__all__ = ["server", "uri"]
MANY = 300_000
TABLE = """
create table retail.kinds (
    n integer, small smallint, big bigint, half real, whole double precision, price numeric(12, 2),
    free numeric, text text, fixed char(3), truth boolean, day date, moment timestamp,
    instant timestamptz, id uuid, json jsonb, list integer[], bytes bytea, is_own boolean
)
"""
VALUES = (
    """
    1, -32768, 9223372036854775807, 1.1, 0.1 + 0.2, 12.50, 1.000000000000000000000000000000000001,
    E'say "hi",\\n\\\\.\\r\\\\N', 'a', true, '0001-01-01', '9999-12-31 23:59:59.999999',
    '1890-01-02 03:04:05.123456+05:53:28', '4f0c5f0e-0000-4000-8000-000000000000', '{"a": [1.50]}',
    array[1, null], '\\x00ff', true
    """,
    """
    2, 0, 0, 'Infinity', 'NaN', -9999999999.99, 'NaN', '', '', false, '2026-02-28',
    '1969-12-31 23:59:59.5', '2026-07-01 00:00:00+00', null, 'null', '{}', '', true
    """,
    f"3{', null' * 16}, true",
    f"4, 4{', null' * 15}, false",
)
OWN = (
    "alter table retail.kinds enable row level security",
    "create policy kinds_select on retail.kinds for select to mcp_sandbox using (is_own)",
    "grant select on retail.kinds to mcp_sandbox",
)


def download(server: Server, export: dict[str, Any]) -> parquet.ParquetFile:
    """Read the file of an export."""
    content = server.get(export).content
    assert hashlib.sha256(content).hexdigest() == export["sha256"]
    return parquet.ParquetFile(BytesIO(content))


def refused(server: Server, query: str) -> dict[str, Any]:
    """Return why a query is not exported."""
    text = server.query(query, export="parquet")["content"][0]["text"]
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_file_has_each_value_of_the_table(server: Server) -> None:
    run_sql(
        server.uri, TABLE, *(f"insert into retail.kinds values ({row})" for row in VALUES), *OWN
    )
    try:
        file = download(server, server.export("select * from retail.kinds order by n", "parquet"))
        with psycopg.connect(server.uri) as owner:
            owner.execute("set timezone = 'UTC'")
            rows = owner.execute("select * from retail.kinds where is_own order by n").fetchall()
    finally:
        run_sql(server.uri, "drop table retail.kinds")
    assert [f"{field.name} {field.type}" for field in file.schema_arrow] == [
        "n int32",
        "small int16",
        "big int64",
        "half float",
        "whole double",
        "price decimal128(38, 2)",
        "free string",
        "text string",
        "fixed string",
        "truth bool",
        "day date32[day]",
        "moment timestamp[us]",
        "instant timestamp[us, tz=UTC]",
        "id string",
        "json string",
        "list string",
        "bytes string",
        "is_own bool",
    ]
    found = file.read().to_pylist()
    assert math.isnan(found[1].pop("whole"))
    assert abs(found[0].pop("half") - 1.1) < 1e-6  # four bytes
    for row, [*values] in zip(found, rows, strict=True):
        own = dict(zip(file.schema_arrow.names, values, strict=True))
        texts: dict[str, Any] = {
            "free": str,
            "id": str,
            "list": written,
            "bytes": hexadecimal,
            "json": printed,
        }
        for name, as_text in texts.items():
            own[name] = None if own[name] is None else as_text(own[name])
        if row["n"] == 2:
            own["json"] = "null"
        assert row == {name: own[name] for name in row}
    assert [found[0]["price"], found[1]["price"]] == [
        decimal.Decimal("12.50"),
        decimal.Decimal("-9999999999.99"),
    ]
    assert found[0]["free"] == "1.000000000000000000000000000000000001"
    assert found[0]["instant"] == datetime.datetime(1890, 1, 1, 21, 10, 37, 123456, datetime.UTC)
    assert [found[1]["text"], found[2]["text"]] == ["", None]
    assert found[1]["half"] == math.inf
    assert {name for name, value in found[2].items() if value is not None} == {"n", "is_own"}


def written(values: list[int | None]) -> str:
    """Return a list as PostgreSQL writes it."""
    return "{" + ",".join("NULL" if each is None else str(each) for each in values) + "}"


def hexadecimal(value: bytes) -> str:
    """Return bytes as PostgreSQL writes them."""
    return "\\x" + value.hex()


def printed(value: Any) -> str:
    """Return JSON as PostgreSQL writes it, whose numbers Python shortens."""
    return json.dumps(value).replace("1.5]", "1.50]")


def test_rows_are_in_groups(server: Server) -> None:
    query = f"select n, repeat('x', n % 100) as x from generate_series(1, {MANY}) as n"
    export = server.export(query, "parquet")
    file = download(server, export)
    assert export["rows"] == file.metadata.num_rows == MANY
    assert file.num_row_groups > 1
    table = file.read()
    assert table["n"].to_pylist() == list(range(1, MANY + 1))
    assert table["x"].to_pylist() == ["x" * (n % 100) for n in range(1, MANY + 1)]
    none = download(server, server.export("select 1 as n where false", "parquet"))
    assert (none.metadata.num_rows, none.schema_arrow.names) == (0, ["n"])
    nulls = download(
        server, server.export("select null::int as n from generate_series(1, 3)", "parquet")
    )
    assert nulls.read().to_pylist() == [{"n": None}] * 3


def test_a_resource_is_read_in_parts_of_bytes(server: Server) -> None:
    export = server.export(
        "select n, md5(n::text) as m from generate_series(1, 20000) as n", "parquet"
    )
    name, content, parts = export["uri"], server.get(export).content, b""
    while name:
        [first, *more] = server.send("resources/read", uri=name)["result"]["contents"]
        assert first["mimeType"] == export["mimeType"] == "application/vnd.apache.parquet"
        assert "text" not in first
        parts += base64.b64decode(first["blob"])
        name = more[0]["uri"] if more else None
    assert parts == content
    part = server.get(export, Range="bytes=-8")
    assert (part.status_code, part.content) == (206, content[-8:])
    assert part.content.endswith(b"PAR1")


def test_what_parquet_cannot_hold_is_refused(server: Server) -> None:
    for value in ("date 'infinity'", "timestamptz '0044-03-15 BC'", "'NaN'::numeric(5, 2)"):
        failed = refused(server, f"select {value} as x, 1 as n")
        assert failed["code"] == "VALIDATION_ERROR"
        assert failed["message"] == "The result has a value that Parquet cannot hold."
    endless = "select md5(n::text) from (select generate_series(1, 2000000000) as n) as s"
    run_sql(server.uri, "update mcp_auth.limits set export_bytes = 10000000")
    try:
        assert refused(server, endless)["code"] == "BUSY"
    finally:
        run_sql(server.uri, "update mcp_auth.limits set export_bytes = 2000000000")
    twice = refused(server, "select 1 as n, 2 as n")
    assert twice["message"] == "more than one column is called n, which Parquet does not know"
    assert server.files() == []
    assert server.query("select 1 as n")["structuredContent"]["rows"] == [[1]]
    assert "Exception ignored" not in (server.folder.parent / "log").read_text()


def test_a_byte_order_mark_is_part_of_its_value(server: Server) -> None:
    query = "select e'\\ufeff' || x as a from unnest(array['', 'b']) with ordinality as u (x, n)"
    rows = download(server, server.export(f"{query} order by n", "parquet")).read()
    assert rows.to_pylist() == [{"a": "\ufeff"}, {"a": "\ufeffb"}]


def test_a_task_writes_parquet(server: Server) -> None:
    arguments = {"postgresql_query": "select 1 as n", "export": "parquet"}
    task = server.send("tools/call", MODERN, name="execute_sales_query", arguments=arguments)
    task_id = task["result"]["taskId"]
    until(lambda: server.send("tasks/get", MODERN, taskId=task_id)["result"]["status"] != "working")
    done = server.send("tasks/get", MODERN, taskId=task_id)["result"]
    export = done["result"]["structuredContent"]["export"]
    assert download(server, export).read().to_pylist() == [{"n": 1}]


def test_a_server_without_pyarrow_says_so(server: Server, tmp_path: Path) -> None:
    path, log = tmp_path / "path", tmp_path / "other"
    path.mkdir()
    (path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    settings = {"ZAVA_EXPORTS": str(server.folder), "PYTHONPATH": str(path)}
    with another_server(server.shim, log, **settings) as (url, _):
        other = server._replace(url=url)
        failed = refused(other, "select 1 as n")
        assert "pip install 'zava-mcp[parquet]'" in failed["message"]
        assert failed["hint"] == "Use csv or jsonl."
        assert other.get(other.export("select 1 as n")).text == "n\n1\n"
        assert len(server.files()) == 1
    assert "no parquet" in log.read_text()
