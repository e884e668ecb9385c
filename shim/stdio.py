"""stdio: one client, whose key is in the environment; nothing but messages on stdout."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import get_args

import mcp_types as types
import structlog
from mcp import stdio_server
from mcp.server.lowlevel.server import NotificationOptions

from shim.database import close_pool
from shim.handlers import Shim
from shim.notices import Context
from shim.settings import Refusal

log = structlog.get_logger("zava-mcp")


async def serve_stdio(shim: Shim) -> None:
    """Serve the client at stdin and stdout until it closes stdin or a signal comes."""
    key = shim.settings.api_key
    identity = await shim.authenticate(key.get_secret_value()) if key else None
    if key is None or identity is None:
        state = "is unknown, expired or revoked" if key else "is not set"
        raise Refusal(f"ZAVA_API_KEY {state}: set it to the API key of whom --stdio serves")
    shim.credential, shim.identity = key.get_secret_value(), identity

    async def set_level(_: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        levels = get_args(types.LoggingLevel)
        shim.log_levels = frozenset(levels[levels.index(params.level) :])
        return types.EmptyResult()

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await shim.server.run(read, write, options)

    shim.server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, set_level)
    options = shim.server.create_initialization_options(NotificationOptions(tools_changed=True))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("serving", transport="stdio", tools=len(shim.catalog["tools"]))
    serving, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        serving.cancel()
        await shim.recorder.close()
        await close_pool(shim.pool)
        os._exit(0)  # nothing else ends the thread that reads stdin
    stopped.cancel()
    await serving
