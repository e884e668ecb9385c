"""Clients of the handshake revisions that have a session: what each asked for, and what it is told.

Those of 2026-07-28 ask for their log level in each call, and for changes by subscriptions/listen.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import get_args

import anyio
import mcp_types as types
import structlog
from mcp import MCPError as ProtocolError
from mcp import ServerSession
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent
from mcp.shared.subscriptions import event_to_notification

from zava_mcp.shim.notices import Context

WAITING = 100  # changes that a client has not read yet, at most
NO_SESSION = "This needs a session: begin with initialize, and send the Mcp-Session-Id it answers."

log = structlog.get_logger("zava-mcp")


@dataclass
class Client:
    """What one client asked for."""

    levels: frozenset[str] = frozenset()  # of log messages
    uris: set[str] = field(default_factory=set)  # of the resources it subscribed to
    telling: asyncio.Task[None] | None = None


@dataclass
class Clients:
    """All clients with a session, by its id; the one of --stdio has the id of no session."""

    changes: InMemorySubscriptionBus
    known: dict[str, Client] = field(default_factory=dict)

    def open(self, session_id: str = "") -> None:
        """Know a client from now on."""
        self.known[session_id] = Client()

    def close(self, session_id: str) -> None:
        """Forget a client, and tell it nothing more."""
        client = self.known.pop(session_id, None)
        if client and client.telling:
            client.telling.cancel()

    def of(self, ctx: Context) -> Client | None:
        """Return the client of a request; None for one without a session."""
        return self.known.get(ctx.request.headers.get(MCP_SESSION_ID_HEADER) if ctx.request else "")

    def levels(self, ctx: Context) -> frozenset[str]:
        """Return the levels of log messages that the client of a request wants."""
        client = self.of(ctx)
        return client.levels if client else frozenset()

    def required(self, ctx: Context) -> Client:
        """Return the client of a request. Raises ProtocolError for one without a session."""
        client = self.of(ctx)
        if client is None:
            raise ProtocolError(types.INVALID_REQUEST, NO_SESSION)
        return client

    async def set_level(self, ctx: Context, params: types.SetLevelRequestParams) -> types.Result:
        """Answer logging/setLevel."""
        levels = get_args(types.LoggingLevel)
        self.required(ctx).levels = frozenset(levels[levels.index(params.level) :])
        return types.EmptyResult()

    async def unsubscribe(
        self, ctx: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        """Answer resources/unsubscribe."""
        self.required(ctx).uris.discard(params.uri)
        return types.EmptyResult()

    async def initialized(self, ctx: Context, _: types.NotificationParams) -> None:
        """Tell a client about changes from now on."""
        client = self.of(ctx)
        if client and client.telling is None:
            client.telling = asyncio.create_task(self.tell(client, ctx.session))

    async def tell(self, client: Client, session: ServerSession) -> None:
        """Tell a client about changes, until it is forgotten or does not read them."""
        send, receive = anyio.create_memory_object_stream[ServerEvent](WAITING)

        def deliver(event: ServerEvent) -> None:
            if isinstance(event, ResourceUpdated) and event.uri not in client.uris:
                return
            try:
                send.send_nowait(event)
            except anyio.WouldBlock:
                log.warning("a client that does not read changes is told no more of them")
                send.close()
            except anyio.ClosedResourceError:
                pass

        unsubscribe = self.changes.subscribe(deliver)
        try:
            with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
                async for event in receive:
                    await session.send_notification(event_to_notification(event, {}))
        finally:
            unsubscribe()
            send.close()
            receive.close()
