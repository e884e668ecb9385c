"""Errors for clients, translated from SQLSTATEs; DETAIL and CONTEXT are left out."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import mcp_types as types
import msgspec
from mcp import MCPError as ProtocolError
from mcp_types.jsonrpc import MISSING_REQUIRED_CLIENT_CAPABILITY

TASKS = "io.modelcontextprotocol/tasks"  # the extension of MCP
REFUSALS = {  # what is no tool's failure, by the constraint that the database names
    "unknown_tool": "Unknown tool: {}",
    "unknown_prompt": "Unknown prompt: {}",
    "unknown_resource": "Unknown resource: {}",
    "unknown_skill": "Unknown skill: {}",
    "unknown_task": "Unknown task: {}",
    "missing_tasks": f"This needs a client that offers tasks: {TASKS}.",
    "cursor": "Unknown cursor: start the list again.",
    "request_state": "The request state is not of this call, or too old: start again.",
}
RESOURCE_NOT_FOUND = -32002  # in the handshake revisions
NAME_SHOWN, VALUE_SHOWN = 100, 200  # characters of a tool's name or a value repeated in an error
URI_SHOWN = 2000  # the longest there are
UNAVAILABLE = "The database is unavailable, try again."
UNKNOWN_OUTCOME = (
    "The connection to the database was lost, so the outcome is unknown."
    " Check it before you send the call again."
)
LATE_OUTCOME = (
    "The tool did not finish within {:g} seconds, so the outcome is unknown."
    " Check it before you send the call again."
)
BAD_KEY = "The API key is unknown, expired or revoked."
BAD_CREDENTIAL = "The credential is unknown, expired or revoked."
DATABASE_FAILURES = (
    OSError,  # TimeoutError is one
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised at times by a connection that has just died
)
LOST = (  # the connection is gone, and what became of the statement is not known
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
UNDONE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)  # all of it was rolled back

Json = dict[str, Any]


class MCPError(Exception):
    """A failed call: a code, a sentence, and what helps to fix it (hint, field, value ...)."""

    code = "MCP_ERROR"

    def __init__(self, message: str, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.details = {name: value for name, value in details.items() if value not in (None, "")}


class DatabaseError(MCPError):
    """The database cannot answer."""

    code = "DATABASE_ERROR"


class UnreachableError(DatabaseError):
    """There was no connection to be had, so that nothing was sent."""


class BusyError(DatabaseError):
    """Others have all that there is at the moment: nothing was done."""

    code = "BUSY"


class QueryTimeoutError(DatabaseError):
    """The tool took longer than it may."""

    code = "QUERY_TIMEOUT"


class AuthorizationError(MCPError):
    """The caller may not do this."""

    code = "AUTHORIZATION_ERROR"


class ValidationError(MCPError):
    """An argument, or SQL that the client sent as one, is wrong."""

    code = "VALIDATION_ERROR"


@dataclass(slots=True)
class Call:
    """A request, as far as the database and the translation of its errors need it."""

    method: str
    name: str  # of a tool or prompt, or the URI of a resource
    params: str  # as they came
    arguments: bytes  # of a tool or prompt, as they came
    limit: float  # seconds it may take
    is_modern: bool = False  # of 2026-07-28
    id: str = field(default_factory=partial(secrets.token_hex, 16))

    @property
    def logged_as(self) -> str:
        """The name of a call in the call log."""
        return {"prompts/get": "prompt:", "exports/get": "export:"}.get(self.method, "") + self.name

    @property
    def values(self) -> dict[str, msgspec.Raw]:
        """The arguments, each as its JSON text; a failure shows some of them."""
        return json_members(self.arguments)


class RefusedError(ProtocolError):
    """A request that meets nothing, or nothing that is for this caller."""

    def __init__(self, constraint: str, name: str = "", is_modern: bool = True) -> None:
        text = REFUSALS[constraint].format(excerpt(name, NAME_SHOWN))
        is_resource = constraint == "unknown_resource"
        data: Json | None = {"uri": excerpt(name, URI_SHOWN)} if is_resource else None
        code = types.INVALID_PARAMS if is_modern or not is_resource else RESOURCE_NOT_FOUND
        if constraint == "missing_tasks":
            code = MISSING_REQUIRED_CLIENT_CAPABILITY if is_modern else types.METHOD_NOT_FOUND
            data = {"requiredCapabilities": {"extensions": {TASKS: {}}}} if is_modern else None
        super().__init__(code, text, data)
        self.constraint = constraint


def translate(  # noqa: PLR0911, PLR0912 -- a table, SQLSTATE by SQLSTATE
    error: Exception, call: Call
) -> MCPError | ProtocolError:
    """Return what a client sees of a failed call. DETAIL and CONTEXT are never part of it.

    A ProtocolError stands for what is no tool's failure: an unknown tool, a refused credential.
    """
    if isinstance(error, MCPError | ProtocolError):
        return error
    fields = error.as_dict() if isinstance(error, asyncpg.PostgresError) else {}
    state, message = fields.get("sqlstate", ""), fields.get("message", "")
    hint, constraint = fields.get("hint"), fields.get("constraint_name")
    if state in ("42883", "22023") and constraint in REFUSALS:
        # a completion names what it is of in its params alone
        name = call.name or message.partition(": ")[2]
        return RefusedError(constraint, name, call.is_modern)
    if state == "28000":
        return ProtocolError(types.INVALID_REQUEST, BAD_CREDENTIAL)
    if state == "57014" or isinstance(error, TimeoutError):
        narrow = "Narrow the question: a shorter period, fewer rows, or a filter."
        text = f"The tool did not finish within {call.limit:g} seconds."
        return QueryTimeoutError(text, hint=narrow)
    if state == "42501":
        return AuthorizationError("You are not allowed to do this.", hint=hint)
    if state == "53400":  # a limit of the core's
        return BusyError(message, hint=hint)
    if state == "P0001":  # what the tool's author wrote
        return MCPError(message, hint=hint)
    if state == "P0002":
        return MCPError(message, "NOT_FOUND", hint=hint)
    if state in ("23505", "23503"):
        return MCPError(message, "CONFLICT", hint=hint, constraint=constraint)
    if state in ("40001", "40P01"):
        return MCPError("Another change conflicted with this one. Try again.", "CONFLICT")
    if state == "22P05" and fields.get("context", "").endswith("local variable initialization"):
        return nul_error(call)  # what mcp.handle was sent, and not what a tool does with it
    if details := fault(fields, call.values):
        return ValidationError(message, hint=hint, **details)
    outside = not fields and isinstance(error, DATABASE_FAILURES)
    if outside or state.startswith(("08", "53", "57P", "58", "XX")):
        return DatabaseError(UNAVAILABLE)
    return MCPError(f"Internal error, quote request id {call.id}.")


def protocol_error(failure: MCPError | ProtocolError) -> ProtocolError:
    """Return a failure as an error of the protocol, for answers that know no isError."""
    if isinstance(failure, ProtocolError):
        return failure
    is_clients = failure.code in ("VALIDATION_ERROR", "NOT_FOUND", "AUTHORIZATION_ERROR")
    code = types.INVALID_PARAMS if is_clients else types.INTERNAL_ERROR
    return ProtocolError(code, str(failure), {"code": failure.code, **failure.details})


def fault(fields: Json, arguments: dict[str, msgspec.Raw]) -> Json:
    """Return the argument that a PostgreSQL error is about, {} if it is about none."""
    state, name = fields.get("sqlstate", ""), fields.get("column_name")
    if state == "54000" and (constraint := fields.get("constraint_name")) == "max_answer_bytes":
        return {"constraint": constraint}  # all of it together ask for too much
    clients_sql = state.startswith(("21", "22", "42", "0A", "54")) or state == "25006"
    named = state.startswith("22") or state in ("23502", "23514")
    if name and (named or (clients_sql and name in arguments)):
        value = json_excerpt(arguments[name]) if name in arguments else None
        return {"field": name, "value": value, "constraint": fields.get("constraint_name")}
    if not clients_sql:
        return {}
    for name, raw in arguments.items():
        value = json_text(raw)
        if value is None:
            continue
        if value == fields.get("internal_query"):  # found while parsing
            return {"field": name, "position": int(fields.get("internal_position") or 0) or None}
        if f'SQL statement "{value}"' in fields.get("context", ""):  # found while planning
            return {"field": name}
    return {}


def is_lost(error: BaseException) -> bool:
    """Return whether an error means that the connection was lost; a timeout does not."""
    return isinstance(error, LOST) and not isinstance(error, TimeoutError | ValueError)


def excerpt(text: str, limit: int = VALUE_SHOWN) -> str:
    """Return the beginning of a client's text, as valid UTF-8, to be quoted in an error."""
    return text[:limit].encode(errors="backslashreplace").decode()


