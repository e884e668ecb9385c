"""``zava-mcp serve``: the shim, which carries messages between clients and the database.

A request comes in over streamable HTTP or stdio, goes to one entry point of schema mcp as one
statement, and its answer goes back. Tools, access, arguments and rows are the database's affair;
here are the transports, the pool, the passing of the credential, embeddings, and the translation of
SQLSTATEs into the errors that clients see.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import click
import structlog

from zava_mcp import embeddings
from zava_mcp.shim.answer.results import stamp_of
from zava_mcp.shim.call.cache import open_cache
from zava_mcp.shim.call.calls import Calls
from zava_mcp.shim.call.database import RESOURCE_CHANGED, open_database, watch
from zava_mcp.shim.call.replica import replicated
from zava_mcp.shim.call.upkeep import keep_up
from zava_mcp.shim.identify.authorization import Gate
from zava_mcp.shim.identify.credentials import Identities
from zava_mcp.shim.identify.limits import open_limits
from zava_mcp.shim.observe.audit import recording
from zava_mcp.shim.observe.logs import set_up_logs
from zava_mcp.shim.observe.metrics import Metrics, show_gauges
from zava_mcp.shim.receive.protocol import Engine
from zava_mcp.shim.receive.serving import serve_http
from zava_mcp.shim.receive.stdio import serve_stdio
from zava_mcp.shim.receive.workers import Workers
from zava_mcp.shim.settings import Settings, load_settings, settings_help

log = structlog.get_logger("zava-mcp")


@click.command(epilog=settings_help())
@click.option("--stdio", is_flag=True, help="Serve one client over stdin and stdout.")
@click.option("--host", help="Address to listen on, instead of ZAVA_HOST.")
@click.option("--port", type=int, help="Port to listen on, instead of ZAVA_PORT.")
@click.option("--workers", type=int, help="Processes that serve, instead of ZAVA_WORKERS.")
@click.pass_context
def serve(
    ctx: click.Context, stdio: bool, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve the tools of a zava-mcp database to MCP clients.

    Over HTTP, at /mcp, each request carries an API key, Authorization: Bearer zava_..., or an
    access token of the identity provider in ZAVA_OAUTH_ISSUER; docs/authentication.md.
    Over stdio the key is ZAVA_API_KEY. Exit code 0: stopped. 1: the database cannot be reached or
    its login must not be used. 2: a setting or the API key is wrong. 3: the port is taken.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    settings = load_settings(host=host, port=port, workers=workers)
    set_up_logs(settings.log_level)
    if settings.workers == 1 or stdio:
        run(settings, stdio)
        return

    def work(listening: socket.socket, serves: Callable[[], None]) -> None:
        run(settings, False, listening, serves)

    ctx.exit(Workers(settings, work).run(settings.workers))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop: uvloop where there is one, which is much cheaper."""
    try:
        import uvloop
    except ImportError:  # on Windows
        return None
    return uvloop.new_event_loop


def run(
    settings: Settings,
    stdio: bool,
    listening: socket.socket | None = None,
    serves: Callable[[], None] = lambda: None,
) -> None:
    """Serve in this process until that ends. Raises Refusal."""

    async def work() -> None:
        async with open_parts(settings, stdio) as (calls, engine, identities):
            if stdio:
                await serve_stdio(calls, engine, identities)
            else:
                gate = Gate(settings, identities, calls.limits)
                await serve_http(calls, engine, gate, listening, serves)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(work())


class Parts(NamedTuple):
    """What serves, whatever the transport."""

    calls: Calls
    engine: Engine
    identities: Identities


@contextlib.asynccontextmanager
async def open_parts(settings: Settings, stdio: bool = False) -> AsyncIterator[Parts]:
    """Open everything but the transport, and close it again. Raises Refusal."""
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    limits = open_limits(redis_url, settings.bad_tokens)
    database = await open_database(settings)
    try:
        async with replicated(database, settings) as replica:
            vector, metrics = open_embedder(settings), Metrics()
            cache = open_cache(settings, metrics)
            calls = Calls(settings, database, vector, limits, metrics, cache, replica)
            engine = Engine(calls, keeps_sessions=stdio or settings.sessions > 0)
            calls.stamp = stamp_of(engine.server.server_info_stamp)
            show_gauges(metrics, calls)
            key = settings.assertion_key.get_secret_value() if settings.assertion_key else ""
            await engine.reload()
            tell = {RESOURCE_CHANGED: engine.resource_changed}
            behind = {
                asyncio.create_task(watch(settings, engine.reload, tell, cache)),
                asyncio.create_task(keep_up(database, settings.maintain_seconds)),
            }
            try:
                async with recording(calls.recorder):
                    gc.freeze()  # what is here stays: looking through it takes a tenth of a second
                    yield Parts(calls, engine, Identities(database.asked, key))
            finally:
                for task in behind:
                    task.cancel()
                await asyncio.wait(behind)
                await cache.close()
    finally:
        await database.close()


def open_embedder(settings: Settings) -> Callable[[str], tuple[str, list[float]]] | None:
    """Return a function from a text to its model and vector; without one, words have to do."""
    key = settings.embedding_api_key
    try:
        embedder = embeddings.load_embedder(
            settings.embedder,
            model=settings.embedding_model,
            base_url=settings.embedding_base_url,
            api_key=key.get_secret_value() if key else None,
            timeout=settings.embedding_timeout,
            max_retries=settings.embedding_retries,
        )
    except embeddings.EmbeddingError as error:
        log.warning("no embedder", reason=str(error))
        return None
    return embeddings.query_vectors(embedder) if embedder else None
