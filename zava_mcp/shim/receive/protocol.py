"""The SDK's protocol engine: handshake, subscriptions, and what it promises to clients."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

import anyio
import mcp_types as types
import msgspec
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from zava_mcp.pages import UI, extensions
from zava_mcp.shim.answer.client import Client
from zava_mcp.shim.answer.errors import BAD_CREDENTIAL, TASKS, MCPError, protocol_error
from zava_mcp.shim.call.calls import Answer, Calls
from zava_mcp.shim.identify.credentials import Caller, Identities
from zava_mcp.shim.receive.message import levels_from
from zava_mcp.shim.receive.sessions import NO_SESSION, Session

DISCOVER_TTL_MS = 60_000  # how long a client may keep what it discovers
SUBSCRIPTIONS = 100  # resources that one client hears of
SKILLS = "io.modelcontextprotocol/skills"  # the extension of MCP

Context = ServerRequestContext[Any, Any]
log = structlog.get_logger("zava-mcp")


@dataclass
class Engine:
    """The SDK's server, its sessions and its streams of changes."""

    calls: Calls
    identities: Identities
    keeps_sessions: bool  # for clients of the handshake revisions
    caller: Caller | None = None  # of --stdio; over HTTP each request brings its own
    sessions: dict[str, Session] = field(default_factory=dict)  # that of --stdio has an empty id
    changes: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)

    @cached_property
    def listen(self) -> ListenHandler:
        """The SDK's handler of subscriptions/listen."""
        return ListenHandler(self.changes)

    @cached_property
    def server(self) -> Server[Any]:
        """The SDK's server, with the methods that need a session if there are sessions."""
        elsewhere: Any = answered_elsewhere
        server: Server[Any] = TaskServer(
            "zava-mcp",
            version=package_version(),
            cache_hints={"server/discover": CacheHint(DISCOVER_TTL_MS, "private")},
            on_list_tools=elsewhere,
            on_call_tool=elsewhere,
            on_list_resources=elsewhere,
            on_list_resource_templates=elsewhere,
            on_read_resource=elsewhere,
            on_list_prompts=elsewhere,
            on_get_prompt=elsewhere,
            on_completion=elsewhere,
            on_subscriptions_listen=self.subscriptions_listen,
        )
        server.extensions = extensions({UI: {}, TASKS: {}, SKILLS: {}})
        if self.keeps_sessions:
            add = server.add_request_handler
            add("logging/setLevel", types.SetLevelRequestParams, self.set_level)
            add("resources/subscribe", types.SubscribeRequestParams, self.subscribe)
            add("resources/unsubscribe", types.UnsubscribeRequestParams, self.unsubscribe)
            server.add_notification_handler(
                "notifications/initialized", types.NotificationParams, self.initialized
            )
        return server

    async def reload(self, announced: bool = False) -> None:
        """Reload the catalogue, and announce a change.

        ``announced``: the database announced it, so it may be a change of grants, which the version
        does not show.
        """
        is_new = await self.calls.reload()
        self.server.instructions = self.calls.catalog["instructions"] or None
        if announced or is_new:
            log.info("catalogue changed", tools=len(self.calls.catalog["tools"]))
            for event in (ToolsListChanged(), ResourcesListChanged(), PromptsListChanged()):
                await self.changes.publish(event)

    async def resource_changed(self, uri: str) -> None:
        """Announce a change of a resource to its subscribers."""
        await self.changes.publish(ResourceUpdated(uri))

    def caller_of(self, ctx: Context) -> Caller:
        """Return the caller of a request."""
        caller: Any = ctx.request.state.caller if ctx.request else self.caller
        return caller  # type: ignore[no-any-return]

    def session_of(self, ctx: Context) -> Session:
        """Return the session of a request. Raises ProtocolError if it has none."""
        name = ctx.request.headers.get(MCP_SESSION_ID_HEADER) if ctx.request else ""
        session = self.sessions.get(name) if name is not None else None
        if session is None:
            raise ProtocolError(types.INVALID_REQUEST, NO_SESSION)
        return session

    async def set_level(self, ctx: Context, params: types.SetLevelRequestParams) -> types.Result:
        """Answer logging/setLevel."""
        self.session_of(ctx).levels = levels_from(params.level)
        return types.EmptyResult()

    async def subscribe(
        self, ctx: Context, params: types.SubscribeRequestParams
    ) -> types.EmptyResult:
        """Answer resources/subscribe, for a resource that the caller may read."""
        session = self.session_of(ctx)
        if len(session.uris) >= SUBSCRIPTIONS:
            text = (
                f"No more than {SUBSCRIPTIONS} resources may be subscribed to: unsubscribe first."
            )
            raise ProtocolError(types.INVALID_PARAMS, text)
        answer = await self.read(ctx, params.uri)
        if answer.code is not None:
            error = types.ErrorData.model_validate_json(answer.body)
            raise ProtocolError(error.code, error.message, error.data)
        session.uris.add(params.uri)
        return types.EmptyResult()

    async def unsubscribe(
        self, ctx: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        """Answer resources/unsubscribe."""
        self.session_of(ctx).uris.discard(params.uri)
        return types.EmptyResult()

    async def initialized(self, ctx: Context, _: types.NotificationParams) -> None:
        """Send changes to a client with a session from now on."""
        with contextlib.suppress(ProtocolError):
            session = self.session_of(ctx)
            if session.change_sender is None:
                session.change_sender = asyncio.create_task(
                    session.send_changes(ctx.session, self.changes)
                )

    async def subscriptions_listen(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Answer subscriptions/listen, without resources that the caller may not read."""
        asked = params.notifications
        uris = (asked.resource_subscriptions or [])[:SUBSCRIPTIONS]
        readable = [uri for uri in uris if (await self.read(ctx, uri)).code is None]
        granted = asked.model_copy(update={"resource_subscriptions": readable or None})
        caller = self.caller_of(ctx)
        try:
            with (
                self.calls.limits.stream(caller.identity["user_id"]),
                anyio.CancelScope() as stream,
                self.identities.while_good(caller.credential, stream.cancel),
            ):
                return await self.listen(ctx, params.model_copy(update={"notifications": granted}))
        except MCPError as error:
            raise protocol_error(error) from error
        raise ProtocolError(types.INVALID_REQUEST, BAD_CREDENTIAL)

    async def read(self, ctx: Context, uri: str) -> Answer:
        """Read a resource for its subscriber."""
        is_modern = ctx.protocol_version in MODERN_PROTOCOL_VERSIONS
        params = msgspec.json.encode({"uri": uri})
        info = ctx.session.client_params.client_info if ctx.session.client_params else None
        name = f"{info.name} {info.version}"[:200] if info else ""
        client = Client(name, ctx.protocol_version, is_modern)
        return await self.calls.answer(
            self.caller_of(ctx), client, "resources/read", uri, params, params
        )


class TaskServer(Server[Any]):
    """The SDK's server, with the tasks capability of 2025-11-25, which it lacks."""

    def get_capabilities(self, *args: Any, **options: Any) -> types.ServerCapabilities:
        """Return the capabilities; from 2026-07-28 on, tasks are an extension."""
        offered = super().get_capabilities(*args, **options)
        if options.get("protocol_version") not in MODERN_PROTOCOL_VERSIONS:
            offered.tasks = types.ServerTasksCapability(
                list=types.TasksListCapability(),
                cancel=types.TasksCancelCapability(),
                requests=types.ServerTasksRequestsCapability(
                    tools=types.TasksToolsCapability(call=types.TasksCallCapability())
                ),
            )
        return offered


async def answered_elsewhere(_: Context, __: Any) -> NoReturn:
    """Stand in for a method of the database, so that the SDK announces the capability."""
    raise ProtocolError(types.INTERNAL_ERROR, "The server has no handler for this request.")


def package_version() -> str:
    """Return the installed version, "" in a checkout that is not installed."""
    try:
        return importlib.metadata.version("zava-mcp")
    except importlib.metadata.PackageNotFoundError:
        return ""
