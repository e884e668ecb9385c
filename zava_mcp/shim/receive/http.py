"""Streamable HTTP at /mcp: one ASGI application for every stateless request.

The SDK answers what has state (sessions of the handshake revisions, streams of changes) and the
methods that the database does not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import anyio
import msgspec
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, check_accept_headers
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp.shared.inbound import ERROR_CODE_HTTP_STATUS, find_duplicated_routing_header
from mcp_types import DEFAULT_NEGOTIATED_VERSION, INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR
from mcp_types.jsonrpc import HEADER_MISMATCH
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from zava_mcp.shim.answer.client import Client
from zava_mcp.shim.answer.errors import Json, MCPError
from zava_mcp.shim.call.calls import Answer, Calls, error_answer
from zava_mcp.shim.call.methods import DOWNLOAD
from zava_mcp.shim.identify.authorization import Gate, Refusal
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.receive.message import (
    VERSION_HEADER,
    Head,
    Request,
    check_envelope,
    id_excerpt,
    is_for_database,
    make_client,
    parse_head,
    parse_request,
    printable,
)
from zava_mcp.shim.receive.protocol import Engine
from zava_mcp.shim.receive.sessions import Sessions

BODY_BYTES = 1 << 20  # of a message: what tools take is a tenth of it
OTHER_BYTES = 1 << 18  # of a message that the SDK reads, which takes its time for each value
WATCH_SECONDS = 0.05  # after which it is watched whether the client hangs up
STREAM_SECONDS = 15.0  # after which a stream begins, so that proxies see life
NO_ORIGIN = "Pages of no origin may call: ZAVA_ALLOWED_ORIGINS names those that may.\n"
REQUEST_ID_HEADER = b"x-request-id"
JSON_TYPE = (b"content-type", b"application/json")
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
]

ENVELOPES = 1024  # that are kept
JUDGED = {b"accept", b"content-type", b"host", b"origin", b"user-agent"}
JUDGED |= {b"mcp-protocol-version", b"mcp-session-id", b"mcp-method", b"mcp-name"}

Headers = dict[str, str]
Beside = Callable[[], Coroutine[Any, Any, None]]
log = structlog.get_logger("zava-mcp")
encode = msgspec.json.encode


class Envelope(NamedTuple):
    """What the headers in JUDGED say, which most requests of a client have in common."""

    headers: Headers  # those; the first of one that came twice
    takes_json: bool
    takes_stream: bool
    refusal: Response | None  # because of them
    twice: str  # a header of the protocol that came twice
    revision: str | None  # of the protocol
    is_modern: bool  # the revision is 2026-07-28 or later
    session: str | None  # its id
    agent: str  # the name of the client's program


@dataclass
class Endpoint:
    """The ASGI application at /mcp."""

    calls: Calls
    engine: Engine
    gate: Gate
    security: TransportSecuritySettings
    envelopes: dict[tuple[tuple[bytes, bytes], ...], Envelope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create the parts of the SDK."""
        self.others = StreamableHTTPSessionManager(
            self.engine.server, json_response=True, stateless=True, security_settings=self.security
        )
        self.middleware = TransportSecurityMiddleware(self.security)
        self.watch = Watch()
        opened, identities = self.engine.sessions, self.gate.identities
        self.sessions = Sessions(self.calls, self.engine.server, opened, self.security, identities)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Run the SDK's manager and the sessions while the server runs."""
        async with self.others.run(), self.sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; without a valid credential, refuse it."""
        if scope["method"] == "OPTIONS":
            await PlainTextResponse(NO_ORIGIN, 405)(scope, receive, send)
            return
        caller = await self.gate.admit(scope)
        if isinstance(caller, Refusal):
            agent = read_headers(scope["headers"]).get("user-agent", "")
            number, status = caller.request_id, caller.status_code
            await self.calls.recorder.refused(number, status, agent, receive)
            await caller(scope, receive, send)
            return
        scope["state"] = {"caller": caller}  # for what the SDK answers
        judged = tuple([pair for pair in scope["headers"] if pair[0] in JUDGED])
        envelope = self.envelopes.get(judged) or await self.judge(judged, scope)
        has_sessions = self.engine.keeps_sessions and not envelope.is_modern
        if scope["method"] == "POST":
            is_named = self.engine.keeps_sessions or envelope.session is not None
            out = send if envelope.is_modern or is_named else with_session_id(send)
            await self.post(scope, envelope, caller, receive, out)
        elif has_sessions and scope["method"] in ("GET", "DELETE"):
            await self.sessions.answer(HttpRequest(scope), receive, send)
        else:
            allowed = "POST, GET, DELETE" if has_sessions else "POST"
            refusal = PlainTextResponse("Method Not Allowed", 405, {"Allow": allowed})
            await refusal(scope, receive, send)

    async def judge(self, judged: tuple[tuple[bytes, bytes], ...], scope: Scope) -> Envelope:
        """Return what these headers of a request say, and keep it for others that have the same."""
        request = HttpRequest({**scope, "headers": judged})
        takes_json, takes_stream = check_accept_headers(request)
        takes_json = takes_json or not request.headers.get("accept")
        if len(request.headers.getlist("host")) > 1:  # RFC 9112
            refusal: Response | None = PlainTextResponse("More than one Host header", 400)
        else:
            refusal = await self.middleware.validate_request(request, is_post=True)
        if refusal is None and not (takes_json or takes_stream):
            refusal = Response(status_code=406)
        twice = find_duplicated_routing_header(request.headers.items()) or ""
        headers = read_headers(judged)
        revision, session = headers.get(VERSION_HEADER), headers.get(MCP_SESSION_ID_HEADER)
        is_modern, agent = revision in MODERN_PROTOCOL_VERSIONS, headers.get("user-agent", "")
        verdict = takes_json, takes_stream, refusal, twice
        envelope = Envelope(headers, *verdict, revision, is_modern, session, agent)
        if refusal is None:  # each refused one is logged
            if len(self.envelopes) >= ENVELOPES:
                self.envelopes.clear()
            self.envelopes[judged] = envelope
        return envelope

    async def download(self, request: HttpRequest) -> Response:
        """Answer GET /exports/{file}: the file of an export, or the range of it that is wanted."""
        refusal = await self.middleware.validate_request(request, is_post=False)
        caller = refusal or await self.gate.admit(request.scope)
        if isinstance(caller, Response):
            return caller
        file, client = request.path_params["file"], Client(is_modern=True)
        client.name = printable(request.headers.get("user-agent", ""))
        params = encode({"file": file})
        answer = await self.calls.answer(caller, client, DOWNLOAD, file, params, params)
        if answer.code is not None:
            status = 404 if answer.code == INVALID_PARAMS else 503
            return PlainTextResponse(HTTPStatus(status).phrase, status)
        export = msgspec.json.decode(answer.body)
        try:
            await self.calls.exports.check(file, size := export["bytes"])
        except MCPError as error:
            return PlainTextResponse(str(error), 503)
        tag = f'"{export["sha256"]}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-store",
            "Accept-Ranges": "bytes",
            "Content-Disposition": f'attachment; filename="{quote(export["name"])}"',
        }
        is_same = request.headers.get("if-range", tag) == tag
        is_whole = request.method != "GET" or not is_same
        wanted = None if is_whole else range_of(request.headers.get("range", ""), size)
        begin, end = wanted or (0, size)
        if wanted:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
            if begin >= end:
                headers["Content-Range"] = f"bytes */{size}"
                return Response(status_code=416, headers=headers)
        headers["Content-Length"] = str(end - begin)
        content = self.calls.exports.content(file, begin, end if request.method == "GET" else begin)
        return StreamingResponse(content, 206 if wanted else 200, headers, export["mimeType"])

    async def post(
        self, scope: Scope, envelope: Envelope, caller: Caller, receive: Receive, send: Send
    ) -> None:
        """Answer a POST with one JSON-RPC message."""
        body = await read_body(scope, receive)
        if body is None:
            await PlainTextResponse("Request body too large", 413)(scope, receive, send)
            return
        if envelope.refusal is not None:
            await envelope.refusal(scope, receive, send)
            return
        head = None
        try:
            head = parse_head(body)
            rpc = self.parse(head, scope, envelope)
        except ProtocolError as error:
            await refuse(error, head, envelope.is_modern, send)
            return
        in_session = self.engine.keeps_sessions and not envelope.is_modern
        in_session = in_session and (
            envelope.session is not None or (envelope.takes_stream and head.method == "initialize")
        )
        if in_session:
            if rpc is not None:  # the transport needs only its id
                scope["state"]["rpc"] = rpc
                body = encode({"jsonrpc": "2.0", "id": head.id, "method": head.method})
            request = HttpRequest(with_accept(scope))
            await self.sessions.answer(request, replay(body, receive), send)
        elif rpc is not None:
            await self.respond(rpc, envelope, caller, receive, send)
        else:
            await self.exchange(head, body, envelope.session, scope, receive, send)

    def parse(self, head: Head, scope: Scope, envelope: Envelope) -> Request | None:
        """Parse a request for the database; None if the SDK answers it. Raises ProtocolError."""
        is_modern, revision = envelope.is_modern, envelope.revision
        if is_modern and envelope.twice:
            raise ProtocolError(HEADER_MISMATCH, f"{envelope.twice} header appears more than once")
        if not is_modern and revision is not None and revision not in HANDSHAKE_PROTOCOL_VERSIONS:
            return None
        if is_for_database(head):
            return parse_request(head, revision, envelope.headers, groups_of(scope["path"]))
        if len(head.params) > OTHER_BYTES:
            text = f"The params have {len(head.params)} bytes, {OTHER_BYTES} are allowed."
            raise ProtocolError(INVALID_REQUEST, text)
        if not is_modern:
            check_envelope(head, revision)
        return None

    async def respond(
        self, rpc: Request, envelope: Envelope, caller: Caller, receive: Receive, send: Send
    ) -> None:
        """Answer a stateless request from the database, unless the client hangs up."""
        revision = envelope.revision or DEFAULT_NEGOTIATED_VERSION
        session = envelope.session
        client = make_client(rpc, revision, envelope.agent, HttpClient)
        client.send, client.may_stream = send, envelope.takes_stream
        client.must_stream = not envelope.takes_json
        key = (str(caller.credential), session, str(rpc.id)) if session is not None else None
        with Watched(self.watch, receive, client.give_up, client.keep_alive):
            answer = await self.calls.answer(caller, client, *rpc[1:5], key=key)
        await client.end(status_of(answer, client.is_modern), answer.response(rpc.id))

    async def exchange(
        self,
        head: Head,
        body: bytes,
        session: str | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer a stateless message by the SDK, unless the client hangs up."""
        if head.method == "notifications/cancelled" and session is not None:
            credential = str(scope["state"]["caller"].credential)
            self.calls.cancel((credential, session, cancelled_id(head)))
        unread: list[Message] = [{"type": "http.request", "body": body}]

        async def once() -> Message:
            return unread.pop() if unread else await asyncio.Future()  # what is watched reads on

        with anyio.CancelScope() as running, Watched(self.watch, receive, running.cancel):
            await self.others.handle_request(with_accept(scope), once, send)


