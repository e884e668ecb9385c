"""What there is for a caller: tools, resources, resource templates, prompts, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import mcp_types as types

from zava_mcp.shim.errors import Call, RefusedError, as_jsonb, protocol_error
from zava_mcp.shim.notices import Context

if TYPE_CHECKING:
    from zava_mcp.shim.handlers import Shim

LIST_TOOLS = "select mcp.list_tools($1, $2)"
LIST_RESOURCES = "select mcp.list_resources($1, $2)"
LIST_RESOURCE_TEMPLATES = "select mcp.list_resource_templates($1, $2)"
LIST_PROMPTS = "select mcp.list_prompts($1, $2)"
LISTS: dict[type[types.PaginatedResult], tuple[str, str]] = {  # statement and action
    types.ListToolsResult: (LIST_TOOLS, "/list_tools"),
    types.ListResourcesResult: (LIST_RESOURCES, "/list_resources"),
    types.ListResourceTemplatesResult: (LIST_RESOURCE_TEMPLATES, "/list_resource_templates"),
    types.ListPromptsResult: (LIST_PROMPTS, "/list_prompts"),
}

R = TypeVar("R", bound=types.PaginatedResult)


def listing(
    result: type[R],
) -> Callable[[Shim, Context, types.PaginatedRequestParams | None], Awaitable[R]]:
    """Return what answers the request for one of the lists with the database's list as it is."""
    statement, action = LISTS[result]

    async def answer(shim: Shim, ctx: Context, params: types.PaginatedRequestParams | None) -> R:
        cursor = params.cursor if params else None
        try:
            as_jsonb(cursor)
        except ValueError:  # text that cannot be stored, and so is none of ours
            raise RefusedError("cursor") from None
        text = await ask(shim, ctx, statement, action, cursor)
        return result.model_validate_json(text, by_name=False)

    return answer


async def ask(
    shim: Shim, ctx: Context, statement: str, action: str, *parameters: str | None
) -> str:
    """Return what an entry point says to the caller of a request. Raises ProtocolError."""
    try:
        async with shim.admitted(ctx):
            return await shim.read(statement, shim.caller(ctx)[0], action, *parameters)
    except Exception as error:
        call = Call("", {}, shim.settings.command_timeout)
        raise protocol_error(shim.failure(error, call)) from error
