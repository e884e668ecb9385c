"""The fast lane: the one request that is nearly all traffic, answered without the SDK.

It takes a POST to /mcp with one tools/call,
- of 2026-07-28, with its headers and its _meta; or of a handshake revision or of none, without a
  session (where none are kept also with the id that stands for none);
- whose Content-Length, Content-Type, Accept, Host and Origin the SDK would take, each header once;
- that holds id, name, arguments and _meta and nothing else; in _meta nothing that asks for progress
  or log messages or belongs to a trace, and the rest as the SDK's models want it;
- of a tool of the catalogue that gives rows or a value, and asks nobody anything.
All else it leaves to the SDK as it came: other methods, notifications, sessions, batches, malformed
messages, other Mcp- headers, bodies in chunks, tools that make content of their own or ask, tools
that there are not, and every request to a server that is traced.

Nothing is decided here. Who calls is authorization.py's affair, Host, Origin and _meta the SDK's,
whose verdicts are remembered; the call goes the way of all calls, Shim.attempt. What is left out is
the copying: the answer holds the JSON text of the database as it came.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import mcp_types as types
import msgspec
from mcp import MCPError as ProtocolError
from mcp.server.connection import Connection
from mcp.server.streamable_http import REQUEST_CANCELLED, check_accept_headers
from mcp.server.transport_security import (
    DEFAULT_MAX_REQUEST_BODY_SIZE,
    TransportSecurityMiddleware,
    TransportSecuritySettings,
)
from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    InboundModernRoute,
    classify_inbound_request,
    decode_header_value,
)
from mcp_types.methods import validate_client_request
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError as ModelError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zava_mcp.shim.authorization import known_caller
from zava_mcp.shim.direct import Direct
from zava_mcp.shim.errors import Call, Json, MCPError
from zava_mcp.shim.handlers import Said, Shim, printable
from zava_mcp.shim.tools import called, told
from zava_mcp.shim.untrusted import escaped_json

if TYPE_CHECKING:
    from zava_mcp.shim.http import Endpoint

PATH, METHOD = "/mcp", "tools/call"
READ = {  # headers, each at most once
    *(b"host", b"origin", b"content-type", b"content-length", b"accept", b"authorization"),
    *(b"user-agent", b"mcp-protocol-version", b"mcp-method", b"mcp-name", b"mcp-session-id"),
}
JUDGED = (b"host", b"origin", b"content-type", b"accept", b"mcp-protocol-version")
UNUSUAL = {b"transfer-encoding", b"content-encoding", b"last-event-id"}
ASKS_MORE = {"progressToken", types.LOG_LEVEL_META_KEY, "traceparent", "tracestate", "baggage"}
NESTED = 200  # arrays and objects in a message; the SDK's parser goes as deep
REMEMBERED, META_BYTES = 1024, 4096  # verdicts, and the longest _meta that gets one
WATCH_SECONDS = 0.05  # after which it is watched whether the client hangs up
STREAM_SECONDS = 15.0  # after which the SDK begins a stream, so that proxies see life

encode = msgspec.json.encode
Headers = dict[bytes, bytes]


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """What a call says."""

    name: str
    arguments: dict[str, Any] | None = None
    meta: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="_meta")


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A message that is a call and nothing else."""

    jsonrpc: Literal["2.0"]
    id: int | str
    method: Literal["tools/call"]
    params: Params


decode = msgspec.json.Decoder(Asked).decode


class Manner(NamedTuple):
    """How a client speaks, as its headers say."""

    version: str  # of the protocol
    is_modern: bool  # each request stands for itself
    takes_stream: bool


class Taken(NamedTuple):
    """A call that is answered here."""

    manner: Manner
    asked: Asked
    known: Json  # of the tool
    direct: Direct
    call: Call


