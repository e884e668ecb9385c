"""Streamable HTTP at /mcp: one ASGI application for every stateless request.

The SDK answers what has state (sessions of the handshake revisions, streams of changes) and the
methods that the database does not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
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
from zava_mcp.shim.call.calls import DOWNLOAD, Answer, Calls, error_answer
from zava_mcp.shim.identify.authorization import Gate
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
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
]

VERDICTS = 1024  # that are kept
JUDGED = {b"accept", b"content-type", b"host", b"origin"}

Headers = dict[str, str]
Verdict = tuple[bool, bool, Response | None]  # takes JSON, takes a stream, the refusal
log = structlog.get_logger("zava-mcp")
encode = msgspec.json.encode


@dataclass
class Endpoint:
    """The ASGI application at /mcp."""

    calls: Calls
    engine: Engine
    gate: Gate
    security: TransportSecuritySettings
    verdicts: dict[tuple[tuple[bytes, bytes], ...], Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create the parts of the SDK."""
        self.others = StreamableHTTPSessionManager(
            self.engine.server, json_response=True, stateless=True, security_settings=self.security
        )
        self.middleware = TransportSecurityMiddleware(self.security)
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
        headers = read_headers(scope)
        caller = await self.gate.admit(scope)
        if isinstance(caller, Response):
            agent = headers.get("user-agent", "")
            await self.calls.recorder.refused(caller.status_code, agent, receive)
            await caller(scope, receive, send)
            return
        scope["state"] = {"caller": caller}  # for what the SDK answers
        is_modern = headers.get(VERSION_HEADER) in MODERN_PROTOCOL_VERSIONS
        has_sessions = self.engine.keeps_sessions and not is_modern
        if scope["method"] == "POST":
            is_named = self.engine.keeps_sessions or MCP_SESSION_ID_HEADER in headers
            out = send if is_modern or is_named else with_session_id(send)
            await self.post(scope, headers, caller, receive, out)
        elif has_sessions and scope["method"] in ("GET", "DELETE"):
            await self.sessions.answer(HttpRequest(scope), receive, send)
        else:
            allowed = "POST, GET, DELETE" if has_sessions else "POST"
            refusal = PlainTextResponse("Method Not Allowed", 405, {"Allow": allowed})
            await refusal(scope, receive, send)

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
        self, scope: Scope, headers: Headers, caller: Caller, receive: Receive, send: Send
    ) -> None:
        """Answer a POST with one JSON-RPC message."""
        body = await read_body(headers, receive)
        if body is None:
            await PlainTextResponse("Request body too large", 413)(scope, receive, send)
            return
        takes_json, takes_stream, refusal = await self.judge_headers(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        revision, head = headers.get(VERSION_HEADER), None
        try:
            head = parse_head(body)
            rpc = self.parse(head, revision, scope, headers)
        except ProtocolError as error:
            await refuse(error, head, revision, send)
            return
        in_session = self.engine.keeps_sessions and revision not in MODERN_PROTOCOL_VERSIONS
        in_session = in_session and (
            MCP_SESSION_ID_HEADER in headers or (takes_stream and head.method == "initialize")
        )
        if in_session:
            if rpc is not None:  # the transport needs only its id
                scope["state"]["rpc"] = rpc
                body = encode({"jsonrpc": "2.0", "id": head.id, "method": head.method})
            request = HttpRequest(with_accept(scope))
            await self.sessions.answer(request, replay(body, receive), send)
        elif rpc is not None:
            reply = Reply(send, may_stream=takes_stream, must_stream=not takes_json)
            await self.respond(rpc, headers, caller, reply, receive)
        else:
            await self.exchange(head, body, scope, headers, receive, send)

    def parse(
        self, head: Head, revision: str | None, scope: Scope, headers: Headers
    ) -> Request | None:
        """Parse a request for the database; None if the SDK answers it. Raises ProtocolError."""
        is_modern = revision in MODERN_PROTOCOL_VERSIONS
        if is_modern and len(headers) < len(scope["headers"]):
            twice = find_duplicated_routing_header(decoded(scope))
            if twice:
                raise ProtocolError(HEADER_MISMATCH, f"{twice} header appears more than once")
        if not is_modern and revision is not None and revision not in HANDSHAKE_PROTOCOL_VERSIONS:
            return None
        if is_for_database(head):
            found = parse_request(head, revision, headers)
            return found._replace(groups=groups_of(scope["path"]))
        if len(head.params) > OTHER_BYTES:
            text = f"The params have {len(head.params)} bytes, {OTHER_BYTES} are allowed."
            raise ProtocolError(INVALID_REQUEST, text)
        if not is_modern:
            check_envelope(head, revision)
        return None

    async def judge_headers(self, scope: Scope) -> Verdict:
        """Return what Accept, Host, Origin and Content-Type mean, from the cache if it has them."""
        judged = tuple(pair for pair in scope["headers"] if pair[0] in JUDGED)
        if found := self.verdicts.get(judged):
            return found
        request = HttpRequest({**scope, "headers": judged})
        takes_json, takes_stream = check_accept_headers(request)
        takes_json = takes_json or not request.headers.get("accept")
        if len(request.headers.getlist("host")) > 1:  # RFC 9112
            refusal: Response | None = PlainTextResponse("More than one Host header", 400)
        else:
            refusal = await self.middleware.validate_request(request, is_post=True)
        if refusal is None and not (takes_json or takes_stream):
            refusal = Response(status_code=406)
        verdict = takes_json, takes_stream, refusal
        if refusal is None:
            if len(self.verdicts) >= VERDICTS:
                self.verdicts.clear()
            self.verdicts[judged] = verdict
        return verdict

    async def respond(
        self, rpc: Request, headers: Headers, caller: Caller, reply: Reply, receive: Receive
    ) -> None:
        """Answer a stateless request from the database, unless the client hangs up."""
        revision = headers.get(VERSION_HEADER) or DEFAULT_NEGOTIATED_VERSION
        session = headers.get(MCP_SESSION_ID_HEADER)
        client = make_client(rpc, revision, headers.get("user-agent", ""), StatelessClient)
        client.reply, reply.client = reply, client
        key = (str(caller.credential), session, str(rpc.id)) if session is not None else None
        with while_connected(client.cancel, receive, reply.keep_alive):
            answer = await self.calls.answer(caller, client, *rpc[1:5], key=key)
        await reply.end(status_of(answer, client.is_modern), answer.response(rpc.id))

    async def exchange(
        self,
        head: Head,
        body: bytes,
        scope: Scope,
        headers: Headers,
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer a stateless message by the SDK, unless the client hangs up."""
        session = headers.get(MCP_SESSION_ID_HEADER)
        if head.method == "notifications/cancelled" and session is not None:
            credential = str(scope["state"]["caller"].credential)
            self.calls.cancel((credential, session, cancelled_id(head)))
        unread: list[Message] = [{"type": "http.request", "body": body}]

        async def once() -> Message:
            return unread.pop() if unread else await asyncio.Future()  # what is watched reads on

        with anyio.CancelScope() as running, while_connected(running.cancel, receive):
            await self.others.handle_request(with_accept(scope), once, send)


@dataclass
class Reply:
    """The response to one request: a JSON body, or an event stream once that has begun."""

    send: Send
    may_stream: bool
    must_stream: bool
    has_begun: bool = False
    client: Client = field(default_factory=Client)

    async def begin(self) -> None:
        """Begin a stream, unless it has begun."""
        if not self.has_begun:
            self.has_begun = True
            await self.start(200, STREAM_HEADERS)

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head of the response, with the id by which logs know the call."""
        if number := self.client.request_id:
            headers = [*headers, (REQUEST_ID_HEADER, number.encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def keep_alive(self) -> None:
        """Begin a stream when the call takes long, and send a ping now and then."""
        while self.may_stream:
            await asyncio.sleep(STREAM_SECONDS)
            await self.begin()
            ping = b": ping\r\n\r\n"
            await self.send({"type": "http.response.body", "body": ping, "more_body": True})

    async def event(self, message: bytes) -> None:
        """Send a message before the answer, if the client takes a stream."""
        if not self.may_stream:
            return
        await self.begin()
        await self.send({"type": "http.response.body", "body": framed(message), "more_body": True})

    async def end(self, status: int, body: bytes) -> None:
        """Send the answer."""
        if self.must_stream:
            await self.begin()
        if self.has_begun:
            body = framed(body)
        else:
            length = (b"content-length", str(len(body)).encode())
            await self.start(status, [(b"content-type", b"application/json"), length])
        await self.send({"type": "http.response.body", "body": body})


class StatelessClient(Client):
    """A client without a session: it gets notifications in its response, and no questions."""

    reply: Reply

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification in the stream of the response."""
        await self.reply.event(encode({"jsonrpc": "2.0", "method": method, "params": params}))


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
    return tuple(filter(None, path.removeprefix("/mcp").strip("/").split(",")))


def framed(message: bytes) -> bytes:
    """Return a message as an event of a stream."""
    return b"event: message\r\ndata: %b\r\n\r\n" % message


def status_of(answer: Answer, is_modern: bool) -> int:
    """Return the HTTP status of an answer."""
    if not is_modern or answer.code is None:
        return 200
    return ERROR_CODE_HTTP_STATUS.get(answer.code, 200)


async def refuse(error: ProtocolError, head: Head | None, revision: str | None, send: Send) -> None:
    """Answer a malformed message."""
    is_modern = revision in MODERN_PROTOCOL_VERSIONS
    always = (PARSE_ERROR, INVALID_REQUEST, HEADER_MISMATCH)
    status = status_of(error_answer(error), is_modern or error.code in always)
    number = id_excerpt(head.id) if head else None
    reply = Reply(send, may_stream=False, must_stream=False)
    await reply.end(status, error_answer(error).response(number))


def decoded(scope: Scope) -> Iterator[tuple[str, str]]:
    """Return the headers of a request as texts."""
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])


def read_headers(scope: Scope) -> Headers:
    """Return the headers of a request; of those that came twice the first."""
    pairs = reversed(scope["headers"])
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}


async def read_body(headers: Headers, receive: Receive) -> bytes | None:
    """Return the body of a request, None if it is too long or its end does not come."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > BODY_BYTES:
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


@contextlib.contextmanager
def while_connected(
    cancel: Callable[[], None], receive: Receive, *beside: Callable[[], Coroutine[Any, Any, None]]
) -> Iterator[None]:
    """Call ``cancel`` when the client hangs up, and run ``beside`` meanwhile.

    Both begin after WATCH_SECONDS: most calls have ended by then.
    """
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        cancel()

    def begin() -> None:
        watching.extend(loop.create_task(each()) for each in (watch, *beside))

    loop = asyncio.get_running_loop()
    timer = loop.call_later(WATCH_SECONDS, begin)
    try:
        yield
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
