"""Sessions of handshake clients: the database answers its methods, the SDK all others.

A session over HTTP belongs to the user and credential that opened it. It does not authenticate:
each request brings its credential. The SDK's session manager is not used, since it reads messages
before anybody else can, has no limit of sessions per user, and shares one event store.
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
from zava_mcp.shim.identify.credentials import Caller, Identities
from zava_mcp.shim.receive.message import Request, make_client, printable

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
    """A response that is serialized already."""

    text: str = ""

    def model_dump_json(self, **_: Any) -> str:
        """Return the serialized response."""
        return self.text


def finished(number: int | str | None, answer: Answer) -> Finished:
    """Return an answer as a message for the SDK's transport."""
    text = answer.response(number).decode()
    return Finished.model_construct(jsonrpc="2.0", id=number, result={}, text=text)


@dataclass
class Session:
    """The state of a session: who the client is, and what it subscribed to."""

    calls: Calls
    id: str  # empty for the client of --stdio
    send: SendMessage
    name: str = ""
    revision: str = LATEST_HANDSHAKE_VERSION
    capabilities: Json = field(default_factory=dict)
    levels: frozenset[str] = frozenset()  # of log messages
    uris: set[str] = field(default_factory=set)  # of the resources it subscribed to
    found: tuple[str, ...] = ()  # tools that searches found, the newest last
    change_sender: asyncio.Task[None] | None = None
    questions: dict[str, asyncio.Future[Json]] = field(default_factory=dict)  # by their id
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def handle(self, message: types.JSONRPCMessage, caller: Caller | None) -> bool:
        """Handle a message that the SDK need not see; return whether it was one."""
        match message:
            case types.JSONRPCNotification(method="notifications/cancelled", params=params):
                key = (str(caller.credential) if caller else "", self.id)
                number = str((params or {}).get("requestId", ""))
                is_running = (*key, number) in self.calls.running
                self.calls.cancel((*key, number))
                return is_running
            case types.JSONRPCResponse(id=number, result=result) if number in self.questions:
                self.take_answer(str(number), result)
                return True
            case types.JSONRPCError(id=number, error=error) if number in self.questions:
                self.take_answer(str(number), {"error": error.message})
                return True
            case types.JSONRPCRequest(method="initialize", params=params):
                self.note_client(params or {})
        return False

    def take_answer(self, number: str, answer: Json) -> None:
        """Set the answer to a question, unless the call that asked has just given up."""
        question = self.questions.pop(number)
        if not question.done():
            question.set_result(answer)

    def note_client(self, params: Json) -> None:
        """Keep what initialize says about the client; the SDK validates it."""
        revision, info = params.get("protocolVersion"), params.get("clientInfo")
        self.revision = (
            str(revision) if revision in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION
        )
        if isinstance(params.get("capabilities"), dict):
            self.capabilities = params["capabilities"]
        if isinstance(info, dict):
            self.name = printable(f"{info.get('name', '')} {info.get('version', '')}")

    async def answer(self, rpc: Request, caller: Caller) -> None:
        """Answer a request."""
        client = make_client(rpc, self.revision, self.name, SessionClient)
        client.session, client.number = self, rpc.id
        client.can_be_asked = not client.is_modern
        if not client.is_modern:
            client.levels, client.capabilities = self.levels, self.capabilities
            client.found = self.found
        key = (str(caller.credential), self.id, str(rpc.id))
        answer = await self.calls.answer(caller, client, *rpc[1:5], key=key)
        is_wanted = self.id or self.calls.stopping  # over HTTP the answer ends the stream
        if answer.code == REQUEST_CANCELLED and not is_wanted:
            return
        await self.reply(rpc.id, answer)

    async def reply(self, number: int | str | None, answer: Answer) -> None:
        """Send an answer, unless the session has ended."""
        with contextlib.suppress(*CLOSED):
            await self.send(SessionMessage(finished(number, answer)))

    async def pump(self, read: Any, to_sdk: Any, group: TaskGroup) -> None:
        """Answer the requests for the database, and pass all other messages to the SDK."""
        with contextlib.suppress(*CLOSED):
            async with to_sdk:
                async for item in read:
                    if isinstance(item, SessionMessage):
                        context = getattr(item.metadata, "request_context", None)
                        caller: Caller | None = context.state.caller if context else None
                        rpc = getattr(context.state, "rpc", None) if context else None
                        if rpc is not None and caller is not None:
                            group.start_soon(self.answer, rpc, caller)
                            continue
                        if self.handle(item.message, caller):
                            continue
                    await to_sdk.send(item)

    def close(self) -> None:
        """Stop sending changes."""
        if self.change_sender:
            self.change_sender.cancel()

    async def send_changes(self, session: ServerSession, changes: InMemorySubscriptionBus) -> None:
        """Send list and resource changes until the session ends or its client stops reading."""
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