@dataclass
class Lane:
    """What answers calls; ``endpoint`` and ``app`` answer all else as if there were no lane."""

    shim: Shim
    endpoint: Endpoint
    app: ASGIApp
    security: TransportSecuritySettings
    manners: dict[tuple[bytes | None, ...], Manner | None] = field(default_factory=dict)
    clients: dict[tuple[str, bytes], str | None] = field(default_factory=dict)  # by their _meta

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the others do it."""
        headers = usual_headers(scope)
        if headers is None or self.shim.metrics.is_traced:  # the SDK makes each request a span
            await self.app(scope, receive, send)
            return
        if caller := known_caller(self.shim, headers.get(b"authorization", b"")):
            scope.setdefault("state", {}).update(credential=caller[0], identity=caller[1])
        elif not await self.endpoint.admits(scope, receive, send):
            return
        if (manner := await self.manner(scope, headers)) is None:
            await self.endpoint.limited(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        taken = self.take(scope, headers, manner, messages)
        if taken is None:
            await self.endpoint.limited(scope, replaying(messages, receive), send)
        else:
            await self.answer(taken, receive, send)

    async def manner(self, scope: Scope, headers: Headers) -> Manner | None:
        """Say how a client speaks, None where it is for the SDK to say what is wrong with that."""
        key = tuple([headers.get(name) for name in JUDGED])
        if key not in self.manners:
            if len(self.manners) >= REMEMBERED:
                self.manners.clear()
            self.manners[key] = await self.judged(Request(scope))
        found = self.manners[key]
        if found and b"mcp-session-id" in headers:
            return None if found.is_modern or self.shim.keeps_sessions else found
        return found

    async def judged(self, request: Request) -> Manner | None:
        """Let the SDK judge the headers."""
        version = request.headers.get("mcp-protocol-version", types.DEFAULT_NEGOTIATED_VERSION)
        is_modern = version in MODERN_PROTOCOL_VERSIONS
        is_known = is_modern or version in HANDSHAKE_PROTOCOL_VERSIONS
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if not is_known or kind != "application/json":
            return None
        if await TransportSecurityMiddleware(self.security).validate_request(request, is_post=True):
            return None
        takes_json, takes_stream = check_accept_headers(request)
        return Manner(version, is_modern, takes_stream) if takes_json else None

    def take(
        self, scope: Scope, headers: Headers, manner: Manner, messages: list[Message]
    ) -> Taken | None:
        """Read a call, None where it is unusual."""
        body = b"".join([message.get("body", b"") for message in messages])
        if body.count(b"[") + body.count(b"{") > NESTED:
            return None
        try:
            asked = decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        name = asked.params.name
        known = self.shim.catalog["tools"].get(name)
        if known is None or known["content"] or known["asks_first"]:
            return None
        if manner.is_modern and not (
            headers.get(b"mcp-method") == METHOD.encode()
            and decode_header_value(headers.get(b"mcp-name", b"").decode("latin-1")) == name
        ):
            return None
        client = self.client(manner, bytes(asked.params.meta))
        if client is None:
            return None
        client = client or printable(headers.get(b"user-agent", b"").decode("latin-1"))
        call, state = called(self.shim, name, asked.params.arguments, known), scope["state"]
        session = headers.get(b"mcp-session-id")
        key = ("", "", call.id)
        if session is not None:
            key = (state["credential"], session.decode("latin-1"), str(asked.id))
        direct = Direct(state["credential"], state["identity"], client, key)
        return Taken(manner, asked, known, direct, call)

    def client(self, manner: Manner, meta: bytes) -> str | None:
        """Return what a client calls itself in _meta, None where that is unusual."""
        if not (meta or manner.is_modern):
            return ""
        if len(meta) > META_BYTES:
            return None
        key = (manner.version, meta)
        if key not in self.clients:
            if len(self.clients) >= REMEMBERED:
                self.clients.clear()
            self.clients[key] = understood(manner, meta)
        return self.clients[key]

    async def answer(self, taken: Taken, receive: Receive, send: Send) -> None:
        """Make a call, and send what came of it, unless nobody waits for it any more."""
        manner, asked, known, direct, call = taken
        reply = Reply(send, is_stream=manner.is_modern and manner.takes_stream)
        rest, status = self.stamp if manner.is_modern else b"", 200
        try:
            with watched(direct, receive, reply):
                said = await self.shim.attempt(direct, call, known, {})
            assert isinstance(said, Said)  # noqa: S101 -- for mypy: this tool asks nothing
            result = spliced(said.text, rest)
        except MCPError as failure:
            result = text_result(told(failure), b',"isError":true' + rest)
        except ProtocolError as error:
            result = error_of(error)
            status = ERROR_CODE_HTTP_STATUS.get(error.code, 200) if manner.is_modern else 200
        except asyncio.CancelledError:
            if not direct.is_ended():
                raise
            if direct.hung_up:
                return
            result = error_of(ProtocolError(REQUEST_CANCELLED, "Request cancelled"))
        number = encode(asked.id) if isinstance(asked.id, str) else str(asked.id).encode()
        is_named = manner.is_modern or self.shim.keeps_sessions or direct.key[1]
        named = [] if is_named else [(b"mcp-session-id", uuid.uuid4().hex.encode())]
        await reply.end(status, named, b'{"jsonrpc":"2.0","id":%b,%b}' % (number, result))

    @cached_property
    def stamp(self) -> bytes:
        """What each result of 2026-07-28 ends with."""
        meta = encode({types.SERVER_INFO_META_KEY: self.shim.server.server_info_stamp})
        return b',"resultType":"complete","_meta":' + meta


@dataclass
class Reply:
    """The response to one call: a JSON body, or an event stream once that has begun."""

    send: Send
    is_stream: bool  # it may become one
    has_begun: bool = False

    async def live(self) -> None:
        """Begin a stream when the call takes long, and show now and then that it goes on."""
        while self.is_stream:
            await asyncio.sleep(STREAM_SECONDS)
            if not self.has_begun:
                self.has_begun = True
                headers = [
                    (b"content-type", b"text/event-stream"),
                    (b"cache-control", b"no-cache, no-transform"),
                    (b"connection", b"keep-alive"),
                    (b"x-accel-buffering", b"no"),
                ]
                await self.send({"type": "http.response.start", "status": 200, "headers": headers})
            ping = b": ping\r\n\r\n"
            await self.send({"type": "http.response.body", "body": ping, "more_body": True})

    async def end(self, status: int, named: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send the answer."""
        if self.has_begun:
            body = b"event: message\r\ndata: %b\r\n\r\n" % body
        else:
            length = (b"content-length", str(len(body)).encode())
            headers = [(b"content-type", b"application/json"), length, *named]
            await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def usual_headers(scope: Scope) -> Headers | None:
    """Return the headers that have a meaning here, None where the request is unusual by them."""
    if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
        return None
    found: Headers = {}
    for name, value in scope["headers"]:
        if name in READ:
            if name in found:
                return None
            found[name] = value
        elif name in UNUSUAL or name.startswith(b"mcp-"):
            return None
    length = found.get(b"content-length", b"")
    is_short = (
        len(length) < 10 and length.isdigit() and int(length) <= DEFAULT_MAX_REQUEST_BODY_SIZE
    )
    return found if is_short else None


