"""Streaming replicas, each of which answers reads while it lags behind by little enough.

Now and then the primary says how far it has written. Once a replica has read as far, its answers
are no older than that moment, whatever happens to the primary or the network since.
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
    """The replica of a primary, and until when its data are complete."""

    primary: Database
    settings: Settings  # with its own URL alone
    number: int = 1  # among the replicas, in the log
    database: Database | None = None  # once there is a connection
    positions: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=POSITIONS))
    complete_until: float = -math.inf  # by time.monotonic()

    @property
    def age(self) -> float:
        """How many seconds its answers may be behind, at most."""
        return time.monotonic() - self.complete_until

    def usable(self) -> Database | None:
        """Give it while it answers and lags behind by no more than ZAVA_REPLICA_LAG."""
        if self.database is None or self.database.circuit.is_open:
            return None
        return self.database if self.age <= self.settings.replica_lag else None

    async def look(self) -> None:
        """Compare how far the two are. Raises Refusal, DatabaseError, DATABASE_FAILURES."""
        if self.database is None:
            self.database = await open_database(self.settings, "replica_url")
        now = time.monotonic()
        written = json.loads(await self.primary.ask(WAL_POSITION))
        self.positions.append((now, written["position"]))
        read = json.loads(await self.database.ask(WAL_POSITION))
        if not read["is_replica"]:  # perhaps once, and then promoted: what it says now is its own
            raise Refusal("the database of ZAVA_REPLICA_URL is no replica")
        while self.positions and self.positions[0][1] <= read["position"]:
            self.complete_until = self.positions.popleft()[0]

    async def watch(self) -> None:
        """Compare again and again."""
        said = ""
        while True:
            pause = min(1.0, self.settings.replica_lag / 4)
            try:
                await self.look()
                problem = "" if self.usable() else "it lags behind"
            except (Refusal, DatabaseError, *DATABASE_FAILURES) as error:
                problem, pause = str(error), AGAIN_SECONDS
                if isinstance(error, Refusal):
                    self.complete_until = -math.inf
            if problem != said:
                reads = "elsewhere" if problem else "here"
                log.info("replica", number=self.number, reads=reads, reason=problem)
                said = problem
            await asyncio.sleep(pause)


@dataclass
class Replicas:
    """The replicas of a primary."""

    members: list[Replica]

    @property
    def age(self) -> float:
        """How many seconds the answers of the one that is most behind may be behind."""
        return max(member.age for member in self.members)

    def usable(self) -> list[Database]:
        """List those that may be asked: first the one with the least to do, then the newest."""
        near = [(each.usable(), each.age) for each in self.members]
        found = [(database, age) for database, age in near if database]
        return [each for each, _ in sorted(found, key=lambda one: (one[0].in_use, one[1]))]


@asynccontextmanager
async def replicated(primary: Database, settings: Settings) -> AsyncIterator[Replicas | None]:
    """Watch the replicas of ZAVA_REPLICA_URL meanwhile; a server starts without them."""
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
