"""The cache: answers by scope, until a table changes or their time ends.

The key of an answer holds all that it depends on: tool, arguments, embedding model, version of the
catalogue, digest of the caller's scope, and the id of the last change that the database announced.
So no caller gets the answer of another scope, and no answer from before a change. This also holds
between several processes with a shared Redis, which hear the same changes in the same order.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import structlog
from cashews import Cache as Store
from cashews.exceptions import CacheError

from zava_mcp.shim.observe.operators import Metrics
from zava_mcp.shim.settings import Refusal, Settings

ANSWER_LENGTH = 100_000  # characters; a longer answer is not cached
REDIS_SECONDS, REDIS_AGAIN_SECONDS = 0.5, 5.0  # how long it may take, and a failed one rests

log = structlog.get_logger("zava-mcp")


@dataclass
class Cache:
    """The cached answers, in memory or in Redis."""

    store: Store | None = None  # None: nothing is cached
    metrics: Metrics = field(default_factory=Metrics)
    last_change: str | None = None  # None: nobody listens, so nothing is cached
    computing: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    resting_until: float = 0  # by time.monotonic(), since the Redis failed

    @property
    def state(self) -> Literal["healthy", "unhealthy", "disabled"]:
        """The state of the cache: disabled, healthy or unhealthy."""
        if self.store is None:
            return "disabled"
        resting = time.monotonic() < self.resting_until
        return "unhealthy" if resting or self.last_change is None else "healthy"

    def listening(self) -> None:
        """Begin to cache: changes are announced from now on."""
        self.last_change = uuid.uuid4().hex

    def not_listening(self) -> None:
        """Stop caching: changes are not announced any more."""
        self.last_change = None

    def changed(self, change: str) -> None:
        """Invalidate all answers: a table changed. ``change`` is the id of the change."""
        if self.last_change is not None:
            self.last_change = change

    async def answer(
        self, key: list[str], seconds: int, compute: Callable[[], Awaitable[str]]
    ) -> str:
        """Return the answer of a key: cached, being computed by another call, or computed."""
        if self.store is None or self.last_change is None or seconds <= 0:
            return await compute()
        name = digest([*key, self.last_change])
        running = self.computing.get(name)
        if running and (computed := await result_of(running)) is not None:
            self.metrics.cache_hit.inc()
            return computed
        if running:  # the call that computed it has failed
            self.metrics.cache_miss.inc()
            return await compute()
        answer = self.computing[name] = asyncio.get_running_loop().create_future()
        try:
            cached = await self.get(name)
            (self.metrics.cache_miss if cached is None else self.metrics.cache_hit).inc()
            text = await compute() if cached is None else cached
            answer.set_result(text)
        finally:
            del self.computing[name]
            answer.cancel()  # of no effect once there is a result
        if cached is None and len(text) <= ANSWER_LENGTH:
            await self.put(name, text, seconds)
        return text

    async def get(self, name: str) -> str | None:
        """Return a cached text, or None."""
        value = await self.attempt(lambda store: store.get(name))
        return value.decode() if isinstance(value, bytes) else None

    async def put(self, name: str, text: str, seconds: int) -> None:
        """Cache a text for some seconds."""
        await self.attempt(lambda store: store.set(name, text.encode(), expire=seconds))

    async def attempt(self, action: Callable[[Store], Awaitable[object]]) -> object:
        """Use the store. Return None if it fails; then it is not used for a while."""
        if self.store is None or time.monotonic() < self.resting_until:
            return None
        try:
            return await action(self.store)
        except Exception as error:
            log.warning("the cache is not used for now", reason=repr(error.__cause__ or error))
            self.resting_until = time.monotonic() + REDIS_AGAIN_SECONDS
            return None

    async def close(self) -> None:
        """Close the store."""
        if self.store is not None:
            await self.store.close()


async def result_of(running: asyncio.Future[str]) -> str | None:
    """Wait for the answer of another call; None if that failed."""
    await asyncio.wait({running})
    return None if running.cancelled() else running.result()


def digest(parts: list[str]) -> str:
    """Return the key of an answer that depends on these parts."""
    return "zava:" + hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


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
