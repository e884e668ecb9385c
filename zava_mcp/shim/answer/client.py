"""The client of a request: notifications and questions to it while the request runs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from mcp import MCPError as ProtocolError
from mcp_types.jsonrpc import MISSING_REQUIRED_CLIENT_CAPABILITY

from zava_mcp.shim.answer.errors import Json, MCPError
from zava_mcp.shim.answer.results import visible

# SQLSTATEs of the NOTICEs that are for the client
PROGRESS, LOG_MESSAGE, FOUND = "MCP01", "MCP02", "MCP03"
NOTICES = 1000  # that wait to be sent; more are dropped
NOTICE_SECONDS = 2.0  # for those that are left when the statement has ended
CAPABILITIES = {  # what a client must be able to do, by what it is asked
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}

log = structlog.get_logger("zava-mcp")


class NoAnswerError(MCPError):
    """The client or its user did not answer a question."""

    code = "NO_ANSWER"


@dataclass
class Client:
    """The sender of a request: what it says about itself, and how to send it messages."""

    name: str = ""  # as it calls itself
    revision: str = ""  # of the protocol
    is_modern: bool = False  # 2026-07-28 or later: each request stands for itself
    capabilities: Json = field(default_factory=dict)
    levels: frozenset[str] = frozenset()  # of log messages that it wants
    progress_token: str | int | None = None
    trace: Json = field(default_factory=dict)  # that it is part of, as its headers would name it
    progress: float = -math.inf  # sent last; it goes on where the call is repeated
    request_id: str = ""  # of its call in the logs
    groups: tuple[str, ...] = ()  # of tools that it wants; none for what the database gives

    found: tuple[str, ...] = ()  # tools that searches found in its session
    cancel: Callable[[], None] | None = None  # ends its request; set before the first await
    can_be_asked = False  # while the request runs

    @property
    def abilities(self) -> set[str]:
        """The client capabilities that questions may use."""
        if not (self.is_modern or self.can_be_asked):
            return set()
        can = {name for name in CAPABILITIES.values() if self.capabilities.get(name) is not None}
        modes = self.capabilities.get("elicitation") or {}
        if modes.get("url") is not None and modes.get("form") is None:
            can.discard("elicitation")  # of forms, which is what we ask with
        return can

    async def notify(self, method: str, params: Json) -> None:
        """Send a notification that belongs to the request."""

    async def ask(self, method: str, params: Json) -> Json:
        """Ask a question and return the answer. Raises NoAnswerError."""
        raise NoAnswerError(f"The client cannot be asked: {method}, {sorted(params)}.")

    async def list_found(self, tools: set[str]) -> None:
        """Have tools/list name tools that a search found, if there is a session."""

    def check_abilities(self, questions: Json) -> None:
        """Check that the client can answer. Raises NoAnswerError, ProtocolError."""
        needed = {CAPABILITIES[question["method"]] for question in questions.values()}
        missing = needed - self.abilities
        if not missing:
            return
        text = f"This asks for {' and '.join(sorted(missing))}, which your client does not offer."
        if self.is_modern:
            data = {"requiredCapabilities": as_capabilities(missing)}
            raise ProtocolError(MISSING_REQUIRED_CLIENT_CAPABILITY, text, data)
        hint = "" if self.can_be_asked else "Over HTTP, begin a session with initialize."
        raise NoAnswerError(text, hint=hint)

    @property
    def wants_notices(self) -> bool:
        """Whether the notices of a function can be of use to the client."""
        return bool(self.levels) or self.progress_token is not None or self.can_be_asked

    @contextlib.asynccontextmanager
    async def forwarding_notices(self, connection: Any) -> AsyncIterator[None]:
        """Forward the notices of a function as notifications, as far as the client wants them."""
        notices: asyncio.Queue[Any] = asyncio.Queue()

        def listener(_: Any, notice: Any) -> None:
            if notices.qsize() < NOTICES:
                notices.put_nowait(notice)

        connection.add_log_listener(listener)
        sender = asyncio.create_task(self.send_notices(notices))
        try:
            yield
            notices.put_nowait(None)
            # nothing may follow the result; and who does not read must not keep the connection
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(NOTICE_SECONDS):
                    if found := await sender:
                        await self.list_found(found)
        finally:
            sender.cancel()
            with contextlib.suppress(asyncpg.InterfaceError):  # it is gone
                connection.remove_log_listener(listener)

    async def send_notices(self, notices: asyncio.Queue[Any]) -> set[str]:
        """Forward notices until None comes; return the names of the tools that were found.

        Progress that does not grow is left out, as the protocol demands.
        """
        found = set()
        while (notice := await notices.get()) is not None:
            try:
                if notice.sqlstate == PROGRESS:
                    await self.send_progress(json.loads(notice.detail))
                elif notice.sqlstate == LOG_MESSAGE:
                    message = json.loads(notice.detail)
                    if message["level"] in self.levels:
                        params = {"level": message["level"], "data": visible(message["data"])}
                        await self.notify("notifications/message", params)
                elif notice.sqlstate == FOUND:
                    found.add(notice.message)
            except (ValueError, TypeError, KeyError) as error:
                state, reason = notice.sqlstate, repr(error)
                log.warning("malformed notice", sqlstate=state, reason=reason)
        return found

    async def send_progress(self, step: Json) -> None:
        """Send progress if it has grown."""
        if self.progress_token is None or step["progress"] <= self.progress:
            return
        self.progress = step["progress"]
        params = {"progressToken": self.progress_token, "progress": self.progress}
        more = {name: step[name] for name in ("total", "message") if step.get(name) is not None}
        await self.notify("notifications/progress", params | visible(more))


def as_capabilities(abilities: set[str]) -> Json:
    """Return names of capabilities in the form of the protocol."""
    return {name: {} for name in sorted(abilities)}
