"""Streamable HTTP: bearer tokens, Host and Origin, bodies, and clients that hang up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from types import FrameType

import anyio
import structlog
import uvicorn
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, check_accept_headers
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import (
    DEFAULT_MAX_REQUEST_BODY_SIZE,
    RequestBodyLimitMiddleware,
    TransportSecuritySettings,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zava_mcp.shim.authorization import admit
from zava_mcp.shim.handlers import Shim
from zava_mcp.shim.health import Readiness
from zava_mcp.shim.lane import Lane, replaying
from zava_mcp.shim.metrics import metrics_response
from zava_mcp.shim.oauth import Issuer, metadata_paths, resource_metadata
from zava_mcp.shim.receiving import bounded_headers, timely
from zava_mcp.shim.revisions import HEADER, mismatch
from zava_mcp.shim.sessions import Sessions
from zava_mcp.shim.settings import Refusal, Settings

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
IDLE_SECONDS = 15  # longer than clients keep a connection: else it may end under their next request
LAST_SECONDS = 5  # for connections that are still there when all calls are answered or given up

log = structlog.get_logger("zava-mcp")


class Endpoint:
    """What answers at /mcp: it checks the bearer token and leaves the message to the SDK.

    A client of a handshake revision that begins with initialize gets a session, if we keep any. All
    others are served without: the answer is one JSON body, or an event stream where the client
    asked for progress, and a client that hangs up cancels its call, since nobody else is left to
    answer. Where no session is kept, the id we give stands for nothing but itself: it is a name for
    cancellations.
    """

    def __init__(self, shim: Shim, security: TransportSecuritySettings) -> None:
        self.shim = shim
        self.issuer = Issuer(shim.settings) if shim.settings.oauth_issuer else None
        self.plain, self.streaming = (
            StreamableHTTPSessionManager(
                shim.server, json_response=plain, stateless=True, security_settings=security
            )
            for plain in (True, False)
        )
        self.sessions = Sessions(shim.server, shim.clients, security, shim.settings.sessions)
        self.limited = RequestBodyLimitMiddleware(self.answer, DEFAULT_MAX_REQUEST_BODY_SIZE)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Keep the SDK's two session managers running, and our sessions."""
        async with self.plain.run(), self.streaming.run(), self.sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: by a refusal when its credential is not good."""
        if await self.admits(scope, receive, send):
            await self.limited(scope, receive, send)

    async def admits(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Return whether a credential is good; else refuse the request."""
        request = Request(scope)
        refusal = await admit(self.shim, self.issuer, request)
        if refusal is None:
            return True
        client = request.headers.get("user-agent", "")
        await self.shim.recorder.refused(refusal.status_code, client, receive)
        await refusal(scope, receive, send)
        return False

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message: in its session, or for itself."""
        request, message = Request(scope), await receive()  # all of the body
        revision, body = request.headers.get(HEADER), message.get("body", b"")
        is_handshake = revision is None or revision in HANDSHAKE_PROTOCOL_VERSIONS
        if is_handshake and (refusal := mismatch(revision, body)):
            await refusal(scope, receive, send)
            return
        takes_stream = all(check_accept_headers(request))
        replay = replaying([message], receive)
        if not is_handshake:
            await self.exchange(takes_stream, scope, replay, send)
        elif self.shim.keeps_sessions and is_of_session(request, body, takes_stream):
            await self.sessions.answer(scope, replay, send)
        else:
            if b'"notifications/cancelled"' in body:
                self.shim.cancel(request, body)
            is_named = self.shim.keeps_sessions or MCP_SESSION_ID_HEADER in request.headers
            wants_stream = takes_stream and b'"progressToken"' in body
            await self.exchange(wants_stream, scope, replay, send if is_named else named(send))

    async def exchange(self, stream: bool, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK answer a message that stands for itself, until the client hangs up."""
        unread = [await receive()]

        async def once() -> Message:
            return unread.pop() if unread else await asyncio.Future()  # hang_up reads the rest

        async with anyio.create_task_group() as group:

            async def hang_up() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(hang_up)
            await (self.streaming if stream else self.plain).handle_request(scope, once, send)
            group.cancel_scope.cancel()


def is_of_session(request: Request, body: bytes, takes_stream: bool) -> bool:
    """Return whether a request of a handshake revision belongs to a session, or begins one."""
    if request.method != "POST" or MCP_SESSION_ID_HEADER in request.headers:
        return True
    return takes_stream and b'"initialize"' in body and method_of(body) == "initialize"


def method_of(body: bytes) -> object:
    """Return the method of a message, None where there is none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message.get("method") if isinstance(message, dict) else None


def named(send: Send) -> Send:
    """Add a session id to the response."""

    async def reply(message: Message) -> None:
        if message["type"] == "http.response.start":
            name = (MCP_SESSION_ID_HEADER.encode(), uuid.uuid4().hex.encode())
            message = {**message, "headers": [*message["headers"], name]}
        await send(message)

    return reply


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Return the Host and Origin headers to accept. Raises Refusal where nobody said which."""
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
    """uvicorn that says where it listens, and ends the change streams before it waits for them."""

    shim: Shim
    serves: Callable[[], None]  # is told once it does

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        log.info("serving", url=f"http://{where}/mcp", tools=len(self.shim.catalog["tools"]))
        self.serves()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self.shim.stopping = True
        self.shim.listen.close()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to listen; answer the calls that run, or give them up when their time is over."""
        stopping = asyncio.create_task(self.stop())
        await super().shutdown(sockets)
        await stopping

    async def stop(self) -> None:
        """Let the calls end; then the streams, in which some may still wait for an answer."""
        await self.shim.stop()
        AppStatus.should_exit = True


async def serve_http(
    shim: Shim, listening: socket.socket | None = None, serves: Callable[[], None] = lambda: None
) -> None:
    """Serve at /mcp until a signal comes, on a socket that is there already or on one of ours."""
    # the library would end streams before their calls have ended
    AppStatus.enable_automatic_graceful_drain = False
    security = transport_security(shim.settings)
    endpoint = Endpoint(shim, security)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metadata(_: Request) -> Response:
        return JSONResponse(resource_metadata(shim.settings))

    readiness = Readiness(shim)

    async def readyz(_: Request) -> Response:
        return await readiness.response()

    async def metrics(request: Request) -> Response:
        return metrics_response(shim.metrics, shim.settings, request)

    methods = ["POST", "GET", "DELETE"] if shim.keeps_sessions else ["POST"]
    routes = [
        Route("/mcp", endpoint, methods=methods),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
    if endpoint.issuer:
        routes += [Route(path, metadata) for path in metadata_paths(shim.settings)]
    settings = shim.settings
    app: ASGIApp = Starlette(routes=routes, lifespan=endpoint.lifespan)
    if settings.fast_lane:
        app = Lane(shim, endpoint, app, security)
    config = uvicorn.Config(
        bounded_headers(app),
        host=settings.host,
        port=settings.port,
        http=timely(settings.receive_timeout),
        ws="none",
        limit_concurrency=settings.max_connections + 1,  # uvicorn refuses from this number on
        proxy_headers=bool(settings.trusted_proxies),  # else anybody on this machine is believed
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        access_log=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds) + LAST_SECONDS,
    )
    server = HttpServer(config)
    server.shim, server.serves = shim, serves
    await server.serve([listening] if listening else None)
