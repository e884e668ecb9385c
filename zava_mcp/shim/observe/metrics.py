"""What is counted and timed, for Prometheus at /metrics and for OpenTelemetry."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from opentelemetry import propagate, trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from zava_mcp.shim.answer.errors import Json
from zava_mcp.shim.settings import Settings

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

M = TypeVar("M", Counter, Histogram)
tracer = trace.get_tracer("zava-mcp")


class Metrics:
    """The counters of one process.

    A query is a statement to the database, an operation a request of a client: of one that the
    cache answered, or that was refused before, there is no query. Labels are tools of the catalogue
    and methods, never what a client made up.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.is_traced = is_traced()
        self.children: dict[tuple[Any, ...], Any] = {}
        self.query_total = Counter("query", "Statements.", ["type", "status"], registry=registry)
        self.query_duration = Histogram(
            "query_duration",
            "Seconds of a statement.",
            ["type"],
            buckets=SECONDS,
            registry=registry,
        )
        self.operation_success = Counter(
            "operation_success", "Requests answered.", ["operation"], registry=registry
        )
        self.operation_error = Counter(
            "operation_error", "Requests that failed.", ["operation", "code"], registry=registry
        )
        self.operation_duration = Histogram(
            "operation_duration",
            "Seconds of a request.",
            ["operation"],
            buckets=SECONDS,
            registry=registry,
        )
        self.cache_hit = Counter("cache_hit", "Answers that were kept.", registry=registry)
        self.cache_miss = Counter("cache_miss", "Answers that had to be made.", registry=registry)
        self.embedding_total = Counter(
            "embedding", "Texts given to the embedder.", ["status"], registry=registry
        )
        self.embedding_duration = Histogram(
            "embedding_duration", "Seconds of an embedding.", buckets=SECONDS, registry=registry
        )

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Show a value as it is when somebody asks."""
        Gauge(name, meaning, registry=self.registry).set_function(value)

    def of(self, metric: M, *labels: str) -> M:
        """Return a metric with its labels, which is looked up once."""
        child: M | None = self.children.get((metric, *labels))
        if child is None:
            child = self.children[metric, *labels] = metric.labels(*labels)
        return child

    @contextlib.contextmanager
    def query(self, kind: str) -> Iterator[None]:
        """Count and time a statement, and make it a span of the trace."""
        began, status = time.monotonic(), "error"
        with span(kind) if self.is_traced else contextlib.nullcontext():
            try:
                yield
                status = "success"
            finally:
                self.of(self.query_total, kind, status).inc()
                self.of(self.query_duration, kind).observe(time.monotonic() - began)

    def operation(self, name: str, code: str, seconds: float) -> None:
        """Count a request; its code is OK or an error's."""
        if code == "OK":
            self.of(self.operation_success, name).inc()
        else:
            self.of(self.operation_error, name, code).inc()
        self.of(self.operation_duration, name).observe(seconds)

    def embedded(self, status: str, seconds: float) -> None:
        """Count an embedding."""
        self.embedding_total.labels(status).inc()
        self.embedding_duration.observe(seconds)


def is_traced() -> bool:
    """Return whether somebody set up OpenTelemetry."""
    is_ours = isinstance(tracer, trace.ProxyTracer)
    return not (is_ours and isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider))


def request_span(method: str, carrier: Json) -> contextlib.AbstractContextManager[object]:
    """Make a request a span of the trace that its client began, where somebody traces."""
    if not is_traced():
        return contextlib.nullcontext()
    parent, kind = propagate.extract(carrier), trace.SpanKind.SERVER
    return tracer.start_as_current_span(method, context=parent, kind=kind)


def span(kind: str) -> contextlib.AbstractContextManager[trace.Span]:
    """Make a statement a span of the trace."""
    said = {"db.system.name": "postgresql", "db.operation.name": kind}
    return tracer.start_as_current_span(kind, kind=trace.SpanKind.CLIENT, attributes=said)


def show_gauges(metrics: Metrics, calls: Any) -> None:
    """Show the connections, the embedder, the replica and what waits, each as it is then."""
    database, replica, show = calls.database, calls.replica, metrics.gauge
    show("pool_connections", "Connections to the database.", lambda: database.size)
    show("pool_in_use", "Connections that calls use.", lambda: database.in_use)
    show("pool_max", "Connections that calls may use.", lambda: calls.settings.pool_max)
    show("pool_waiting", "Calls that wait for a connection.", lambda: database.waiting)
    show("pool_busy", "Calls refused as busy, since the start.", lambda: database.busy)
    show("pool_given_up", "Connections given up, since the start.", lambda: database.given_up)
    show("database_away", "1 while the database does not answer.", lambda: database.circuit.is_open)
    show("embedder_up", "1 while texts are embedded.", lambda: calls.embedder_state == "healthy")
    show("cache_up", "1 while answers are kept.", lambda: calls.cache.state == "healthy")
    show("calls_running", "Calls that run.", lambda: calls.recorder.running)
    show("process_id", "Of the process that answers, one of ZAVA_WORKERS.", os.getpid)
    show("calls_to_log", "Calls that wait for the call log.", lambda: len(calls.recorder.entries))
    if replica is not None:
        show("replica_usable", "1 while the replica answers reads.", lambda: replica.is_usable)
        show("replica_age_seconds", "How old its data may be.", lambda: replica.age)


def metrics_response(metrics: Metrics, settings: Settings, request: Request) -> Response:
    """Answer GET /metrics for whom may read it."""
    if not may_read(settings, request):
        return PlainTextResponse("Not for you: see docs/operations.md.\n", 403)
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(settings: Settings, request: Request) -> bool:
    """Return whether a request has the token, or where there is none comes from this very machine.

    A request that a proxy on this machine hands on does not: whoever sent it is elsewhere.
    """
    if settings.metrics_token is not None:
        token = f"Bearer {settings.metrics_token.get_secret_value()}"
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), token.encode())
    try:
        local = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        local = False
    named = request.headers.get("host", "").rsplit(":", 1)[0] in LOOPBACK_NAMES
    return local and named and not any(header in request.headers for header in FORWARDED)
