"""The MCP shim: it carries messages between clients and the database, and decides nothing.

A request comes in over streamable HTTP or stdio, goes to one entry point of schema mcp as one
statement, and its answer goes back. Tools, access, arguments and rows are the database's affair;
here are the transports, the pool, the hand-over of the credential, embeddings, and the translation
of SQLSTATEs into the errors that clients see.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import hashlib
import importlib.metadata
import json
import logging
import math
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import FrameType
from typing import Annotated, Any, Literal, get_args

import anyio
import asyncpg
import click
import mcp_types as types
import structlog
import uvicorn
from mcp import MCPError as ProtocolError
from mcp import ServerSession, stdio_server
from mcp.server.caching import CacheHint
from mcp.server.connection import allowed_log_levels
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.streamable_http import (
    MCP_SESSION_ID_HEADER,
    REQUEST_CANCELLED,
    check_accept_headers,
)
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.server.transport_security import (
    DEFAULT_MAX_REQUEST_BODY_SIZE,
    RequestBodyLimitMiddleware,
    TransportSecuritySettings,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from opentelemetry import trace
from pydantic import Field, SecretStr, field_validator
from pydantic import ValidationError as SettingsError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

import embeddings

CALL_TOOL = "select mcp.call_tool($1, $2, $3::jsonb, $4::jsonb)"
LIST_TOOLS = "select mcp.list_tools($1)"
AUTHENTICATE = "select mcp.authenticate($1)"
CATALOG = "select mcp.shim_catalog()"
CHECK_LOGIN = "select mcp.check_login()"
CATALOG_CHANGED = "mcp_catalog"  # NOTIFY channel
UNKNOWN_TOOL = "unknown_tool"  # constraint name of the 42883 that says so
PROGRESS, LOG_MESSAGE = "MCP01", "MCP02"  # SQLSTATEs of the NOTICEs that are for the client

CONNECT_SECONDS, ACQUIRE_SECONDS, EMBED_SECONDS, CLOSE_SECONDS = 10, 10, 5, 5
IDENTITY_SECONDS, IDENTITIES = 1.0, 1024  # how long, and how many, answers about credentials last
LIST_TTL_MS = 60_000  # how long a client may keep a tool list
QUERY_VECTORS, QUERY_LENGTH = 256, 10_000  # texts remembered as vectors, characters embedded
NAME_SHOWN, VALUE_SHOWN = 100, 200  # characters of a tool's name or a value repeated in an error
OTHER_SETTINGS = {"ZAVA_DATA_DIR", "ZAVA_DEMO_ORDERS"}  # read by localdb.py
UNAVAILABLE = "The database is unavailable, try again."
BAD_KEY = "The API key is unknown, expired or revoked."
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
DATABASE_FAILURES = (
    OSError,  # TimeoutError is one
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised at times by a connection that has just died
)

Json = dict[str, Any]
Context = ServerRequestContext[Any, Any]
log = structlog.get_logger("zava-mcp")


# Settings ---------------------------------------------------------------------------------------


class Settings(BaseSettings):
    """What the environment says; the variable of a field is ZAVA_ and its name."""

    model_config = SettingsConfigDict(env_prefix="ZAVA_")

    database_url: SecretStr = Field(min_length=1, description="postgresql://user:...@host/name")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on, 0 for any free one")
    api_key: SecretStr | None = Field(None, description="zava_..., whose tools --stdio offers")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [], description="host names that clients use, by commas; needed off the loopback address"
    )
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        [], description="origins of web pages that may call, by commas"
    )
    embedder: Literal["local", "openai", "none"] = Field("local", description="what embeds text")
    embedding_model: str | None = Field(None, description="name of the model")
    embedding_base_url: str | None = Field(None, description="OpenAI-compatible endpoint")
    embedding_api_key: SecretStr | None = Field(None, description="key for that endpoint")
    pool_min: int = Field(2, ge=1, le=1000, description="database connections kept open")
    pool_max: int = Field(10, ge=1, le=1000, description="database connections at most")
    command_timeout: float = Field(30, gt=0, le=3600, description="seconds a tool may take at most")

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value


class Refusal(click.ClickException):
    """The server does not start; the message says why and how to mend it."""

    def __init__(self, message: str, exit_code: Literal[1, 2] = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click documents it as overridable


def load_settings(**options: Any) -> Settings:
    """Read the environment; an option that is not None goes before it. Raises Refusal."""
    known = {f"ZAVA_{name.upper()}" for name in Settings.model_fields} | OTHER_SETTINGS
    for name in sorted(name for name in os.environ if name.upper().startswith("ZAVA_")):
        if name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1) or sorted(known)
            raise Refusal(f"{name} is not a setting, did you mean {' or '.join(near)}?")
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
    except SettingsError as error:
        problems = [f"ZAVA_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise Refusal("\n".join(problems)) from None
    if settings.pool_min > settings.pool_max:
        raise Refusal(
            f"ZAVA_POOL_MIN={settings.pool_min} is over ZAVA_POOL_MAX={settings.pool_max}"
        )
    return settings


# Errors that clients see ------------------------------------------------------------------------


class MCPError(Exception):
    """A failed call: a code, a sentence, and what helps to mend it (hint, field, value ...)."""

    code = "MCP_ERROR"

    def __init__(self, message: str, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.details = {name: value for name, value in details.items() if value not in (None, "")}


class DatabaseError(MCPError):
    """The database cannot answer."""

    code = "DATABASE_ERROR"


class QueryTimeoutError(DatabaseError):
    """The tool took longer than it may."""

    code = "QUERY_TIMEOUT"


class AuthorizationError(MCPError):
    """The caller may not do this."""

    code = "AUTHORIZATION_ERROR"


class ValidationError(MCPError):
    """An argument, or SQL that the client sent as one, is wrong."""

    code = "VALIDATION_ERROR"


@dataclass(frozen=True)
class Call:
    """A request of a client's, as far as its errors need it."""

    tool: str
    arguments: Json
    limit: float  # seconds it may take
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def translate(  # noqa: PLR0911 -- a table, SQLSTATE by SQLSTATE
    error: Exception, call: Call
) -> MCPError | ProtocolError:
    """Give what a client sees of a failed call. DETAIL and CONTEXT are never part of it.

    A ProtocolError stands for what is no tool's failure: an unknown tool, a refused credential.
    """
    if isinstance(error, MCPError | ProtocolError):
        return error
    said = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
    state, message = said.get("sqlstate", ""), said.get("message", "")
    hint, constraint = said.get("hint"), said.get("constraint_name")
    if state == "42883" and constraint == UNKNOWN_TOOL:
        return unknown_tool(call.tool)
    if state == "28000":
        return ProtocolError(types.INVALID_REQUEST, BAD_KEY)
    if state == "57014" or isinstance(error, TimeoutError):
        narrow = "Narrow the question: a shorter period, fewer rows, or a filter."
        text = f"The tool did not finish within {call.limit:g} seconds."
        return QueryTimeoutError(text, hint=narrow)
    if state == "42501":
        return AuthorizationError("You are not allowed to do this.", hint=hint)
    if state == "P0002":
        return MCPError(message, "NOT_FOUND", hint=hint)
    if state in ("23505", "23503"):
        return MCPError(message, "CONFLICT", hint=hint, constraint=constraint)
    if state in ("40001", "40P01"):
        return MCPError("Another change got in the way, try again.", "CONFLICT")
    if details := fault(said, call.arguments):
        return ValidationError(message, hint=hint, **details)
    outside = not said and isinstance(error, DATABASE_FAILURES)
    if outside or state.startswith(("08", "53", "57P", "58", "XX")):
        return DatabaseError(UNAVAILABLE)
    return MCPError(f"Internal error, quote request id {call.id}.")


