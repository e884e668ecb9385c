"""What keeps a dead database from being hammered: while it is away, one probe at a time asks it."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from zava_mcp.shim.answer.errors import UNAVAILABLE, DatabaseError

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between two probes, doubled each time

log = structlog.get_logger("zava-mcp")


class Circuit:
    """Whether a database answers: opened by a lost connection, closed by a probe that succeeds.

    A restart is waited out by the calls that meet it; when it takes longer, calls fail at once.
    """

    def __init__(self, name: str, probe: Callable[[], Awaitable[Any]]) -> None:
        self.name = name  # of the database, in the log
        self.probe = probe  # raises while the database does not answer
        self.opened = 0  # how often
        self.since, self.pause = 0.0, 0.0  # it opened then; seconds to the next probe
        self.closed = asyncio.Event()
        self.closed.set()
        self.probing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the database is away, as far as is known."""
        return not self.closed.is_set()

    def trip(self) -> None:
        """Take note of a lost connection, and begin to probe."""
        if not self.is_open:
            self.closed.clear()
            self.opened += 1
            self.since, self.pause = time.monotonic(), FIRST_PAUSE
            self.probing = asyncio.create_task(self.recover())

    async def recover(self) -> None:
        """Probe until the database answers."""
        while True:
            try:
                await self.probe()
                break
            except Exception as error:  # whatever it is, the circuit must not stay open for ever
                if self.pause == FIRST_PAUSE:
                    log.warning("database away", database=self.name, reason=repr(error))
            await asyncio.sleep(self.pause * random.uniform(0.5, 1.0))  # noqa: S311
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if self.pause > FIRST_PAUSE:
            away = round(time.monotonic() - self.since, 1)
            log.info("database back", database=self.name, seconds=away)
        self.closed.set()

    async def passable(self, patience: float) -> None:
        """Wait until it is closed, if it has not been open for longer than ``patience`` seconds.

        Raises DatabaseError, which says when to try again.
        """
        if not self.is_open:
            return
        try:
            async with asyncio.timeout_at(self.since + patience):
                await self.closed.wait()
        except TimeoutError:
            raise DatabaseError(UNAVAILABLE, retry_after=math.ceil(self.pause)) from None

    def close(self) -> None:
        """Probe no more."""
        if self.probing is not None:
            self.probing.cancel()
