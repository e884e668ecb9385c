"""Streaming replicas, which answer reads while their lag is within ZAVA_REPLICA_LAG.

The server asks the primary for its WAL position now and then. Once a replica has replayed that
position, its data are complete up to that moment.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from zava_mcp.shim.answer.errors import DATABASE_FAILURES, DatabaseError
from zava_mcp.shim.call.database import WAL_POSITION, Database, open_database
from zava_mcp.shim.settings import Refusal, Settings

AGAIN_SECONDS = 5  # after which a replica that cannot be used is tried again
POSITIONS = 100  # remembered, of the primary

log = structlog.get_logger("zava-mcp")


@dataclass
class Replica:
    """A replica, and the moment up to which its data are complete."""

    primary: Database
    settings: Settings  # with its own URL alone
    number: int = 1  # among the replicas, in the log
    database: Database | None = None  # once there is a connection
    positions: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=POSITIONS))
    complete_until: float = -math.inf  # by time.monotonic()

    @property
    def age(self) -> float:
        """The greatest possible lag, in seconds."""
        return time.monotonic() - self.complete_until

    def usable(self) -> Database | None:
        """Return its database while it answers and its lag is within ZAVA_REPLICA_LAG."""
        if self.database is None or self.database.circuit.is_open:
            return None
        return self.database if self.age <= self.settings.replica_lag else None

    async def look(self) -> None:
        """Compare the WAL positions. Raises Refusal, DatabaseError, DATABASE_FAILURES."""
        if self.database is None:
            self.database = await open_database(self.settings, "replica_url")
        now = time.monotonic()
        written = json.loads(await self.primary.ask(WAL_POSITION))
        self.positions.append((now, written["position"]))
        read = json.loads(await self.database.ask(WAL_POSITION))
        timeline = written["timeline"]
        if not read["is_replica"] or read.get("timeline") != timeline:
            # perhaps once, and then promoted: what it says now is its own
            raise Refusal(f"the database of ZAVA_REPLICA_URL is no replica on timeline {timeline}")
        while self.positions and self.positions[0][1] <= read["position"]:
            self.complete_until = self.positions.popleft()[0]

    async def watch(self) -> None:
        """Compare the WAL positions periodically, and log a change of state."""
        logged = ""
        while True:
            pause = min(1.0, self.settings.replica_lag / 4)
            try:
                await self.look()
                problem = "" if self.usable() else "it lags behind"
            except (Refusal, DatabaseError, *DATABASE_FAILURES) as error:
                problem, pause = str(error), AGAIN_SECONDS
                if isinstance(error, Refusal):
                    self.complete_until = -math.inf
            if problem != logged:
                tell, reads = (log.warning, "elsewhere") if problem else (log.info, "here")
                tell("replica", number=self.number, reads=reads, reason=problem)
                logged = problem
            await asyncio.sleep(pause)


@dataclass
class Replicas:
    """All replicas of the primary."""

    members: list[Replica]

    @property
    def age(self) -> float:
        """The greatest possible lag of any replica, in seconds."""
        return max(member.age for member in self.members)

    def usable(self) -> list[Database]:
        """Return the databases that may be read, the least busy first, then the least lagging."""
        lags = [(each.usable(), each.age) for each in self.members]
        usable = [(database, lag) for database, lag in lags if database]
        return [each for each, _ in sorted(usable, key=lambda one: (one[0].in_use, one[1]))]


@asynccontextmanager
async def replicated(primary: Database, settings: Settings) -> AsyncIterator[Replicas | None]:
    """Watch the replicas of ZAVA_REPLICA_URL; the server also starts while they are away."""
    members = [
        Replica(primary, settings.model_copy(update={"replica_url": [url]}), number)
        for number, url in enumerate(settings.replica_url, 1)
    ]
    watching = {asyncio.create_task(each.watch()) for each in members}
    try:
        yield Replicas(members) if members else None
    finally:
        for task in watching:
            task.cancel()
        if watching:
            await asyncio.wait(watching)
        for each in members:
            if each.database is not None:
                await each.database.close()