def fault(said: Json, arguments: Json) -> Json:
    """Say which argument a PostgreSQL error is about; nothing where it is about none."""
    state, name = said.get("sqlstate", ""), said.get("column_name")
    clients_sql = state.startswith(("21", "22", "42", "0A", "54")) or state == "25006"
    named = state.startswith("22") or state in ("23502", "23514")
    if name and (named or (clients_sql and name in arguments)):
        value = shown(arguments[name]) if name in arguments else None
        return {"field": name, "value": value, "constraint": said.get("constraint_name")}
    for name, value in arguments.items():
        if not clients_sql or not isinstance(value, str):
            continue
        if value == said.get("internal_query"):  # found while parsing
            return {"field": name, "position": int(said.get("internal_position") or 0) or None}
        if f'SQL statement "{value}"' in said.get("context", ""):  # found while planning
            return {"field": name}
    return {}


def unknown_tool(name: str) -> ProtocolError:
    """Give the error for a tool that is not there, or not for this caller."""
    return ProtocolError(types.INVALID_PARAMS, f"Unknown tool: {shown(name, NAME_SHOWN)}")


def as_jsonb(value: Any) -> str:
    """Give value as text that jsonb takes. Raises ValueError or RecursionError for others."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()  # half of a surrogate pair raises
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("NUL character")
    return text


def shown(value: Any, limit: int = VALUE_SHOWN) -> Any:
    """Give a client's value as an error may repeat it: short, and nothing that JSON cannot hold."""
    if isinstance(value, str):
        return value[:limit].encode(errors="backslashreplace").decode()
    try:
        text = as_jsonb(value)
    except (ValueError, RecursionError):
        return None
    return value if len(text) <= limit else text[:limit]


