"""The HTTP server: its routes, and its limits of size, time and origin of requests."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
from collections.abc import Callable
from itertools import chain
from types import FrameType
from typing import Any, ClassVar

import structlog
import uvicorn
from mcp.server.auth.routes import cors_middleware
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from zava_mcp.pages import page
from zava_mcp.pages.sign_in import Provider, Registration
from zava_mcp.pages.workbench import Workbench
from zava_mcp.shim.call.calls import Calls
from zava_mcp.shim.identify.authorization import (
    Gate,
    metadata_paths,
    origin_and_path,
    resource_metadata,
)
from zava_mcp.shim.observe.operators import Readiness, metrics_response
from zava_mcp.shim.receive.http import Endpoint, groups_of
from zava_mcp.shim.receive.protocol import Engine
from zava_mcp.shim.settings import Refusal, Settings
from zava_mcp.signals import STOP

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
IDLE_SECONDS = 15  # longer than clients keep a connection: else it may end under their next request
LAST_SECONDS = 5  # for connections that are still there when all calls are answered or given up
EXPOSED_HEADERS = ("WWW-Authenticate", "Retry-After", "X-Request-Id")  # to pages of other origins
HEADER_BYTES = 16 * 1024  # names and values together
UNENDED_BYTES = 64 * 1024  # of a header that goes on and on
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

log = structlog.get_logger("zava-mcp")


class Joined:
    """A transport that writes at the end of a step of the event loop, by one system call.

    uvicorn writes the head of a response and its body apart: two system calls, and the client wakes
    twice. What one step answers to several clients goes out together too.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport, self.waiting = transport, list[bytes]()
        self.is_closing, self.loop = transport.is_closing, asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        """Return everything else as the transport has it."""
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        """Write at the end of this step."""
        if self.is_closing():  # its client has ended its side, and may read on
            self.transport.write(data)
            return
        if not self.waiting:
            self.loop.call_soon(self.flush)
        self.waiting.append(data)

    def flush(self) -> None:
        """Write what waits, unless the connection is lost."""
        if self.waiting and not self.is_closing():
            self.transport.write(b"".join(self.waiting))
        self.waiting = []

    def close(self) -> None:
        """Write what waits, and close."""
        self.flush()
        self.transport.close()


class TimelyProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with a time limit for the arrival of a whole request.

    uvicorn waits for ever for the rest of a header or body, so that few bytes would hold a
    connection. Its parser accepts a header of any length.
    """

    seconds: ClassVar[float]
    late: asyncio.TimerHandle | None = None
    joined: Joined
    unended = 0  # bytes of a header that has not ended, without those it began with

    def connection_made(self, transport: Any) -> None:
        """Start the clock for the first request; bytes that come later start that of others."""
        self.joined = Joined(transport)
        super().connection_made(self.joined)  # type: ignore[arg-type]  # in all it uses
        self.attend()

    def data_received(self, data: bytes) -> None:
        """Parse data; answer 400 to a header without end."""
        self.unended += len(data)
        super().data_received(data)
        if self.unended > UNENDED_BYTES and not self.transport.is_closing():
            self.send_400_response("The header has no end.")
        self.attend()

    def eof_received(self) -> None:
        """Write what waits before the transport closes: the client may only have ended its side."""
        self.joined.flush()
        super().eof_received()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header without the white space around its value."""
        super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """End the headers."""
        self.unended = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self.unended = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Start the clock for a request whose header came with the one before."""
        super().on_response_complete()
        if self.cycle is not None and not self.cycle.response_complete:
            self.attend()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        super().connection_lost(exc)
        self.attend()

    def attend(self) -> None:
        """Run the clock while a request has to arrive, and stop it while its client waits."""
        cycle = self.cycle
        client_waits = self.pipeline or (cycle and not (cycle.more_body or cycle.response_complete))
        if not client_waits and not self.transport.is_closing():
            self.late = self.late or self.loop.call_later(self.seconds, self.give_up)
        elif self.late is not None:
            self.late.cancel()
            self.late = None

    def give_up(self) -> None:
        """Answer 408 unless a response has begun, and close the connection."""
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(TOO_LATE)
        if cycle is not None:
            cycle.disconnected = True  # what answers it must not send any more
        self.transport.close()


def bounded_headers(app: ASGIApp) -> ASGIApp:
    """Return the application behind a limit of HEADER_BYTES, which answers 431."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        size = sum(map(len, chain.from_iterable(scope.get("headers", ()))))
        if size > HEADER_BYTES:
            text = f"The headers have {size} bytes, {HEADER_BYTES} are allowed."
            body = {"error": "headers_too_large", "error_description": text}
            await JSONResponse(body, 431, {"Connection": "close"})(scope, receive, send)
        else:
            await app(scope, receive, send)

    return bounded


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Return the accepted Host and Origin headers. Raises Refusal if they are not set."""
    loopback = LOOPBACK if settings.host in ("127.0.0.1", "localhost", "::1") else []
    if not loopback and not settings.allowed_hosts:
        raise Refusal(
            f"ZAVA_HOST={settings.host} can be reached from other machines: "
            "set ZAVA_ALLOWED_HOSTS to the host names that clients use"
        )
    hosts = [form for host in settings.allowed_hosts + loopback for form in (host, f"{host}:*")]
    origins = settings.allowed_origins + [f"http://{host}:*" for host in loopback]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


class HttpServer(uvicorn.Server):
    """uvicorn that logs its address, and on a stop ends the streams of changes first."""

    calls: Calls
    engine: Engine
    serves: Callable[[], None]  # called once it does

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and log the address."""
        await super().startup(sockets)
        for number in STOP:  # uvicorn does not know SIGHUP
            signal.signal(number, self.handle_exit)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        log.info("serving", url=f"http://{where}/mcp", tools=len(self.calls.catalog["tools"]))
        self.serves()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Refuse new calls and end the streams of changes."""
        self.calls.stopping = True
        self.engine.listen.close()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening; answer running calls, or cancel them after ZAVA_STOP_SECONDS."""
        stopping = asyncio.create_task(self.stop())
        await super().shutdown(sockets)
        await stopping

    async def stop(self) -> None:
        """Wait for the calls, then end the streams that their answers were sent in."""
        await self.calls.stop()
        AppStatus.should_exit = True


