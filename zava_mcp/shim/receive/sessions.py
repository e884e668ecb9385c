"""Clients with a session: what the database answers is answered here, all else by the SDK.

Over HTTP who opened a session may use it, as long as it is used. It is a convenience, no
authentication: each request brings its credential. The SDK's manager does not do: nothing reads
a message before it, it bounds the sessions of no single user, and these share their events.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp_types as types
import structlog
from anyio.abc import TaskGroup, TaskStatus
from mcp import ServerSession
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.runner import serve_loop
from mcp.server.streamable_http import (
    MCP_SESSION_ID_HEADER,
    REQUEST_CANCELLED,
    EventCallback,
    EventMessage,
    EventStore,
    StreamableHTTPServerTransport,
)
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.shared.subscriptions import event_to_notification
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION
from pydantic import ValidationError as ModelError
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Send

from zava_mcp.shim.answer.client import Client, NoAnswerError
from zava_mcp.shim.answer.errors import Json
from zava_mcp.shim.call.calls import Answer, Calls
from zava_mcp.shim.identify.credentials import Caller
from zava_mcp.shim.receive.message import Request, client_of, printable

ANSWER_SECONDS = 600.0  # for a question: as long as the database's state is good for
ANSWERS: dict[str, type[types.Result]] = {
    "elicitation/create": types.ElicitResult,
    "sampling/createMessage": types.CreateMessageResult,
    "roots/list": types.ListRootsResult,
}
NO_SESSION = "This needs a session: begin with initialize, and send the Mcp-Session-Id it answers."
FOUND_TOOLS = 100  # that a session lists beside its groups
WAITING = 100  # changes that a client has not read yet, at most
OWN_SESSIONS = 32  # of one user; the one unused for longest makes room for another
IDLE_SECONDS = 1800
RETRY_MS = 1000  # after which a client whose stream broke comes again
EVENTS, EVENT_BYTES = 256, 1 << 20  # kept of a session, and their bytes together
EVENT_SECONDS = 300  # for how long
ALL_CHANGES = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
CLOSED = (anyio.ClosedResourceError, anyio.BrokenResourceError)  # the session has ended

SendMessage = Callable[[SessionMessage], Awaitable[None]]
log = structlog.get_logger("zava-mcp")


class Finished(types.JSONRPCResponse):
    """A response whose text is there already."""

    text: str = ""

    def model_dump_json(self, **_: Any) -> str:
        """Return the text."""
        return self.text


def finished(number: int | str | None, answer: Answer) -> Finished:
    """Return the response that an answer is."""
    text = answer.response(number).decode()
    return Finished.model_construct(jsonrpc="2.0", id=number, result={}, text=text)


@dataclass
class Session:
    """What is known of a client with a session, and what it asked for."""

    calls: Calls
    id: str  # empty for the client of --stdio
    send: SendMessage
    name: str = ""
    revision: str = LATEST_HANDSHAKE_VERSION
    capabilities: Json = field(default_factory=dict)
    levels: frozenset[str] = frozenset()  # of log messages
    uris: set[str] = field(default_factory=set)  # of the resources it subscribed to
    found: frozenset[str] = frozenset()  # tools that a search found
    telling: asyncio.Task[None] | None = None
    questions: dict[str, asyncio.Future[Json]] = field(default_factory=dict)  # by their id
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def take(self, message: types.JSONRPCMessage, caller: Caller | None) -> bool:
        """Take a message that is not for the SDK; return whether it was one."""
        match message:
            case types.JSONRPCNotification(method="notifications/cancelled", params=params):
                key = (str(caller.credential) if caller else "", self.id)
                number = str((params or {}).get("requestId", ""))
                is_running = (*key, number) in self.calls.running
                self.calls.cancel((*key, number))
                return is_running
            case types.JSONRPCResponse(id=number, result=result) if number in self.questions:
                self.questions.pop(str(number)).set_result(result)
                return True
            case types.JSONRPCError(id=number, error=error) if number in self.questions:
                self.questions.pop(str(number)).set_result({"error": error.message})
                return True
            case types.JSONRPCRequest(method="initialize", params=params):
                self.introduce(params or {})
        return False

    def introduce(self, params: Json) -> None:
        """Note what the client says of itself, for the SDK to judge."""
        revision, info = params.get("protocolVersion"), params.get("clientInfo")
        self.revision = (
            str(revision) if revision in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION
        )
        if isinstance(params.get("capabilities"), dict):
            self.capabilities = params["capabilities"]
        if isinstance(info, dict):
            self.name = printable(f"{info.get('name', '')} {info.get('version', '')}")

    async def answer(self, asked: Request, caller: Caller) -> None:
        """Answer a request."""
        client = client_of(asked, self.revision, self.name, Asking)
        client.session, client.number = self, asked.id
        client.can_be_asked = not client.is_modern
        if not client.is_modern:
            client.levels, client.capabilities = self.levels, self.capabilities
            client.found = self.found
        key = (str(caller.credential), self.id, str(asked.id))
        answer = await self.calls.answer(caller, client, *asked[1:5], key=key)
        if answer.code == REQUEST_CANCELLED and not self.id:
            return  # over HTTP the answer ends the stream
        with contextlib.suppress(*CLOSED):
            await self.send(SessionMessage(finished(asked.id, answer)))

    async def pump(self, read: Any, to_sdk: Any, group: TaskGroup) -> None:
        """Read messages, answer those that are ours, and hand on the others."""
        with contextlib.suppress(*CLOSED):
            async with to_sdk:
                async for item in read:
                    if isinstance(item, SessionMessage):
                        context = getattr(item.metadata, "request_context", None)
                        caller: Caller | None = context.state.caller if context else None
                        asked = getattr(context.state, "asked", None) if context else None
                        if asked is not None and caller is not None:
                            group.start_soon(self.answer, asked, caller)
                            continue
                        if self.take(item.message, caller):
                            continue
                    await to_sdk.send(item)

    def close(self) -> None:
        """Tell it nothing more."""
        if self.telling:
            self.telling.cancel()

    async def tell(self, session: ServerSession, changes: InMemorySubscriptionBus) -> None:
        """Tell it about changes, until it is forgotten or does not read them."""
        send, receive = anyio.create_memory_object_stream[ServerEvent](WAITING)

        def deliver(event: ServerEvent) -> None:
            if isinstance(event, ResourceUpdated) and event.uri not in self.uris:
                return
            try:
                send.send_nowait(event)
            except anyio.WouldBlock:
                log.warning("a client that does not read changes is told no more of them")
                send.close()
            except anyio.ClosedResourceError:
                pass

        unsubscribe = changes.subscribe(deliver)
        try:
            with contextlib.suppress(*CLOSED):
                async for event in receive:
                    await session.send_notification(event_to_notification(event, {}))
        finally:
            unsubscribe()
            send.close()
            receive.close()


class Asking(Client):
    """A client with a session, which is told and asked over it."""

    session: Session
    number: int | str  # of the request

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification that belongs to the request."""
        message = types.JSONRPCNotification(jsonrpc="2.0", method=method, params=params)
        await self.write(message)

    async def ask(self, method: str, params: Json) -> Json:
        """Ask a question and return the answer. Raises NoAnswerError."""
        number, questions = f"ask-{next(self.session.numbers)}", self.session.questions
        waiting = questions[number] = asyncio.get_running_loop().create_future()
        try:
            message = types.JSONRPCRequest(jsonrpc="2.0", id=number, method=method, params=params)
            await self.write(message)
            async with asyncio.timeout(ANSWER_SECONDS):
                said = await waiting
            if set(said) == {"error"}:
                raise NoAnswerError(f"The client does not answer {method}: {said['error']}")
            answer = ANSWERS[method].model_validate(said, by_name=False)
        except ModelError as error:
            raise NoAnswerError(f"The client's answer to {method} is malformed.") from error
        except (TimeoutError, *CLOSED) as error:
            raise NoAnswerError("The client cannot be asked any more.") from error
        finally:
            questions.pop(number, None)
        found: Json = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        return found

    async def list_found(self, tools: set[str]) -> None:
        """Have tools/list name these tools too, and say that it has changed."""
        known = self.session.found
        if tools <= known or len(known | tools) > FOUND_TOOLS:
            return
        self.session.found = known | tools
        await self.notify("notifications/tools/list_changed", {})

    async def write(self, message: types.JSONRPCMessage) -> None:
        """Send a message in the stream of the request."""
        related = ServerMessageMetadata(related_request_id=self.number)
        await self.session.send(SessionMessage(message, related))


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
class HttpSession(Session):
    """A session as HTTP has it."""

    owner: tuple[str, str] = ("", "")  # a user, and one of the user's credentials
    requests: int = 0  # being answered, the stream of changes among them
    used: float = field(default_factory=time.monotonic)
    transport: StreamableHTTPServerTransport = field(init=False)

    async def answer_http(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        """Let the transport answer a request."""
        self.requests += 1
        try:
            await self.transport.handle_request(request.scope, receive, send)
        finally:
            self.requests -= 1
            self.used = time.monotonic()


@dataclass
class Sessions:
    """The sessions over HTTP of this process."""

    calls: Calls
    server: Server[Any]
    open: dict[str, Session]  # shared with what answers for the server
    security: TransportSecuritySettings
    opening: anyio.Lock = field(default_factory=anyio.Lock)
    serving: TaskGroup = field(init=False)

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Keep the sessions as long as the block runs."""
        async with anyio.create_task_group() as self.serving:
            yield
            self.serving.cancel_scope.cancel()

    async def answer(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        """Answer a request that names a session; one that names none opens one."""
        identity = request.state.caller.identity
        owner = identity["user_id"], identity["credential_id"]
        named = request.headers.get(MCP_SESSION_ID_HEADER)
        if named is None and request.method != "POST":
            await refusal(400, NO_SESSION)(request.scope, receive, send)
            return
        if named is None:
            await self.answer_first(owner, request, receive, send)
            return
        session = self.open.get(named)
        if not isinstance(session, HttpSession) or session.owner != owner:
            # somebody else's looks like none
            await refusal(404, "Session not found")(request.scope, receive, send)
            return
        await session.answer_http(request, receive, send)
        if session.transport.is_terminated:
            await self.end(session)

    async def answer_first(
        self, owner: tuple[str, str], request: HttpRequest, receive: Receive, send: Send
    ) -> None:
        """Open a session for the request that asks for it, and keep it if that was a good one."""
        async with self.opening:
            session = await self.opened(owner)
        if session is None:
            await refusal(503, "Too many sessions are open.")(request.scope, receive, send)
            return
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await session.answer_http(request, receive, watched)
        finally:
            if status >= 400:
                await self.end(session)

    async def opened(self, owner: tuple[str, str]) -> HttpSession | None:
        """Open a session, None when there are too many already."""
        all_open = [each for each in self.open.values() if isinstance(each, HttpSession)]
        own = [each for each in all_open if each.owner[0] == owner[0]]
        if len(own) >= OWN_SESSIONS:
            await self.end(min(own, key=lambda each: (each.requests > 0, each.used)))
        if len(self.open) >= self.calls.settings.sessions:
            log.warning("no more sessions", open=len(self.open))
            return None
        session: HttpSession = await self.serving.start(self.serve, owner)
        return session

    async def serve(
        self,
        owner: tuple[str, str],
        *,
        task_status: TaskStatus[HttpSession] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Open a session, and let the SDK answer its messages until it ends."""
        transport = StreamableHTTPServerTransport(
            secrets.token_hex(16),
            event_store=Events(),
            security_settings=self.security,
            retry_interval=RETRY_MS,
            idle_timeout=IDLE_SECONDS,
        )
        name = str(transport.mcp_session_id)
        async with transport.connect() as (read, write):
            session = self.open[name] = HttpSession(self.calls, name, write.send, owner=owner)
            session.transport = transport
            task_status.started(session)
            try:
                with transport.idle_scope or anyio.CancelScope():
                    to_sdk, for_sdk = anyio.create_memory_object_stream[Any](0)
                    async with anyio.create_task_group() as group:
                        group.start_soon(session.pump, read, to_sdk, group)
                        options = self.server.create_initialization_options(ALL_CHANGES)
                        await serve_loop(
                            self.server,
                            for_sdk,
                            write,
                            lifespan_state={},
                            session_id=name,
                            init_options=options,
                        )
                        group.cancel_scope.cancel()
            except Exception:
                log.exception("a session failed")
            finally:
                await self.end(session)

    async def end(self, session: HttpSession) -> None:
        """Forget a session, and cancel what runs in it."""
        self.open.pop(session.id, None)
        session.close()
        if not session.transport.is_terminated:
            with anyio.CancelScope(shield=True):
                await session.transport.terminate()


def refusal(status: int, text: str) -> Response:
    """Refuse a request in the form of the protocol."""
    error = {"code": types.INVALID_REQUEST, "message": text}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status)
