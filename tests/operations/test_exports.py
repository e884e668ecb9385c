"""Exports as clients meet them: files that hold what answers hold, for their caller alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from scratch import migrate, name_of, new_database, on_database
from test_retry import new_key
from test_server import another_server, ask, run_sql, until

MODERN, LEGACY = "2026-07-28", "2025-06-18"
TASKS = "io.modelcontextprotocol/tasks"
VALUES = r"""
select n, 1.10::numeric as "exact", 'NaN'::float8 as "nan", null::text as "none", '' as "empty",
    E'say "hi",\n\\twice\r' as "quoted", E'turned \u202e around' as "bidi", -n as "minus",
    true as "truth", '{"a": [1.50]}'::jsonb as "json", array[1, null] as "list",
    timestamptz '2026-01-02 03:04:05Z' as "moment"
from generate_series(1, 3) as n
"""
FORMULAS = """
select '=1+1' as a, '+1' as b, '-1' as c, '@a' as d, -1 as e, -1.5::numeric as f, 'a=1' as g
"""
ENDLESS = "select generate_series(1, 2000000000) as n"  # row by row
LATE, AN_HOUR = 8 * 3600, 3600
Json = dict[str, Any]


class Server(NamedTuple):
    """A server of these tests, and its folder."""

    url: str
    key: str
    uri: str
    shim: str
    folder: Path
    process: Any = None

    def send(self, method: str, /, revision: str = LEGACY, **params: Any) -> Json:
        """Send a request; return the whole response."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": revision,
        }
        if revision == MODERN:
            name = params.get("name") or params.get("taskId") or params.get("uri")
            headers |= {"Mcp-Method": method, "Mcp-Name": str(name)}
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}},
            }
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        found: Json = httpx2.post(self.url, json=message, headers=headers, timeout=60).json()
        return found

    def query(self, query: str, revision: str = LEGACY, **more: Any) -> Json:
        """Run a query; return the result."""
        arguments = {"postgresql_query": query, **more}
        found: Json = self.send(
            "tools/call", revision, name="execute_sales_query", arguments=arguments
        )["result"]
        return found

    def export(self, query: str, format_: str = "csv") -> Json:
        """Export the result of a query; return what is said of the file."""
        result = self.query(query, export=format_)
        assert result["isError"] is False, result
        found: Json = result["structuredContent"]["export"]
        return found

    def get(self, export: Json, key: str = "", **headers: str) -> httpx2.Response:
        """Download an export."""
        headers = {"Authorization": f"Bearer {key or self.key}", **headers}
        return httpx2.get(self.url.removesuffix("/mcp") + export["path"], headers=headers)

    def task(self, query: str) -> str:
        """Begin to export by a task; return its id."""
        result = self.query(query, MODERN, export="csv")
        assert result["resultType"] == "task", result
        return str(result["taskId"])

    def files(self, pattern: str = "*") -> list[Path]:
        """The files of the folder."""
        return sorted(self.folder.glob(pattern))

    def writes(self) -> bool:
        """Whether a file is being written."""
        return any(file.stat().st_size for file in self.files("*.part"))


@pytest.fixture(scope="module")
def uri(database: str) -> Iterator[str]:
    """A database of these tests' own."""
    with new_database(database) as uri:
        migrate(uri, "apply")
        run_sql(
            uri,
            "update mcp_auth.limits set calls_per_minute = 1000000, exports = 1000",
            "update mcp_catalog.settings set value = '1500' where name = 'task_lease_ms'",
        )
        yield uri