def json_members(text: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object, each as its JSON text; {} for another text."""
    with contextlib.suppress(ValueError):
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return {}


def json_text(raw: msgspec.Raw) -> str | None:
    """Return the string that a JSON text stands for, None if it is no string."""
    is_text = bytes(memoryview(raw)[:1]) == b'"'
    text: str | None = msgspec.json.decode(raw) if is_text else None
    return text


def json_excerpt(raw: msgspec.Raw) -> Any:
    """Return a JSON value, or the beginning of a long one as text, to be quoted in an error.

    A long value is not decoded: that takes time in proportion to its size.
    """
    if (text := json_text(raw)) is not None:
        return excerpt(text)
    if len(raw) <= VALUE_SHOWN:
        with contextlib.suppress(ValueError):  # of a number beyond every type, such as 1e400
            return msgspec.json.decode(raw)
    return bytes(raw).decode()[:VALUE_SHOWN]


def nul_error(call: Call) -> MCPError | ProtocolError:
    """Return the error of params that hold a NUL character; it names the argument."""
    for name, raw in call.values.items():
        if "\0" in name or b"\\u0000" in bytes(raw).replace(b"\\\\", b""):
            text = f"{excerpt(name)} holds what the database cannot store"
            details = {"field": excerpt(name), "value": json_excerpt(raw)}
            return ValidationError(text, hint="Send no NUL character.", **details)
    data = {"field": "params", "problem": "They hold a NUL character."}
    return ProtocolError(types.INVALID_PARAMS, "Invalid request parameters", data)
