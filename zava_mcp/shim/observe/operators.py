"""For operators: the log, traces, /metrics and /readyz."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hmac
import ipaddress
import json
import logging
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import structlog
from opentelemetry import propagate, trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from zava_mcp.config import CORE, CORE_ROOT, ConfigError, Source, find_project
from zava_mcp.migrate.files import read_trees
from zava_mcp.shim.answer.errors import (
    DATABASE_FAILURES,
    NAME_SHOWN,
    DatabaseError,
    Json,
    excerpt,
)
from zava_mcp.shim.answer.results import escaped
from zava_mcp.shim.settings import Refusal, Settings

HEALTH = "select mcp.health()"
DATABASE_SECONDS = 2.0  # the database may take so long
KEPT_SECONDS = 1.0  # an answer of /readyz is good for so long: asking more often is free
NEEDED = ("database", "migrations", "server")  # without the others calls are answered, if less well
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# what proxies add: the sender of a request with one of these is elsewhere
FORWARDED = re.compile(
    r"forwarded|x-(original-)?forwarded|via$|[a-z-]*(connecting|client|real)-?ip$"
)
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

COUNTED = 100  # statements or requests that wait to be counted, at most
NOTHING = contextlib.nullcontext()

Timed = tuple[str, str, float]
State = Literal["healthy", "unhealthy", "disabled"]  # of a part of the server
M = TypeVar("M", Counter, Histogram)
log = structlog.get_logger("zava-mcp")
tracer = trace.get_tracer("zava-mcp")


# The log ------------------------------------------------------------------------------------------


class LibraryLogs(logging.Handler):
    """Forwards the log messages of libraries to the server's log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record."""
        text, error = record.getMessage(), record.exc_info
        if error and record.levelno < logging.ERROR:  # asyncpg's, of a connection it could not open
            log.log(record.levelno, text, logger=record.name, reason=repr(error[1]))
        else:
            log.log(record.levelno, text, logger=record.name, exc_info=error)


# id, name and user of the call that runs
running_call: ContextVar[tuple[str, str, str | None] | None] = ContextVar("call", default=None)


