"""Streamable HTTP: bearer tokens, Host and Origin, bodies, and clients that hang up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
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
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from shim.authorization import admit
from shim.handlers import Shim
from shim.oauth import Issuer, metadata_paths, resource_metadata
from shim.receiving import bounded_headers, timely
from shim.revisions import HEADER, mismatch
from shim.settings import Refusal, Settings

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
STOP_SECONDS = 5  # for calls that run when the signal comes

log = structlog.get_logger("zava-mcp")


class Endpoint:
    """What answers a POST to /mcp: it checks the bearer token and leaves the message to the SDK.

    The answer is one JSON body, or an event stream where the client asked for progress. A client
    that hangs up cancels its call: in a stateless server nobody is left to answer. To the handshake
    revisions we give a session id that stands for nothing but itself: a name for cancellations.
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
        self.limited = RequestBodyLimitMiddleware(self.answer, DEFAULT_MAX_REQUEST_BODY_SIZE)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Keep the SDK's two session managers running."""
        async with self.plain.run(), self.streaming.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: by a refusal when its credential is not good."""
        request = Request(scope)
        refusal = await admit(self.shim, self.issuer, request)
        if refusal is not None:
            client = request.headers.get("user-agent", "")
            await self.shim.recorder.refused(refusal.status_code, client, receive)
        await (refusal or self.limited)(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK answer one message, until the client hangs up."""
        request, message = Request(scope), await receive()  # all of the body
        modern = request.headers.get(HEADER) in MODERN_PROTOCOL_VERSIONS
        _, takes_stream = check_accept_headers(request)
        stream = takes_stream and (modern or b'"progressToken"' in message.get("body", b""))
        revision, body = request.headers.get(HEADER), message.get("body", b"")
        if not modern and (refusal := mismatch(revision, body)):
            await refusal(scope, receive, send)
            return
        if not modern and b'"notifications/cancelled"' in message.get("body", b""):
            self.shim.cancel(request, message["body"])
        unread, named = [message], modern or MCP_SESSION_ID_HEADER in request.headers

        async def replay() -> Message:
            return unread.pop() if unread else await asyncio.Future()  # hang_up reads the rest

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start" and not named:
                name = (MCP_SESSION_ID_HEADER.encode(), uuid.uuid4().hex.encode())
                message = {**message, "headers": [*message["headers"], name]}
            await send(message)

        async with anyio.create_task_group() as group:

            async def hang_up() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(hang_up)
            await (self.streaming if stream else self.plain).handle_request(scope, replay, reply)
            group.cancel_scope.cancel()


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Give the Host and Origin headers to accept. Raises Refusal where nobody said which."""
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

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        log.info("serving", url=f"http://{where}/mcp", tools=len(self.shim.catalog["tools"]))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self.shim.listen.close()
        super().handle_exit(sig, frame)


async def serve_http(shim: Shim) -> None:
    """Serve at /mcp until a signal comes."""
    endpoint = Endpoint(shim, transport_security(shim.settings))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metadata(_: Request) -> Response:
        return JSONResponse(resource_metadata(shim.settings))

    routes = [Route("/mcp", endpoint, methods=["POST"]), Route("/healthz", healthz)]
    if endpoint.issuer:
        routes += [Route(path, metadata) for path in metadata_paths(shim.settings)]
    settings = shim.settings
    config = uvicorn.Config(
        bounded_headers(Starlette(routes=routes, lifespan=endpoint.lifespan)),
        host=settings.host,
        port=settings.port,
        http=timely(settings.receive_timeout),
        ws="none",
        limit_concurrency=settings.max_connections + 1,  # uvicorn refuses from this number on
        proxy_headers=bool(settings.trusted_proxies),  # else anybody on this machine is believed
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = HttpServer(config)
    server.shim = shim
    await server.serve()
