"""Calls of tools: the database's result as it is, or its error as a result with isError."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import mcp_types as types

from zava_mcp.shim.errors import Call, Json, MCPError
from zava_mcp.shim.notices import Context
from zava_mcp.shim.questions import Questions, until_answered
from zava_mcp.shim.untrusted import escaped_json, visible

if TYPE_CHECKING:
    from zava_mcp.shim.handlers import Said, Shim

NO_TOOL: Json = {  # the database will say so
    "timeout_ms": math.inf,
    "embed": {},
    "sandbox": False,
    "writes": True,
    "repeatable": False,
    "content": False,
    "asks_first": False,
}


async def call_tool(
    shim: Shim, ctx: Context, params: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    """Answer tools/call."""
    known = shim.catalog["tools"].get(params.name, NO_TOOL)

    async def attempt(given: Json) -> types.CallToolResult | Questions:
        call = called(shim, params.name, params.arguments, known)
        said = await shim.attempt(ctx, call, known, given)
        return said if isinstance(said, Questions) else result(said, known["content"])

    try:
        return await until_answered(ctx, params, attempt)
    except MCPError as failure:
        # as text alone: clients hold structured content against the tool's output schema
        content = types.TextContent(text=told(failure))
        return types.CallToolResult(content=[content], is_error=True)


def called(shim: Shim, name: str, arguments: Json | None, known: Json) -> Call:
    """Return a call of a tool, of which that much is known."""
    limit = min(known["timeout_ms"] / 1000, shim.settings.command_timeout)
    return Call(name, arguments or {}, limit)


def told(failure: MCPError) -> str:
    """Return what a client reads of a call that failed."""
    said = {"code": failure.code, "message": str(failure), **failure.details}
    return escaped_json(json.dumps(said, ensure_ascii=False))


def result(said: Said, is_content: bool) -> types.CallToolResult:
    """Return what the database answered as a result: the blocks of a tool that makes its own."""
    if not is_content:
        content = types.TextContent(text=escaped_json(said.text))
        return types.CallToolResult(content=[content], structured_content=said.value)
    for block in said.value["content"]:
        show(block)
    return types.CallToolResult.model_validate(said.value, by_name=False)


def show(block: Json) -> None:
    """Let nothing hide in the text of a content block, or of the resource in it."""
    for holder in (block, block.get("resource", {})):
        if isinstance(holder.get("text"), str):
            holder["text"] = visible(holder["text"])