def shows_workbench(settings: Settings) -> bool:
    """Return whether to serve the workbench; by default only on the loopback address.

    Raises Refusal if it is set and not built.
    """
    is_built = page("workbench.html") is not None
    if settings.workbench is None:
        is_local = settings.host in ("127.0.0.1", "localhost", "::1") and settings.workers == 1
        return is_local and is_built
    if settings.workbench and not is_built:
        raise Refusal("ZAVA_WORKBENCH=on needs its page, which is not built: make pages")
    return settings.workbench


def application(endpoint: Endpoint) -> ASGIApp:
    """Return the ASGI application: /mcp, /exports, the metadata, and routes for operators."""
    calls, settings = endpoint.calls, endpoint.calls.settings
    readiness = Readiness(calls, endpoint.gate)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metadata(_: Request) -> Response:
        return JSONResponse(resource_metadata(settings))

    async def readyz(_: Request) -> Response:
        return await readiness.response()

    async def metrics(request: Request) -> Response:
        return metrics_response(calls.metrics, settings, request)

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/exports/{file}", endpoint.download),
    ]
    if settings.oauth_issuer:
        # public, for clients that are web pages too
        public = cors_middleware(metadata, ["GET"])
        routes += [Route(path, public) for path in metadata_paths(settings)]
    others = Starlette(routes=routes, lifespan=endpoint.lifespan)
    mcp: ASGIApp = endpoint
    if settings.allowed_origins:
        mcp = CORSMiddleware(
            endpoint,
            allow_origins=settings.allowed_origins,
            allow_methods=["POST", "GET", "DELETE"],
            allow_headers=["*"],
            expose_headers=[MCP_SESSION_ID_HEADER, *EXPOSED_HEADERS],
        )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_mcp = scope["type"] == "http" and is_address(scope["path"], calls)
        await (mcp if is_mcp else others)(scope, receive, send)

    if not shows_workbench(settings):
        return app
    provider = provider_of(endpoint.gate)
    return Workbench(app, endpoint.gate.admit, endpoint.security, provider)


def is_address(path: str, calls: Calls) -> bool:
    """Return whether a path is /mcp or /mcp/{group} of existing groups."""
    if not path.startswith("/mcp/"):
        return path == "/mcp"
    return {*groups_of(path)} <= {*calls.catalog["groups"]}


def provider_of(gate: Gate) -> Provider | None:
    """Return the identity provider for people at the workbench, None if it is not set."""
    issuer, settings = gate.issuer, gate.settings
    if issuer is None or settings.oauth_client_id is None:
        return None
    secret, resource = settings.oauth_client_secret, str(settings.oauth_audience)
    registration = Registration(
        client_id=settings.oauth_client_id,
        client_secret=secret.get_secret_value() if secret else "",
        origin=origin_and_path(resource)[0],
        resource=resource,
        scopes=settings.oauth_scopes,
    )
    return Provider(registration, issuer.described)


async def serve_http(
    calls: Calls,
    engine: Engine,
    gate: Gate,
    listening: socket.socket | None = None,
    serves: Callable[[], None] = lambda: None,
) -> None:
    """Serve HTTP until a signal comes, on ``listening`` or a new socket."""
    # the library would end streams before their calls have ended
    AppStatus.enable_automatic_graceful_drain = False
    settings = calls.settings
    endpoint = Endpoint(calls, engine, gate, transport_security(settings))
    config = uvicorn.Config(
        bounded_headers(application(endpoint)),
        host=settings.host,
        port=settings.port,
        http=type("Timely", (TimelyProtocol,), {"seconds": settings.receive_timeout}),
        ws="none",
        limit_concurrency=settings.max_connections + 1,  # uvicorn refuses from this number on
        proxy_headers=bool(settings.trusted_proxies),  # else any process on this machine is trusted
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        access_log=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds) + LAST_SECONDS,
    )
    server = HttpServer(config)
    server.calls, server.engine, server.serves = calls, engine, serves
    await server.serve([listening] if listening else None)
