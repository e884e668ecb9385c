"""What the server does beside the calls: it listens for changes, and has the upkeep done."""

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
from zava_mcp.shim.call.database import Database, Url, connect_arguments
from zava_mcp.shim.call.exports import Exports
from zava_mcp.shim.settings import Settings

CATALOG_CHANGED, RESOURCE_CHANGED = "mcp_catalog", "mcp_resource"  # NOTIFY channels
TABLE_CHANGED = "mcp_data"
LONGEST_PAUSE = 30.0  # seconds until it connects again
MAINTAIN = "select mcp.maintain()"
FIRST_SECONDS = 300  # the first run comes within these, so that servers started together spread
SWEEP_SECONDS = 3600.0
RUNS = 100  # one after the other while there is more to do

log = structlog.get_logger("zava-mcp")
Tell = Callable[[str], Awaitable[None]]  # gets the payload of a NOTIFY


class Reload(Protocol):
    """What reloads the catalogue."""

    def __call__(self, told: bool = False) -> Coroutine[Any, Any, None]:
        """Read it; ``told`` when the database said that it changed."""


async def keep_up(database: Database, exports: Exports, seconds: float) -> None:
    """Have the database do its upkeep about every ``seconds``, for ever; 0 is never.

    What is left of exports is deleted all the same: who else has the database do its upkeep does
    not reach the files.
    """
    pause = seconds or SWEEP_SECONDS
    await asyncio.sleep(random.uniform(0, min(pause, FIRST_SECONDS)))  # noqa: S311
    while True:
        if seconds:
            await maintain(database)
        await exports.sweep(database)
        await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311


async def maintain(database: Database) -> None:
    """Have the database do its upkeep now, and log what it did."""
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


async def watch(settings: Settings, reload: Reload, told: Mapping[str, Tell], cache: Cache) -> None:
    """Reload the catalogue when the database says so, and tell what it says on other channels.

    The cache is told of changed tables, and of times when nobody listened.

    Reconnects for ever, and reloads then for what happened while nobody listened.
    """
    url: Url = "direct_url" if settings.direct_url else "database_url"
    delay = 1.0
    while True:
        try:
            connection = await asyncpg.connect(**connect_arguments(settings, url))
            try:
                said: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
                connection.add_termination_listener(lambda *_, said=said: said.put_nowait(("", "")))
                for channel in (CATALOG_CHANGED, *told):
                    await connection.add_listener(
                        channel, lambda _, __, *notice, said=said: said.put_nowait(notice)
                    )
                # at once, not behind what a reload waits for
                await connection.add_listener(
                    TABLE_CHANGED, lambda *notice: cache.changed(notice[3])
                )
                cache.listening()
                await reload()
                delay = 1.0
                while not connection.is_closed():
                    waiting = {await said.get(): None}
                    while not said.empty():  # what was said twice counts once
                        waiting[said.get_nowait()] = None
                    for channel, payload in waiting:
                        if channel in told:
                            await told[channel](payload)
                        elif channel:
                            await reload(told=True)
            finally:
                cache.deaf()
                connection.terminate()
        except (DatabaseError, *DATABASE_FAILURES) as error:
            log.warning("not listening for changes", reason=str(error), again_in_seconds=delay)
        await asyncio.sleep(delay)
        delay = min(delay * 2, LONGEST_PAUSE)
