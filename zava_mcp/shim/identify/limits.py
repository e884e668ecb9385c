"""Rate limits: calls per minute, concurrent calls, and bad tokens from an address.

The database sets the limits of an audience; this module counts. Calls per minute are counted in
Redis if ZAVA_REDIS_URL is set, so that several processes share the count. Without Redis, and while
it does not answer, each process counts alone, as it does concurrent calls and bad tokens.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from zava_mcp.shim.answer.errors import Json, MCPError
from zava_mcp.shim.identify.credentials import digest
from zava_mcp.shim.settings import Refusal

MINUTE = 60.0  # seconds
REDIS_SECONDS = 0.5  # Redis may take so long, connecting or answering
NO_REDIS = "ZAVA_REDIS_URL needs more: pip install 'zava-mcp[redis]'"
REDIS_URL = "ZAVA_REDIS_URL is not like redis://:password@host:6379/0"
STREAMS = 32  # of changes, that one user may have open
CALLS_RUN = "No more than {} of your calls may run at once: wait until one ends."
QUERIES_RUN = "No more than {} of your SQL queries may run at once: wait until one ends."
STREAMS_OPEN = "No more than {} streams of changes may be open at once."
TOKENS = 10_000  # good ones that are remembered
REDIS_AGAIN_SECONDS = 5  # so long we count alone before asking a Redis that failed once more

log = structlog.get_logger("zava-mcp")


class RateLimitError(MCPError):
    """The caller has exceeded a rate limit."""

    code = "RATE_LIMITED"


@dataclass
class Windows:
    """Events of the last minute, by key: those of this minute, and a share of the one before.

    The same estimate as that of the library for Redis, whose own counter in memory looks at all
    keys whenever one is counted.
    """

    minute: float = -math.inf
    current: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)

    def wait(self, key: str, limit: int) -> int:
        """Return 0 if there is room for one more event, or the seconds until there is."""
        minute, passed = divmod(time.monotonic(), MINUTE)
        if minute != self.minute:
            self.before = self.current if minute == self.minute + 1 else Counter()
            self.minute, self.current = minute, Counter()
        now, before = self.current.get(key, 0), self.before.get(key, 0)
        if now + before * (1 - passed / MINUTE) < limit:
            return 0
        if now < limit:  # those of the minute before lose weight
            free = MINUTE * (1 - (limit - now) / before)
        else:
            free = MINUTE + MINUTE * (1 - limit / max(now, 1))
        return max(1, math.ceil(free - passed))

    def hit(self, key: str, limit: int) -> int:
        """Count an event if there is room for it. Return as ``wait`` does."""
        wait = self.wait(key, limit)
        if not wait:
            self.current[key] += 1
        return wait


class SharedWindows:
    """The same in Redis, for all processes that share it."""

    def __init__(self, url: str) -> None:
        """Open nothing yet. Raises Refusal."""
        try:
            from limits import RateLimitItemPerMinute
            from limits.aio.strategies import SlidingWindowCounterRateLimiter
            from limits.errors import ConfigurationError, StorageError
            from limits.storage import storage_from_string
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff

            storage = storage_from_string(
                f"async+{url}",
                implementation="redispy",
                wrap_exceptions=True,
                socket_connect_timeout=REDIS_SECONDS,
                socket_timeout=REDIS_SECONDS,
                # for a connection that Redis has closed since
                retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # passed to redis as it is
            )
        except ImportError:
            raise Refusal(NO_REDIS) from None
        except (ConfigurationError, ValueError):  # its text may repeat the password
            raise Refusal(REDIS_URL) from None
        self.limiter, self.failure = SlidingWindowCounterRateLimiter(storage), StorageError
        self.per_minute = functools.cache(RateLimitItemPerMinute)
        self.away_until = 0.0  # by time.monotonic(), since Redis did not answer

    async def hit(self, user: str, limit: int) -> int | None:
        """Count a call. Return 0, the seconds until there is room, or None without an answer."""
        if time.monotonic() < self.away_until:
            return None
        item, key = self.per_minute(limit), ("user", user)
        try:
            if await self.limiter.hit(item, *key):
                return 0
            until = (await self.limiter.get_window_stats(item, *key)).reset_time
        except self.failure as error:
            reason = str(error.storage_error)
            log.warning("Redis does not answer, this process counts alone", reason=reason)
            self.away_until = time.monotonic() + REDIS_AGAIN_SECONDS
            return None
        return max(1, math.ceil(until - time.time()))


@dataclass
class Limits:
    """The counts of one process."""

    shared: SharedWindows | None = None  # in Redis
    own: Windows = field(default_factory=Windows)
    calls: Counter[str] = field(default_factory=Counter)  # running now, by user
    queries: Counter[str] = field(default_factory=Counter)  # those of them that run a caller's SQL
    streams: Counter[str] = field(default_factory=Counter)  # of changes, open now
    bad_tokens: int = 60  # a minute from one address
    bad: Windows = field(default_factory=Windows)  # tokens, by address
    good_tokens: set[bytes] = field(default_factory=set)  # digests of those that came lately

    def admit(self, user: str, allowed: Json, is_query: bool) -> Admission:
        """Return a context that counts a call of a user while it runs. It raises RateLimitError."""
        return Admission(self, user, allowed, is_query)

    def stream(self, user: str) -> contextlib.AbstractContextManager[None]:
        """Count a user's stream of changes while it is open. Raises RateLimitError."""
        return counted(self.streams, user, STREAMS, STREAMS_OPEN)

    async def hit(self, user: str, limit: int) -> int:
        """Count a call of this minute. Return 0, or the seconds until there is room again."""
        wait = await self.shared.hit(user, limit) if self.shared is not None else None
        return self.own.hit(user, limit) if wait is None else wait

    def lockout_seconds(self, address: str, token: str) -> int:
        """Return for how many seconds tokens from an address are refused unchecked.

        0 for a token that was valid before, and while few tokens from there were refused.
        """
        return 0 if self.is_good(token) else self.bad.wait(network(address), self.bad_tokens)

    def is_good(self, token: str) -> bool:
        """Return whether a token was valid when it was last checked."""
        return digest(token) in self.good_tokens

    def count_token(self, address: str, token: str, is_good: bool) -> None:
        """Record whether a token was valid."""
        if is_good:
            if len(self.good_tokens) >= TOKENS:
                self.good_tokens.clear()
            self.good_tokens.add(digest(token))
        else:
            self.good_tokens.discard(digest(token))
            self.bad.hit(network(address), self.bad_tokens)