class HttpClient(Client):
    """A client without a session: it gets notifications in its response, and no questions.

    The response is a JSON body, or an event stream once that has begun.
    """

    send: Send
    may_stream = False
    must_stream = False
    has_begun = False

    def give_up(self) -> None:
        """End the request, if it runs."""
        if self.cancel is not None:
            self.cancel()

    async def begin(self) -> None:
        """Begin a stream, unless it has begun."""
        if not self.has_begun:
            self.has_begun = True
            await self.start(200, STREAM_HEADERS)

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head of the response, with the id by which logs know the call."""
        if self.request_id:
            headers = [*headers, (REQUEST_ID_HEADER, self.request_id.encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def keep_alive(self) -> None:
        """Begin a stream when the call takes long, and send a ping now and then."""
        while self.may_stream:
            await asyncio.sleep(STREAM_SECONDS)
            await self.begin()
            ping = b": ping\r\n\r\n"
            await self.send({"type": "http.response.body", "body": ping, "more_body": True})

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification in the stream of the response, if the client takes one."""
        if not self.may_stream:
            return
        await self.begin()
        body = framed(encode({"jsonrpc": "2.0", "method": method, "params": params}))
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self, status: int, body: bytes) -> None:
        """Send the answer."""
        if self.must_stream:
            await self.begin()
        if self.has_begun:
            body = framed(body)
        else:
            length = (b"content-length", str(len(body)).encode())
            await self.start(status, [JSON_TYPE, length])
        await self.send({"type": "http.response.body", "body": body})


