"""Clients with a session: what the database answers is answered here, all else by the SDK.

Those of 2026-07-28 ask for their log level in each call, and for changes by subscriptions/listen.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp_types as types
import msgspec
import structlog
from anyio.abc import TaskGroup
from mcp import ServerSession
from mcp.server.streamable_http import REQUEST_CANCELLED
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.shared.subscriptions import event_to_notification
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION
from pydantic import ValidationError as ModelError

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
WAITING = 100  # changes that a client has not read yet, at most

Send = Callable[[SessionMessage], Awaitable[None]]
log = structlog.get_logger("zava-mcp")


class Finished(types.JSONRPCResponse):
    """A response whose text is there already."""

    text: str = ""

    def model_dump_json(self, **_: Any) -> str:
        """Return the text."""
        return self.text


def finished(number: int | str | None, answer: Answer) -> Finished:
    """Return the response that an answer is."""
    named = msgspec.json.encode(number).decode()
    text = f'{{"jsonrpc":"2.0","id":{named},{answer.member.decode()}}}'
    return Finished.model_construct(jsonrpc="2.0", id=number, result={}, text=text)


@dataclass
class Session:
    """What is known of a client with a session, and what it asked for."""

    calls: Calls
    id: str  # empty for the client of --stdio
    send: Send
    name: str = ""
    revision: str = LATEST_HANDSHAKE_VERSION
    capabilities: Json = field(default_factory=dict)
    levels: frozenset[str] = frozenset()  # of log messages
    uris: set[str] = field(default_factory=set)  # of the resources it subscribed to
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
        key = (str(caller.credential), self.id, str(asked.id))
        answer = await self.calls.answer(caller, client, *asked[1:5], key=key)
        if answer.code == REQUEST_CANCELLED and not self.id:
            return  # over HTTP the answer ends the stream
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            await self.send(SessionMessage(finished(asked.id, answer)))

    async def pump(self, read: Any, to_sdk: Any, group: TaskGroup) -> None:
        """Read messages, answer those that are ours, and hand on the others."""
        gone = (anyio.ClosedResourceError, anyio.BrokenResourceError)  # the session has ended
        with contextlib.suppress(*gone):
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
            with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
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
        except (TimeoutError, anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            raise NoAnswerError("The client cannot be asked any more.") from error
        finally:
            questions.pop(number, None)
        found: Json = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        return found

    async def write(self, message: types.JSONRPCMessage) -> None:
        """Send a message in the stream of the request."""
        related = ServerMessageMetadata(related_request_id=self.number)
        await self.session.send(SessionMessage(message, related))
