"""Calls: each request becomes one statement, and its text the answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple

import asyncpg
import mcp_types as types
import msgspec
import structlog
from mcp import MCPError as ProtocolError
from mcp.server.streamable_http import REQUEST_CANCELLED
from opentelemetry import trace

from zava_mcp import pages
from zava_mcp.shim.answer.client import Client, NoAnswerError, as_capabilities
from zava_mcp.shim.answer.errors import (
    DATABASE_FAILURES,
    LATE_OUTCOME,
    TASKS,
    UNAVAILABLE,
    UNKNOWN_OUTCOME,
    BusyError,
    Call,
    DatabaseError,
    Json,
    MCPError,
    QueryTimeoutError,
    RefusedError,
    is_lost,
    json_members,
    json_text,
    protocol_error,
    translate,
)
from zava_mcp.shim.answer.results import Result, error_object, failed_result
from zava_mcp.shim.call.cache import Cache
from zava_mcp.shim.call.database import Database, repeated, transaction
from zava_mcp.shim.call.exports import BEGUN, PREFIX, Exports
from zava_mcp.shim.call.methods import ANSWERED, EXPORTS, FACTS, UNKNOWN
from zava_mcp.shim.call.replica import Replicas
from zava_mcp.shim.identify.credentials import Caller, proof
from zava_mcp.shim.identify.limits import Limits
from zava_mcp.shim.observe.audit import Recorder
from zava_mcp.shim.observe.operators import NOTHING, Metrics, running_call
from zava_mcp.shim.settings import Settings

HANDLE = "select mcp.handle($1, $2, $3, $4::jsonb)"
CATALOG = "select mcp.shim_catalog()"
PLACE = "select mcp.fault_place($1)"
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
    """The answer to a request, without its JSON-RPC envelope."""

    body: bytes  # a result object, or an error object
    code: int | None = None  # of the error

    def response(self, request_id: int | str | None) -> bytes:
        """Return the JSON-RPC response to the request of that id."""
        member = b"result" if self.code is None else b"error"
        id_text = msgspec.json.encode(request_id)
        return b'{"jsonrpc":"2.0","id":%b,"%b":%b}' % (id_text, member, self.body)


def error_answer(error: ProtocolError) -> Answer:
    """Return a protocol error as an answer."""
    return Answer(error_object(error), error.code)


@dataclass(kw_only=True, slots=True)
class ClientCall(Call):
    """A request of a client, with everything that decides how it is executed."""

    caller: Caller
    client: Client
    facts: Json  # as Calls.facts returns them
    origin: Json  # name of the client, and id of the trace, for the call log
    answers: Json = field(default_factory=dict)  # to the questions that the call asked before

    @property
    def is_logged(self) -> bool:
        """Whether the call gets a row in the call log."""
        return ANSWERED[self.method].is_logged

    @property
    def kind(self) -> str:
        """What the call is counted as."""
        return str(self.facts.get("kind", self.name))

    @property
    def is_exact(self) -> bool:
        """Whether the call needs the primary and the credential itself.

        A ticket may be a second old and a replica some seconds; a task may outlive both.
        """
        return bool(self.facts["writes"] or self.facts["task"])

    @property
    def may_be_task(self) -> bool:
        """Whether the answer may be a task, which is its caller's alone."""
        if not self.facts["task"]:
            return False
        extensions = self.client.capabilities.get("extensions") or {}
        return TASKS in extensions or "task" in json_members(self.params.encode())

    def context(self, embeddings: Json) -> str:
        """Return the context argument of mcp.handle, as JSON text."""
        client, context = self.client, Json(revision=self.client.revision)
        is_about_tasks = self.method.startswith("tasks/")
        if self.facts["task"] or self.method == "tools/list" or is_about_tasks:
            context["extensions"] = pages.extensions(client.capabilities.get("extensions"))
        if self.method == "tools/list":
            context |= {"groups": client.groups, "found": sorted(client.found)}
        if self.is_logged or is_about_tasks:
            context["request_id"] = self.id
        if self.is_logged:
            abilities = as_capabilities(client.abilities)
            context |= {**self.origin, "capabilities": abilities, **embeddings, **self.answers}
        return msgspec.json.encode(context).decode()

    def credential(self, assertion_key: str, attempt: int) -> str:
        """Return what proves the caller in an attempt: the API key, or a new assertion."""
        action = ANSWERED[self.method].action or self.name
        # the entry points of lists and completions take no text that an assertion could be bound to
        bound = (self.params, self.id) if self.is_logged or self.facts["writes"] else ()
        return proof(self.caller.credential, assertion_key, action, *bound, repeated=attempt)