class Admission:
    """A call of a user, counted while the block runs."""

    __slots__ = ("allowed", "is_query", "limits", "user")

    def __init__(self, limits: Limits, user: str, allowed: Json, is_query: bool) -> None:
        self.limits, self.user, self.allowed, self.is_query = limits, user, allowed, is_query

    async def __aenter__(self) -> None:
        """Count the call. Raises RateLimitError if there is no room for it."""
        limits, user, allowed = self.limits, self.user, self.allowed
        check(limits.calls, user, allowed["concurrent_calls"], CALLS_RUN, retry_after=1)
        if self.is_query:
            check(limits.queries, user, allowed["concurrent_queries"], QUERIES_RUN, retry_after=1)
            limits.queries[user] += 1
        limits.calls[user] += 1
        try:
            limit = allowed["calls_per_minute"]
            if wait := await limits.hit(user, limit):
                text = f"No more than {limit} calls may begin within a minute: wait {wait} seconds."
                raise RateLimitError(text, retry_after=wait)
        except BaseException:
            self.leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Count the call no more."""
        self.leave()

    def leave(self) -> None:
        """Count the call no more."""
        uncount(self.limits.calls, self.user)
        if self.is_query:
            uncount(self.limits.queries, self.user)


@contextlib.contextmanager
def counted(counter: Counter[str], user: str, limit: int, text: str) -> Iterator[None]:
    """Count something of a user while it runs. Raises RateLimitError."""
    check(counter, user, limit, text)
    counter[user] += 1
    try:
        yield
    finally:
        uncount(counter, user)


def check(counter: Counter[str], user: str, limit: int, text: str, **details: Any) -> None:
    """Raise RateLimitError if there is no room for one more of a user's."""
    if counter.get(user, 0) >= limit:
        raise RateLimitError(text.format(limit), **details)


def uncount(counter: Counter[str], user: str) -> None:
    """Count one less."""
    if left := counter.pop(user) - 1:
        counter[user] = left


def network(address: str) -> str:
    """Return the network of a client: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # of a Unix socket
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
