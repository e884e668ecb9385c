"""Prompts, and the completion of arguments of prompts and resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mcp_types as types
from mcp import MCPError as ProtocolError

from zava_mcp.shim.errors import Call, Json, MCPError, as_jsonb, protocol_error
from zava_mcp.shim.lists import ask
from zava_mcp.shim.notices import Context
from zava_mcp.shim.questions import Questions, until_answered
from zava_mcp.shim.resources import KNOWN
from zava_mcp.shim.tools import show

if TYPE_CHECKING:
    from zava_mcp.shim.handlers import Shim

COMPLETE = "select mcp.complete($1, $2::jsonb, $3::jsonb, $4::jsonb)"


async def get_prompt(
    shim: Shim, ctx: Context, params: types.GetPromptRequestParams
) -> types.GetPromptResult | types.InputRequiredResult:
    """Answer prompts/get."""

    async def attempt(given: Json) -> types.GetPromptResult | Questions:
        limit = shim.settings.command_timeout
        call = Call(params.name, dict(params.arguments or {}), limit, "prompt")
        said = await shim.attempt(ctx, call, KNOWN, given)
        if isinstance(said, Questions):
            return said
        for message in said.value["messages"]:
            show(message["content"])
        return types.GetPromptResult.model_validate(said.value, by_name=False)

    try:
        return await until_answered(ctx, params, attempt)
    except MCPError as error:
        raise protocol_error(error) from error


async def complete(
    shim: Shim, ctx: Context, params: types.CompleteRequestParams
) -> types.CompleteResult:
    """Answer completion/complete."""
    context = {"arguments": (params.context.arguments if params.context else None) or {}}
    ref = params.ref.model_dump(mode="json", by_alias=True, exclude_none=True)
    try:
        said = [as_jsonb(ref), as_jsonb(params.argument.model_dump()), as_jsonb(context)]
    except ValueError:
        text = "The request holds what the database cannot store"
        raise ProtocolError(types.INVALID_PARAMS, text) from None
    text = await ask(shim, ctx, COMPLETE, "/complete", *said)
    return types.CompleteResult.model_validate_json(text, by_name=False)