def encoded(call: Call) -> str:
    """Give the arguments as jsonb text. Raises ValidationError naming the one that cannot be."""
    try:
        as_jsonb(call.tool)
    except ValueError:
        raise unknown_tool(call.tool) from None
    for name, value in call.arguments.items():
        try:
            as_jsonb({name: value})
        except (ValueError, RecursionError):
            hint = "Send no NUL character, no half of a surrogate pair, no NaN, no deep nesting."
            text = f"{shown(name)} holds what the database cannot store"
            details = {"field": shown(name), "value": shown(value)}
            raise ValidationError(text, hint=hint, **details) from None
    return as_jsonb(call.arguments)


# The shim ---------------------------------------------------------------------------------------


@dataclass
class Shim:
    """What one process holds, and the handlers of tools/list and tools/call."""

    settings: Settings
    pool: Any
    vector: Callable[[str], tuple[str, list[float]]] | None  # of a text, and the model it is of
    catalog: Json = field(default_factory=dict)  # what CATALOG answered last
    credential: str = ""  # of --stdio; over HTTP each request brings its own
    identity: Json = field(default_factory=dict)  # whose credential that is
    session: ServerSession | None = None  # the client of --stdio, once it has listed the tools
    log_levels: frozenset[str] = frozenset()  # what that client asked to be sent
    identities: dict[bytes, tuple[float, Json | None]] = field(default_factory=dict)
    calls: dict[tuple[str, str, str], anyio.CancelScope] = field(default_factory=dict)  # running
    changes: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)

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

    async def authenticate(self, credential: str) -> Json | None:
        """Say whose credential it is, None when it is refused; believed for IDENTITY_SECONDS."""
        key, now = hashlib.sha256(credential.encode(errors="replace")).digest(), time.monotonic()
        until, identity = self.identities.get(key, (now, None))
        if until > now:
            return identity
        try:
            async with self.connection() as connection:
                identity = json.loads(await connection.fetchval(AUTHENTICATE, credential))
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

    def caller(self, ctx: Context) -> tuple[str, Json]:
        """Give the credential of a request and whose it is."""
        if ctx.request is None:
            return self.credential, self.identity
        return ctx.request.state.credential, ctx.request.state.identity

    async def list_tools(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """Answer tools/list with the database's list as it is."""
        if params and params.cursor:
            raise ProtocolError(types.INVALID_PARAMS, "Unknown cursor: the list has one page.")
        try:
            async with self.connection() as connection:
                text = await connection.fetchval(LIST_TOOLS, self.caller(ctx)[0])
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
        known = self.catalog["tools"].get(params.name, {"timeout_ms": math.inf, "embed": {}})
        limit = min(known["timeout_ms"] / 1000, self.settings.command_timeout)
        call, started, code = Call(params.name, params.arguments or {}, limit), time.monotonic(), ""
        try:
            with self.cancellable(ctx):
                text = await self.run(ctx, call, known["embed"])
            code, content = "OK", types.TextContent(text=text)
            return types.CallToolResult(content=[content], structured_content=json.loads(text))
        except Exception as error:
            failure = self.failure(error, call)
            code = "" if failure.code == REQUEST_CANCELLED else str(failure.code)
            if isinstance(failure, ProtocolError):
                raise failure from error
            said = {"code": code, "message": str(failure), **failure.details, "request_id": call.id}
            # as text alone: clients hold structured content against the tool's output schema
            content = types.TextContent(text=json.dumps(said, ensure_ascii=False))
            return types.CallToolResult(content=[content], is_error=True)
        finally:
            log.info(
                "call",
                request_id=call.id,
                user=self.caller(ctx)[1].get("user_id"),
                tool=shown(call.tool, NAME_SHOWN),
                duration_ms=round((time.monotonic() - started) * 1000, 1),
                code=code or "CANCELLED",
            )

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
        with contextlib.suppress(SettingsError):
            said = types.CancelledNotification.model_validate_json(body)
            if scope := self.calls.get(call_key(request, said.params.request_id)):
                scope.cancel()

    async def run(self, ctx: Context, call: Call, embed: Json) -> str:
        """Run a tool as one statement; give its result as JSON text."""
        arguments = encoded(call)
        request = {"request_id": call.id, **origin(ctx), **await self.embed(call, embed)}
        statement = (CALL_TOOL, self.caller(ctx)[0], call.tool, arguments, as_jsonb(request))
        async with (
            self.connection() as connection,
            notices_to_client(connection, ctx, self.log_levels),
        ):
            try:
                return str(await connection.fetchval(*statement, timeout=call.limit))
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                # nothing of it has happened, so once more does no harm
                return str(await connection.fetchval(*statement, timeout=call.limit))

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


def call_key(request: Request | None, request_id: object) -> tuple[str, str, str]:
    """Name a call; one of a client without a session has a name that nothing else has."""
    if request is None or MCP_SESSION_ID_HEADER not in request.headers:
        return "", "", uuid.uuid4().hex
    return request.state.credential, request.headers[MCP_SESSION_ID_HEADER], str(request_id)


@contextlib.asynccontextmanager
async def notices_to_client(
    connection: Any, ctx: Context, levels: frozenset[str]
) -> AsyncIterator[None]:
    """Send on the tool's progress and log messages, as far as the client asked for them."""
    if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
        levels = frozenset(allowed_log_levels(ctx.protocol_version, ctx.meta))
    if not levels and "progress_token" not in (ctx.meta or {}):
        yield
        return
    notices: asyncio.Queue[Any] = asyncio.Queue()

    def listener(_: Any, notice: Any) -> None:
        notices.put_nowait(notice)

    connection.add_log_listener(listener)
    sender = asyncio.create_task(send_notices(notices, ctx, levels))
    try:
        yield
        notices.put_nowait(None)
        await sender  # nothing may follow the result
    finally:
        sender.cancel()
        connection.remove_log_listener(listener)


async def send_notices(notices: asyncio.Queue[Any], ctx: Context, levels: frozenset[str]) -> None:
    """Send notices to the client until None comes; progress that does not grow is left out."""
    last = -math.inf
    while (notice := await notices.get()) is not None:
        try:
            said = json.loads(notice.detail) if notice.sqlstate in (PROGRESS, LOG_MESSAGE) else {}
            if notice.sqlstate == PROGRESS and said["progress"] > last:
                last = said["progress"]
                await ctx.session.report_progress(last, said.get("total"), said.get("message"))
            elif notice.sqlstate == LOG_MESSAGE and said["level"] in levels:
                params = types.LoggingMessageNotificationParams(
                    level=said["level"], data=said["data"]
                )
                message = types.LoggingMessageNotification(params=params)
                await ctx.session.send_notification(message, related_request_id=ctx.request_id)
        except (ValueError, TypeError, KeyError) as error:
            log.warning("notice that nobody can read", sqlstate=notice.sqlstate, reason=repr(error))


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


# The database -----------------------------------------------------------------------------------


def connect_arguments(settings: Settings) -> Json:
    """Give what the pool and the listening connection have in common."""
    return {
        "dsn": settings.database_url.get_secret_value(),
        "timeout": CONNECT_SECONDS,
        "command_timeout": settings.command_timeout,
        "server_settings": {"application_name": "zava-mcp", "jit": "off"},
    }


@contextlib.asynccontextmanager
async def open_shim(settings: Settings) -> AsyncIterator[Shim]:
    """Open everything but the transport, and close it again. Raises Refusal."""
    pool = await open_pool(settings)
    try:
        shim = Shim(settings, pool, open_embedder(settings))
        await shim.reload()
        watcher = asyncio.create_task(watch_catalog(shim))
        try:
            yield shim
        finally:
            watcher.cancel()
            await asyncio.wait({watcher})
    finally:
        await close_pool(pool)


async def open_pool(settings: Settings) -> Any:
    """Connect, and let the database judge our login. Raises Refusal."""
    limits = {"min_size": settings.pool_min, "max_size": settings.pool_max}
    try:
        pool = await asyncpg.create_pool(
            max_inactive_connection_lifetime=300, **limits, **connect_arguments(settings)
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Refusal(f"cannot connect to the database of ZAVA_DATABASE_URL: {error}", 1) from None
    except (ValueError, asyncpg.InterfaceError):  # its text may repeat the password
        like = Settings.model_fields["database_url"].description
        raise Refusal(f"ZAVA_DATABASE_URL is not like {like}") from None
    try:
        verdict = json.loads(await pool.fetchval(CHECK_LOGIN))
    except asyncpg.PostgresError as error:
        pool.terminate()
        mend = "run `python migrate.py apply` and connect with the login that it makes"
        raise Refusal(f"the database is not ready for this login ({error}): {mend}", 1) from None
    if verdict["problems"]:
        pool.terminate()
        problems = "; ".join(verdict["problems"])
        raise Refusal(f"refusing to serve with the login {verdict['login']}: {problems}", 1)
    return pool


async def close_pool(pool: Any) -> None:
    """Close the pool, abandoning what is not done in time."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


def open_embedder(settings: Settings) -> Callable[[str], tuple[str, list[float]]] | None:
    """Give a function from a text to its model and vector; without one, words have to do."""
    key = settings.embedding_api_key
    try:
        embedder = embeddings.load_embedder(
            settings.embedder,
            model=settings.embedding_model,
            base_url=settings.embedding_base_url,
            api_key=key.get_secret_value() if key else None,
            timeout=EMBED_SECONDS,
            max_retries=1,
        )
    except embeddings.EmbeddingError as error:
        log.warning("no embedder", reason=str(error))
        return None
    if embedder is None:
        return None
    return lru_cache(QUERY_VECTORS)(lambda text: (embedder.model, embedder.embed([text])[0]))


async def watch_catalog(shim: Shim) -> None:
    """Reload the catalogue whenever the database says so; reconnect for ever."""
    delay = 1.0
    while True:
        try:
            connection = await asyncpg.connect(**connect_arguments(shim.settings))
            try:
                woken = asyncio.Event()
                connection.add_termination_listener(lambda *_, woken=woken: woken.set())
                await connection.add_listener(CATALOG_CHANGED, lambda *_, woken=woken: woken.set())
                await shim.reload()  # for what happened while nobody listened
                delay = 1.0
                while await woken.wait() and not connection.is_closed():
                    woken.clear()
                    await shim.reload(told=True)
            finally:
                connection.terminate()
        except DATABASE_FAILURES as error:
            log.warning("not listening for changes", reason=str(error), again_in_seconds=delay)
        await asyncio.sleep(delay)
        delay = min(delay * 2, 30)


# HTTP -------------------------------------------------------------------------------------------


class Endpoint:
    """What answers a POST to /mcp: it checks the bearer key and leaves the message to the SDK.

    The answer is one JSON body, or an event stream where the client asked for progress. A client
    that hangs up cancels its call: in a stateless server nobody is left to answer. To the handshake
    revisions we give a session id that stands for nothing but itself: a name for cancellations.
    """

    def __init__(self, shim: Shim, security: TransportSecuritySettings) -> None:
        self.shim = shim
        self.plain, self.streaming = (
            StreamableHTTPSessionManager(
                shim.server, json_response=plain, stateless=True, security_settings=security
            )
            for plain in (True, False)
        )
        self.limited = RequestBodyLimitMiddleware(self.answer, DEFAULT_MAX_REQUEST_BODY_SIZE)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Keep the SDK's two session managers running."""
        async with self.plain.run(), self.streaming.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: by a refusal when its credential is not good."""
        refusal = await self.authorize(Request(scope))
        await (refusal or self.limited)(scope, receive, send)

    async def authorize(self, request: Request) -> Response | None:
        """Leave credential and identity in request.state, or give the response that refuses."""
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            text = "Send the header Authorization: Bearer zava_... with your API key."
            return unauthorized("missing_token", text, "")
        try:
            identity = await self.shim.authenticate(credential.strip())
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.error("cannot authenticate", reason=repr(error.__cause__ or error))
            return JSONResponse({"error": "unavailable", "error_description": UNAVAILABLE}, 503)
        if identity is None:
            challenge = f', error="invalid_token", error_description="{BAD_KEY}"'
            return unauthorized("invalid_token", BAD_KEY, challenge)
        request.state.credential, request.state.identity = credential.strip(), identity
        return None

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK answer one message, until the client hangs up."""
        request, message = Request(scope), await receive()  # all of the body
        modern = request.headers.get("mcp-protocol-version") in MODERN_PROTOCOL_VERSIONS
        _, takes_stream = check_accept_headers(request)
        stream = takes_stream and (modern or b'"progressToken"' in message.get("body", b""))
        if not modern and b'"notifications/cancelled"' in message.get("body", b""):
            self.shim.cancel(request, message["body"])
        unread, named = [message], modern or MCP_SESSION_ID_HEADER in request.headers

        async def replay() -> Message:
            return unread.pop() if unread else await asyncio.Future()  # hang_up reads the rest

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start" and not named:
                name = (MCP_SESSION_ID_HEADER.encode(), uuid.uuid4().hex.encode())
                message = {**message, "headers": [*message["headers"], name]}
            await send(message)

        async with anyio.create_task_group() as group:

            async def hang_up() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(hang_up)
            await (self.streaming if stream else self.plain).handle_request(scope, replay, reply)
            group.cancel_scope.cancel()


def unauthorized(error: str, text: str, challenge: str) -> Response:
    """Give a 401; by RFC 6750 the challenge has no error code when no credential came."""
    headers = {"WWW-Authenticate": f'Bearer realm="zava-mcp"{challenge}'}
    return JSONResponse({"error": error, "error_description": text}, 401, headers)


def transport_security(settings: Settings) -> TransportSecuritySettings:
    """Give the Host and Origin headers to accept. Raises Refusal where nobody said which."""
    loopback = LOOPBACK if settings.host in ("127.0.0.1", "localhost", "::1") else []
    if not loopback and not settings.allowed_hosts:
        raise Refusal(
            f"ZAVA_HOST={settings.host} can be reached from other machines: "
            "set ZAVA_ALLOWED_HOSTS to the host names that clients use"
        )
    hosts = [form for host in settings.allowed_hosts + loopback for form in (host, f"{host}:*")]
    origins = settings.allowed_origins + [f"http://{host}:*" for host in loopback]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


class HttpServer(uvicorn.Server):
    """uvicorn that says where it listens, and ends the change streams before it waits for them."""

    shim: Shim

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        log.info("serving", url=f"http://{where}/mcp", tools=len(self.shim.catalog["tools"]))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        self.shim.listen.close()
        super().handle_exit(sig, frame)


async def serve_http(shim: Shim) -> None:
    """Serve at /mcp until a signal comes."""
    endpoint = Endpoint(shim, transport_security(shim.settings))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes = [Route("/mcp", endpoint, methods=["POST"]), Route("/healthz", healthz)]
    config = uvicorn.Config(
        Starlette(routes=routes, lifespan=endpoint.lifespan),
        host=shim.settings.host,
        port=shim.settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    server = HttpServer(config)
    server.shim = shim
    await server.serve()


# stdio ------------------------------------------------------------------------------------------


async def serve_stdio(shim: Shim) -> None:
    """Serve the client at stdin and stdout until it closes stdin or a signal comes."""
    key = shim.settings.api_key
    identity = await shim.authenticate(key.get_secret_value()) if key else None
    if key is None or identity is None:
        state = "is unknown, expired or revoked" if key else "is not set"
        raise Refusal(f"ZAVA_API_KEY {state}: set it to the API key of whom --stdio serves")
    shim.credential, shim.identity = key.get_secret_value(), identity

    async def set_level(_: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        levels = get_args(types.LoggingLevel)
        shim.log_levels = frozenset(levels[levels.index(params.level) :])
        return types.EmptyResult()

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await shim.server.run(read, write, options)

    shim.server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, set_level)
    options = shim.server.create_initialization_options(NotificationOptions(tools_changed=True))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("serving", transport="stdio", tools=len(shim.catalog["tools"]))
    serving, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        serving.cancel()
        await close_pool(shim.pool)
        os._exit(0)  # nothing else ends the thread that reads stdin
    stopped.cancel()
    await serving


# Command line -----------------------------------------------------------------------------------


async def serve(settings: Settings, stdio: bool) -> None:
    """Serve over one of the transports until that ends. Raises Refusal."""
    async with open_shim(settings) as shim:
        await (serve_stdio(shim) if stdio else serve_http(shim))


class LibraryLogs(logging.Handler):
    """What libraries log, in the form of our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it."""
        text = record.getMessage()
        log.log(record.levelno, text, logger=record.name, exc_info=record.exc_info)


def set_up_logs() -> None:
    """Log to stderr: for people on a terminal, as JSON elsewhere; libraries from WARNING on."""
    form: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.dev.ConsoleRenderer()] if sys.stderr.isatty() else form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[LibraryLogs()], level=logging.WARNING)


def settings_help() -> str:
    """List the environment variables, for --help."""
    lines = [
        f"ZAVA_{name.upper():<19} {about.description}"
        + (f" [{about.default}]" if about.default and not about.is_required() else "")
        for name, about in Settings.model_fields.items()
    ]
    return "\b\nEnvironment:\n  " + "\n  ".join(lines)


@click.command(epilog=settings_help())
@click.option("--stdio", is_flag=True, help="Serve one client over stdin and stdout.")
@click.option("--host", help="Address to listen on, instead of ZAVA_HOST.")
@click.option("--port", type=int, help="Port to listen on, instead of ZAVA_PORT.")
def main(stdio: bool, host: str | None, port: int | None) -> None:
    """Serve the tools of a zava-mcp database to MCP clients.

    Over HTTP, at /mcp, each request carries its own API key: Authorization: Bearer zava_...
    Over stdio the key is ZAVA_API_KEY. Exit code 0: stopped. 1: the database cannot be reached or
    its login must not be used. 2: a setting or the API key is wrong. 3: the port is taken.
    """
    set_up_logs()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    asyncio.run(serve(load_settings(host=host, port=port), stdio))


if __name__ == "__main__":
    main()