class Watch:
    """Watches requests that take longer than WATCH_SECONDS: most have ended by then."""

    def __init__(self) -> None:
        self.new, self.old = set[Watched](), set[Watched]()  # since the last look, and before it
        self.timer: asyncio.TimerHandle | None = None

    def add(self, request: Watched) -> None:
        """Look at a request at the second look from now on."""
        self.new.add(request)
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self.look)

    def look(self) -> None:
        """Begin to watch those that still run, and look again while there are others."""
        self.timer = None
        for request in self.old:
            request.begin()
        self.old, self.new = self.new, set()
        if self.old:
            self.timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self.look)


class Watched:
    """A request that runs: ``cancel`` is called when its client hangs up, ``beside`` is run."""

    __slots__ = ("beside", "cancel", "receive", "tasks", "watch")

    def __init__(
        self, watch: Watch, receive: Receive, cancel: Callable[[], None], *beside: Beside
    ) -> None:
        self.watch, self.receive, self.cancel, self.beside = watch, receive, cancel, beside
        self.tasks: tuple[asyncio.Task[None], ...] = ()

    def __enter__(self) -> None:
        """Begin to be watched, soon."""
        self.watch.add(self)

    def begin(self) -> None:
        """Begin to watch, and what is to run beside."""
        self.tasks = tuple(asyncio.create_task(each()) for each in (self.hang_up, *self.beside))

    async def hang_up(self) -> None:
        """Wait until the client hangs up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.cancel()

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        self.watch.new.discard(self)
        self.watch.old.discard(self)
        for task in self.tasks:
            task.cancel()


def range_of(wanted: str, size: int) -> tuple[int, int] | None:
    """Return the first byte of a Range header and the one after its last, None where it has many.

    It holds no byte where the first is not before the other.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", wanted)
    if found is None:
        return None
    first, last = found.groups()
    if first:
        return int(first), min(int(last or size) + 1, size)
    return max(size - int(last or 0), 0), size


