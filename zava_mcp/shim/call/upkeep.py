"""Background work of the server: listening for changes, and periodic upkeep."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Protocol

import asyncpg
import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError
from zava_mcp.shim.call.cache import Cache
from zava_mcp.shim.call.database import WAL_POSITION, Database, Url, connect_arguments
from zava_mcp.shim.call.exports import Exports
from zava_mcp.shim.settings import Settings

CATALOG_CHANGED, RESOURCE_CHANGED = "mcp_catalog", "mcp_resource"  # NOTIFY channels
TABLE_CHANGED = "mcp_data"
SILENT_SECONDS = 10.0  # after which it is tried whether the connection lives
LONGEST_PAUSE = 30.0  # seconds until it connects again
MAINTAIN = "select mcp.maintain()"
FIRST_SECONDS = 300  # the first run comes within these, so that servers started together spread
SWEEP_SECONDS = 3600.0
RUNS = 100  # one after the other while there is more to do

log = structlog.get_logger("zava-mcp")
Handler = Callable[[str], Awaitable[None]]  # gets the payload of a NOTIFY


class Reload(Protocol):
    """The function that reloads the catalogue."""

    def __call__(self, announced: bool = False) -> Coroutine[Any, Any, None]:
        """Reload it; ``announced``: the database announced a change."""


async def keep_up(database: Database, exports: Exports, seconds: float) -> None:
    """Call mcp.maintain() about every ``seconds``; 0: never. Always sweep the files of exports."""
    await exports.look()
    pause = seconds or SWEEP_SECONDS
    await asyncio.sleep(random.uniform(0, min(pause, FIRST_SECONDS)))  # noqa: S311
    while True:
        if seconds:
            await maintain(database)
        await exports.sweep(database)
        await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311


async def maintain(database: Database) -> None:
    """Call mcp.maintain() until nothing is left to do, and log what it did."""
    for _ in range(RUNS):
        try:
            report = json.loads(await database.ask(MAINTAIN))
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("no upkeep", reason=repr(error))
            return
        for problem in report.get("problems", []):
            log.error("upkeep", problem=problem)
        if report["ran"]:
            log.info("upkeep", **{name: report[name] for name in report if name != "problems"})
        if not report["more"]:
            return


async def watch(
    settings: Settings, reload: Reload, handlers: Mapping[str, Handler], cache: Cache
) -> None:
    """Listen for notifications: reload the catalogue, invalidate the cache, call ``handlers``.

    Reconnects for ever, and reloads after that, since it missed what was announced meanwhile.
    """
    url: Url = "direct_url" if settings.direct_url else "database_url"
    delay = 1.0
    while True:
        try:
            connection = await asyncpg.connect(**connect_arguments(settings, url))
            try:
                notices: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
                connection.add_termination_listener(lambda *_, to=notices: to.put_nowait(("", "")))
                for channel in (CATALOG_CHANGED, *handlers):
                    await connection.add_listener(
                        channel, lambda _, __, *notice, to=notices: to.put_nowait(notice)
                    )
                # at once, not behind what a reload waits for
                await connection.add_listener(
                    TABLE_CHANGED, lambda *notice: cache.changed(notice[3])
                )
                cache.listening()
                await reload()
                delay = 1.0
                while not connection.is_closed():
                    try:
                        async with asyncio.timeout(SILENT_SECONDS):
                            waiting = {await notices.get(): None}
                    except TimeoutError:  # a connection that broke without a word is silent too
                        await connection.fetchval(WAL_POSITION, timeout=SILENT_SECONDS)
                        continue
                    while not notices.empty():  # equal ones count once
                        waiting[notices.get_nowait()] = None
                    for channel, payload in waiting:
                        if channel in handlers:
                            await handlers[channel](payload)
                        elif channel:
                            await reload(announced=True)
            finally:
                cache.not_listening()
                connection.terminate()
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("not listening for changes", reason=str(error), again_in_seconds=delay)
        await asyncio.sleep(delay)
        delay = min(delay * 2, LONGEST_PAUSE)
