"""Calls: from a request to one statement, and from what that says to the answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from typing import Any, NamedTuple

import anyio
import asyncpg
import mcp_types as types
import msgspec
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.streamable_http import REQUEST_CANCELLED
from opentelemetry import trace
from structlog.contextvars import bound_contextvars

from zava_mcp.pages import extensions, is_page, with_page
from zava_mcp.shim.answer.client import Client, NoAnswerError, named
from zava_mcp.shim.answer.errors import (
    DATABASE_FAILURES,
    NAME_SHOWN,
    UNKNOWN_OUTCOME,
    BusyError,
    Call,
    DatabaseError,
    Json,
    MCPError,
    RefusedError,
    is_lost,
    protocol_error,
    shown,
    text_of,
    translate,
)
from zava_mcp.shim.answer.results import Result, error_object, escaped, failed_result
from zava_mcp.shim.call.cache import Cache
from zava_mcp.shim.call.database import Database, repeated
from zava_mcp.shim.call.exports import BEGUN, PREFIX, Exports, transaction
from zava_mcp.shim.call.replica import Replicas
from zava_mcp.shim.identify.credentials import Caller, proof
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.observe.audit import Recorder
from zava_mcp.shim.observe.operators import Metrics, request_span
from zava_mcp.shim.settings import Settings

HANDLE = "select mcp.handle($1, $2, $3, $4::jsonb)"
CATALOG = "select mcp.shim_catalog()"
PLACE = "select mcp.fault_place($1)"
DOWNLOAD = "exports/get"  # of a file over HTTP; no method of MCP
LOGGED = ("tools/call", "prompts/get", "resources/read", DOWNLOAD)
ACTIONS = {  # what an assertion is for, of the methods that name nothing
    "tools/list": "/list_tools",
    "prompts/list": "/list_prompts",
    "resources/list": "/list_resources",
    "resources/templates/list": "/list_resource_templates",
    "resources/read": "/read_resource",
    "completion/complete": "/complete",
    "skills/list": "/list_skills",
    "skills/get": "/get_skill",
    DOWNLOAD: "/get_export",
    "tasks/get": "/get_task",
    "tasks/cancel": "/cancel_task",
    "tasks/update": "/update_task",
    "tasks/result": "/task_result",
    "tasks/list": "/list_tasks",
}
UNKNOWN: Json = {  # a tool that is not in the catalogue: the database will say so
    "kind": "other",  # what a call is counted as
    "timeout_ms": math.inf,
    "embed": {},
    "sandbox": False,
    "writes": True,
    "repeatable": False,
    "content": False,
    "asks_first": False,
    "task": False,
    "exports": False,
}
EXPORTS: Json = {"exports": True, "cache_seconds": 0, "task": True}  # it may become one
READ: Json = {**UNKNOWN, "writes": False, "repeatable": True, "fresh": False}
READS: dict[str, Json] = {  # every other method
    method: {**READ, "kind": method if method in LOGGED else action.removeprefix("/")}
    for method, action in {"prompts/get": "", **ACTIONS}.items()
}
for each in ("tasks/get", "tasks/result", "tasks/list"):  # of this moment
    READS[each]["fresh"] = True
for each in ("tasks/cancel", "tasks/update"):
    READS[each]["writes"] = True
WHOLE = ("sqlstate", "message", "detail", "hint", "context")  # of a fault, for who writes the tools
INPUT_REQUIRED = "INPUT_REQUIRED"  # code in the log of a call that ended with questions
TASK = "TASK"  # and of one that became a task
TASK_ERROR = '{"error": '  # what a task ended with that has no result
WAIT, WAIT_SECONDS = '{"wait": true}', 0.5  # of a task that goes on, and when to ask it again
ROUNDS = 10  # of questions in one call
QUERY_LENGTH = 10_000  # characters embedded
STOPPING = "The server is stopping, try again."
ANSWER_SECONDS = 2.0  # for the answers to calls that a stopping server gives up

CallKey = tuple[str, str, str]  # whose call, in which session, by which id
log = structlog.get_logger("zava-mcp")


class Answer(NamedTuple):
    """What a response holds."""

    body: bytes  # a result object, or an error object
    code: int | None = None  # of the error

    def response(self, number: int | str | None) -> bytes:
        """Return the whole response to the request of that id."""
        member = b"result" if self.code is None else b"error"
        number_text = msgspec.json.encode(number)
        return b'{"jsonrpc":"2.0","id":%b,"%b":%b}' % (number_text, member, self.body)


def failed(error: ProtocolError) -> Answer:
    """Return the answer that an error of the protocol is."""
    return Answer(error_object(error), error.code)


@dataclass
class Calls:
    """What one process needs to answer calls, and those that run."""

    settings: Settings
    database: Database
    vector: Callable[[str], tuple[str, list[float]]] | None  # of a text, and the model it is of
    limits: Limits
    metrics: Metrics
    cache: Cache
    replicas: Replicas | None = None
    stamp: bytes = b""  # what each result of 2026-07-28 ends with
    catalog: Json = field(default_factory=dict)  # what CATALOG answered last
    running: dict[CallKey, anyio.CancelScope] = field(default_factory=dict)
    embedder_failed: bool = False  # the last time it was asked
    stopping: bool = False  # no call is taken any more

    @property
    def embedder_state(self) -> str:
        """How the embedder is: healthy until it has failed, and after the next text again."""
        if self.settings.embedder == "none":
            return "disabled"
        return "unhealthy" if self.vector is None or self.embedder_failed else "healthy"

    @cached_property
    def exports(self) -> Exports:
        """The files of the exports."""
        return Exports(self.settings)

    @cached_property
    def recorder(self) -> Recorder:
        """What hands the calls to the log of the database."""
        return Recorder(self.database.ask)

    async def reload(self) -> bool:
        """Read the catalogue; return whether it is another one."""
        before, self.catalog = self.catalog, json.loads(await self.database.ask(CATALOG))
        return bool(before) and before["version"] != self.catalog["version"]

    def facts(self, method: str, name: str, arguments: bytes = b"") -> Json:
        """Return what the catalogue says of what is called: each decision about a call reads it."""
        if method != "tools/call":
            return READS[method]
        found = self.catalog["tools"].get(name)
        if found is None:
            return UNKNOWN
        exports = found["exports"] and b'"export"' in arguments
        return {**found, "kind": name, "exports": False, **(EXPORTS if exports else {})}

    async def answer(
        self,
        caller: Caller,
        client: Client,
        method: str,
        name: str,
        params: bytes,
        arguments: bytes = b"{}",
        key: CallKey | None = None,
    ) -> Answer:
        """Answer a request; ``key`` is the name by which it may be cancelled."""
        facts = self.facts(method, name, arguments)
        limit = min(facts["timeout_ms"] / 1000, self.settings.command_timeout)
        call = partial(Call, method, name, params.decode(), arguments, limit, client.is_modern)
        stamp = self.stamp if client.is_modern else b""
        try:
            name_it = key or ("", "", uuid.uuid4().hex)
            with self.cancellable(name_it), request_span(method, client.trace):
                result = await self.until_answered(caller, client, call, facts)
            return Answer(result.finished(stamp))
        except MCPError as failure:
            if method == "tools/call":
                return Answer(failed_result(failure, stamp))
            return failed(protocol_error(failure))
        except ProtocolError as error:
            return failed(error)

    async def until_answered(
        self, caller: Caller, client: Client, call: Callable[[], Call], facts: Json
    ) -> Result:
        """Make a call, and again with the answers to what it asks, until it asks nothing.

        In between nothing is held: the database signs what it wants to find again. Raises
        MCPError, ProtocolError.
        """
        answers: Json = {}
        for _ in range(ROUNDS):
            one = call()
            client.request_id = one.id
            result = await self.attempt(caller, client, one, facts, answers)
            if not result.asks:
                return result
            asked = json.loads(result.text)
            try:
                client.check_abilities(asked["inputRequests"])
                if client.is_modern:  # it calls again, with the answers
                    return result
                answers = {
                    "answers": {
                        name: await client.ask(question["method"], question.get("params", {}))
                        for name, question in asked["inputRequests"].items()
                    },
                    "state": asked["requestState"],
                }
            except NoAnswerError as error:
                error.details["request_id"] = one.id
                raise
        raise NoAnswerError(f"It asked {ROUNDS} times, and still has questions.")

    async def attempt(
        self, caller: Caller, client: Client, call: Call, facts: Json, answers: Json
    ) -> Result:
        """Make a call once, and log and count it. Raises MCPError, ProtocolError."""
        if call.method not in LOGGED:
            try:
                async with self.admitted(caller, facts):
                    run = partial(self.run, caller, client, call, facts, {}, facts["fresh"])
                    while (text := await run()) == WAIT:  # noqa: ASYNC110 -- told of by nobody
                        await asyncio.sleep(WAIT_SECONDS)
                    if text.startswith(TASK_ERROR):
                        raise ProtocolError(**json.loads(text)["error"])
                    return Result(text)
            except Exception as error:
                raise self.failure(error, call, caller) from error
        name = escaped(shown(call.logged_as, NAME_SHOWN))
        with bound_contextvars(request_id=call.id, tool=name, user=caller.identity.get("user_id")):
            return await self.make(caller, client, call, facts, answers)

    async def make(
        self, caller: Caller, client: Client, call: Call, facts: Json, answers: Json
    ) -> Result:
        """Make a call of a tool or prompt, or read a resource."""
        entry = self.recorder.begin(call.logged_as, call.id)
        entry.asked(call.arguments)
        try:
            if self.stopping:
                raise BusyError(STOPPING, retry_after=1)
            if "\0" in call.name:  # which no name has
                kind = {"tools/call": "tool", "prompts/get": "prompt"}.get(call.method, "resource")
                raise RefusedError(f"unknown_{kind}", call.name, call.is_modern)
            async with self.admitted(caller, facts):
                text = await self.kept(caller, client, call, facts, answers)
                if is_page(call.method, call.name):
                    text = with_page(text)
                elif call.method == "resources/read" and call.name.startswith(PREFIX):
                    text = await self.exports.with_part(text)
                result = Result(text)
            if result.asks or result.is_task:
                entry.code = INPUT_REQUIRED if result.asks else TASK
            else:
                entry.answered(result.data, result.rows)
            return result
        except Exception as error:
            failure = self.failure(error, call, caller)
            entry.failed(failure)
            if isinstance(failure, MCPError):
                failure.details["request_id"] = call.id
                if context := failure.details.get("context"):
                    failure.details |= await self.place(context)
            if failure is error:
                raise
            raise failure from error
        finally:
            self.recorder.end(entry, caller.identity, origin(client))
            code = "OK" if entry.code in (INPUT_REQUIRED, TASK) else entry.code
            self.metrics.operation(facts["kind"], code, time.monotonic() - entry.began)

    def admitted(self, caller: Caller, facts: Json) -> contextlib.AbstractAsyncContextManager[None]:
        """Count a request of its caller while it runs. Raises RateLimitError."""
        identity = caller.identity
        return self.limits.admit(identity["user_id"], identity["limits"], facts["sandbox"])

    def failure(self, error: Exception, call: Call, caller: Caller) -> MCPError | ProtocolError:
        """Translate a failure, and log what the client is not told unless it writes the tools."""
        failure = translate(error, call)
        if failure.code in ("MCP_ERROR", "DATABASE_ERROR"):
            error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            said = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
            log.error("failure", request_id=call.id, **said, exc_info=None if said else error)
            if failure.code == "MCP_ERROR" and caller.identity.get("is_developer"):
                failure.details |= {name: said[name] for name in WHOLE if said.get(name)}
        return failure

    async def place(self, context: str) -> Json:
        """Return the file and line of a fault, nothing where no file has it."""
        with contextlib.suppress(MCPError, *DATABASE_FAILURES):
            if place := await self.database.asked(PLACE, context):
                return {"place": place}
        return {}

    @contextlib.contextmanager
    def cancellable(self, key: CallKey) -> Iterator[None]:
        """Let cancel end the block. Raises ProtocolError then."""
        with anyio.CancelScope() as scope:
            self.running[key] = scope
            try:
                yield
            finally:
                self.running.pop(key, None)
        if scope.cancelled_caught:
            raise ProtocolError(REQUEST_CANCELLED, "Request cancelled")

    def cancel(self, key: CallKey) -> None:
        """Cancel a call, if it runs."""
        if scope := self.running.get(key):
            scope.cancel()

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
            for scope in list(self.running.values()):
                scope.cancel()

    async def kept(
        self, caller: Caller, client: Client, call: Call, facts: Json, answers: Json
    ) -> str:
        """Return the result of a call: a kept one, where the tool allows that."""
        vectors = await self.embed(call, facts["embed"]) if facts["embed"] else {}
        given = {**vectors, **answers}
        seconds = facts.get("cache_seconds", 0)
        if not seconds or facts["content"] or facts["asks_first"]:
            try:
                return await self.run(caller, client, call, facts, given)
            finally:
                if facts["writes"] and facts is not UNKNOWN:
                    self.cache.changed(uuid.uuid4().hex)  # before the database tells everybody
        scope, version = caller.identity["scope_digest"], self.catalog["version"]
        model = given.get("embedding_model", "")
        key = [scope, version, call.name, call.arguments.decode(), model]
        run = partial(self.run, caller, client, call, facts, given, fresh=True)
        return await self.cache.answer(key, seconds, run)

    async def run(
        self,
        caller: Caller,
        client: Client,
        call: Call,
        facts: Json,
        given: Json,
        fresh: bool = False,
    ) -> str:
        """Make a call as one statement; return what that says.

        A read goes to a replica, unless it has to be ``fresh``.
        """
        context: Json = {"revision": client.revision}
        if facts["task"] or call.method == "tools/list" or call.method.startswith("tasks/"):
            context["extensions"] = extensions(client.capabilities.get("extensions"))
        if call.method == "tools/list":
            context |= {"groups": client.groups, "found": sorted(client.found)}
        elif call.method.startswith("tasks/"):
            context["request_id"] = call.id
        if call.method in LOGGED:
            abilities = named(client.abilities)
            context |= {"request_id": call.id, **origin(client), "capabilities": abilities, **given}
        sent = msgspec.json.encode(context).decode()
        action = ACTIONS.get(call.method, call.name)
        # the entry points of lists and completions are given no text to be bound to
        is_bound = call.method in LOGGED or facts["writes"]
        bound = (call.params, call.id) if is_bound else ()
        key = self.settings.assertion_key
        secret = key.get_secret_value() if key else ""
        attempts = count()
        # of this moment: a ticket is a second old, a replica some, and a task may outlive both
        is_exact = facts["writes"] or facts["task"]

        async def once(database: Database) -> str:
            if not is_exact and (ticket := caller.ticket):
                try:
                    return await ask(database, ticket)
                except asyncpg.InvalidAuthorizationSpecificationError as error:
                    # it has expired on its way, say, and nothing was read
                    if error.as_dict().get("constraint_name") != "ticket":
                        raise
            attempt = next(attempts)
            secured = proof(caller.credential, secret, action, *bound, repeated=attempt)
            return await ask(database, secured)

        async def ask(database: Database, credential: str) -> str:
            async with database.connection() as connection, client.told(connection):
                statement = HANDLE, credential, call.method, call.params, sent
                carried = self.exported if facts["exports"] else database.fetchval
                with self.metrics.query(facts["kind"]):
                    text: str | None = await carried(connection, *statement, seconds=call.limit)
                if text is None and call.method.startswith("tasks/"):
                    raise ProtocolError(types.METHOD_NOT_FOUND, "Method not found", call.method)
                return str(text)

        fresh = fresh or is_exact
        if self.replicas and not fresh and (near := self.replicas.usable()):
            try:
                return await once(near[0])
            except (asyncpg.QueryCanceledError, TimeoutError):
                raise
            except (DatabaseError, *DATABASE_FAILURES) as error:  # of it, or of its age
                log.info("not answered by a replica", request_id=call.id, reason=repr(error))
        try:
            return await repeated(
                partial(once, self.database), facts["repeatable"], self.settings.retry_seconds
            )
        except DATABASE_FAILURES as error:
            if facts["repeatable"] or not is_lost(error):
                raise
            raise DatabaseError(UNKNOWN_OUTCOME) from error

    async def exported(self, connection: Any, *statement: str, seconds: float) -> str:
        """Make a call that may export its result, in one transaction with the file of that."""
        async with asyncio.timeout(seconds), transaction(connection):
            text = str(await connection.fetchval(*statement))
            if text.startswith(BEGUN):
                text = await self.exports.carry(connection, text, seconds)
            return text

    async def embed(self, call: Call, wanted: Json) -> Json:
        """Return the vectors of the arguments that the tool wants as vectors, and their model."""
        vectors = {}
        for name, spec in wanted.items():
            text = text_of(call.values[name]) if name in call.values else None
            if self.vector is None or text is None or not text.strip():
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


def origin(client: Client) -> Json:
    """Return where a request comes from: the client's name, and the trace it belongs to."""
    span = trace.get_current_span().get_span_context()
    traced = {"trace_id": trace.format_trace_id(span.trace_id)} if span.is_valid else {}
    return {"client": client.name, **traced}
