"""Answers that are kept, for callers with the same scope, until a table changes or their time ends.

An answer's key holds what it depends on: the tool, its arguments, the embedding model, the
catalogue, the scope of the caller as the database computes it, and the last change of a table that
the database told of. So nobody is given what was made for another scope, what was read before a
change is not found after it, and with a shared Redis the same holds among several processes, which
all hear of the same changes in the same order.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog
from cashews import Cache as Store
from cashews.exceptions import CacheError

from zava_mcp.shim.observe.operators import Metrics
from zava_mcp.shim.settings import Refusal, Settings

ANSWER_LENGTH = 100_000  # characters; a longer answer is not kept
REDIS_SECONDS, REDIS_AGAIN_SECONDS = 0.5, 5.0  # how long it may take, and a failed one rests

log = structlog.get_logger("zava-mcp")


@dataclass
class Cache:
    """The answers that this process keeps, or shares through a Redis."""

    store: Store | None = None  # None: nothing is kept
    metrics: Metrics = field(default_factory=Metrics)
    last_change: str | None = None  # None: nobody listens, so nothing is kept
    computing: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    resting_until: float = 0  # by time.monotonic(), since the Redis failed

    @property
    def state(self) -> Literal["healthy", "unhealthy", "disabled"]:
        """How the cache is; without it everything is answered all the same."""
        if self.store is None:
            return "disabled"
        resting = time.monotonic() < self.resting_until
        return "unhealthy" if resting or self.last_change is None else "healthy"

    def listening(self) -> None:
        """From now on changes are heard of; what there was before is not known."""
        self.last_change = uuid.uuid4().hex

    def deaf(self) -> None:
        """From now on no change is heard of."""
        self.last_change = None

    def changed(self, change: str) -> None:
        """A table was changed; the database gives each change another name."""
        if self.last_change is not None:
            self.last_change = change

    async def answer(
        self, key: list[str], seconds: int, compute: Callable[[], Awaitable[str]]
    ) -> str:
        """Return the answer of a key: one that is kept, one that is being made, or a new one."""
        if self.store is None or self.last_change is None or seconds <= 0:
            return await compute()
        name = digest([*key, self.last_change])
        if (running := self.computing.get(name)) and (made := await result_of(running)) is not None:
            self.metrics.cache_hit.inc()
            return made
        if running:  # what we waited for has failed
            self.metrics.cache_miss.inc()
            return await compute()
        answer = self.computing[name] = asyncio.get_running_loop().create_future()
        try:
            kept = await self.get(name)
            (self.metrics.cache_miss if kept is None else self.metrics.cache_hit).inc()
            text = await compute() if kept is None else kept
            answer.set_result(text)
        finally:
            del self.computing[name]
            answer.cancel()  # of no effect once there is a result
        if kept is None and len(text) <= ANSWER_LENGTH:
            await self.put(name, text, seconds)
        return text

    async def get(self, name: str) -> str | None:
        """Return what is kept under a name."""
        kept = await self.attempt(lambda store: store.get(name))
        return kept.decode() if isinstance(kept, bytes) else None

    async def put(self, name: str, text: str, seconds: int) -> None:
        """Keep an answer."""
        await self.attempt(lambda store: store.set(name, text.encode(), expire=seconds))

    async def attempt(self, action: Callable[[Store], Awaitable[object]]) -> object:
        """Do something with the store; None when it fails, after which it rests."""
        if self.store is None or time.monotonic() < self.resting_until:
            return None
        try:
            return await action(self.store)
        except Exception as error:
            log.warning("answers are not kept for now", reason=repr(error.__cause__ or error))
            self.resting_until = time.monotonic() + REDIS_AGAIN_SECONDS
            return None

    async def close(self) -> None:
        """Let the store go."""
        if self.store is not None:
            await self.store.close()


async def result_of(running: asyncio.Future[str]) -> str | None:
    """Wait for another's answer; None when it got none."""
    await asyncio.wait({running})
    return None if running.cancelled() else running.result()


def digest(parts: list[str]) -> str:
    """Name what depends on these parts and on nothing else."""
    return "zava:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def open_cache(settings: Settings, metrics: Metrics) -> Cache:
    """Open the cache: in Redis where there is one, else in memory. Raises Refusal."""
    if settings.cache_size == 0:
        return Cache(None, metrics)
    store, url = Store(), settings.redis_url.get_secret_value() if settings.redis_url else ""
    try:
        if url:
            # texts alone go in and come out: nothing of what a Redis says is ever unpickled
            store.setup(
                url,
                pickle_type="null",
                suppress=False,
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
                wait_for_connection_timeout=REDIS_SECONDS,
            )
        else:
            store.setup("mem://", size=settings.cache_size)
    except (CacheError, ValueError):  # its text may repeat the password
        raise Refusal("ZAVA_REDIS_URL is not like redis://:password@host:6379/0") from None
    return Cache(store, metrics)