class SessionClient(Client):
    """A client with a session, over which it gets notifications and questions."""

    session: Session
    number: int | str  # of the request

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification that belongs to the request."""
        message = types.JSONRPCNotification(jsonrpc="2.0", method=method, params=params)
        with contextlib.suppress(*CLOSED):
            await self.write(message)

    async def ask(self, method: str, params: Json) -> Json:
        """Ask a question and return the answer. Raises NoAnswerError."""
        number, questions = f"ask-{next(self.session.numbers)}", self.session.questions
        waiting = questions[number] = asyncio.get_running_loop().create_future()
        try:
            message = types.JSONRPCRequest(jsonrpc="2.0", id=number, method=method, params=params)
            await self.write(message)
            async with asyncio.timeout(ANSWER_SECONDS):
                reply = await waiting
            if set(reply) == {"error"}:
                raise NoAnswerError(f"The client does not answer {method}: {reply['error']}")
            answer = ANSWERS[method].model_validate(reply, by_name=False)
        except ModelError as error:
            raise NoAnswerError(f"The client's answer to {method} is malformed.") from error
        except (TimeoutError, *CLOSED) as error:
            raise NoAnswerError("The client cannot be asked any more.") from error
        finally:
            questions.pop(number, None)
        dumped: Json = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        return dumped

    async def list_found(self, tools: set[str]) -> None:
        """Add tools to those that tools/list names, and send list_changed."""
        if tools <= {*self.session.found}:
            return
        others = [name for name in self.session.found if name not in tools]
        self.session.found = (*others, *sorted(tools))[-FOUND_TOOLS:]
        await self.notify("notifications/tools/list_changed", {})

    async def write(self, message: types.JSONRPCMessage) -> None:
        """Send a message in the stream of the request."""
        related = ServerMessageMetadata(related_request_id=self.number)
        await self.session.send(SessionMessage(message, related))


@dataclass(frozen=True)
class Event:
    """A message as it was sent in one of the session's streams; None marks a stream's beginning."""

    stream: str
    message: types.JSONRPCMessage | None
    size: int  # bytes
    at: float


@dataclass
class Events(EventStore):
    """The last messages of one session, by number, for a client that reconnects."""

    now: Callable[[], float] = time.monotonic
    events: OrderedDict[int, Event] = field(default_factory=OrderedDict)
    number: int = 0
    size: int = 0  # bytes of all

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        """Store a message and return its number; a message over EVENT_BYTES is not stored."""
        self.number += 1
        size = len(message.model_dump_json(by_alias=True, exclude_unset=True)) if message else 0
        if size <= EVENT_BYTES:
            self.events[self.number] = Event(stream_id, message, size, self.now())
            self.size += size
        self.make_room()
        return str(self.number)

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        """Send the events after one of them; return the stream, None if the event is gone."""
        self.make_room()
        last = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
        if (seen := self.events.get(last)) is None:
            return None
        for number, event in list(self.events.items()):
            if number > last and event.stream == seen.stream and event.message is not None:
                await send_callback(EventMessage(event.message, str(number)))
        return seen.stream

    def make_room(self) -> None:
        """Drop the oldest events until number, bytes and age are within their limits."""
        oldest_kept = self.now() - EVENT_SECONDS
        while self.events:
            event = next(iter(self.events.values()))
            if len(self.events) <= EVENTS and self.size <= EVENT_BYTES and event.at >= oldest_kept:
                return
            self.events.popitem(last=False)
            self.size -= event.size


@dataclass
class HttpSession(Session):
    """A session as HTTP has it."""

    owner: tuple[str, str] = ("", "")  # a user, and one of the user's credentials
    requests: int = 0  # being answered, the stream of changes among them
    used: float = field(default_factory=time.monotonic)
    transport: StreamableHTTPServerTransport = field(init=False)

    async def answer_http(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        """Answer a request by the SDK's transport."""
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
    identities: Identities
    opening: anyio.Lock = field(default_factory=anyio.Lock)
    serving: TaskGroup = field(init=False)

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Keep the sessions as long as the block runs."""
        async with anyio.create_task_group() as self.serving:
            yield
            self.serving.cancel_scope.cancel()

    async def answer(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        """Answer a request in its session; one without a session id opens a session."""
        caller: Caller = request.state.caller
        owner = caller.identity["user_id"], caller.identity["credential_id"]
        session_id = request.headers.get(MCP_SESSION_ID_HEADER)
        if session_id is None and request.method != "POST":
            await refusal(400, NO_SESSION)(request.scope, receive, send)
            return
        if session_id is None:
            await self.answer_first(owner, request, receive, send)
            return
        session = self.open.get(session_id)
        if not isinstance(session, HttpSession) or session.owner != owner:
            # somebody else's looks like none
            await refusal(404, "Session not found")(request.scope, receive, send)
            return
        end_stream = session.transport.close_standalone_sse_stream
        watched = self.identities.while_good(caller.credential, end_stream)
        with watched if request.method == "GET" else contextlib.nullcontext():
            await session.answer_http(request, receive, send)
        if session.transport.is_terminated:
            await self.end(session)

    async def answer_first(
        self, owner: tuple[str, str], request: HttpRequest, receive: Receive, send: Send
    ) -> None:
        """Open a session for initialize; close it again if that fails."""
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
        """Open a session; None if too many are open. A user's oldest makes room for a new one."""
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
        """Open a session, and run the SDK's loop over its messages until it ends."""
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
        """Close a session, and cancel what runs in it."""
        self.open.pop(session.id, None)
        session.close()
        if not session.transport.is_terminated:
            with anyio.CancelScope(shield=True):
                await session.transport.terminate()


def refusal(status: int, text: str) -> Response:
    """Refuse a request in the form of the protocol."""
    error = {"code": types.INVALID_REQUEST, "message": text}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status)
