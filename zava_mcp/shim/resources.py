"""Resources: what is at an address, and being told when it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mcp_types as types
from mcp import MCPError as ProtocolError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from zava_mcp.shim.errors import Call, Json, MCPError, RefusedError, protocol_error
from zava_mcp.shim.notices import Context
from zava_mcp.shim.questions import Questions, until_answered
from zava_mcp.shim.tools import show

if TYPE_CHECKING:
    from zava_mcp.shim.handlers import Said, Shim

NOT_FOUND = -32002  # of a resource, in the handshake revisions
SUBSCRIPTIONS = 100  # resources that one client hears of
KNOWN: Json = {  # of every resource and prompt
    "embed": {},
    "sandbox": False,
    "writes": False,
    "repeatable": True,
    "content": True,
    "asks_first": False,
}


async def read_resource(
    shim: Shim, ctx: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult | types.InputRequiredResult:
    """Answer resources/read."""

    async def attempt(given: Json) -> types.ReadResourceResult | Questions:
        said = await read(shim, ctx, params.uri, given)
        if isinstance(said, Questions):
            return said
        for contents in said.value["contents"]:
            show(contents)
        return types.ReadResourceResult.model_validate(said.value, by_name=False)

    return await until_answered(ctx, params, attempt)


async def read(shim: Shim, ctx: Context, uri: str, given: Json) -> Said | Questions:
    """Read a resource once. Raises ProtocolError."""
    call = Call(uri, {"uri": uri}, shim.settings.command_timeout, "resource")
    try:
        return await shim.attempt(ctx, call, KNOWN, given)
    except RefusedError as error:
        if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
            raise
        raise ProtocolError(NOT_FOUND, error.message, error.data) from error
    except MCPError as error:
        raise protocol_error(error) from error


async def subscribe(
    shim: Shim, ctx: Context, params: types.SubscribeRequestParams
) -> types.EmptyResult:
    """Answer resources/subscribe: one may hear of the changes of what one may read."""
    client = shim.clients.required(ctx)
    if len(client.uris) >= SUBSCRIPTIONS:
        text = f"No more than {SUBSCRIPTIONS} resources may be subscribed to: unsubscribe first."
        raise ProtocolError(types.INVALID_PARAMS, text)
    await read(shim, ctx, params.uri, {})
    client.uris.add(params.uri)
    return types.EmptyResult()


async def listen(
    shim: Shim, ctx: Context, params: types.SubscriptionsListenRequestParams
) -> types.SubscriptionsListenResult:
    """Answer subscriptions/listen; of the resources, for those that the caller may read."""
    asked = params.notifications
    uris = (asked.resource_subscriptions or [])[:SUBSCRIPTIONS]
    readable = [uri for uri in uris if await is_readable(shim, ctx, uri)]
    granted = asked.model_copy(update={"resource_subscriptions": readable or None})
    try:
        with shim.limits.stream(shim.caller(ctx)[1]["user_id"]):
            return await shim.listen(ctx, params.model_copy(update={"notifications": granted}))
    except MCPError as error:
        raise protocol_error(error) from error


async def is_readable(shim: Shim, ctx: Context, uri: str) -> bool:
    """Return whether the caller may read a resource."""
    try:
        await read(shim, ctx, uri, {})
    except ProtocolError:
        return False
    return True