class Running:
    """A request that runs: a block of this task, which ``cancel`` ends by a ProtocolError.

    A write that a stopping server ends raises DatabaseError: nobody knows what became of it.
    """

    __slots__ = ("before", "calls", "is_cancelled", "key", "task", "writes")

    def __init__(
        self, calls: Calls, client: Client, key: CallKey | None = None, writes: bool = False
    ) -> None:
        self.calls, self.writes, self.is_cancelled = calls, writes, False
        self.key = key or ("", "", str(id(self)))
        client.cancel = self.cancel

    def __enter__(self) -> None:
        """Begin."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A request is answered by a task.")
        self.task, self.before = task, task.cancelling()
        self.calls.running[self.key] = self
        self.calls.recorder.count(1)

    def cancel(self) -> None:
        """Cancel it."""
        if not self.is_cancelled:
            self.is_cancelled = True
            self.task.cancel()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """End, and say so if it was cancelled."""
        calls = self.calls
        calls.recorder.count(-1)
        if calls.running.get(self.key) is self:  # and not a later one of the same id
            del calls.running[self.key]
        was_cancelled, self.is_cancelled = self.is_cancelled, True  # it is too late from here on
        if not was_cancelled:
            return
        is_ours = self.task.uncancel() <= self.before  # and not of who waits for all of the task
        if is_ours and isinstance(error, asyncio.CancelledError):
            if calls.stopping and self.writes:
                raise DatabaseError(UNKNOWN_OUTCOME)
            raise ProtocolError(REQUEST_CANCELLED, "Request cancelled")


@dataclass
class Calls:
    """The calls of one process: what they share, and those that run."""

    settings: Settings
    database: Database
    vector: Callable[[str], tuple[str, list[float]]] | None  # of a text, and the model it is of
    limits: Limits
    metrics: Metrics
    cache: Cache
    replicas: Replicas | None = None
    stamp: bytes = b""  # what each result of 2026-07-28 ends with
    catalog: Json = field(default_factory=dict)  # what CATALOG answered last
    running: dict[CallKey, Running] = field(default_factory=dict)
    background: set[asyncio.Task[None]] = field(default_factory=set)  # work of the server itself
    embedder_failed: bool = False  # at the last text
    stopping: bool = False  # new calls are refused

    @property
    def embedder_state(self) -> str:
        """The state of the embedder: disabled, healthy, or unhealthy until a text is embedded."""
        if self.settings.embedder == "none":
            return "disabled"
        return "unhealthy" if self.vector is None or self.embedder_failed else "healthy"

    @cached_property
    def exports(self) -> Exports:
        """The files of the exports."""
        return Exports(self.settings)

    @cached_property
    def recorder(self) -> Recorder:
        """The writer of the call log."""
        return Recorder(self.database.ask, tells=self.settings.log_level == "info")

    async def identify(self, *statement: str) -> str:
        """Return what the database says of a credential, unless the server stops meanwhile.

        Raises DatabaseError, DATABASE_FAILURES.
        """
        try:
            with Running(self, Client()):
                return await self.database.read(*statement)
        except ProtocolError:  # it is cancelled
            raise DatabaseError(UNAVAILABLE, retry_after=1) from None

    async def reload(self) -> bool:
        """Reload the catalogue; return whether its version has changed."""
        before, self.catalog = self.catalog, json.loads(await self.database.ask(CATALOG))
        return bool(before) and before["version"] != self.catalog["version"]

    def facts(self, method: str, name: str, arguments: bytes = b"") -> Json:
        """Return what the catalogue says about a tool or method; all decisions are made by it."""
        if method != "tools/call":
            return FACTS[method]
        found = self.catalog["tools"].get(name)
        if found is None:
            return UNKNOWN
        if not found["exports"]:
            return found  # type: ignore[no-any-return]
        exports = "export" in json_members(arguments)
        return {**found, **(EXPORTS if exports else {"exports": False})}

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
        """Answer a request. ``key`` is the name by which the client may cancel it."""
        facts = self.facts(method, name, arguments)
        limit = min(facts["timeout_ms"] / 1000, self.settings.command_timeout)
        texts = method, name, params.decode(), arguments, limit, client.is_modern
        stamp = self.stamp if client.is_modern else b""
        try:
            with (
                Running(self, client, key, facts["writes"]),
                self.metrics.request(method, client.trace),
            ):
                call = ClientCall(
                    *texts, caller=caller, client=client, facts=facts, origin=self.origin(client)
                )
                result = await self.complete(call)
            return Answer(result.finished(stamp))
        except MCPError as failure:
            if method == "tools/call":
                return Answer(failed_result(failure, stamp))
            return error_answer(protocol_error(failure))
        except ProtocolError as error:
            return error_answer(error)

    def origin(self, client: Client) -> Json:
        """Return the client's name, and the id of the trace that the request belongs to."""
        if not self.metrics.is_traced:
            return {"client": client.name}
        span = trace.get_current_span().get_span_context()
        return {"client": client.name, "trace_id": trace.format_trace_id(span.trace_id)}

    async def complete(self, call: ClientCall) -> Result:
        """Execute a call, and again with the client's answers while the result is questions.

        No connection is held between two rounds: the state is in the signed requestState. Raises
        MCPError, ProtocolError.
        """
        client = call.client
        for _ in range(ROUNDS):
            client.request_id = call.id
            result = await (self.execute_logged(call) if call.is_logged else self.execute(call))
            if not result.has_questions:
                return result
            questions = json.loads(result.text)
            try:
                client.check_abilities(questions["inputRequests"])
                if client.is_modern:  # it calls again, with the answers
                    return result
                answers = {
                    name: await client.ask(question["method"], question.get("params", {}))
                    for name, question in questions["inputRequests"].items()
                }
            except NoAnswerError as error:
                error.details["request_id"] = call.id
                raise
            state = {"answers": answers, "state": questions["requestState"]}
            call = replace(call, id=secrets.token_hex(16), answers=state)
        raise NoAnswerError(f"It asked {ROUNDS} times, and still has questions.")

    async def execute(self, call: ClientCall) -> Result:
        """Execute a call that the call log leaves out. Raises MCPError, ProtocolError."""
        try:
            async with self.admitted(call):
                while (text := await self.ask(call)) == WAIT:  # noqa: ASYNC110 -- told of by nobody
                    await asyncio.sleep(WAIT_SECONDS)
            if text.startswith(TASK_ERROR):
                raise ProtocolError(**json.loads(text)["error"])
            return Result(text)
        except Exception as error:
            raise self.failure(error, call, call.caller) from error

    async def execute_logged(self, call: ClientCall) -> Result:
        """Execute a call, log and count it. Raises MCPError, ProtocolError."""
        identity = call.caller.identity
        entry = self.recorder.begin(call.logged_as, call.id)
        entry.add_arguments(call.arguments)
        current = running_call.set((call.id, entry.tool, identity.get("user_id")))
        try:
            result = await self.result(call)
            if result.has_questions or result.is_task:
                entry.code = INPUT_REQUIRED if result.has_questions else TASK
            else:
                entry.add_answer(result.data, result.rows)
            return result
        except Exception as error:
            failure = self.failure(error, call, call.caller)
            entry.add_failure(failure)
            if isinstance(failure, MCPError):
                failure.details["request_id"] = call.id
                if context := failure.details.get("context"):
                    failure.details |= await self.place(context)
            if failure is error:
                raise
            raise failure from error
        finally:
            self.recorder.end(entry, identity, call.origin)
            code = "OK" if entry.code in (INPUT_REQUIRED, TASK) else entry.code
            self.metrics.operation(call.kind, code, time.monotonic() - entry.began)
            running_call.reset(current)

    async def result(self, call: ClientCall) -> Result:
        """Return the result of a call, unless it is one too many. Raises MCPError, RefusedError."""
        if self.stopping:
            raise BusyError(STOPPING, retry_after=1)
        if "\0" in call.name:  # which no name has
            kind = {"tools/call": "tool", "prompts/get": "prompt"}.get(call.method, "resource")
            raise RefusedError(f"unknown_{kind}", call.name, call.is_modern)
        async with self.admitted(call):
            return await self.ask_or_cached(call)

    def admitted(self, call: ClientCall) -> contextlib.AbstractAsyncContextManager[None]:
        """Count a call of its caller while it runs. Raises RateLimitError."""
        identity = call.caller.identity
        return self.limits.admit(identity["user_id"], identity["limits"], call.facts["sandbox"])

    def failure(self, error: Exception, call: Call, caller: Caller) -> MCPError | ProtocolError:
        """Translate an error. What the client may not see is logged; developers see all of it."""
        failure = translate(error, call)
        if failure.code in ("MCP_ERROR", "DATABASE_ERROR"):
            error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            fields = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
            log.error("failure", request_id=call.id, **fields, exc_info=None if fields else error)
            if failure.code == "MCP_ERROR" and caller.identity.get("is_developer"):
                failure.details |= {name: fields[name] for name in WHOLE if fields.get(name)}
        return failure

    async def place(self, context: str) -> Json:
        """Return {"place": file and line of an error}, {} if no file has it."""
        with contextlib.suppress(MCPError, *DATABASE_FAILURES):
            if place := await self.database.read(PLACE, context):
                return {"place": place}
        return {}

    def cancel(self, key: CallKey) -> None:
        """Cancel a call, if it runs."""
        if running := self.running.get(key):
            running.cancel()

    async def stop(self) -> None:
        """Refuse new calls, wait for running ones, and cancel those that take too long."""
        self.stopping = True
        log.info("stopping", running=self.recorder.running)
        for seconds in (self.settings.stop_seconds, ANSWER_SECONDS):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.recorder.until_idle()
                    return
            for running in list(self.running.values()):
                running.cancel()
        replicas = self.replicas.members if self.replicas else []
        for database in (self.database, *(each.database for each in replicas)):
            if database is not None:
                database.pool.terminate()  # statements that do not end would keep their calls

    async def end_background(self) -> None:
        """End the server's own work; tasks are given back."""
        for task in self.background:
            task.cancel()
        if self.background:
            await asyncio.wait(self.background)
        self.background.clear()

    async def ask_or_cached(self, call: ClientCall) -> Result:
        """Return the result of a call: a cached one, where the tool allows that."""
        facts = call.facts
        embeddings = await self.embed(call, facts["embed"]) if facts["embed"] else {}
        seconds = facts.get("cache_seconds", 0)
        # a scope is that of a ticket; without one it may have changed
        is_own = facts["content"] or facts["asks_first"] or call.may_be_task
        if not seconds or is_own or not call.caller.ticket:
            try:
                return Result(await self.with_file(call, await self.ask(call, embeddings)))
            finally:
                if facts["writes"] and facts is not UNKNOWN:
                    self.cache.changed(secrets.token_hex(16))  # before the database tells everybody
        scope, version = call.caller.identity["scope_digest"], self.catalog["version"]
        model = embeddings.get("embedding_model", "")
        key = (scope, version, call.name, call.arguments.decode(), model)

        async def compute() -> Result:
            return Result(await self.ask(call, embeddings, fresh=True))

        return await self.cache.answer(key, seconds, compute)

    async def with_file(self, call: ClientCall, text: str) -> str:
        """Return a result (JSON text) with what only this process has: pages and files."""
        if call.method == "resources/read":
            if call.name.startswith(pages.PREFIX):
                return pages.with_page(text)
            if call.name.startswith(PREFIX):
                return await self.exports.with_part(text)
        return text

    async def ask(
        self, call: ClientCall, embeddings: Json | None = None, fresh: bool = False
    ) -> str:
        """Execute a call as one statement, and return its text.

        A read goes to a replica, unless it has to be ``fresh``.
        """
        context = call.context(embeddings or {})
        fresh = fresh or call.is_exact or call.facts.get("fresh", False)
        if self.replicas and not fresh and (usable := self.replicas.usable()):
            try:
                return await self.ask_database(usable[0], call, context)
            except (asyncpg.QueryCanceledError, TimeoutError):
                raise
            except (DatabaseError, *DATABASE_FAILURES) as error:  # of it, or of its age
                log.info("not answered by a replica", request_id=call.id, reason=repr(error))
        ask, repeatable = self.ask_database, call.facts["repeatable"]
        attempts = count()
        try:
            return await repeated(
                lambda: ask(self.database, call, context, next(attempts)),
                repeatable,
                self.settings.retry_seconds,
            )
        except DATABASE_FAILURES as error:
            if repeatable:
                raise
            if isinstance(error, TimeoutError):  # the timer is ours, and not the database's
                raise QueryTimeoutError(LATE_OUTCOME.format(call.limit)) from error
            if not is_lost(error):
                raise
            raise DatabaseError(UNKNOWN_OUTCOME) from error

    async def ask_database(
        self, database: Database, call: ClientCall, context: str, attempt: int = 0
    ) -> str:
        """Execute a call on one database: by its ticket, or by the credential itself."""
        if not call.is_exact and (ticket := call.caller.ticket):
            try:
                return await self.send(database, ticket, call, context)
            except asyncpg.InvalidAuthorizationSpecificationError as error:
                # it has expired on its way, say, and nothing was read
                if error.as_dict().get("constraint_name") != "ticket":
                    raise
        key = self.settings.assertion_key
        credential = call.credential(key.get_secret_value() if key else "", attempt)
        return await self.send(database, credential, call, context)

    async def send(
        self, database: Database, credential: str, call: ClientCall, context: str
    ) -> str:
        """Send the statement of a call, and forward the notices that it raises."""
        statement = HANDLE, credential, call.method, call.params, context
        fetch = self.fetch_export if call.facts["exports"] else database.fetchval
        client = call.client
        async with database.connection() as connection:
            notices = client.forwarding_notices(connection) if client.wants_notices else NOTHING
            async with notices:
                with self.metrics.query(call.kind):
                    text = await fetch(connection, *statement, seconds=call.limit)
        if text is None and call.method.startswith("tasks/"):
            raise ProtocolError(types.METHOD_NOT_FOUND, "Method not found", call.method)
        return str(text)

    async def fetch_export(self, connection: Any, *statement: str, seconds: float) -> str:
        """Execute a call that may export its result; statement and file are one transaction."""
        async with asyncio.timeout(seconds), transaction(connection):
            text = str(await connection.fetchval(*statement))
            if text.startswith(BEGUN):
                text = await self.exports.carry(connection, text, seconds)
            return text

    async def embed(self, call: Call, wanted: Json) -> Json:
        """Return the vectors of the arguments that the tool takes as vectors, and their model."""
        vectors = {}
        for name, spec in wanted.items():
            text = json_text(call.values[name]) if name in call.values else None
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