@pytest.fixture
def server(uri: str, shim_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server, and a caller of its own."""
    shim, folder = on_database(shim_url, name_of(uri)), tmp_path / "exports"
    with another_server(shim, tmp_path / "log", ZAVA_EXPORTS=str(folder)) as (url, process):
        yield Server(url, new_key(uri), uri, shim, folder, process)


@pytest.fixture
def zava(http_server: str, keys: Json, database: str, data_dir: Path) -> Server:
    """The server of all tests, which has the demo, and a manager of a region."""
    key = keys["regional_manager"]
    return Server(http_server, key, database, "", data_dir / "exports")


def told(values: list[Any]) -> list[Any]:
    """JSON values as CSV has them."""
    names = {True: "t", False: "f", None: ""}
    return [
        names[value]
        if value is None or isinstance(value, bool)
        else value
        if isinstance(value, str)
        else json.dumps(value)
        for value in values
    ]


def exact(text: str) -> Any:
    """Read JSON, numbers as they are written."""
    return json.loads(text, parse_float=str)


def test_a_file_holds_what_the_answer_holds(server: Server) -> None:
    answer = exact(server.query(VALUES)["content"][0]["text"])
    columns, rows = answer["columns"], answer["rows"]
    assert len(rows) == 3

    lines = server.get(server.export(VALUES, "jsonl")).text.split("\n")
    assert lines.pop() == ""
    assert [exact(line) for line in lines] == [dict(zip(columns, row, strict=True)) for row in rows]
    assert '"exact":1.10,"nan":"NaN","none":null,"empty":""' in lines[0]

    text = server.get(server.export(VALUES, "csv")).content.decode()
    head, *found = csv.reader(io.StringIO(text, newline=""))
    assert head == columns
    for row in rows:
        row[columns.index("list")] = "{1,NULL}"
        row[columns.index("json")] = '{"a": [1.50]}'
        row[columns.index("moment")] = "2026-01-02 03:04:05+00"
    assert found == [told(row) for row in rows]


def test_pages_are_exported_as_one_list(zava: Server) -> None:
    call: Json = {"name": "get_daily_sales", "arguments": {"time_period": "last_30_days"}}
    pages, cursor = [], None
    while True:
        more: Json = {"cursor": cursor} if cursor else {}
        arguments = {**call["arguments"], "page_size": 7, **more}
        found = zava.send("tools/call", name=call["name"], arguments=arguments)["result"]
        pages += found["structuredContent"]["rows"]
        if not (cursor := found["structuredContent"]["next_cursor"]):
            break
    arguments = {"time_period": "last_30_days", "export": "jsonl", "page_size": 2}
    result = zava.send("tools/call", name=call["name"], arguments=arguments)["result"]
    answer = result["structuredContent"]
    lines = zava.get(answer["export"]).text.splitlines()
    assert [json.loads(line) for line in lines] == pages
    assert answer["rows"] == pages[:2]  # beside the link, since they were asked for
    assert answer["export"]["rows"] == len(pages) == 30
    text, link = result["content"]
    assert link["type"] == "resource_link"
    assert (link["uri"], link["mimeType"]) == (answer["export"]["uri"], "application/jsonl")
    assert json.loads(text["text"]) == answer
    no_page = {"export": "csv", "time_period": "last_30_days"}
    result = zava.send("tools/call", name=call["name"], arguments=no_page)["result"]
    assert result["structuredContent"]["rows"] == []


def test_formulas_are_made_harmless_in_csv(server: Server) -> None:
    [_, line] = server.get(server.export(FORMULAS)).text.splitlines()
    assert line == "'=1+1,'+1,'-1,'@a,-1,-1.5,a=1"
    [line] = server.get(server.export(FORMULAS, "jsonl")).text.splitlines()
    assert json.loads(line)["a"] == "=1+1"


def test_a_download_is_the_file_or_a_part_of_it(server: Server) -> None:
    export = server.export("select n, n * n as square from generate_series(1, 30000) as n")
    response = server.get(export)
    assert response.status_code == 200
    assert response.content.count(b"\n") == export["rows"] + 1 == 30001
    assert len(response.content) == export["bytes"]
    assert hashlib.sha256(response.content).hexdigest() == export["sha256"]
    assert response.headers["etag"] == f'"{export["sha256"]}"'
    assert response.headers["cache-control"] == "private, no-store"
    part = server.get(export, Range="bytes=5-14")
    assert (part.status_code, part.content) == (206, response.content[5:15])
    assert part.headers["content-range"] == f"bytes 5-14/{export['bytes']}"
    last = server.get(export, Range="bytes=-7", **{"If-Range": response.headers["etag"]})
    assert last.content == response.content[-7:]
    beyond = server.get(export, Range=f"bytes={export['bytes']}-")
    assert beyond.status_code == 416
    url, key = server.url.removesuffix("/mcp") + export["path"], f"Bearer {server.key}"
    head = httpx2.head(url, headers={"Authorization": key, "Range": "bytes=5-14"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(export["bytes"]))


def test_a_key_with_escapes_exports_too(server: Server) -> None:
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"execute_sales_query",'
        b'"arguments":{"postgresql_query":"select 1 as n","\\u0065xport":"csv"}}}'
    )
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    result = httpx2.post(server.url, content=body, headers=headers).json()["result"]
    assert server.get(result["structuredContent"]["export"]).text == "n\n1\n"


def test_a_resource_is_read_in_parts(server: Server) -> None:
    query = "select n, E'turned \\u202e around' as bidi from generate_series(1, 20000) as n"
    export = server.export(query)
    uri, parts = export["uri"], []
    while uri:
        contents = server.send("resources/read", uri=uri)["result"]["contents"]
        assert contents[0]["uri"] == uri
        assert contents[0]["mimeType"] == "text/csv"
        assert contents[0]["text"].endswith("\n")
        parts.append(contents[0]["text"])
        uri = contents[1]["uri"] if len(contents) > 1 else None
        assert uri is None or uri in contents[1]["text"]
    assert len(parts) > 2
    shown = server.get(export).text.replace("\u202e", "\\u202e")  # to people who read it
    assert "".join(parts) == shown


def test_nobody_else_has_it(zava: Server) -> None:
    """Nor the same caller after a change of scope: each looks as if there were none."""
    export = zava.export("select 1 as n")
    other = zava._replace(key=new_key(zava.uri))
    read = {"uri": export["uri"]}
    assert zava.get(export).status_code == 200

    def is_refused(caller: Server) -> bool:
        error = caller.send("resources/read", **read).get("error")
        return caller.get(export).status_code == 404 and error is not None

    assert is_refused(other)
    none = other.send("resources/read", uri="export://00000000-0000-4000-8000-000000000000.csv")
    assert other.send("resources/read", **read)["error"]["code"] == none["error"]["code"]
    assert zava.get(export, "zava_0123456789abcdef_" + "0" * 61).status_code == 401
    headers = {"Host": "attacker.example"}
    assert zava.get(export, **headers).status_code == 421
    for name in ("..%2Flog", "%2Fetc%2Fpasswd", "x"):
        assert zava.get({"path": f"/exports/{name}"}).status_code == 404
    change = (
        "with old as (select user_id, scope from mcp_auth.users where user_id ="
        " mcp_auth.api_key_owner(%s)) update mcp_auth.users as u set scope = %s from old"
        " where u.user_id = old.user_id returning old.scope"
    )
    scope = ask(zava.uri, change, zava.key, [])
    try:
        until(lambda: is_refused(zava), 5)
    finally:
        ask(zava.uri, change, zava.key, scope)
    until(lambda: not is_refused(zava), 5)


def test_each_export_and_download_is_in_the_call_log(server: Server) -> None:
    export = server.export("select n from generate_series(1, 5) as n")
    server.get(export)
    server.get(export, Range="bytes=0-1")
    server._replace(key=new_key(server.uri)).get(export)
    name = export["path"].removeprefix("/exports/")
    entries = (
        "select jsonb_agg(jsonb_build_array(l.code, l.row_count) order by l.started_at)"
        " from mcp_log.call_log as l where l.tool = %s and l.credential_id = %s"
    )
    key_id = server.key.split("_")[1]
    read = [["OK", None], ["OK", None]]
    until(lambda: ask(server.uri, entries, f"export:{name}", key_id) == read)
    assert ask(server.uri, entries, "execute_sales_query", key_id) == [["OK", 5]]
    refused = "select count(*) from mcp_log.call_log where tool = %s and code = 'UNKNOWN_RESOURCE'"
    until(lambda: ask(server.uri, refused, f"export:{name}") == 1)


def test_there_is_a_limit_for_each_caller(server: Server) -> None:
    run_sql(server.uri, "update mcp_auth.limits set exports = 1, export_bytes = 200")
    try:
        for query in ("select repeat('a', 300) as a", ENDLESS):
            full = server.query(query, export="csv")["content"][0]["text"]
            assert json.loads(full)["code"] == "BUSY"
            assert "200 bytes" in json.loads(full)["message"]
            assert server.files() == []
        server.export("select 1 as n")
        more = json.loads(server.query("select 1 as n", export="csv")["content"][0]["text"])
        assert more["message"] == "No more than 1 exports of yours may be kept at once."
        assert len(server.files()) == 1
    finally:
        run_sql(server.uri, "update mcp_auth.limits set exports = 1000, export_bytes = 2000000000")


def test_what_has_expired_is_gone(server: Server, tmp_path: Path) -> None:
    export, kept = server.export("select 1 as n"), server.export("select 2 as n")
    name = export["path"].removeprefix("/exports/")
    expire = (
        "update mcp_log.exports set expires_at = now() where export_id::text = %s returning true"
    )
    assert ask(server.uri, expire, name.removesuffix(".csv"))
    assert server.get(export).status_code == 404
    foreign = server.folder / "2026-11-29-sales-by-store.csv"
    foreign.write_text("of somebody else")
    for file in server.files():
        os.utime(file, (time.time() - AN_HOUR,) * 2)
    settings = {"ZAVA_EXPORTS": str(server.folder), "ZAVA_MAINTAIN_SECONDS": "0.1"}
    with another_server(server.shim, tmp_path / "other", **settings):
        until(lambda: len(server.files()) == 2)
    assert foreign.read_text() == "of somebody else"
    assert server.get(kept).status_code == 200
    rows = "select count(*) from mcp_log.exports where export_id::text = %s"
    assert ask(server.uri, rows, name.removesuffix(".csv")) == 0


def test_an_export_may_be_a_task(server: Server) -> None:
    task_id = server.task("select n from generate_series(1, 100000) as n")
    until(lambda: server.send("tasks/get", MODERN, taskId=task_id)["result"]["status"] != "working")
    done = server.send("tasks/get", MODERN, taskId=task_id)["result"]
    assert done["status"] == "completed"
    export = done["result"]["structuredContent"]["export"]
    assert export["rows"] == 100000
    content = server.get(export).content
    assert hashlib.sha256(content).hexdigest() == export["sha256"]
    assert "resultType" in server.query("select 1 as n", MODERN)  # answered at once
    assert server.query("select 1 as n", MODERN)["structuredContent"]["rows"] == [[1]]


def test_a_cancelled_task_leaves_no_file(server: Server) -> None:
    task_id = server.task(ENDLESS)
    until(server.writes)
    assert "result" in server.send("tasks/cancel", MODERN, taskId=task_id)
    until(lambda: server.files() == [])
    assert (
        ask(server.uri, "select count(*) from mcp_log.exports where task_id::text = %s", task_id)
        == 0
    )


def test_a_lost_backend_leaves_no_file(server: Server) -> None:
    """The task is begun again; a call that is given up leaves nothing either."""
    task_id = server.task(ENDLESS)
    until(server.writes)
    [file] = server.files()
    ends = (
        "select bool_and(pg_terminate_backend(pid)) from pg_stat_activity"
        " where application_name like %s"
    )
    assert ask(server.uri, ends, f"zava-mcp {task_id}%")
    until(lambda: not file.exists())
    again = "select attempts from mcp_log.tasks where task_id::text = %s and state = 'running'"
    until(lambda: ask(server.uri, again, task_id) == 2)
    until(server.writes)
    server.send("tasks/cancel", MODERN, taskId=task_id)
    until(lambda: server.files() == [])


def test_a_killed_server_leaves_a_part_which_another_sweeps(server: Server, tmp_path: Path) -> None:
    task_id = server.task(ENDLESS)
    until(server.writes)
    server.process.kill()
    server.process.wait(10)
    cancel = "update mcp_log.tasks set expires_at = now() where task_id::text = %s returning true"
    assert ask(server.uri, cancel, task_id)
    [part] = server.files()
    assert part.suffix == ".part"
    settings = {"ZAVA_EXPORTS": str(server.folder), "ZAVA_MAINTAIN_SECONDS": "0.1"}
    with another_server(server.shim, tmp_path / "other", **settings) as (url, _):
        other = server._replace(url=url)
        kept = other.export("select 1 as n")
        os.utime(part, (time.time() - LATE,) * 2)
        until(lambda: not part.exists())
        assert other.get(kept).status_code == 200


def test_a_folder_that_cannot_be_written_is_no_failure_of_the_database(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    log = tmp_path / "other"
    with another_server(server.shim, log, ZAVA_EXPORTS=str(file / "exports")) as (url, _):
        other = server._replace(url=url)
        failed = json.loads(other.query("select 1 as n", export="csv")["content"][0]["text"])
        assert failed["message"] == "The server cannot store or read exports at the moment."
        assert other.query("select 1 as n")["structuredContent"]["rows"] == [[1]]
    assert "database away" not in log.read_text()
