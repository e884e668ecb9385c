"""stdio: one client, whose key is in the environment; nothing but messages on stdout."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable

import structlog
from mcp import stdio_server

from zava_mcp.shim.handlers import Shim
from zava_mcp.shim.settings import Refusal

TAKEN_OVER_SECONDS = 0.05  # in which the SDK gets the answers from our handlers
LAST_SECONDS = 2  # for the client to read them

log = structlog.get_logger("zava-mcp")


async def serve_stdio(shim: Shim) -> None:
    """Serve the client at stdin and stdout until it closes stdin or a signal comes."""
    key = shim.settings.api_key
    identity = await shim.authenticate(key.get_secret_value()) if key else None
    if key is None or identity is None:
        state = "is unknown, expired or revoked" if key else "is not set"
        raise Refusal(f"ZAVA_API_KEY {state}: set it to the API key of whom --stdio serves")
    shim.credential, shim.identity = key.get_secret_value(), identity

    async def serve() -> None:
        async with stdio_server() as (read, write):
            await shim.server.run(read, write, options)

    shim.clients.open()
    options = shim.server.create_initialization_options()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    end_of_input = pipe_stdin()
    log.info("serving", transport="stdio", tools=len(shim.catalog["tools"]))
    serving, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await shim.stop()
        await asyncio.sleep(TAKEN_OVER_SECONDS)
        end_of_input()
        await asyncio.wait({serving}, timeout=LAST_SECONDS)
        await shim.recorder.close()
        await shim.database.close()
        os._exit(0)  # though the client may not read what a thread still writes
    stopped.cancel()
    await serving


def pipe_stdin() -> Callable[[], None]:
    """Put a pipe in the place of stdin; give what ends it, and so the SDK's wait for a message."""
    source, (reader, writer) = os.dup(0), os.pipe()
    os.dup2(reader, 0)
    os.close(reader)
    nowhere = os.open(os.devnull, os.O_WRONLY)

    def end() -> None:
        os.dup2(nowhere, writer)  # and so no other file gets its number while the thread writes

    def copy() -> None:
        while data := os.read(source, 65_536):
            os.write(writer, data)
        end()

    threading.Thread(target=copy, daemon=True).start()
    return end
