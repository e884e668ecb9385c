"""The hourly upkeep of the database, of which the servers do one run between them."""

from __future__ import annotations

import asyncio
import json
import random

import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError
from zava_mcp.shim.call.database import Database

MAINTAIN = "select mcp.maintain()"
FIRST_SECONDS = 300  # the first run comes within these, so that servers started together spread
RUNS = 100  # one after the other while there is more to do

log = structlog.get_logger("zava-mcp")


async def keep_up(database: Database, seconds: float) -> None:
    """Have the database do its upkeep about every so many seconds, for ever; 0 is never."""
    if not seconds:
        return
    await asyncio.sleep(random.uniform(0, min(seconds, FIRST_SECONDS)))  # noqa: S311
    while True:
        await maintain(database)
        await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311


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
