"""What one process holds, and how it asks the database for what a client wants."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from typing import Any

import anyio
import asyncpg
import mcp_types as types
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, REQUEST_CANCELLED
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from opentelemetry import trace
from pydantic import ValidationError as MessageError
from starlette.requests import Request
from structlog.contextvars import bound_contextvars

from zava_mcp.shim.assertions import API_KEY, Credential, proof
from zava_mcp.shim.audit import Recorder
from zava_mcp.shim.cache import Cache
from zava_mcp.shim.clients import Clients
from zava_mcp.shim.database import Database, repeated
from zava_mcp.shim.direct import Direct
from zava_mcp.shim.errors import (
    DATABASE_FAILURES,
    NAME_SHOWN,
    UNKNOWN_OUTCOME,
    BusyError,
    Call,
    DatabaseError,
    Json,
    MCPError,
    as_jsonb,
    decoded,
    encoded,
    is_lost,
    is_readable,
    shown,
    translate,
)
from zava_mcp.shim.limits import Limits
from zava_mcp.shim.metrics import Metrics
from zava_mcp.shim.notices import Context, Told, notices_to_client
from zava_mcp.shim.protocol import new_server
from zava_mcp.shim.questions import Questions
from zava_mcp.shim.replica import Replica
from zava_mcp.shim.settings import Settings
from zava_mcp.shim.untrusted import escaped

CALL_TOOL = "select mcp.call_tool($1, $2, $3::jsonb, $4::jsonb)"
GET_PROMPT = "select mcp.get_prompt($1, $2, $3::jsonb, $4::jsonb)"
READ_RESOURCE = "select mcp.read_resource($1, $2, $3::jsonb)"
AUTHENTICATE = "select mcp.authenticate($1)"
CATALOG = "select mcp.shim_catalog()"
INPUT_REQUIRED = "INPUT_REQUIRED"  # code in the log of a call that ended with questions
IDENTITY_SECONDS, IDENTITIES = 1.0, 1024  # how long, and how many, answers about credentials last
QUERY_LENGTH = 10_000  # characters embedded
STOPPING = "The server is stopping, try again."
ANSWER_SECONDS = 2.0  # for the answers to calls that a stopping server gives up
COUNTED = re.compile(r', "row_count": (\d+), "truncated": (?:true|false)\}\Z')
COUNTED_LENGTH = 70

CallKey = tuple[Credential, str, str]  # whose call, in which session, by which id
log = structlog.get_logger("zava-mcp")


@dataclass
class Said:
    """What the database answered; read only where somebody needs more than its text."""

    text: str

    def __post_init__(self) -> None:
        """Raise ValidationError for an answer that readers of JSON fail at."""
        if not is_readable(self.text):
            self.value  # noqa: B018 -- it raises

    @cached_property
    def value(self) -> Json:
        """The answer as a value."""
        value: Json = decoded(self.text)
        return value

    @property
    def rows(self) -> int | None:
        """How many rows it has, None where it is no list of rows."""
        if '"rows": [' not in self.text:
            return None
        counted = COUNTED.search(self.text, max(0, len(self.text) - COUNTED_LENGTH))
        if counted and self.text.startswith('{"rows": ['):  # jsonb prints short names first
            return int(counted[1])
        is_list = isinstance(self.value.get("rows"), list)
        return self.value.get("row_count") if is_list else None


@dataclass
class Shim:
    """What one process holds, and how it asks the database."""

    settings: Settings
    database: Database
    vector: Callable[[str], tuple[str, list[float]]] | None  # of a text, and the model it is of
    catalog: Json = field(default_factory=dict)  # what CATALOG answered last
    credential: Credential = ""  # of --stdio; over HTTP each request brings its own
    identity: Json = field(default_factory=dict)  # whose credential that is
    identities: dict[bytes, tuple[float, Json | None]] = field(default_factory=dict)
    calls: dict[CallKey, anyio.CancelScope | Direct] = field(default_factory=dict)  # running
    changes: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    limits: Limits = field(default_factory=Limits)
    replica: Replica | None = None
    metrics: Metrics = field(default_factory=Metrics)
    cache: Cache = field(default_factory=Cache)
    embedder_failed: bool = False  # the last time it was asked
    authenticating: dict[bytes, asyncio.Task[Json | None]] = field(default_factory=dict)
    stopping: bool = False  # no call is taken any more
    keeps_sessions: bool = False  # for clients of the handshake revisions

    @property
    def embedder_state(self) -> str:
        """How the embedder is: healthy until it has failed, and after the next text again."""
        if self.settings.embedder == "none":
            return "disabled"
        return "unhealthy" if self.vector is None or self.embedder_failed else "healthy"

    @cached_property
    def recorder(self) -> Recorder:
        """What hands the calls to the log of the database."""
        return Recorder(self.database)

    @cached_property
    def clients(self) -> Clients:
        """The clients of the handshake revisions that have a session."""
        return Clients(self.changes)

    @cached_property
    def listen(self) -> ListenHandler:
        """The change streams of 2026-07-28."""
        return ListenHandler(self.changes)

    @cached_property
    def server(self) -> Server[Any]:
        """The SDK's protocol engine with our handlers."""
        return new_server(self)

    async def reload(self, told: bool = False) -> None:
        """Read the catalogue; tell the clients of a change, which may be one of grants alone."""
        before, self.catalog = self.catalog, json.loads(await self.database.ask(CATALOG))
        self.server.instructions = self.catalog["instructions"] or None
        if told or (before and before["version"] != self.catalog["version"]):
            log.info("catalogue changed", tools=len(self.catalog["tools"]))
            for event in (ToolsListChanged(), ResourcesListChanged(), PromptsListChanged()):
                await self.changes.publish(event)

    async def resource_changed(self, uri: str) -> None:
        """Tell those who subscribed to a resource that it is another now."""
        await self.changes.publish(ResourceUpdated(uri))

    async def authenticate(self, credential: Credential) -> Json | None:
        """Say whose credential it is, None when it is refused; believed for IDENTITY_SECONDS."""
        if isinstance(credential, str) and not credential.startswith(API_KEY):
            return None  # a token of somebody else's, or an assertion: not for the database
        key, now = named(credential), time.monotonic()
        until, identity = self.identities.get(key, (now, None))
        if until > now:
            return identity
        if key not in self.authenticating:  # one question for all who wait for its answer
            self.authenticating[key] = asyncio.create_task(self.identify(credential, key))
            self.authenticating[key].add_done_callback(lambda _: self.authenticating.pop(key))
        return await asyncio.shield(self.authenticating[key])

    def identified(self, credential: Credential) -> Json | None:
        """Give whose credential it is where that was asked a moment ago, None where it was not."""
        until, identity = self.identities.get(named(credential), (0.0, None))
        return identity if until > time.monotonic() else None

    async def identify(self, credential: Credential, key: bytes) -> Json | None:
        """Ask the database whose credential it is, and remember the answer."""
        try:
            text = await self.read(AUTHENTICATE, credential, "/authenticate")
            identity: Json | None = json.loads(text)
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.DataError):
            identity = None
        if len(self.identities) >= IDENTITIES:
            self.identities.clear()
        self.identities[key] = (time.monotonic() + IDENTITY_SECONDS, identity)
        return identity

    async def read(
        self, statement: str, credential: Credential, action: str, *parameters: str | None
    ) -> str:
        """Return what an entry point says to a caller, which changes nothing."""

        async def once() -> str:
            async with self.database.connection() as connection:
                said = self.proof(credential, action)
                with self.metrics.query(action.removeprefix("/")):
                    text = await self.database.fetchval(connection, statement, said, *parameters)
                return str(text)

        return await repeated(once, True, self.settings.retry_seconds)

    def proof(self, credential: Credential, action: str, *bound: str, repeated: int = 0) -> str:
        """Return what proves to the database who calls, for one action."""
        key = self.settings.assertion_key
        secret = key.get_secret_value() if key else ""
        return proof(credential, secret, action, *bound, repeated=repeated)

    def caller(self, ctx: Context | Direct) -> tuple[Credential, Json]:
        """Return the credential of a request and whose it is."""
        if isinstance(ctx, Direct):
            return ctx.credential, ctx.identity
        if ctx.request is None:
            return self.credential, self.identity
        return ctx.request.state.credential, ctx.request.state.identity

    def admitted(
        self, ctx: Context | Direct, is_query: bool = False
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Count a request of its caller while it runs. Raises RateLimitError."""
        identity = self.caller(ctx)[1]
        return self.limits.admit(identity["user_id"], identity["limits"], is_query)

    async def attempt(
        self, ctx: Context | Direct, call: Call, known: Json, given: Json
    ) -> Said | Questions:
        """Make a call once and log it; ``given`` is what the client answered to the questions.

        Raises MCPError for a call that fails, ProtocolError for one that there is not.
        """
        tool = escaped(shown(logged_as(call), NAME_SHOWN))
        user = self.caller(ctx)[1].get("user_id")
        with bound_contextvars(request_id=call.id, tool=tool, user=user):
            return await self.make(ctx, call, known, given)

    async def make(
        self, ctx: Context | Direct, call: Call, known: Json, given: Json
    ) -> Said | Questions:
        """Make a call, and log and count it."""
        entry = self.recorder.begin(logged_as(call), call.id)
        try:
            arguments = encoded(call)
            entry.asked(arguments, keep=self.catalog["log_arguments"])
            if self.stopping:
                raise BusyError(STOPPING, retry_after=1)
            with self.cancellable(ctx):
                async with self.admitted(ctx, known["sandbox"]):
                    text = await self.answer(ctx, call, arguments, known, given)
            said = Said(text)
            if (known["content"] or known["asks_first"]) and "ask" in said.value:
                entry.code = INPUT_REQUIRED
                return Questions(said.value["ask"], said.value.get("state"), call.id)
            entry.answered(text, said.rows)
            return said
        except Exception as error:
            failure = self.failure(error, call)
            entry.failed(failure)
            if isinstance(failure, MCPError):
                failure.details["request_id"] = call.id
            if failure is error:
                raise
            raise failure from error
        finally:
            self.recorder.end(entry, self.caller(ctx)[1], origin(ctx))
            code = "OK" if entry.code == INPUT_REQUIRED else entry.code
            self.metrics.operation(self.kind(call), code, time.monotonic() - entry.began)

    def failure(self, error: Exception, call: Call) -> MCPError | ProtocolError:
        """Translate a failure, and log what the client is not told."""
        failure = translate(error, call)
        if failure.code in ("MCP_ERROR", "DATABASE_ERROR"):
            error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            said = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
            log.error("failure", request_id=call.id, **said, exc_info=None if said else error)
        return failure

    @contextlib.contextmanager
    def cancellable(self, ctx: Context | Direct) -> Iterator[None]:
        """Let cancel end the block. Raises ProtocolError then; a Direct is cancelled itself."""
        if isinstance(ctx, Direct):
            self.calls[ctx.key] = ctx
            try:
                yield
            finally:
                self.calls.pop(ctx.key, None)
            return
        key = call_key(ctx.request, ctx.request_id)
        with anyio.CancelScope() as scope:
            self.calls[key] = scope
            try:
                yield
            finally:
                self.calls.pop(key, None)
        if scope.cancelled_caught:
            raise ProtocolError(REQUEST_CANCELLED, "Request cancelled")

    async def stop(self) -> None:
        """Take no more calls, let those that run end, and give up what takes too long."""
        self.stopping = True
        log.info("stopping", running=self.recorder.running)
        for seconds in (self.settings.stop_seconds, ANSWER_SECONDS):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    if self.recorder.running:
                        await self.recorder.idle.wait()
                    return
            for scope in list(self.calls.values()):
                scope.cancel()

    def cancel(self, request: Request, body: bytes) -> None:
        """Obey a notifications/cancelled over HTTP; the stateless SDK does not know the call."""
        with contextlib.suppress(MessageError):
            said = types.CancelledNotification.model_validate_json(body)
            if scope := self.calls.get(call_key(request, said.params.request_id)):
                scope.cancel()

    def kind(self, call: Call) -> str:
        """Return what a call is counted as: a tool that there is, or a method."""
        if call.kind == "tool":
            return call.tool if call.tool in self.catalog["tools"] else "other"
        return {"prompt": "prompts/get", "resource": "resources/read"}[call.kind]

    async def answer(
        self, ctx: Context | Direct, call: Call, arguments: str, known: Json, given: Json
    ) -> str:
        """Return the result of a call as JSON text: a kept one, where the tool allows that."""
        given = {**await self.embed(call, known["embed"]), **given}
        seconds = known.get("cache_seconds", 0)
        speaks = known["content"] or known["asks_first"] or "answers" in given
        identity = None if speaks or not seconds else await self.authenticate(self.caller(ctx)[0])
        if identity is None:
            try:
                return await self.run(ctx, call, arguments, known, given)
            finally:
                if known["writes"] and call.tool in self.catalog["tools"]:
                    self.cache.changed(uuid.uuid4().hex)  # before the database tells everybody
        scope, version = identity["scope_digest"], self.catalog["version"]
        key = [scope, version, call.tool, arguments, given.get("embedding_model", "")]
        return await self.cache.answer(
            key, seconds, partial(self.run, ctx, call, arguments, known, given, fresh=True)
        )

    async def run(
        self,
        ctx: Context | Direct,
        call: Call,
        arguments: str,
        known: Json,
        given: Json,
        fresh: bool = False,
    ) -> str:
        """Make a call as one statement; give its result as JSON text.

        A read goes to the replica, unless it has to be ``fresh``.
        """
        request = {"request_id": call.id, **origin(ctx)}
        said_by_client = as_jsonb(request | given)
        told, attempts = Told(), count()

        async def once(database: Database) -> str:
            action = "/read_resource" if call.kind == "resource" else call.tool
            bound = (action, arguments, call.id)
            said = self.proof(self.caller(ctx)[0], *bound, repeated=next(attempts))
            statement = {
                "tool": (CALL_TOOL, said, call.tool, arguments, said_by_client),
                "prompt": (GET_PROMPT, said, call.tool, arguments, said_by_client),
                "resource": (READ_RESOURCE, said, call.tool, said_by_client),
            }[call.kind]
            async with (
                database.connection() as connection,
                self.telling(connection, ctx, told),
            ):
                with self.metrics.query(self.kind(call)):
                    text = await database.fetchval(connection, *statement, seconds=call.limit)
                return str(text)

        if self.replica and not (known["writes"] or fresh) and (near := self.replica.usable()):
            try:
                return await once(near)
            except (asyncpg.QueryCanceledError, TimeoutError):
                raise
            except (DatabaseError, *DATABASE_FAILURES) as error:  # of the replica, or of its age
                log.info("not answered by the replica", request_id=call.id, reason=repr(error))
        try:
            return await repeated(
                partial(once, self.database), known["repeatable"], self.settings.retry_seconds
            )
        except DATABASE_FAILURES as error:
            if known["repeatable"] or not is_lost(error):
                raise
            raise DatabaseError(UNKNOWN_OUTCOME) from error

    def telling(
        self, connection: Any, ctx: Context | Direct, told: Told
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Send on what the tool says while it runs, where there is a way to the client."""
        if isinstance(ctx, Direct):
            return contextlib.nullcontext()
        return notices_to_client(connection, ctx, self.clients.levels(ctx), told)

    async def embed(self, call: Call, wanted: Json) -> Json:
        """Return the vectors of the arguments that the tool wants as vectors, and their model."""
        vectors = {}
        for name, spec in wanted.items():
            text = call.arguments.get(name)
            if self.vector is None or not isinstance(text, str) or not text.strip():
                continue
            began, status = time.monotonic(), "error"
            try:
                found = await asyncio.to_thread(self.vector, text[:QUERY_LENGTH])
                model, vectors[spec["parameter"]] = found
                status = "success"
            except Exception as error:
                log.warning("not embedded", request_id=call.id, reason=str(error))
                return {}  # the database answers by the words, and says so
            finally:
                self.embedder_failed = status == "error"
                self.metrics.embedded(status, time.monotonic() - began)
        return {"embedding_model": model, "embeddings": vectors} if vectors else {}


def named(credential: Credential) -> bytes:
    """Name a credential without keeping it."""
    return hashlib.sha256(repr(credential).encode()).digest()


def call_key(request: Request | None, request_id: object) -> CallKey:
    """Name a call; one of a client without a session has a name that nothing else has."""
    if request is None or MCP_SESSION_ID_HEADER not in request.headers:
        return "", "", uuid.uuid4().hex
    return request.state.credential, request.headers[MCP_SESSION_ID_HEADER], str(request_id)


def origin(ctx: Context | Direct) -> Json:
    """Say where a request comes from: the client's name and the trace it belongs to."""
    if isinstance(ctx, Direct):
        return {"client": ctx.client}
    info = ctx.session.client_params.client_info if ctx.session.client_params else None
    agent = ctx.request.headers.get("user-agent", "") if ctx.request else ""
    client = f"{info.name} {info.version}" if info else agent
    span = trace.get_current_span().get_span_context()
    traced = {"trace_id": trace.format_trace_id(span.trace_id)} if span.is_valid else {}
    return {"client": printable(client), **traced}


def printable(client: str) -> str:
    """Return a client's name as the log of calls keeps it."""
    return client[:200] if client.isprintable() else "".join(filter(str.isprintable, client))[:200]


def logged_as(call: Call) -> str:
    """Return how the log of calls names what was called."""
    return f"prompt:{call.tool}" if call.kind == "prompt" else call.tool