def understood(manner: Manner, meta: bytes) -> str | None:
    """Let the SDK read a _meta; give what the client calls itself there, None where unusual."""
    said = msgspec.json.decode(meta) if meta else None
    if not isinstance(said, dict) or ASKS_MORE & said.keys():
        return None
    params = {"name": "", "_meta": said}
    try:
        validate_client_request(METHOD, manner.version, params)
        types.CallToolRequestParams.model_validate(params, by_name=False)
    except ModelError:
        return None
    if not manner.is_modern:
        return None if types.PROTOCOL_VERSION_META_KEY in said else ""
    route = classify_inbound_request({"method": METHOD, "params": params})
    if not isinstance(route, InboundModernRoute) or route.protocol_version != manner.version:
        return None
    known = Connection.from_envelope(
        route.protocol_version, route.client_info, route.client_capabilities
    ).client_params
    return printable(f"{known.client_info.name} {known.client_info.version}") if known else ""


def replaying(messages: list[Message], receive: Receive) -> Receive:
    """Return what was received once more."""
    unread = messages[::-1]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again


@contextmanager
def watched(direct: Direct, receive: Receive, reply: Reply) -> Iterator[None]:
    """End a call that takes longer than most with the client that hangs up."""
    watching: list[asyncio.Task[None]] = []

    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        direct.hang_up()

    def begin() -> None:
        watching.extend([loop.create_task(hang_up()), loop.create_task(reply.live())])

    loop = asyncio.get_running_loop()
    timer = loop.call_later(WATCH_SECONDS, begin)
    try:
        yield
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()


def spliced(text: str, rest: bytes) -> bytes:
    """Return a result with the database's text in it, which is JSON."""
    shown = escaped_json(text)
    return text_result(shown, b',"structuredContent":%b,"isError":false%b' % (shown.encode(), rest))


def text_result(text: str, rest: bytes) -> bytes:
    """Return a result with one block of text."""
    return b'"result":{"content":[{"type":"text","text":%b}]%b}' % (encode(text), rest)


def error_of(error: ProtocolError) -> bytes:
    """Return an error of the protocol."""
    return b'"error":' + error.error.model_dump_json(exclude_none=True).encode()
