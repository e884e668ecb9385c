"""What one process holds, and how it answers tools/list and tools/call."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.metadata
import json
import math
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import anyio
import asyncpg
import mcp_types as types
import structlog
from mcp import MCPError as ProtocolError
from mcp import ServerSession
from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, REQUEST_CANCELLED
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from opentelemetry import trace
from pydantic import ValidationError as MessageError
from starlette.requests import Request

from shim.assertions import API_KEY, Credential, proof
from shim.audit import Recorder
from shim.errors import (
    DATABASE_FAILURES,
    UNAVAILABLE,
    Call,
    DatabaseError,
    Json,
    MCPError,
    as_jsonb,
    decoded,
    encoded,
    translate,
)
from shim.limits import Limits
from shim.notices import Context, notices_to_client
from shim.settings import Settings
from shim.untrusted import escaped_json

CALL_TOOL = "select mcp.call_tool($1, $2, $3::jsonb, $4::jsonb)"
LIST_TOOLS = "select mcp.list_tools($1)"
AUTHENTICATE = "select mcp.authenticate($1)"
CATALOG = "select mcp.shim_catalog()"
ACQUIRE_SECONDS = 10
IDENTITY_SECONDS, IDENTITIES = 1.0, 1024  # how long, and how many, answers about credentials last
LIST_TTL_MS = 60_000  # how long a client may keep a tool list
QUERY_LENGTH = 10_000  # characters embedded
NO_TOOL: Json = {"timeout_ms": math.inf, "embed": {}, "sandbox": False}  # the database will say so

log = structlog.get_logger("zava-mcp")


@dataclass
class Shim:
    """What one process holds, and the handlers of tools/list and tools/call."""

    settings: Settings
    pool: Any
    vector: Callable[[str], tuple[str, list[float]]] | None  # of a text, and the model it is of
    catalog: Json = field(default_factory=dict)  # what CATALOG answered last
    credential: Credential = ""  # of --stdio; over HTTP each request brings its own
    identity: Json = field(default_factory=dict)  # whose credential that is
    session: ServerSession | None = None  # the client of --stdio, once it has listed the tools
    log_levels: frozenset[str] = frozenset()  # what that client asked to be sent
    identities: dict[bytes, tuple[float, Json | None]] = field(default_factory=dict)
    calls: dict[tuple[Credential, str, str], anyio.CancelScope] = field(
        default_factory=dict
    )  # running
    changes: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    limits: Limits = field(default_factory=Limits)

    @cached_property
    def recorder(self) -> Recorder:
        """What hands the calls to the log of the database."""
        return Recorder(self.pool)

    @cached_property
    def listen(self) -> ListenHandler:
        """The change streams of 2026-07-28."""
        return ListenHandler(self.changes)

    @cached_property
    def server(self) -> Server[Any]:
        """The SDK's protocol engine with our handlers."""
        return Server(
            "zava-mcp",
            version=package_version(),
            cache_hints={"tools/list": CacheHint(LIST_TTL_MS, "private")},
            get_tool_input_schema=lambda _: None,  # else the SDK lists the tools before every call
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_subscriptions_listen=self.listen,
        )

    async def reload(self, told: bool = False) -> None:
        """Read the catalogue; tell the clients of a change, which may be one of grants alone."""
        before, self.catalog = self.catalog, json.loads(await self.pool.fetchval(CATALOG))
        self.server.instructions = self.catalog["instructions"] or None
        if told or (before and before["version"] != self.catalog["version"]):
            log.info("catalogue changed", tools=len(self.catalog["tools"]))
            await self.changes.publish(ToolsListChanged())
            if self.session is not None:
                await self.session.send_tool_list_changed()

    async def authenticate(self, credential: Credential) -> Json | None:
        """Say whose credential it is, None when it is refused; believed for IDENTITY_SECONDS."""
        if isinstance(credential, str) and not credential.startswith(API_KEY):
            return None  # a token of somebody else's, or an assertion: not for the database
        key, now = hashlib.sha256(repr(credential).encode()).digest(), time.monotonic()
        until, identity = self.identities.get(key, (now, None))
        if until > now:
            return identity
        try:
            async with self.connection() as connection:
                said = self.proof(credential, "/authenticate")
                identity = json.loads(await connection.fetchval(AUTHENTICATE, said))
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.DataError):
            identity = None
        if len(self.identities) >= IDENTITIES:
            self.identities.clear()
        self.identities[key] = (now + IDENTITY_SECONDS, identity)
        return identity

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Lend a connection. Raises DatabaseError when there is none to have."""
        try:
            connection = await self.pool.acquire(timeout=ACQUIRE_SECONDS)
        except DATABASE_FAILURES as error:
            raise DatabaseError(UNAVAILABLE) from error
        try:
            yield connection
        finally:
            await self.pool.release(connection)

    def proof(self, credential: Credential, action: str, *bound: str) -> str:
        """Give what proves to the database who calls, for one action."""
        key = self.settings.assertion_key
        return proof(credential, key.get_secret_value() if key else "", action, *bound)

    def caller(self, ctx: Context) -> tuple[Credential, Json]:
        """Give the credential of a request and whose it is."""
        if ctx.request is None:
            return self.credential, self.identity
        return ctx.request.state.credential, ctx.request.state.identity

    def admitted(
        self, ctx: Context, is_query: bool = False
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Count a request of its caller while it runs. Raises RateLimitError."""
        identity = self.caller(ctx)[1]
        return self.limits.admit(identity["user_id"], identity["limits"], is_query)

    async def list_tools(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """Answer tools/list with the database's list as it is."""
        if params and params.cursor:
            raise ProtocolError(types.INVALID_PARAMS, "Unknown cursor: the list has one page.")
        try:
            async with self.admitted(ctx), self.connection() as connection:
                said = self.proof(self.caller(ctx)[0], "/list_tools")
                text = await connection.fetchval(LIST_TOOLS, said)
        except Exception as error:
            failure = self.failure(error, Call("", {}, self.settings.command_timeout))
            if not isinstance(failure, ProtocolError):
                failure = ProtocolError(types.INTERNAL_ERROR, str(failure))
            raise failure from error
        if ctx.request is None:
            self.session = ctx.session
        return types.ListToolsResult.model_validate_json(text, by_name=False)

    async def call_tool(
        self, ctx: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Answer tools/call with the database's result, or its error as a result with isError."""
        known = self.catalog["tools"].get(params.name, NO_TOOL)
        limit = min(known["timeout_ms"] / 1000, self.settings.command_timeout)
        call = Call(params.name, params.arguments or {}, limit)
        entry = self.recorder.begin(call.tool, call.id)
        try:
            arguments = encoded(call)
            entry.asked(arguments, keep=self.catalog["log_arguments"])
            with self.cancellable(ctx):
                async with self.admitted(ctx, known["sandbox"]):
                    text = await self.run(ctx, call, arguments, known["embed"])
            content, structured = types.TextContent(text=escaped_json(text)), decoded(text)
            entry.answered(text, structured)
            return types.CallToolResult(content=[content], structured_content=structured)
        except Exception as error:
            failure = self.failure(error, call)
            entry.failed(failure)
            if isinstance(failure, ProtocolError):
                raise failure from error
            said = {"code": failure.code, "message": str(failure), **failure.details}
            said["request_id"] = call.id
            # as text alone: clients hold structured content against the tool's output schema
            content = types.TextContent(text=escaped_json(json.dumps(said, ensure_ascii=False)))
            return types.CallToolResult(content=[content], is_error=True)
        finally:
            self.recorder.end(entry, self.caller(ctx)[1], origin(ctx))

    def failure(self, error: Exception, call: Call) -> MCPError | ProtocolError:
        """Translate a failure, and log what the client is not told."""
        failure = translate(error, call)
        if failure.code in ("MCP_ERROR", "DATABASE_ERROR"):
            error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            said = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
            log.error("failure", request_id=call.id, **said, exc_info=None if said else error)
        return failure

    @contextlib.contextmanager
    def cancellable(self, ctx: Context) -> Iterator[None]:
        """Let cancel end the block. Raises ProtocolError then."""
        key = call_key(ctx.request, ctx.request_id)
        with anyio.CancelScope() as scope:
            self.calls[key] = scope
            try:
                yield
            finally:
                self.calls.pop(key, None)
        if scope.cancelled_caught:
            raise ProtocolError(REQUEST_CANCELLED, "Request cancelled")

    def cancel(self, request: Request, body: bytes) -> None:
        """Obey a notifications/cancelled over HTTP; the stateless SDK does not know the call."""
        with contextlib.suppress(MessageError):
            said = types.CancelledNotification.model_validate_json(body)
            if scope := self.calls.get(call_key(request, said.params.request_id)):
                scope.cancel()

    async def run(self, ctx: Context, call: Call, arguments: str, embed: Json) -> str:
        """Run a tool as one statement; give its result as JSON text."""
        request = {"request_id": call.id, **origin(ctx), **await self.embed(call, embed)}

        async def once() -> str:
            said = self.proof(self.caller(ctx)[0], call.tool, arguments, call.id)
            statement = (CALL_TOOL, said, call.tool, arguments, as_jsonb(request))
            return str(await connection.fetchval(*statement, timeout=call.limit))

        async with (
            self.connection() as connection,
            notices_to_client(connection, ctx, self.log_levels),
        ):
            try:
                return await once()
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                # nothing of it has happened, so once more does no harm
                return await once()

    async def embed(self, call: Call, wanted: Json) -> Json:
        """Give the vectors of the arguments that the tool wants as vectors, and their model."""
        vectors = {}
        for name, spec in wanted.items():
            text = call.arguments.get(name)
            if self.vector is None or not isinstance(text, str) or not text.strip():
                continue
            try:
                found = await asyncio.to_thread(self.vector, text[:QUERY_LENGTH])
                model, vectors[spec["parameter"]] = found
            except Exception as error:
                log.warning("not embedded", request_id=call.id, reason=str(error))
                return {}  # the database answers by the words, and says so
        return {"embedding_model": model, "embeddings": vectors} if vectors else {}


def call_key(request: Request | None, request_id: object) -> tuple[Credential, str, str]:
    """Name a call; one of a client without a session has a name that nothing else has."""
    if request is None or MCP_SESSION_ID_HEADER not in request.headers:
        return "", "", uuid.uuid4().hex
    return request.state.credential, request.headers[MCP_SESSION_ID_HEADER], str(request_id)


def origin(ctx: Context) -> Json:
    """Say where a request comes from: the client's name and the trace it belongs to."""
    info = ctx.session.client_params.client_info if ctx.session.client_params else None
    agent = ctx.request.headers.get("user-agent", "") if ctx.request else ""
    client = f"{info.name} {info.version}" if info else agent
    span = trace.get_current_span().get_span_context()
    traced = {"trace_id": trace.format_trace_id(span.trace_id)} if span.is_valid else {}
    return {"client": "".join(c for c in client if c.isprintable())[:200], **traced}


def package_version() -> str:
    """Give the version that is installed; a checkout that is not installed has none."""
    try:
        return importlib.metadata.version("zava-mcp")
    except importlib.metadata.PackageNotFoundError:
        return ""
