"""What operators see: /metrics, /readyz, the log, pg_stat_activity, and zava-mcp doctor."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, LiteralString

import httpx2
import psycopg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from test_cache import answer
from test_server import (
    LONG_QUERY,
    Keys,
    another_server,
    ask,
    bounded,
    connected,
    ended,
    logged,
    run_sql,
    running_calls,
    until,
)

from zava_mcp.local import cluster
from zava_mcp.shim.answer.client import Client
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.observe import operators as metrics_module
from zava_mcp.shim.server import open_parts
from zava_mcp.shim.settings import load_settings

NAMES = {  # the names that the seed has, and ours
    "query_total", "query_duration", "cache_hit_total", "cache_miss_total",
    "operation_success_total", "operation_error_total", "operation_duration",
    "pool_connections", "pool_in_use", "pool_max", "pool_waiting", "pool_busy", "pool_given_up",
    "database_away", "embedder_up", "embedding_total", "embedding_duration", "cache_up",
    "calls_running", "calls_to_log", "credential_refused_total",
}  # fmt: skip


def metrics(url: str, **headers: str) -> httpx2.Response:
    """GET /metrics."""
    return httpx2.get(url.replace("/mcp", "/metrics"), headers=headers)


def sample(text: str, line: str) -> float:
    """A value of /metrics."""
    [value] = re.findall(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE) or ["0"]
    return float(value)


def test_calls_are_counted_by_tools_that_there_are(http_server: str, keys: Keys) -> None:
    before, key = metrics(http_server).text, keys["head_office"]
    answer(http_server, key, "get_current_utc_date")
    answer(http_server, key, "execute_sales_query", '{"postgresql_query": "select"}')
    answer(http_server, key, "execute_sales_query", '{"postgresql_query": "select no"}')
    answer(http_server, key, "made_up\\n_by_a_client")
    assert httpx2.post(http_server, json={}).status_code == 401
    bad = {"Authorization": "Bearer zava_nobody"}
    assert httpx2.post(http_server, json={}, headers=bad).status_code == 401

    after = metrics(http_server).text

    assert set(re.findall(r"^# TYPE (\w+) ", after, re.MULTILINE)) >= NAMES
    for line, more in {
        'query_total{status="success",type="get_current_utc_date"}': 1,
        'query_total{status="error",type="execute_sales_query"}': 1,
        'query_duration_count{type="get_current_utc_date"}': 1,
        'operation_success_total{operation="get_current_utc_date"}': 1,
        'operation_error_total{code="VALIDATION_ERROR",operation="execute_sales_query"}': 1,
        'operation_duration_count{operation="execute_sales_query"}': 2,
        'operation_error_total{code="UNKNOWN_TOOL",operation="other"}': 1,
        'credential_refused_total{error="missing_token"}': 1,
        'credential_refused_total{error="invalid_token"}': 1,
    }.items():
        assert sample(after, line) - sample(before, line) == more, line
    assert "made_up" not in after
    assert sample(after, "pool_max") == 10
    assert sample(after, "database_away") == 0


def test_metrics_are_for_this_machine_or_for_who_has_the_token(
    http_server: str, shim_url: str, tmp_path: Path
) -> None:
    assert metrics(http_server).status_code == 200
    forwarded = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Original-Forwarded-For", "Forwarded")
    addresses = (
        "X-Real-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
        "Fly-Client-IP",
        "X-Azure-ClientIP",
    )
    for header in (*forwarded, *addresses, "Via"):
        assert metrics(http_server, **{header: "192.0.2.1"}).status_code == 403, header
    assert metrics(http_server, Host="attacker.example").status_code == 403

    token = {"ZAVA_METRICS_TOKEN": "of-the-prometheus-server"}
    with another_server(shim_url, tmp_path / "log", **token) as (url, _):
        assert metrics(url).status_code == 403
        assert metrics(url, Authorization="Bearer of-another-server").status_code == 403
        good = {"Authorization": "Bearer of-the-prometheus-server", "Via": "proxy"}
        assert metrics(url, **good).status_code == 200
    assert "of-the-prometheus-server" not in (tmp_path / "log").read_text()


def test_readyz_says_how_each_part_is(http_server: str, database: str) -> None:
    url = http_server.replace("/mcp", "/readyz")
    whole = {
        "status": "ready", "server": "healthy", "database": "healthy", "ai_service": "healthy",
        "catalog": "healthy", "migrations": "healthy", "cache": "healthy", "replica": "disabled",
        "identity_provider": "disabled",
    }  # fmt: skip
    assert (httpx2.get(url).status_code, httpx2.get(url).json()) == (200, whole)

    run_sql(database, "update mcp_migrate.version set tree = 'hidden' where tree = 'zava'")
    try:
        until(lambda: httpx2.get(url).status_code == 503)
        said = httpx2.get(url).json()
    finally:
        run_sql(database, "update mcp_migrate.version set tree = 'zava' where tree = 'hidden'")

    assert said == {**whole, "status": "not ready", "migrations": "unhealthy"}
    until(lambda: httpx2.get(url).status_code == 200)
    assert httpx2.get(url.replace("/readyz", "/healthz")).json() == {"status": "ok"}


def test_a_database_that_only_reads_is_unhealthy(
    database: str, shim_url: str, tmp_path: Path
) -> None:
    """As a replica is, or a primary that has run out of transaction ids."""
    log = tmp_path / "log"
    run_sql(database, "alter role zava_mcp set default_transaction_read_only = on")
    try:
        with another_server(shim_url, log) as (url, _):
            ready = httpx2.get(url.replace("/mcp", "/readyz"))
    finally:
        run_sql(database, "alter role zava_mcp reset default_transaction_read_only")
    assert (ready.status_code, ready.json()["database"]) == (503, "unhealthy")
    [line] = [e for e in logged(log) if e["event"] == "the database is not fit to serve"]
    assert (line["level"], line["problems"]) == ("warning", ["it is read-only, as a replica is"])


def test_a_call_is_in_every_line_of_its_log(
    http_server: str, keys: Keys, data_dir: Path, database: str
) -> None:
    file = data_dir / "server.log"
    seen = len(file.read_text().splitlines())
    answer(http_server, keys["head_office"], "get_current_utc_date")

    until(lambda: any(e["event"] == "call" for e in logged(file)[seen:]))
    [line] = [e for e in logged(file)[seen:] if e.get("tool") == "get_current_utc_date"]

    assert set(line) == {
        "event", "level", "timestamp", "request_id", "user", "tool", "duration_ms", "code",
    }  # fmt: skip
    assert (line["code"], len(line["request_id"])) == ("OK", 32)
    assert keys["head_office"] not in file.read_text()


@bounded
async def test_the_database_shows_which_call_a_statement_belongs_to(
    http_server: str, keys: Keys, database: str
) -> None:
    query: LiteralString = (
        "select application_name from pg_stat_activity where usename = 'zava_mcp'"
        " and state = 'active' and query like '%%mcp.handle%%'"
    )
    async with connected(http_server, keys["head_office"]) as client:
        running = asyncio.create_task(
            client.call_tool("execute_sales_query", {"postgresql_query": LONG_QUERY})
        )
        await asyncio.to_thread(until, lambda: running_calls(database) == 1)
        name = await asyncio.to_thread(ask, database, query)
        running.cancel()

    assert re.fullmatch("zava-mcp [0-9a-f]{32} execute_sales_query", name)
    await asyncio.to_thread(until, lambda: running_calls(database) == 0)


@bounded
async def test_a_trace_reaches_the_database(
    shim_url: str, keys: Keys, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the SDK of OpenTelemetry the statement is a span of the request's trace."""
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(metrics_module, "tracer", provider.get_tracer("test"))
    settings = load_settings(database_url=shim_url, embedder="none", cache_size=0)
    async with open_parts(settings) as (calls, engine):
        identity = await engine.identities.authenticate(keys["head_office"]) or {}
        caller = Caller(keys["head_office"], identity)
        with provider.get_tracer("test").start_as_current_span("request") as request:
            trace_id = trace.format_trace_id(request.get_span_context().trace_id)
            parent = f"00-{trace_id}-{'1' * 16}-01"
        client = Client("", "2026-07-28", is_modern=True, trace={"traceparent": parent})
        tool = "get_current_utc_date"
        params = json.dumps({"name": tool}).encode()
        said = await calls.answer(caller, client, "tools/call", tool, params)
        assert said.code is None
        ended = [span for span in spans.get_finished_spans() if span.kind is SpanKind.CLIENT]

    [span] = [span for span in ended if span.name == "get_current_utc_date"]
    assert trace.format_trace_id(span.context.trace_id) == trace_id
    assert span.attributes == {
        "db.system.name": "postgresql",
        "db.operation.name": "get_current_utc_date",
    }
    row: LiteralString = "select count(*) from mcp_log.call_log where trace_id = %s"
    assert ask(database, row, trace_id) == 1