def groups_of(path: str) -> tuple[str, ...]:
    """Return the groups of tools that an address /mcp/{group},{group} names."""
    if path == "/mcp":
        return ()
    return tuple(filter(None, path.removeprefix("/mcp").strip("/").split(",")))


def framed(message: bytes) -> bytes:
    """Return a message as an event of a stream."""
    return b"event: message\r\ndata: %b\r\n\r\n" % message


def status_of(answer: Answer, is_modern: bool) -> int:
    """Return the HTTP status of an answer."""
    if not is_modern or answer.code is None:
        return 200
    return ERROR_CODE_HTTP_STATUS.get(answer.code, 200)


async def refuse(error: ProtocolError, head: Head | None, is_modern: bool, send: Send) -> None:
    """Answer a malformed message."""
    always = (PARSE_ERROR, INVALID_REQUEST, HEADER_MISMATCH)
    status = status_of(error_answer(error), is_modern or error.code in always)
    number = id_excerpt(head.id) if head else None
    client = HttpClient()
    client.send = send
    await client.end(status, error_answer(error).response(number))


def read_headers(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return headers as texts; of those that came twice the first."""
    pairs = reversed([*pairs])
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}


async def read_body(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body of a request, None if it is too long or its end does not come."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > BODY_BYTES:
            return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":  # what came may be a whole message, and is not
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def with_accept(scope: Scope) -> Scope:
    """Return the request with the Accept header that the SDK requires; it accepts one of them."""
    replaced = (b"accept", b"content-length")
    headers = [pair for pair in scope["headers"] if pair[0] not in replaced]
    headers.append((b"accept", b"application/json, text/event-stream"))
    return {**scope, "headers": headers}


def cancelled_id(head: Head) -> str:
    """Return the id of the request that a notification cancels, "" if it names none."""
    try:
        return str(msgspec.json.decode(head.params, type=dict[str, Any]).get("requestId", ""))
    except ValueError:
        return ""


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive function that yields a body that was read before."""
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again


def with_session_id(send: Send) -> Send:
    """Return a send function that adds a session id, by which the client may cancel calls."""

    async def reply(message: Message) -> None:
        if message["type"] == "http.response.start":
            name = (MCP_SESSION_ID_HEADER.encode(), uuid.uuid4().hex.encode())
            message = {**message, "headers": [*message["headers"], name]}
        await send(message)

    return reply
