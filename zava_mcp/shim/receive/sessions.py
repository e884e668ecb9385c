"""Sessions of the handshake revisions over HTTP: who opened one may use it, as long as it is used.

A session has the SDK's transport, its own last messages for a client that lost its stream, and its
place in Engine. It is a convenience, no authentication: each request brings its credential.
The SDK's manager bounds neither the sessions of one user nor gives each its own events.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp_types as types
import structlog
from anyio.abc import TaskGroup, TaskStatus
from mcp.server.runner import serve_loop
from mcp.server.streamable_http import (
    MCP_SESSION_ID_HEADER,
    EventCallback,
    EventMessage,
    EventStore,
    StreamableHTTPServerTransport,
)
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from zava_mcp.shim.answer.errors import Json
from zava_mcp.shim.call.calls import Calls
from zava_mcp.shim.receive.clients import Session
from zava_mcp.shim.receive.protocol import Engine

OWN_SESSIONS = 32  # of one user; the one unused for longest makes room for another
IDLE_SECONDS = 1800
RETRY_MS = 1000  # after which a client whose stream broke comes again
EVENTS, EVENT_BYTES = 256, 1 << 20  # kept of a session, and their bytes together
EVENT_SECONDS = 300  # for how long

log = structlog.get_logger("zava-mcp")


@dataclass(frozen=True)
class Event:
    """A message as it went to one of the session's streams; None for the mark of its beginning."""

    stream: str
    message: types.JSONRPCMessage | None
    size: int  # bytes
    at: float


@dataclass
class Events(EventStore):
    """The last messages of one session, by their number; no other session ever sees them."""

    now: Callable[[], float] = time.monotonic
    kept: OrderedDict[int, Event] = field(default_factory=OrderedDict)
    number: int = 0
    size: int = 0  # bytes of what is kept

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        """Keep a message, and give its number; one that is larger than all the room is not kept."""
        self.number += 1
        size = len(message.model_dump_json(by_alias=True, exclude_unset=True)) if message else 0
        if size <= EVENT_BYTES:
            self.kept[self.number] = Event(stream_id, message, size, self.now())
            self.size += size
        self.make_room()
        return str(self.number)

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        """Send what came in a stream after an event; give the stream, None when it is gone."""
        self.make_room()
        last = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
        if (known := self.kept.get(last)) is None:
            return None
        for number, event in list(self.kept.items()):
            if number > last and event.stream == known.stream and event.message is not None:
                await send_callback(EventMessage(event.message, str(number)))
        return known.stream

    def make_room(self) -> None:
        """Forget the oldest, as long as they are too many, too large or too old."""
        oldest_kept = self.now() - EVENT_SECONDS
        while self.kept:
            event = next(iter(self.kept.values()))
            if len(self.kept) <= EVENTS and self.size <= EVENT_BYTES and event.at >= oldest_kept:
                return
            self.kept.popitem(last=False)
            self.size -= event.size


@dataclass
class Place:
    """One client's session, as HTTP has it."""

    id: str
    owner: tuple[str, str]  # user and credential
    transport: StreamableHTTPServerTransport
    requests: int = 0  # being answered, the stream of changes among them
    used: float = field(default_factory=time.monotonic)


class Sessions:
    """The sessions of this process, at most so many."""

    def __init__(
        self, calls: Calls, engine: Engine, security: TransportSecuritySettings, most: int
    ) -> None:
        self.calls, self.engine, self.security, self.most = calls, engine, security, most
        self.open: dict[str, Place] = {}
        self.serving: TaskGroup

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Keep the sessions as long as the block runs."""
        async with anyio.create_task_group() as self.serving:
            yield
            self.serving.cancel_scope.cancel()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that names a session; one that names none opens one."""
        request = Request(scope)
        owner = owner_of(request.state.caller.identity)
        named = request.headers.get(MCP_SESSION_ID_HEADER)
        if named is None:
            await self.answer_first(owner, scope, receive, send)
            return
        session = self.open.get(named)
        if session is None or session.owner != owner:  # somebody else's looks like none
            await refusal(404, "Session not found")(scope, receive, send)
            return
        await pass_on(session, scope, receive, send)
        if session.transport.is_terminated:
            await self.end(session)

    async def answer_first(
        self, owner: tuple[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Open a session for the request that asks for it, and keep it if that was a good one."""
        own = [session for session in self.open.values() if session.owner[0] == owner[0]]
        if len(own) >= OWN_SESSIONS:
            await self.end(min(own, key=lambda session: (session.requests > 0, session.used)))
        if len(self.open) >= self.most:
            log.warning("no more sessions", open=len(self.open))
            await refusal(503, "Too many sessions are open.")(scope, receive, send)
            return
        session_id, is_good = secrets.token_hex(16), False
        transport = StreamableHTTPServerTransport(
            session_id,
            event_store=Events(),
            security_settings=self.security,
            retry_interval=RETRY_MS,
            idle_timeout=IDLE_SECONDS,
        )
        session = self.open[session_id] = Place(session_id, owner, transport)

        async def watched(message: Message) -> None:
            nonlocal is_good
            if message["type"] == "http.response.start":
                is_good = message["status"] < 400
            await send(message)

        try:
            await self.serving.start(self.serve, session)
            await pass_on(session, scope, receive, watched)
        finally:
            if not is_good:
                await self.end(session)

    async def serve(
        self, session: Place, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Let the SDK answer the messages of a session until it ends."""
        try:
            async with session.transport.connect() as (read, write):
                task_status.started()
                with session.transport.idle_scope or anyio.CancelScope():
                    client = self.engine.sessions[session.id] = Session(
                        self.calls, session.id, write.send
                    )
                    to_sdk, for_sdk = anyio.create_memory_object_stream[Any](0)
                    async with anyio.create_task_group() as group:
                        group.start_soon(client.pump, read, to_sdk, group)
                        await serve_loop(
                            self.engine.server,
                            for_sdk,
                            write,
                            lifespan_state={},
                            session_id=session.id,
                        )
                        group.cancel_scope.cancel()
        except Exception:
            log.exception("a session failed")
        finally:
            await self.end(session)

    async def end(self, session: Place) -> None:
        """Forget a session, and cancel what runs in it."""
        self.open.pop(session.id, None)
        if client := self.engine.sessions.pop(session.id, None):
            client.close()
        if not session.transport.is_terminated:
            with anyio.CancelScope(shield=True):
                await session.transport.terminate()


async def pass_on(session: Place, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the transport of a session answer a request."""
    session.requests += 1
    try:
        await session.transport.handle_request(scope, receive, send)
    finally:
        session.requests -= 1
        session.used = time.monotonic()


def owner_of(identity: Json) -> tuple[str, str]:
    """Return the owner of a session: a user, and one credential."""
    return identity["user_id"], identity["credential_id"]


def refusal(status: int, text: str) -> Response:
    """Refuse a request in the form of the protocol."""
    error = {"code": types.INVALID_REQUEST, "message": text}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status)
