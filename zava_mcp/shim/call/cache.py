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
from typing import Any

import msgspec
import structlog
from cachetools import TLRUCache

from zava_mcp.shim.answer.results import Result
from zava_mcp.shim.identify.limits import NO_REDIS, REDIS_AGAIN_SECONDS, REDIS_SECONDS, REDIS_URL
from zava_mcp.shim.observe.operators import Metrics, State
from zava_mcp.shim.settings import Refusal, Settings

ANSWER_LENGTH = 100_000  # characters; a longer answer is not cached

Key = tuple[str, ...]  # all that an answer depends on
log = structlog.get_logger("zava-mcp")


@dataclass
class Cache:
    """The cached answers, in memory or in Redis; without either, nothing is cached."""

    memory: TLRUCache[Key, tuple[Result, float]] | None = None  # each with its seconds
    redis: Any = None
    metrics: Metrics = field(default_factory=Metrics)
    last_change: str | None = None  # None: nobody listens, so nothing is cached
    computing: dict[Key, asyncio.Future[Result]] = field(default_factory=dict)
    resting_until: float = 0  # by time.monotonic(), since the Redis failed
    is_down: bool = False  # the Redis, when it was asked last

    @property
    def is_on(self) -> bool:
        """Whether answers are cached at all."""
        return self.memory is not None or self.redis is not None

    @property
    def state(self) -> State:
        """The state of the cache: disabled, healthy or unhealthy."""
        if not self.is_on:
            return "disabled"
        return "unhealthy" if self.is_down or self.last_change is None else "healthy"

    async def look(self) -> None:
        """Ask Redis whether it answers, unless it failed a moment ago."""
        if self.redis is not None:
            await self.attempt("ping")

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
        self, key: Key, seconds: float, compute: Callable[[], Awaitable[Result]]
    ) -> Result:
        """Return the answer of a key: cached, being computed by another call, or computed."""
        if not self.is_on or self.last_change is None or seconds <= 0:
            return await compute()
        key = (*key, self.last_change)
        if (kept := self.remembered(key)) is not None:
            self.metrics.cache_hit.inc()
            return kept
        running = self.computing.get(key)
        if running and (computed := await result_of(running)) is not None:
            self.metrics.cache_hit.inc()
            return computed
        if running:  # the call that computed it has failed
            self.metrics.cache_miss.inc()
            return await compute()
        answer = self.computing[key] = asyncio.get_running_loop().create_future()
        try:
            cached = await self.shared(key)
            (self.metrics.cache_miss if cached is None else self.metrics.cache_hit).inc()
            result = await compute() if cached is None else cached
            answer.set_result(result)
        finally:
            del self.computing[key]
            answer.cancel()  # of no effect once there is a result
        if cached is None and len(result.data) <= ANSWER_LENGTH:
            await self.put(key, result, seconds)
        return result

    async def get(self, key: Key) -> Result | None:
        """Return a cached answer, or None."""
        return self.remembered(key) or await self.shared(key)

    def remembered(self, key: Key) -> Result | None:
        """Return an answer from memory, or None."""
        try:
            return None if self.memory is None else self.memory[key][0]
        except KeyError:
            return None

    async def shared(self, key: Key) -> Result | None:
        """Return an answer from Redis, or None."""
        text = await self.attempt("get", digest(key)) if self.redis is not None else None
        return Result(text.decode()) if isinstance(text, bytes) else None

    async def put(self, key: Key, result: Result, seconds: float) -> None:
        """Cache an answer for some seconds."""
        if self.memory is not None:
            self.memory[key] = result, seconds
        else:
            await self.attempt("set", digest(key), result.text.encode(), ex=seconds)

    async def attempt(self, command: str, *values: Any, **options: Any) -> object:
        """Send a command to Redis. Return None if it fails; then it is not used for a while."""
        if time.monotonic() < self.resting_until:
            return None
        try:
            answer: object = await getattr(self.redis, command)(*values, **options)
            self.is_down = False
            return answer
        except Exception as error:
            self.is_down = True
            log.warning("the cache is not used for now", reason=repr(error))
            self.resting_until = time.monotonic() + REDIS_AGAIN_SECONDS
            return None

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self.redis is not None:
            await self.redis.aclose()


async def result_of(running: asyncio.Future[Result]) -> Result | None:
    """Wait for the answer of another call; None if that failed."""
    await asyncio.wait({running})
    return None if running.cancelled() else running.result()


def digest(key: Key) -> str:
    """Return the name of an answer in Redis."""
    return "zava:" + hashlib.sha256(msgspec.json.encode(key)).hexdigest()


def open_cache(settings: Settings, metrics: Metrics) -> Cache:
    """Open the cache: in Redis where there is one, else in memory. Raises Refusal."""
    if settings.cache_size == 0:
        return Cache(metrics=metrics)
    if settings.redis_url is None:
        return Cache(memory(settings.cache_size), metrics=metrics)
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise Refusal(NO_REDIS) from None
    try:
        redis = Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 1),  # for a connection that Redis has closed since
        )
    except ValueError:  # its text may repeat the password
        raise Refusal(REDIS_URL) from None
    return Cache(redis=redis, metrics=metrics)


def memory(size: int) -> TLRUCache[Key, tuple[Result, float]]:
    """Return a cache in memory for ``size`` answers, each until its own seconds are over."""
    return TLRUCache(size, ttu=lambda _, kept, now: now + kept[1])
