"""What a function asks of the client or its user while it is called, and how the answers get back.

A client of 2026-07-28 gets the questions as the result, and calls again with the answers. One of a
handshake revision is asked over its session, and the call is made again here. In between nothing is
held: the database signs what it wants to find again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import mcp_types as types
from mcp import MCPError as ProtocolError
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.jsonrpc import MISSING_REQUIRED_CLIENT_CAPABILITY
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter, ValidationError

from zava_mcp.shim.errors import Json, MCPError, as_jsonb
from zava_mcp.shim.notices import Context

ROUNDS = 10  # of questions in one call
ANSWER_SECONDS = 600.0  # as long as the database's state is good for
CAPABILITIES = {  # what a client must be able to do, by what it is asked
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}
ANSWERS: dict[str, type[types.Result]] = {
    "elicitation/create": types.ElicitResult,
    "sampling/createMessage": types.CreateMessageResult,
    "roots/list": types.ListRootsResult,
}
REQUEST: TypeAdapter[Any] = TypeAdapter(types.InputRequest)

T = TypeVar("T")


class NoAnswerError(MCPError):
    """The client, or its user, does not answer what the function asks."""

    code = "NO_ANSWER"


@dataclass(frozen=True)
class Questions:
    """What a function asks, and what it wants to find again."""

    asked: Json  # key: {"method", "params"}
    state: str | None
    request_id: str  # of the call that asked


async def until_answered(
    ctx: Context,
    params: types.InputResponseRequestParams,
    attempt: Callable[[Json], Awaitable[T | Questions]],
) -> T | types.InputRequiredResult:
    """Make a call, and again with the answers to what it asks, until it asks nothing.

    ``attempt`` gets what the database needs of a client: capabilities, answers, state. Raises
    NoAnswerError, ProtocolError.
    """
    given = from_client(params)
    for _ in range(ROUNDS):
        said = await attempt({"capabilities": named(abilities(ctx)), **given})
        if not isinstance(said, Questions):
            return said
        try:
            check_abilities(ctx, said)
            if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
                return types.InputRequiredResult(
                    input_requests=said.asked, request_state=said.state
                )
            answers = {key: await ask(ctx, question) for key, question in said.asked.items()}
        except NoAnswerError as error:
            error.details["request_id"] = said.request_id
            raise
        given = storable({"answers": answers, "state": said.state})
    raise NoAnswerError(f"It asked {ROUNDS} times, and still has questions.")


def from_client(params: types.InputResponseRequestParams) -> Json:
    """Return the answers and the state that a client of 2026-07-28 sends with its call."""
    given: Json = {}
    if params.input_responses is not None:
        given["answers"] = {key: plain(answer) for key, answer in params.input_responses.items()}
    if params.request_state is not None:
        given["state"] = params.request_state
    return storable(given)


def storable(given: Json) -> Json:
    """Return what a client answered. Raises ProtocolError where the database could not store it."""
    try:
        as_jsonb(given)
    except (ValueError, RecursionError):
        text = "The answers hold what the database cannot store"
        raise ProtocolError(types.INVALID_PARAMS, text) from None
    return given


def abilities(ctx: Context) -> set[str]:
    """Say what may be asked of a client."""
    is_modern = ctx.protocol_version in MODERN_PROTOCOL_VERSIONS
    has = ctx.session.client_capabilities
    if has is None or not (is_modern or ctx.session.can_send_request):
        return set()
    can = {name for name in CAPABILITIES.values() if getattr(has, name) is not None}
    if has.elicitation and has.elicitation.url and not has.elicitation.form:
        can.discard("elicitation")  # of forms, which is what we ask with
    return can


def check_abilities(ctx: Context, questions: Questions) -> None:
    """Refuse to ask what a client cannot answer. Raises NoAnswerError, or ProtocolError."""
    needed = {CAPABILITIES[question["method"]] for question in questions.asked.values()}
    missing = needed - abilities(ctx)
    if not missing:
        return
    text = f"This asks for {' and '.join(sorted(missing))}, which your client does not offer."
    if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
        data = {"requiredCapabilities": named(missing)}
        raise ProtocolError(MISSING_REQUIRED_CLIENT_CAPABILITY, text, data)
    hint = "" if ctx.session.can_send_request else "Over HTTP, begin a session with initialize."
    raise NoAnswerError(text, hint=hint)


def named(abilities: set[str]) -> Json:
    """Give abilities as the protocol writes capabilities."""
    return {name: {} for name in sorted(abilities)}


async def ask(ctx: Context, question: Json) -> Json:
    """Ask a client one question over its session; give its answer. Raises NoAnswerError."""
    method = question["method"]
    related = ServerMessageMetadata(related_request_id=ctx.request_id)
    try:
        request = REQUEST.validate_python(question, by_name=False)
        answer = await ctx.session.send_request(request, ANSWERS[method], ANSWER_SECONDS, related)
    except ValidationError as error:
        raise NoAnswerError(f"The client's answer to {method} is malformed.") from error
    except NoBackChannelError as error:
        raise NoAnswerError("The client cannot be asked any more.") from error
    except ProtocolError as error:
        raise NoAnswerError(f"The client does not answer {method}: {error.message}") from error
    return plain(answer)


def plain(answer: types.Result) -> Json:
    """Return an answer as the client wrote it."""
    said: Json = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    return said