# Upkeep -----------------------------------------------------------------------------------------


def test_a_server_does_the_upkeep(database: str, shim_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    ran: LiteralString = "select ran_at is not null from mcp_log.upkeep"
    run_sql(database, "update mcp_log.upkeep set ran_at = null")
    with another_server(shim_url, log, ZAVA_MAINTAIN_SECONDS="0.1"):
        until(lambda: bool(ask(database, ran)) and '"upkeep"' in log.read_text())
    first = next(entry for entry in logged(log) if entry["event"] == "upkeep")
    assert (first["ran"], first["more"]) == (True, False)


def test_one_does_the_upkeep_at_a_time(database: str) -> None:
    maintain: LiteralString = "select mcp.maintain()"
    with psycopg.connect(database) as another:
        another.execute(maintain)
        assert ask(database, maintain) == {"ran": False, "more": False}
    assert ask(database, maintain)["ran"] is True


# zava-mcp doctor, of a server ------------------------------------------------------------------


def findings(*options: str, **settings: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code of a doctor, and what it found of the server, by part."""
    done = ended("doctor", "--json", *options, **settings)
    said = json.loads(done.stdout)
    assert said["exit"] == done.returncode
    parts = {line["part"].removeprefix("server: "): line for line in said["lines"]}
    return done.returncode, parts


def test_doctor_finds_nothing_where_nothing_is_wrong(shim_url: str) -> None:
    code, found = findings(ZAVA_DATABASE_URL=shim_url)
    assert [f for f in found.values() if f["level"] in ("warning", "error")] == []
    assert code == 0
    assert set(found) == {
        "database", "login", "files", "functions of core", "functions of zava", "catalogue",
        "connections", "lock-down", "upkeep", "embedder", "cache",
    }  # fmt: skip


def test_doctor_says_what_is_wrong_and_how_to_fix_it(database: str, shim_url: str) -> None:
    run_sql(
        database,
        "update mcp_migrate.version set tree = 'hidden' where (tree, id) = ('zava', '0006_search')",
        "update mcp_log.upkeep set ran_at = now() - interval '1 day',"
        " report = '{\"problems\": []}'",
    )
    try:
        code, found = findings(
            ZAVA_DATABASE_URL=shim_url, ZAVA_REDIS_URL="redis://:hush@127.0.0.1:1/0"
        )
    finally:
        run_sql(
            database,
            "update mcp_migrate.version set tree = 'zava' where tree = 'hidden'",
            "update mcp_log.upkeep set ran_at = now()",
        )

    assert code == 1
    assert found["files"]["level"] == "error"
    assert found["files"]["found"] == "pending: zava/0006_search"
    assert "zava-mcp migrate apply" in found["files"]["remedy"]
    assert found["upkeep"] == {
        "part": "server: upkeep",
        "level": "warning",
        "found": "ran 1440 minutes ago",
        "remedy": "run a server with ZAVA_MAINTAIN_SECONDS over 0, or mcp.maintain() by cron",
    }
    assert found["cache"]["level"] == "warning"
    assert "hush" not in json.dumps(found)


def test_doctor_compares_the_connections_and_names_missing_limits(
    database: str, data_dir: Path
) -> None:
    run_sql(
        database,
        "create role doctor_login login connection limit 12",
        "grant mcp_server to doctor_login",
        "alter role doctor_login set lock_timeout = '5s'",
    )
    url = cluster.uri(data_dir, "doctor_login")
    try:
        code, found = findings(ZAVA_DATABASE_URL=url)
        assert findings(ZAVA_DATABASE_URL=url, ZAVA_POOL_MAX="7")[1]["connections"] == {
            "part": "server: connections",
            "level": "ok",
            "found": "doctor_login may have 12, and this server opens up to 12",
            "remedy": "",
        }
    finally:
        run_sql(database, "drop role doctor_login")
    assert code == 0
    assert found["connections"]["level"] == found["limits"]["level"] == "warning"
    assert found["connections"]["found"] == (
        "doctor_login may have 12, and this server opens up to 15"
    )
    assert "alter role doctor_login connection limit 15" in found["connections"]["remedy"]
    assert found["limits"]["found"].startswith(
        "idle_in_transaction_session_timeout, statement_timeout, transaction_timeout are 0 for this"
    )


NOWHERE = "postgresql://zava_mcp:hush@127.0.0.1:1/zava"


def test_doctor_asks_the_other_databases_and_writes_a_file(shim_url: str, tmp_path: Path) -> None:
    code, found = findings(
        ZAVA_DATABASE_URL=shim_url,
        ZAVA_DIRECT_URL=NOWHERE,
        ZAVA_REPLICA_URL=f"{NOWHERE} {shim_url}",
        ZAVA_EXPORTS="/dev/null/exports",
    )
    assert code == 1
    assert "hush" not in json.dumps(found)
    said = {part: (line["level"], line["found"]) for part, line in found.items()}
    assert said["direct connection"][0] == "error"
    assert said["direct connection"][1].startswith("cannot connect to the database of ZAVA_DIRECT_")
    assert said["replica 1"][0] == said["replica 2"][0] == "warning"
    assert said["replica 1"][1].startswith("cannot connect to the database of ZAVA_REPLICA_URL")
    assert said["replica 2"][1].startswith("the database of ZAVA_REPLICA_URL is no replica")
    assert said["exports"] == ("error", "[Errno 20] Not a directory: '/dev/null/exports'")
    settings = {"ZAVA_DIRECT_URL": shim_url, "ZAVA_EXPORTS": str(tmp_path / "new")}
    code, found = findings(ZAVA_DATABASE_URL=shim_url, **settings)
    assert [found[part]["level"] for part in ("direct connection", "exports")] == ["ok", "ok"]
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_and_a_replica_that_are_away_are_warnings(shim_url: str, tmp_path: Path) -> None:
    """As soon as the server serves, and not when somebody needs them."""
    log = tmp_path / "log"
    settings = {"ZAVA_EXPORTS": "/dev/null/exports", "ZAVA_REPLICA_URL": NOWHERE}
    events = {"exports cannot be written", "replica"}
    with another_server(shim_url, log, **settings):
        until(lambda: events <= {entry["event"] for entry in logged(log)})
    assert {e["level"] for e in logged(log) if e["event"] in events} == {"warning"}
    assert "hush" not in log.read_text()


def test_doctor_of_a_database_or_setting_that_is_wrong() -> None:
    done = ended("doctor", ZAVA_DATABASE_URL="postgresql://zava_mcp:hush@127.0.0.1:1/zava")
    assert done.returncode == 1
    assert "error   server: database: cannot connect" in done.stdout
    assert "hush" not in done.stdout + done.stderr
    code = ended("doctor", ZAVA_DATABASE_URL="x", ZAVA_DATABSE_URL="x").returncode
    assert code == 2


def test_the_file_gives_what_the_environment_does_not(shim_url: str, tmp_path: Path) -> None:
    file = tmp_path / "zava.toml"
    file.write_text(f'database_url = "{shim_url}"\npool_min = 20\ncache_size = 0\n')
    done = ended("doctor", ZAVA_CONFIG=str(file), ZAVA_POOL_MIN="1")
    assert "cache: none: ZAVA_CACHE_SIZE is 0" in done.stdout
    assert ended("doctor", ZAVA_CONFIG=str(file)).stderr.startswith("zava-mcp: ZAVA_POOL_MIN=20 is")
    file.write_text('database_url = "x"\npol_min = 2\n')
    done = ended("doctor", ZAVA_CONFIG=str(file))
    assert (done.returncode, done.stderr) == (
        2,
        "zava-mcp: ZAVA_CONFIG: pol_min is not a setting, did you mean pool_min?\n",
    )
    for name, remedy in (
        ("ZAVA_PORT", ", did you mean port?"),
        ("colour", "; docs/settings.md lists them"),
    ):
        file.write_text(f"{name} = 1\n")
        done = ended("doctor", ZAVA_CONFIG=str(file))
        expected = f"zava-mcp: ZAVA_CONFIG: {name} is not a setting{remedy}\n"
        assert (done.returncode, done.stderr) == (2, expected)
    assert ended("doctor", ZAVA_CONFIG=str(tmp_path / "none")).returncode == 2