def with_call(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the call that an entry is about."""
    if (call := running_call.get()) is None:
        return entry
    request_id, name, user = call
    tool = escaped(excerpt(name, NAME_SHOWN))
    return {"request_id": request_id, "tool": tool, "user": user, **entry}


def plain(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape characters that could forge an entry or control a terminal. Indent tracebacks."""
    for name, value in entry.items():
        if isinstance(value, str):
            lines = value.split("\n") if name == "exception" else [value]
            indent = "    " if name == "exception" else ""
            entry[name] = "\n".join(indent + escaped(line) for line in lines)
    return entry


def set_up_logs(level: str = "info") -> None:
    """Log to stderr from a level on: readable on a terminal, JSON elsewhere.

    Libraries are logged from WARNING on.
    """
    lowest = logging.getLevelNamesMapping()[level.upper()]
    for_people: list[Any] = [plain, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # the worker
            with_call,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *(for_people if sys.stderr.isatty() else [structlog.processors.JSONRenderer()]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        # each entry by one write, so that those of several processes do not mix
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[LibraryLogs()], level=max(lowest, logging.WARNING))


# Metrics and traces -------------------------------------------------------------------------------


class Metrics:
    """The metrics of one process.

    A query is a statement to the database, an operation a request of a client. A request that the
    cache answers or that is refused has no query. Labels are tools of the catalogue and methods,
    never names that a client sent.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.is_traced = is_traced()
        self.children: dict[tuple[Any, ...], Any] = {}
        # the kind of a statement or request, its status or code, and its seconds: many at a time
        # are counted in half the time
        self.queries, self.operations = list[Timed](), list[Timed]()
        counter = functools.partial(Counter, registry=registry)
        seconds = functools.partial(Histogram, buckets=SECONDS, registry=registry)
        self.query_total = counter("query", "Statements.", ["type", "status"])
        self.query_duration = seconds("query_duration", "Seconds of a statement.", ["type"])
        self.operation_success = counter("operation_success", "Requests answered.", ["operation"])
        self.operation_error = counter(
            "operation_error", "Requests that failed.", ["operation", "code"]
        )
        self.operation_duration = seconds(
            "operation_duration", "Seconds of a request.", ["operation"]
        )
        self.refused = counter("credential_refused", "Credentials refused.", ["error"])
        self.cache_hit = counter("cache_hit", "Answers from the cache.")
        self.cache_miss = counter("cache_miss", "Answers that were computed.")
        self.embedding_total = counter("embedding", "Texts given to the embedder.", ["status"])
        self.embedding_duration = seconds("embedding_duration", "Seconds of an embedding.")

    def of(self, metric: M, *labels: str) -> M:
        """Return the child of a metric for labels, cached."""
        child: M | None = self.children.get((metric, *labels))
        if child is None:
            child = self.children[metric, *labels] = metric.labels(*labels)
        return child

    def request(self, method: str, carrier: Json) -> contextlib.AbstractContextManager[object]:
        """Return a span of the client's trace for a request, if tracing is on."""
        if not self.is_traced:
            return NOTHING
        parent, kind = propagate.extract(carrier), trace.SpanKind.SERVER
        return tracer.start_as_current_span(method, context=parent, kind=kind)

    def query(self, kind: str) -> Query:
        """Return a context that counts and times a statement, as a span of the trace."""
        return Query(self, kind)

    def operation(self, name: str, code: str, seconds: float) -> None:
        """Count a request; its code is OK or an error's."""
        self.operations.append((name, code, seconds))
        if len(self.operations) >= COUNTED:
            self.count()

    def count(self) -> None:
        """Count the statements and requests that wait to be counted."""
        queries, self.queries = self.queries, []
        for kind, status, seconds in queries:
            self.of(self.query_total, kind, status).inc()
            self.of(self.query_duration, kind).observe(seconds)
        operations, self.operations = self.operations, []
        for name, code, seconds in operations:
            if code == "OK":
                self.of(self.operation_success, name).inc()
            else:
                self.of(self.operation_error, name, code).inc()
            self.of(self.operation_duration, name).observe(seconds)

    def embedded(self, status: str, seconds: float) -> None:
        """Count an embedding."""
        self.embedding_total.labels(status).inc()
        self.embedding_duration.observe(seconds)


class Query:
    """A statement that runs: it is counted and timed, and a span of the trace."""

    __slots__ = ("began", "kind", "metrics", "span")

    def __init__(self, metrics: Metrics, kind: str) -> None:
        self.metrics, self.kind = metrics, kind

    def __enter__(self) -> None:
        """Begin."""
        self.span = span(self.kind) if self.metrics.is_traced else None
        if self.span is not None:
            self.span.__enter__()
        self.began = time.monotonic()

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        """Count it."""
        status = "success" if error is None else "error"
        self.metrics.queries.append((self.kind, status, time.monotonic() - self.began))
        if len(self.metrics.queries) >= COUNTED:
            self.metrics.count()
        if self.span is not None:
            self.span.__exit__(kind, error, traceback)


def is_traced() -> bool:
    """Return whether OpenTelemetry is set up."""
    is_ours = isinstance(tracer, trace.ProxyTracer)
    return not (is_ours and isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider))


def span(kind: str) -> contextlib.AbstractContextManager[trace.Span]:
    """Return a span for a statement."""
    attributes = {"db.system.name": "postgresql", "db.operation.name": kind}
    return tracer.start_as_current_span(kind, kind=trace.SpanKind.CLIENT, attributes=attributes)


def show_gauges(metrics: Metrics, calls: Any) -> None:
    """Register gauges of connections, embedder, cache, replicas and queues."""
    database, replicas = calls.database, calls.replicas

    def show(name: str, meaning: str, value: Callable[[], float]) -> None:
        Gauge(name, meaning, registry=metrics.registry).set_function(value)

    show("pool_connections", "Connections to the database.", lambda: database.size)
    show("pool_in_use", "Connections that calls use.", lambda: database.in_use)
    show("pool_max", "Connections that calls may use.", lambda: calls.settings.pool_max)
    show("pool_waiting", "Calls that wait for a connection.", lambda: database.waiting)
    show("pool_busy", "Calls refused as busy, since the start.", lambda: database.busy)
    show("pool_given_up", "Connections given up, since the start.", lambda: database.given_up)
    show("database_away", "1 while the database does not answer.", lambda: database.circuit.is_open)
    show("embedder_up", "1 while texts are embedded.", lambda: calls.embedder_state == "healthy")
    show("cache_up", "1 while the cache is used.", lambda: calls.cache.state == "healthy")
    show("calls_running", "Calls that run.", lambda: calls.recorder.running)
    show("process_id", "Of the process that answers, one of ZAVA_WORKERS.", os.getpid)
    show("calls_to_log", "Calls that wait for the call log.", lambda: len(calls.recorder.entries))
    if replicas is not None:
        show("replica_usable", "Replicas that answer reads.", lambda: len(replicas.usable()))
        show(
            "replica_age_seconds",
            "Age of the data of the replica most behind.",
            lambda: replicas.age,
        )


def metrics_response(metrics: Metrics, settings: Settings, request: Request) -> Response:
    """Answer GET /metrics, or refuse it."""
    if not may_read(settings, request):
        return PlainTextResponse("Forbidden: see docs/operations.md.\n", 403)
    metrics.count()
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(settings: Settings, request: Request) -> bool:
    """Return whether a request may read the metrics.

    It has the token or, if none is set, comes from this machine and not through a proxy.
    """
    if settings.metrics_token is not None:
        token = f"Bearer {settings.metrics_token.get_secret_value()}"
        header = request.headers.get("authorization", "")
        return hmac.compare_digest(header.encode(), token.encode())
    try:
        local = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        local = False
    is_direct = request.headers.get("host", "").rsplit(":", 1)[0] in LOOPBACK_NAMES
    return local and is_direct and not any(map(FORWARDED.match, request.headers))


# Readiness ----------------------------------------------------------------------------------------


@dataclass
class Readiness:
    """The state of each part of the server, cached for KEPT_SECONDS."""

    calls: Any
    gate: Any
    states: dict[str, str] = field(default_factory=dict)
    until: float = 0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def response(self) -> Response:
        """Answer GET /readyz: 200 if this server answers calls, else 503."""
        async with self.asking:
            if time.monotonic() >= self.until:
                self.states = await states(self.calls, self.gate)
                self.until = time.monotonic() + KEPT_SECONDS
        ready = all(self.states[part] in ("healthy", "unknown") for part in NEEDED)
        state = {"status": "ready" if ready else "not ready", **self.states}
        return JSONResponse(state, 200 if ready else 503, {"Cache-Control": "no-store"})


async def states(calls: Any, gate: Any) -> dict[str, str]:
    """Return the state of each part: healthy, unhealthy, disabled or unknown."""
    health: Json = {}
    with contextlib.suppress(DatabaseError, *DATABASE_FAILURES):
        async with asyncio.timeout(DATABASE_SECONDS):
            health = json.loads(await calls.database.ask(HEALTH))
    await calls.cache.look()
    pending = unapplied(local_versions(), health)
    if health and pending:
        log.warning("migrations are pending", files=pending)
    problems = list(health.get("problems", []))
    if health.get("is_read_only"):
        problems.append("it is read-only, as a replica is")
    if problems:
        log.warning("the database is not fit to serve", problems=problems)
    return {
        "server": "stopping" if calls.stopping else "healthy",
        "database": healthy(bool(health) and not problems),
        "ai_service": calls.embedder_state,
        "catalog": healthy(bool(calls.catalog.get("tools"))),
        "migrations": healthy(not pending) if health else "unknown",
        "cache": calls.cache.state,
        "identity_provider": gate.state,
        "replica": "disabled" if calls.replicas is None else healthy(bool(calls.replicas.usable())),
    }


def healthy(is_healthy: bool) -> str:
    """Return "healthy" or "unhealthy"."""
    return "healthy" if is_healthy else "unhealthy"


def unapplied(files: Iterable[str], health: Json) -> list[str]:
    """Return those of some versioned files that are not applied, by what HEALTH answered."""
    return sorted(set(files) - set(health.get("versions", [])))


async def check_core(ask: Callable[[str], Awaitable[str]]) -> None:
    """Raise Refusal if the database lacks a versioned file of the core that this server needs."""
    ours = read_trees([Source(CORE, CORE_ROOT)]).versioned
    if missing := unapplied(ours, json.loads(await ask(HEALTH))):
        files = ", ".join(missing)
        raise Refusal(
            f"the core in the database is older than this server: {files} not applied."
            " Run `zava-mcp migrate apply`, or serve with the version that was applied",
            1,
        )


@functools.cache
def local_versions() -> frozenset[str]:
    """Return tree and id of each versioned file of the core, and of the project if it is here."""
    return frozenset(read_trees(local_sources()).versioned)


def local_sources() -> list[Source]:
    """Return the trees whose files this server has."""
    try:
        return find_project().sources()
    except ConfigError:
        return [Source(CORE, CORE_ROOT)]
