"""NOTICEs of a running function, sent on to the client as progress and log messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import mcp_types as types
import structlog
from mcp.server.connection import allowed_log_levels
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

PROGRESS, LOG_MESSAGE = "MCP01", "MCP02"  # SQLSTATEs of the NOTICEs that are for the client


@dataclass
class Told:
    """What a client was told of a call; it goes on where the call is repeated."""

    progress: float = -math.inf


Context = ServerRequestContext[Any, Any]
log = structlog.get_logger("zava-mcp")


@contextlib.asynccontextmanager
async def notices_to_client(
    connection: Any, ctx: Context, levels: frozenset[str], told: Told
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
    sender = asyncio.create_task(send_notices(notices, ctx, levels, told))
    try:
        yield
        notices.put_nowait(None)
        await sender  # nothing may follow the result
    finally:
        sender.cancel()
        connection.remove_log_listener(listener)


async def send_notices(
    notices: asyncio.Queue[Any], ctx: Context, levels: frozenset[str], told: Told
) -> None:
    """Send notices to the client until None comes; progress that does not grow is left out."""
    while (notice := await notices.get()) is not None:
        try:
            said = json.loads(notice.detail) if notice.sqlstate in (PROGRESS, LOG_MESSAGE) else {}
            if notice.sqlstate == PROGRESS and said["progress"] > told.progress:
                told.progress = said["progress"]
                await ctx.session.report_progress(
                    told.progress, said.get("total"), said.get("message")
                )
            elif notice.sqlstate == LOG_MESSAGE and said["level"] in levels:
                params = types.LoggingMessageNotificationParams(
                    level=said["level"], data=said["data"]
                )
                message = types.LoggingMessageNotification(params=params)
                await ctx.session.send_notification(message, related_request_id=ctx.request_id)
        except (ValueError, TypeError, KeyError) as error:
            log.warning("notice that nobody can read", sqlstate=notice.sqlstate, reason=repr(error))
