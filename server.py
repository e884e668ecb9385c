"""The MCP shim: it carries messages between clients and the database, and decides nothing.

A request comes in over streamable HTTP or stdio, goes to one entry point of schema mcp as one
statement, and its answer goes back. Tools, access, arguments and rows are the database's affair;
here are the transports, the pool, the hand-over of the credential, embeddings, and the translation
of SQLSTATEs into the errors that clients see. The parts are in shim/, one idea a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable

import click
import structlog

import embeddings
from shim.audit import recording
from shim.database import close_pool, open_pool, watch_catalog
from shim.handlers import Shim
from shim.http import serve_http
from shim.limits import open_limits
from shim.logs import set_up_logs
from shim.settings import Settings, load_settings, settings_help
from shim.stdio import serve_stdio

log = structlog.get_logger("zava-mcp")


@click.command(epilog=settings_help())
@click.option("--stdio", is_flag=True, help="Serve one client over stdin and stdout.")
@click.option("--host", help="Address to listen on, instead of ZAVA_HOST.")
@click.option("--port", type=int, help="Port to listen on, instead of ZAVA_PORT.")
def main(stdio: bool, host: str | None, port: int | None) -> None:
    """Serve the tools of a zava-mcp database to MCP clients.

    Over HTTP, at /mcp, each request carries an API key, Authorization: Bearer zava_..., or an
    access token of the identity provider in ZAVA_OAUTH_ISSUER; docs/authentication.md.
    Over stdio the key is ZAVA_API_KEY. Exit code 0: stopped. 1: the database cannot be reached or
    its login must not be used. 2: a setting or the API key is wrong. 3: the port is taken.
    """
    set_up_logs()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    asyncio.run(serve(load_settings(host=host, port=port), stdio))


async def serve(settings: Settings, stdio: bool) -> None:
    """Serve over one of the transports until that ends. Raises Refusal."""
    async with open_shim(settings) as shim:
        await (serve_stdio(shim) if stdio else serve_http(shim))


@contextlib.asynccontextmanager
async def open_shim(settings: Settings) -> AsyncIterator[Shim]:
    """Open everything but the transport, and close it again. Raises Refusal."""
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    limits = open_limits(redis_url, settings.bad_tokens)
    pool = await open_pool(settings)
    try:
        shim = Shim(settings, pool, open_embedder(settings), limits=limits)
        await shim.reload()
        watcher = asyncio.create_task(watch_catalog(settings, shim.reload))
        try:
            async with recording(shim.recorder):
                yield shim
        finally:
            watcher.cancel()
            await asyncio.wait({watcher})
    finally:
        await close_pool(pool)


def open_embedder(settings: Settings) -> Callable[[str], tuple[str, list[float]]] | None:
    """Give a function from a text to its model and vector; without one, words have to do."""
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


if __name__ == "__main__":
    main()
